"""租约到期: what has ended first, then what ends within 30 days."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from community.models import House
from residents.models import Residency
from residents.worklists.registry import SOON_DAYS, Row, WorkList, register, until


def lease_form(home: Residency) -> str:
    """Where a lease is extended or ended: its place on the page of the household."""
    return f"{reverse('residents:household', args=[home.house_id])}#lease-{home.pk}"


@register
class Leases(WorkList):
    """Homes on a lease that is over or soon will be; they are extended or ended on the page of the household."""

    weight = 20
    code, title, order = "leases", gettext_lazy("租约到期"), 50
    model, verbs = Residency, ("collect", "view_people", "edit_people")
    deed = gettext_lazy("去办理")

    def found(self, now: datetime) -> QuerySet:
        homes = Residency.objects.filter(moved_out=None, lease_end__lt=now + timedelta(days=SOON_DAYS))
        homes = homes.filter(person__restricted_at=None).order_by("lease_end", "id")
        return homes.select_related("person", "house__building", "house__unit", "house__community")

    def of(self, user: Any, now: datetime) -> QuerySet:
        """By the day the lease ends: asked of each house, so that no database begins with all houses of the place."""
        mine = access.limit_once(House.objects.filter(pk=OuterRef("house")), user, self.verbs, "community_id")
        return self.found(now).filter(Exists(mine))

    def told(self, rows: Sequence[Residency], now: datetime) -> list[Row]:
        return [
            Row(
                home.person.name_masked(), home.house.label, home.house.community.name,
                _("租期至 %s") % f"{timezone.localdate(home.lease_end):%Y-%m-%d}",
                *until(timezone.localdate(home.lease_end), timezone.localdate(now)), lease_form(home),
            )
            for home in rows
        ]  # fmt: skip
