"""无人登记的房屋."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.models import House
from residents.models import Residency
from residents.worklists.registry import Row, WorkList, desk, register

LET = {"02", "03"}  # C.15


@register
class EmptyHouses(WorkList):
    """In the order in which one walks: building, unit, floor, room."""

    weight = 60
    code, title, order = "empty-houses", gettext_lazy("无人登记的房屋"), 10
    model, verbs = House, ("collect", "view_place", "view_people")
    deed = gettext_lazy("去登记")

    def found(self, now: datetime) -> QuerySet:
        lived_in = Residency.objects.filter(house=OuterRef("pk"), moved_out=None)
        return House.objects.with_label().filter(~Exists(lived_in))

    def told(self, rows: Sequence[House], now: datetime) -> list[Row]:
        return [
            Row(
                "", house.label, house.community.name, _("没有登记任何人"),
                house.get_lease_status_display(), "bad" if house.lease_status in LET else "", desk(house=house.pk),
            )
            for house in rows
        ]  # fmt: skip
