"""未送达上级: people and homes that the upper platform sent back, or that lack what it demands."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from residents.models import Person, Residency
from residents.reporting import RESTRICTED
from residents.worklists.registry import Row, WorkList, desk, joined, register
from uploads.models import Due
from uploads.reports import subject_key

REPORTS = ("person", "residency")


@register
class Undelivered(WorkList):
    """Rows that wait for a person, the oldest first. Who asked not to be processed is held for good, and not listed."""

    weight = 10
    code, title, order, tone = "undelivered", gettext_lazy("未送达上级"), 80, "bad"
    model, verbs = Due, ("collect", "view_people", "view_delivery")

    def found(self, now: datetime) -> QuerySet:
        held = Due.objects.held().filter(report__in=REPORTS).exclude(reason=RESTRICTED[0][1])
        return held.order_by("due_since", "id")

    def told(self, rows: Sequence[Due], now: datetime) -> list[Row]:
        homes = self._homes(rows)
        return [self._row(row, homes.get((row.report, row.subject_id), []), now) for row in rows]

    @staticmethod
    def _homes(rows: Sequence[Due]) -> dict[tuple[str, str], list[Residency]]:
        """By (report, subject) the homes it speaks of: one query a report."""
        known: dict[tuple[str, str], list[Residency]] = {}
        keys = {report: [row.subject_id for row in rows if row.report == report] for report in REPORTS}
        homes = Residency.objects.select_related("person", "house__building", "house__unit", "house__community")
        for report, path in (("person", "person"), ("residency", "pk")):
            found = homes.filter(**{f"{path}__in": keys[report]}) if keys[report] else ()
            for home in found:
                subject = home.person_id if report == "person" else home.pk
                known.setdefault((report, subject_key(subject)), []).append(home)
        return known

    def _row(self, row: Due, homes: list[Residency], now: datetime) -> Row:
        days = (timezone.localdate(now) - timezone.localdate(row.due_since)).days
        waits = _("等了 %d 天") % days if days else _("今天")
        home = homes[0] if homes else None
        return Row(
            home.person.name_masked() if home else "", joined(one.house.label for one in homes if not one.moved_out),
            home.house.community.name if home else "", row.reason or row.get_problem_display(), waits, "bad",
            self._form(row, home),
        )  # fmt: skip

    def _form(self, row: Due, home: Residency | None) -> str:
        """The desk at the first field that lacks something; at the person when it is not a lack."""
        if home is None:
            return desk(person=row.subject_id if row.report == "person" else "")
        if row.report == "person":
            return desk(
                person=home.person_id, field=next(_lacking(home.person, ("name", "document_number", "phone")), "")
            )
        lacking = _lacking(home, ("lease_start", "lease_end", "lease_contract")) if home.on_lease else iter(())
        return desk(person=home.person_id, house=home.house_id, field=next(lacking, ""))


def _lacking(row: Person | Residency, names: Sequence[str]) -> Iterator[str]:
    return (name for name in names if not getattr(row, name))
