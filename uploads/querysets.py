"""Questions about due rows and receipts. Every list a person sees starts at visible_to(user)."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, F, Min, Q

from uploads import places

VERB = "view_delivery"
PENDING = Q(state="due", revision__gt=F("delivered_revision"))
ARRIVED = Q(state="due", revision__lte=F("delivered_revision"))


class PlacedQuerySet(models.QuerySet):
    """Rows that belong to a community by its number."""

    def visible_to(self, user: Any, verb: str = VERB) -> "PlacedQuerySet":
        """Rows of the communities where the user may do `verb`, seeing delivery if not told. Fails closed: no directory, no rows."""
        try:
            return self.filter(community_id__in=places.directory().visible_ids(user, verb))
        except places.NoDirectoryError:
            return self.none()


class DueQuerySet(PlacedQuerySet):
    def pending(self) -> "DueQuerySet":
        """Changes that the upper platform does not have yet and that nobody has to repair first."""
        return self.filter(PENDING)

    def arrived(self) -> "DueQuerySet":
        return self.filter(ARRIVED)

    def held(self) -> "DueQuerySet":
        return self.filter(state="held")

    def send_again(self, now: datetime, **changes: object) -> int:
        """A new revision for each of the rows, as the triggers make one; returns how many."""
        fresh = {
            "attempts": 0,
            "sendings": 0,
            "next_at": None,
            "problem": "",
            "reason": "",
            "waits_for": "",
            "encrypted_at": None,
            "sent_at": None,
        }
        return self.update(revision=F("revision") + 1, state="due", due_since=now, **(fresh | changes))

    def figures(self, day_start: datetime) -> dict[str, dict[str, Any]]:
        """By report name: due, retrying, delivered, delivered_today, held, oldest (datetime of the oldest due change),
        resent (sent more than once because an answer was lost)."""
        rows = self.values("report").annotate(
            due=Count("id", filter=PENDING),
            retrying=Count("id", filter=PENDING & Q(attempts__gt=0)),
            delivered=Count("id", filter=ARRIVED),
            delivered_today=Count("id", filter=Q(delivered_at__gte=day_start)),
            held=Count("id", filter=Q(state="held")),
            oldest=Min("due_since", filter=PENDING),
            resent=Count("id", filter=ARRIVED & Q(sendings__gt=1)),
        )
        return {row.pop("report"): row for row in rows.order_by()}

    def held_reasons(self) -> list[dict[str, Any]]:
        """[{report, reason, count}], most frequent first, at most 200 groups."""
        return list(
            self.held()
            .values("report", "reason")
            .annotate(count=Count("id"))
            .order_by("-count", "report", "reason")[:200]
        )
