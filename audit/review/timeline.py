"""The log as a time line: filters, pages by number (never a count of a million rows), entries as sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from audit import words
from audit.models import Entry, scope
from audit.words import ACTIONS

PAGE = 50
MOST_CHARS = 100
AT_ONCE = 300_000
LATE_COMERS = 1000  # numbers are taken before the moment is noted: so far two entries may stand in the other order
TITLES = {
    "actor": _("操作人"), "role": _("角色"), "action": _("操作"), "kind": _("对象类别"), "object": _("对象编号"),
    "community": _("小区"), "reason": _("理由"), "address": _("来源地址"), "outcome": _("结果"), "session": _("会话"),
    "start": _("起"), "end": _("止"), "machines": _("系统任务"),
}  # fmt: skip
BY_MACHINES = ("deliver", "pull")  # what nobody did: left out unless asked for


@dataclass
class Filters:
    """What is asked for, as clean text; `wrong` names what could not be understood."""

    asked: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filters":
        """From the address."""
        asked = {name: given.get(name, "").replace("\0", "").strip()[:MOST_CHARS] for name in TITLES}
        made = cls({name: value for name, value in asked.items() if value})
        for name in ("start", "end"):
            if name in made.asked and _day(made.asked[name]) is None:
                made.wrong.append(name)
                del made.asked[name]
        if "community" in made.asked and not _number(made.asked["community"]):
            made.wrong.append("community")
            del made.asked["community"]
        return made

    def limit(self, rows: QuerySet) -> QuerySet:
        """The entries asked for."""
        for name, path in (("role", "role"), ("action", "action"), ("kind", "target_model"), ("object", "target_id"),
                           ("address", "address"), ("outcome", "outcome"), ("session", "session")):  # fmt: skip
            if value := self.asked.get(name):
                rows = rows.filter(**{path: value})
        if not self.asked.get("machines") and not self.asked.get("action"):
            rows = rows.exclude(action__in=BY_MACHINES)
        if value := self.asked.get("actor"):
            rows = rows.filter(actor_id=int(value)) if _number(value) else rows.filter(actor__startswith=value)
        if value := self.asked.get("community"):
            rows = rows.filter(community_id=int(value))
        if value := self.asked.get("reason"):
            rows = rows.exclude(reason="").filter(reason__contains=value)
        return self._days(rows)

    def _days(self, rows: QuerySet) -> QuerySet:
        """By day: the index of the moments finds the number to begin and to end with."""
        zone = timezone.get_default_timezone()
        if found := self.asked.get("start"):
            begins = datetime.combine(_day(found) or date.min, time.min, zone)
            first = Entry.objects.filter(at__gte=begins).order_by("at").values_list("pk", flat=True).first()
            rows = rows.filter(at__gte=begins)
            rows = rows.none() if first is None else rows.filter(pk__gte=first - LATE_COMERS)
        if found := self.asked.get("end"):
            ends = datetime.combine(_day(found) or date.max, time.min, zone) + timedelta(days=1)
            last = Entry.objects.filter(at__lt=ends).order_by("-at").values_list("pk", flat=True).first()
            rows = rows.filter(at__lt=ends)
            rows = rows.none() if last is None else rows.filter(pk__lte=last + LATE_COMERS)
        return rows

    def chips(self) -> list[dict[str, str]]:
        """What is asked, in words, each with the address without it."""
        return [
            {"title": str(TITLES[name]), "value": self._said(name), "without": "?" + self.query(leave=name)}
            for name in self.asked
        ]

    def _said(self, name: str) -> str:
        value = self.asked[name]
        if name == "action":
            return words.action(value)
        if name == "kind":
            return words.target(value)
        if name == "machines":
            return str(_("包括"))
        if name == "outcome":
            return str(dict(Entry.Outcome.choices).get(value, value))
        return value

    def query(self, leave: str = "", **more: Any) -> str:
        """The query of an address."""
        return urlencode({name: value for name, value in self.asked.items() if name != leave} | more)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


@dataclass(frozen=True)
class Line:
    """One entry for the screen: its sentence, what it is about, where."""

    entry: Entry
    said: str
    subject: str
    place: str = ""


@dataclass(frozen=True)
class Page:
    """Some lines, newest first; `older` is the number to go on from, if there are more."""

    lines: list[Line]
    older: int | None


def page(user: Any, filters: Filters, before: int | None) -> Page:
    """One page of the entries the user may see."""
    rows = filters.limit(Entry.objects.reviewed_by(user))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    bottom = _bottom(before) if filters.asked.get("reason") else 0
    found = list(rows.filter(pk__gt=bottom).order_by("-id")[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else bottom + 1 if bottom else None
    return Page(lines(found[:PAGE], user), older)


def _bottom(before: int | None) -> int:
    """A word in a reason is looked for in so many entries at once; the next page looks on from there."""
    top = before or Entry.objects.order_by("-id").values_list("pk", flat=True).first() or 0
    return max(top - AT_ONCE, 0)


def lines(entries: Iterable[Entry], user: Any) -> list[Line]:
    """Entries with their sentences and what they are about, as far as the user may see that."""
    entries = list(entries)
    known, places = subjects(entries, user), dict(scope.places(user))
    return [
        Line(
            entry, words.sentence(entry), known.get((entry.target_model, entry.target_id), ""),
            places.get(entry.community_id, ""),
        )
        for entry in entries
    ]  # fmt: skip


def subjects(entries: Iterable[Entry], user: Any) -> dict[tuple[str, str], str]:
    """What the entries are about in words: masked as everywhere, and only records in the user's reach. One query a kind."""
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        if entry.target_model and entry.target_id:
            wanted.setdefault(entry.target_model, set()).add(entry.target_id)
    found: dict[tuple[str, str], str] = {}
    for label, keys in wanted.items():
        for row in _rows(label, keys, user):
            found[label, str(row.pk)] = str(row)
    return found


def _rows(label: str, keys: set[str], user: Any) -> list[Any]:
    try:
        model = apps.get_model(label)
        rows = model._default_manager.all()
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(user)
        elif label != "accounts.user":  # of staff the log tells the name anyway
            return []
        fit = [key for key in keys if _fits(model, key)]
        return list(rows.filter(pk__in=fit)[: len(fit)])
    except (LookupError, ValueError, ValidationError):
        return []


def _fits(model: Any, key: str) -> bool:
    try:
        model._meta.pk.to_python(key)
    except (ValidationError, ValueError):
        return False
    return True


def choices(user: Any) -> dict[str, Any]:
    """What the filters offer: deeds, and roles and kinds the newest entries speak of."""
    newest = list(Entry.objects.reviewed_by(user).order_by("-id").values_list("role", "target_model")[:2000])
    kinds = sorted({kind for _role, kind in newest if kind})
    return {
        "actions": sorted(ACTIONS.items(), key=lambda pair: str(pair[1])),
        "roles": sorted({role for role, _kind in newest if role}),
        "kinds": [(kind, words.target(kind)) for kind in kinds],
        "outcomes": Entry.Outcome.choices,
    }
