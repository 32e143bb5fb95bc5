"""How long each kind of data is kept: rules declared in an app's `retention.py` beside its models, as `reporting.py` is.

    @register
    class Receipts(Rule):
        code = "receipts"
        title = _("上报回执")
        basis = _("...")
        days = 1095

        def expired(self, cutoff):
            return [Receipt.objects.filter(at__lt=cutoff)]

A rule's days are its own until an administrator sets others (accounts.RetentionPeriod), never below what the standard's
figures and the law demand (`least`). accounts.purging carries them out every night.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise

from accounts.models import RetentionPeriod
from standard.requirements import figures

LONGEST = 3650
LOG_DAYS = 180  # 网络安全法: logs are kept for at least six months
PROOF_DAYS = 1095  # 个人信息保护法 56: records of processing are kept for at least three years
DAYS = {"day": 1, "year": 366}


class Rule:
    """One kind of data: what of it has expired at a moment, how it goes, and how long it is kept."""

    code: ClassVar[str]
    title: ClassVar[Promise]
    basis: ClassVar[Promise]  # what is counted from when, and why it is kept so long
    days: ClassVar[int]  # until somebody sets others
    clauses: ClassVar[tuple[str, ...]] = ()  # of figures.csv, whose lower bounds in days or years hold
    lawful: ClassVar[int] = 0  # days the law demands
    most: ClassVar[int] = LONGEST

    @property
    def least(self) -> int:
        """The fewest days that the standard and the law allow."""
        demanded = [
            int(Decimal(figure.figure)) * DAYS[figure.unit]
            for figure in figures()
            if figure.clause in self.clauses and figure.op == ">=" and figure.unit in DAYS
        ]
        return max([self.lawful, *demanded])

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        """What goes of data older than the cutoff; each row is in one of the querysets."""
        raise NotImplementedError(type(self).__name__)

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        """Remove the rows; how many by model label. Runs in the transaction of its entry in the log."""
        removed: dict[str, int] = {}
        for row in rows:
            for label, count in row.delete()[1].items():
                removed[label] = removed.get(label, 0) + count
        return removed


_rules: dict[str, Rule] = {}


def register(rule: type[Rule]) -> type[Rule]:
    """Class decorator: make the rule known. ValueError for a code used twice or days outside the rule's own bounds."""
    made = rule()
    if rule.code in _rules and type(_rules[rule.code]).__qualname__ != rule.__qualname__:
        raise ValueError(f"two retention rules are named {rule.code}")
    if not made.least <= made.days <= made.most:
        raise ValueError(f"{rule.code}: {made.days} days lie outside {made.least} to {made.most}")
    _rules[rule.code] = made
    return rule


def every() -> list[Rule]:
    """All rules, in the order in which they are carried out: by the order of declaration."""
    return list(_rules.values())


def get(code: str) -> Rule:
    """The rule of this code; KeyError."""
    return _rules[code]


def periods() -> dict[str, int]:
    """Days by the code of every rule, as they hold now."""
    chosen = dict(RetentionPeriod.objects.values_list("code", "days"))
    return {rule.code: chosen.get(rule.code, rule.days) for rule in every()}


def cutoff(days: int, now: datetime) -> datetime:
    """What is older than this has been kept long enough."""
    return now - timedelta(days=days)
