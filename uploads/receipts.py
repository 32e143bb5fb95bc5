"""How far a record has come, for the screen: 本机 — 加密 — 发送 — 上级."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from uploads.models import Due
from uploads.reports import subject_key

STAGES = ("local", "encrypted", "sent", "arrived")
LABELS = {
    "local": _("仅在本机"),
    "encrypted": _("已加密"),
    "sent": _("已发送"),
    "arrived": _("已上报"),
    "held": _("待处理"),
}
DOT_LABELS = {"local": _("本机"), "encrypted": _("加密"), "sent": _("发送"), "arrived": _("上级")}


@dataclass(frozen=True)
class Dot:
    """One of the four dots; `state` is "done", "now", "held" or ""."""

    label: Any
    state: str


@dataclass(frozen=True)
class Progress:
    """Where the newest state of a subject stands. `at` is when it came there (None: unknown), `upper_id` the platform's id."""

    stage: str  # "local" | "encrypted" | "sent" | "arrived" | "held"
    at: datetime | None = None
    reason: str = ""
    upper_id: str = ""

    @property
    def label(self) -> Any:
        return LABELS[self.stage]

    @property
    def dots(self) -> list[Dot]:
        """The four dots from 本机 to 上级."""
        if self.stage == "held":
            return [Dot(DOT_LABELS["local"], "done"), *(Dot(DOT_LABELS[stage], "") for stage in STAGES[1:3]),
                    Dot(DOT_LABELS["arrived"], "held")]  # fmt: skip
        reached = STAGES.index(self.stage)
        states = [
            "done" if place < reached or reached == 3 else "now" if place == reached else "" for place in range(4)
        ]
        return [Dot(DOT_LABELS[stage], state) for stage, state in zip(STAGES, states, strict=True)]


UNREPORTED = Progress("local")


def of_row(row: Due) -> Progress:
    """The progress a due row tells."""
    if row.state == Due.State.HELD:
        return Progress("held", row.sent_at or row.due_since, row.reason, row.upper_id)
    if row.state == Due.State.GONE and not row.delivered_at:  # it went before anything of it was delivered
        return Progress("local", row.due_since, row.reason, row.upper_id)
    if row.revision <= row.delivered_revision or row.state == Due.State.GONE:
        return Progress("arrived", row.delivered_at, "", row.upper_id)
    if row.sent_at:
        return Progress("sent", row.sent_at, row.reason, row.upper_id)
    if row.encrypted_at:
        return Progress("encrypted", row.encrypted_at, row.reason, row.upper_id)
    return Progress("local", row.due_since, row.reason, row.upper_id)


def for_subjects(report_name: str, pks: Iterable[Any]) -> dict[str, Progress]:
    """Progress by subject_key(pk), with one query; a subject without a due row is local. Scope is the caller's: pass visible pks."""
    keys = [subject_key(pk) for pk in pks]
    rows = {row.subject_id: of_row(row) for row in Due.objects.filter(report=report_name, subject_id__in=keys)}
    return {key: rows.get(key, UNREPORTED) for key in keys}


def for_subject(report_name: str, pk: Any) -> Progress:
    """Progress of one subject. Scope is the caller's: pass a visible pk."""
    return for_subjects(report_name, [pk])[subject_key(pk)]
