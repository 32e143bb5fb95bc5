"""无人登记的房屋."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.models import House
from residents.models import Person, Residency
from residents.worklists.registry import Row, WorkList, desk, register

LET = {"02", "03"}  # C.15


def nobody_registered() -> Q:
    """A condition on houses: nobody is registered as living there.

    Homes that stayed with a record merged into another one count for nothing; being few they are looked at apart, so that
    the common case is answered by the index alone.
    """
    open_homes, house = {"moved_out": None}, OuterRef("pk")
    merged = Person.with_merged.filter(merged_into__isnull=False).values("pk")
    left_behind = Residency.with_merged.filter(person__in=merged, **open_homes).values("house")
    return ~Exists(Residency.with_merged.filter(house=house, **open_homes)) | (
        Q(pk__in=left_behind) & ~Exists(Residency.objects.filter(house=house, **open_homes))
    )


@register
class EmptyHouses(WorkList):
    """In the order in which one walks: building, unit, floor, room."""

    weight = 60
    code, title, order = "empty-houses", gettext_lazy("无人登记的房屋"), 10
    model, verbs = House, ("collect", "view_place", "view_people")
    deed = gettext_lazy("去登记")

    def found(self, now: datetime) -> QuerySet:
        return House.objects.with_label().filter(nobody_registered())

    def told(self, rows: Sequence[House], now: datetime) -> list[Row]:
        return [
            Row(
                "", house.label, house.community.name, _("没有登记任何人"),
                house.get_lease_status_display(), "bad" if house.lease_status in LET else "", desk(house=house.pk),
            )
            for house in rows
        ]  # fmt: skip
