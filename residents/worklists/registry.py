"""What there is to do, declared in an app's `worklists.py` beside its models (as admin.py is to the admin).

    @register
    class NoPhone(WorkList):
        code, title, order = "no-phone", _("缺电话"), 40
        model, place = Person, "community"

        def found(self, now):
            return Person.objects.filter(phone_index=None).order_by("created_at")

        def told(self, rows, now):
            return [Row(...) for person in rows]

`residents` finds the modules with autodiscover_modules("worklists") and imports no app above it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access

PAGE, MOST = 50, 10_000
SOON_DAYS = 30  # a lease or a document that ends so soon is to be seen to


@dataclass(frozen=True)
class Row:
    """One thing to do: who (masked), where, what is missing, how urgent in words and tone, the address of the form."""

    who: str
    house: str
    place: str
    missing: str
    urgency: str
    tone: str  # "" | "warn" | "bad"
    to: str


class WorkList:
    """One list. What it finds is limited to the places where the user holds every one of its verbs."""

    code: ClassVar[str]
    title: ClassVar[Promise]
    order: ClassVar[int]
    model: ClassVar[type[models.Model]]
    place: ClassVar[str] = "community_id"  # ORM path of the community's pk
    verbs: ClassVar[tuple[str, ...]] = ("collect", "view_people")
    tone: ClassVar[str] = "warn"
    weight: ClassVar[int] = 50  # of two lists with something to do the lighter one is the more urgent
    deed: ClassVar[Promise] = gettext_lazy("去补齐")

    def found(self, now: datetime) -> models.QuerySet:
        """Everything there is to do, the most urgent first; the scope is put on by `of`."""
        raise NotImplementedError(type(self).__name__)

    def told(self, rows: Sequence[Any], now: datetime) -> list[Row]:
        """The rows of one page; what they need more is asked for the whole page."""
        raise NotImplementedError(type(self).__name__)

    def of(self, user: Any, now: datetime) -> models.QuerySet:
        """What the user sees of it."""
        return access.limit_once(self.found(now), user, self.verbs, self.place)

    def count(self, user: Any, now: datetime) -> int:
        """How many, counted up to MOST: one query, in the list's order, which leads databases to the list's index."""
        return self.of(user, now)[:MOST].count()

    def rows(self, user: Any, now: datetime, page: int = 1) -> tuple[list[Row], bool]:
        """A page of it, from 1, and whether there are more; nothing beyond MOST."""
        start = (page - 1) * PAGE
        found = list(self.of(user, now)[start : min(start + PAGE + 1, MOST)]) if 0 <= start < MOST else []
        return self.told(found[:PAGE], now), len(found) > PAGE

    def seen_by(self, user: Any) -> bool:
        """May the user have it at all?"""
        return set(self.verbs) <= access.verbs_of(user)


_lists: dict[str, WorkList] = {}


def register(declared: type[WorkList]) -> type[WorkList]:
    """Class decorator: make the list known. ValueError when its code is taken, or nobody must hold anything to see it."""
    known = _lists.get(declared.code)
    if not declared.verbs or (known is not None and type(known).__qualname__ != declared.__qualname__):
        raise ValueError(f"{declared.__name__}: {declared.code} is taken, or has no verbs")
    _lists[declared.code] = declared()
    return declared


def every(user: Any) -> list[WorkList]:
    """The lists this user may have, in their order."""
    return [one for one in sorted(_lists.values(), key=lambda one: one.order) if one.seen_by(user)]


def get(user: Any, code: str) -> WorkList | None:
    """One of them by its code."""
    return next((one for one in every(user) if one.code == code), None)


def shown(count: int) -> str:
    """A number as the screen writes it: what was counted to the end is exact.

    >>> shown(1234), shown(MOST)
    ('1,234', '9,999+')
    """
    return f"{MOST - 1:,}+" if count >= MOST else f"{count:,}"


def desk(**facts: Any) -> str:
    """The address of the collection desk at a person, a house, a field: only ids and names of fields stand in it."""
    return f"{reverse('residents:collect')}?{urlencode({name: value for name, value in facts.items() if value})}"


def until(day: date, today: date) -> tuple[str, str]:
    """How near the end of something is: in words, and as a tone."""
    left = (day - today).days
    if left < 0:
        return _("已到期 %d 天") % -left, "bad"
    return (_("还有 %d 天") % left, "warn") if left else (_("今天到期"), "bad")


def since(moment: datetime, now: datetime) -> tuple[str, str]:
    """How long something is missing."""
    days = (timezone.localdate(now) - timezone.localdate(moment)).days
    return (_("已登记 %d 天") % days, "warn") if days else (_("今天登记"), "")


def joined(words: Iterable[Any]) -> str:
    """Several things in one cell."""
    return "、".join(str(word) for word in words)
