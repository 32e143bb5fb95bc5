"""What an app reports to the upper platform, declared in its `reporting.py` beside its models (as admin.py is to the admin).

    @register
    class PersonReport(Report):
        name = "person"
        interface = "B.2.2"
        model = Person
        title = _("人员")
        upper_id = "person_id"

        def record(self, obj, context):
            return {"name": obj.name, ...}

`uploads` finds the modules with autodiscover_modules("reporting") and imports no domain app.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from uploads.models import Due

NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
EVENTS = ("insert", "update", "delete")


class Waits(Exception):
    """The record can't go yet: what it refers to has not arrived upstairs. It waits, without counting as an attempt.

    `report` is the name of the report it waits for, `pk` the subject of that report when known.
    """

    def __init__(self, report: str, pk: Any = None) -> None:
        super().__init__(report)
        self.report = report
        self.subject_id = "" if pk is None else subject_key(pk)


class Incomplete(Exception):
    """The record lacks what the standard demands. It is held with the reasons until it changes.

    `gaps` is a list of (English field name, Chinese sentence); never put a personal value into the sentence.
    """

    def __init__(self, gaps: Iterable[tuple[str, str]]) -> None:
        self.gaps = [(str(name), str(sentence)) for name, sentence in gaps]
        super().__init__("；".join(sentence for _, sentence in self.gaps))


@dataclass
class Context:
    """What a report may ask while it builds a record. `now` is aware."""

    now: datetime
    community_id: int
    find: Callable[[str, str], tuple[bool, str]]
    known: dict[tuple[str, str], tuple[bool, str]] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict)  # what a report looks up once for a whole batch

    def _look(self, report: str, pk: Any) -> tuple[bool, str]:
        key = (report, subject_key(pk))
        if key not in self.known:
            self.known[key] = self.find(*key)
        return self.known[key]

    def arrived(self, report: str, pk: Any) -> bool:
        """Whether the upper platform has ever accepted this subject."""
        return self._look(report, pk)[0]

    def upper_id(self, report: str, pk: Any) -> str:
        """The upper platform's id of this subject, "" when it has none (yet)."""
        return self._look(report, pk)[1]

    def require(self, report: str, pk: Any) -> str:
        """The upper id of a prerequisite that has arrived ("" when the platform gave none); raises Waits otherwise."""
        arrived, upper_id = self._look(report, pk)
        if not arrived:
            raise Waits(report, pk)
        return upper_id


class Report:
    """One kind of record that goes up: which model, over which interface, when it is due again, how it is built."""

    name: ClassVar[str]
    interface: ClassVar[str]  # clause of a push interface: "B.2.2"
    model: ClassVar[type[models.Model]]
    title: ClassVar[Any]  # Chinese, lazy
    community: ClassVar[str] = "community"  # ORM path from the model to its community
    touched_by: ClassVar[tuple[str, ...]] = ()  # relation paths whose rows make this record due when they change
    watch: ClassVar[tuple[str, ...] | None] = None  # None: every concrete column but bookkeeping
    on: ClassVar[tuple[str, ...]] = EVENTS
    upper_id: ClassVar[str | None] = None  # English name of the id in the response
    withdraw: ClassVar[str | None] = None  # clause that takes a deleted subject back
    pulled: ClassVar[str | None] = None  # clause of the pull interface that hands these records back
    after: ClassVar[tuple[str, ...]] = ()  # reports that are sent first while they have a backlog

    @property
    def happens(self) -> bool:
        """Whether it is a happening, which the platform keeps once for each arrival; states are overwritten."""
        return self.on == ("insert",)

    def queryset(self) -> models.QuerySet:
        """All subjects, with what `record` needs prefetched; delivery narrows it to a batch."""
        return self.model._default_manager.all()

    def needs(self, obj: Any) -> Iterable[tuple[str, Any]]:
        """(report name, pk) of the subjects that must have arrived first; looked up for a whole batch in one query."""
        return ()

    def record(self, obj: Any, context: Context) -> dict[str, Any]:
        """The record by the English names of standard.interfaces. May raise Waits or Incomplete.

        `registration_code` is filled in by uploads.
        """
        raise NotImplementedError(type(self).__name__)

    def key(self, obj: Any) -> str:
        """The key by which the upper platform knows the subject and which is not personal (a device code), else ""."""
        return ""

    def match(self, community_id: int, records: Sequence[Mapping[str, Any]]) -> list[Any]:
        """For each pulled record the pk of our subject, or None: by the platform's id unless a report knows better."""
        known = upper_ids(self.name, community_id, [str(record.get(self.upper_id, "")) for record in records])
        return [known.get(str(record.get(self.upper_id, ""))) for record in records]

    def withdrawal(self, key: str) -> dict[str, Any]:
        """The record that takes `key` back over the interface named by `withdraw`."""
        return {"device_code": key}


class ReportError(ValueError):
    """A declaration that cannot work; the message says what to change."""


_reports: dict[str, Report] = {}
_loaded: dict[str, Report] = {}


def load(found: Iterable[type[Report]]) -> None:
    """Make these the reports beyond the declared ones, in the place of those loaded before (uploads/loaded.py)."""
    global _loaded
    _loaded = {report.name: report() for report in found}


def loaded() -> list[Report]:
    """The reports that were loaded."""
    return list(_loaded.values())


def register(report: type[Report]) -> type[Report]:
    """Class decorator: make the report known. Raises ReportError for a wrong or double declaration."""
    if not NAME.fullmatch(getattr(report, "name", "")):
        raise ReportError(f"{report.__name__}.name must match {NAME.pattern}")
    for needed in ("interface", "model", "title"):
        if not hasattr(report, needed):
            raise ReportError(f"{report.__name__} must set {needed}")
    if set(report.on) - set(EVENTS):
        raise ReportError(f"{report.__name__}.on knows {EVENTS} only")
    known = _reports.get(report.name)
    if known is not None and type(known).__qualname__ != report.__qualname__:
        raise ReportError(f"two reports are named {report.name}")
    _reports[report.name] = report()
    return report


def clause_order(clause: str) -> tuple[int, ...]:
    """Sort key of a clause: B.2.2 before B.10; those of Appendix B before any other."""
    return (0 if clause.startswith("B.") else 1, *(int(part) for part in re.findall(r"\d+", clause)))


def every() -> list[Report]:
    """All reports in the printed order of their interfaces: people and houses stand before their relation."""
    found = (_reports | _loaded).values()
    return sorted(found, key=lambda report: (clause_order(report.interface), report.name))


def get(name: str) -> Report:
    """The report of this name; KeyError."""
    return _reports.get(name) or _loaded[name]


def names() -> Mapping[str, Any]:
    """Screen titles by report name."""
    return {report.name: report.title for report in every()}


def upper_ids(report: str, community_id: int, wanted: Iterable[str]) -> dict[str, str]:
    """Subject ids by the upper platform's ids, of those it is known to hold."""
    wanted = [one for one in wanted if one]
    rows = Due.objects.filter(report=report, community_id=community_id, upper_id__in=wanted)
    return dict(rows.exclude(state=Due.State.GONE).values_list("upper_id", "subject_id"))


def subject_key(pk: Any) -> str:
    """A primary key as it stands in Due.subject_id: a UUID as 32 hex digits, anything else as text.

    >>> subject_key(uuid.UUID("12345678123456781234567812345678")), subject_key(7)
    ('12345678123456781234567812345678', '7')
    """
    if isinstance(pk, uuid.UUID):
        return pk.hex
    text = str(pk)
    if len(text) == 36 and text.count("-") == 4:
        return text.replace("-", "").lower()
    return text
