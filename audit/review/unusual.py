"""What deserves a look: plain rules over the last days, each saying why it was flagged. A flag is a question, no verdict."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import ExtractHour, TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import words
from audit.models import Entry

DAYS = 7
ZONE = ZoneInfo("Asia/Shanghai")
LOOKS = ("view", "view_picture", "reveal", "rights_export")
EXPORTS = ("export_item", "export_log", "rights_export", "export_register")
MANY_REVEALS, MANY_LOOKERS, MANY_REFUSALS, MANY_SEARCHES, MANY_FAILURES = 30, 5, 10, 60, 10
NIGHT = (22, 6)  # from, to
MOST = 50


@dataclass(frozen=True)
class Finding:
    """Who or what, how much, and the query of the time line that shows the entries."""

    who: str
    count: int
    said: str
    query: dict[str, Any]
    last: datetime


@dataclass(frozen=True)
class Rule:
    """A rule: its title, why it is there, and what finds its cases among recent entries."""

    code: str
    title: Promise
    why: Promise
    find: Callable[[QuerySet], Iterable[Finding]]


def _by_day(rows: QuerySet, least: int) -> QuerySet:
    grouped = rows.exclude(actor_id=None).annotate(day=TruncDate("at", tzinfo=ZONE)).values("actor_id", "actor", "day")
    return grouped.annotate(n=Count("pk"), last=Max("at")).filter(n__gte=least).order_by("-n")[:MOST]


def _many_a_day(action: str, least: int) -> Callable[[QuerySet], Iterable[Finding]]:
    def find(rows: QuerySet) -> Iterable[Finding]:
        for row in _by_day(rows.filter(action=action), least):
            query = {"actor": row["actor_id"], "action": action, "start": row["day"], "end": row["day"]}
            yield Finding(row["actor"], row["n"], f"{row['day']}", query, row["last"])

    return find


def _at_night(rows: QuerySet) -> Iterable[Finding]:
    late = rows.filter(action__in=(*LOOKS, *EXPORTS), actor_id__isnull=False).annotate(
        hour=ExtractHour("at", tzinfo=ZONE)
    )
    late = late.filter(Q(hour__gte=NIGHT[0]) | Q(hour__lt=NIGHT[1]))
    grouped = late.annotate(day=TruncDate("at", tzinfo=ZONE)).values("actor_id", "actor", "day")
    for row in grouped.annotate(n=Count("pk"), first=Min("at"), last=Max("at")).order_by("-n")[:MOST]:
        hours = f"{row['first'].astimezone(ZONE):%H:%M}-{row['last'].astimezone(ZONE):%H:%M}"
        query = {"actor": row["actor_id"], "start": row["day"], "end": row["day"]}
        yield Finding(row["actor"], row["n"], f"{row['day']} {hours}", query, row["last"])


def _exports(rows: QuerySet) -> Iterable[Finding]:
    grouped = rows.filter(action__in=EXPORTS).values("actor_id", "actor", "action")
    for row in grouped.annotate(n=Count("pk"), last=Max("at")).order_by("-n")[:MOST]:
        query = {"action": row["action"]} | ({"actor": row["actor_id"]} if row["actor_id"] else {})
        yield Finding(row["actor"], row["n"], words.action(row["action"]), query, row["last"])


def _much_looked_at(rows: QuerySet) -> Iterable[Finding]:
    looks = rows.filter(action__in=LOOKS).exclude(target_id="").exclude(actor_id=None)
    grouped = looks.values("target_model", "target_id").annotate(n=Count("actor_id", distinct=True), last=Max("at"))
    for row in grouped.filter(n__gte=MANY_LOOKERS).order_by("-n")[:MOST]:
        query = {"kind": row["target_model"], "object": row["target_id"]}
        yield Finding(f"{words.target(row['target_model'])} {row['target_id'][:8]}", row["n"], "", query, row["last"])


def _guessing(rows: QuerySet) -> Iterable[Finding]:
    tries = rows.filter(action__in=("sign_in", "second_factor"), outcome="refused").values("target_id", "address")
    for row in tries.annotate(n=Count("pk"), last=Max("at")).filter(n__gte=MANY_FAILURES).order_by("-n")[:MOST]:
        query = {"object": row["target_id"], "outcome": "refused"}
        yield Finding(row["target_id"], row["n"], row["address"], query, row["last"])


RULES = (
    Rule("many_reveals", _("一天内多次查看明文"), _("同一人一天查看明文 30 次以上"), _many_a_day("reveal", MANY_REVEALS)),
    Rule("much_looked_at", _("同一对象被多人查看"), _("七天内 5 人以上查看同一人或同一房屋"), _much_looked_at),
    Rule("at_night", _("非工作时间查看"), _("22 点到次日 6 点查看档案、明文、图片或导出"), _at_night),
    Rule("exports", _("导出"), _("七天内的全部导出"), _exports),
    Rule("many_searches", _("一天内大量搜索"), _("同一人一天搜索 60 次以上"), _many_a_day("search", MANY_SEARCHES)),
    Rule("refusals", _("多次越权"), _("同一人一天 10 次以上访问被拒"), _many_a_day("refused", MANY_REFUSALS)),
    Rule("guessing", _("反复登录失败"), _("同一账号从同一地址 10 次以上登录被拒"), _guessing),
)  # fmt: skip


def flagged(user: Any, now: datetime) -> list[tuple[Rule, list[Finding]]]:
    """Every rule with its cases among the entries the user may see of the last seven days."""
    since = now - timedelta(days=DAYS)
    first = Entry.objects.filter(at__gte=since).order_by("at").values_list("pk", flat=True).first()
    if first is None:
        return [(rule, []) for rule in RULES]
    rows = Entry.objects.reviewed_by(user).filter(at__gte=since, pk__gte=first - 1000).order_by()
    return [(rule, list(rule.find(rows))) for rule in RULES]
