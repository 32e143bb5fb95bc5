"""The collector's own: whom one registered lately, and what of it the upper platform does not have yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from audit.models import Entry
from residents.models import Residency
from uploads import receipts
from uploads.models import Due
from uploads.querysets import ARRIVED
from uploads.receipts import Progress
from uploads.reports import subject_key

DAYS, MOST, MOST_SHOWN = 30, 2000, 200


@dataclass(frozen=True)
class Row:
    """One registration: the home, and the way of its person and of itself."""

    home: Residency
    person: Progress
    relation: Progress

    @property
    def arrived(self) -> bool:
        return self.person.stage == self.relation.stage == "arrived"

    @property
    def reason(self) -> str:
        """Why it is held, if it is."""
        return self.person.reason or self.relation.reason


def _homes(user: Any, now: datetime) -> list[str]:
    """Keys of the residencies the log says this user registered."""
    entries = Entry.objects.filter(actor_id=user.pk, action="collect", at__gte=now - timedelta(days=DAYS))
    return list(entries.order_by("-id").values_list("target_id", flat=True)[:MOST])


def of(user: Any, *, now: datetime) -> list[Row]:
    """The user's registrations of the last 30 days that he still sees; what did not arrive first, the newest first."""
    homes = list(
        Residency.objects.visible_to(user).filter(pk__in=_homes(user, now))
        .select_related("person", "house__building", "house__unit", "house__community").order_by("-created_at")
    )  # fmt: skip
    people = receipts.for_subjects("person", [home.person_id for home in homes])
    relations = receipts.for_subjects("residency", [home.pk for home in homes])
    rows = [
        Row(home, people[subject_key(home.person_id)], relations[subject_key(home.pk)]) for home in homes
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.arrived, "held" not in (row.person.stage, row.relation.stage)))


def missing(user: Any, *, now: datetime) -> int:
    """How many of them did not arrive: two queries, for a tile."""
    keys = [subject_key(key) for key in _homes(user, now)]
    waiting = Due.objects.filter(report="residency", subject_id__in=keys).exclude(ARRIVED | Q(state=Due.State.GONE))
    return waiting.count()
