"""How the log itself stands, in plain words: green or red."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import anchor, clock, witnessing
from audit.models import Countersignature, Entry, Head, Leaf

SEAL_LATE = timedelta(seconds=60)
VERIFY_LATE = timedelta(days=2)
WITNESS_LATE = timedelta(days=1)


@dataclass(frozen=True)
class Light:
    """One thing that is right or not; `tone` is ok, warn or bad."""

    title: Promise
    tone: str
    said: str


def lights(now: datetime) -> list[Light]:
    """Everything that matters about the log."""
    head = Head.objects.order_by("-size").first()
    found = [_sealed(head, now), _verified(now), _kept(head)]
    found += [_witnessed(name, now) for name in sorted(witnessing.keys())]
    found.append(_clock())
    return found


def _sealed(head: Head | None, now: datetime) -> Light:
    title = gettext_lazy("封存")
    last = Leaf.objects.order_by("-index").values_list("entry_id", flat=True).first() or 0
    oldest = Entry.objects.filter(pk__gt=last).order_by("pk").values_list("at", flat=True).first()
    if oldest is not None and now - oldest > SEAL_LATE:
        return Light(title, "bad", _("有记录超过一分钟没有封存,请检查后台任务是否在运行。"))
    if head is None:
        return Light(title, "warn", _("还没有封存点。"))
    words = {"size": f"{head.size:,}", "root": head.root[:16]}
    return Light(title, "ok", _("已封存 %(size)s 条,根摘要 %(root)s…") % words)


def _verified(now: datetime) -> Light:
    title = gettext_lazy("校验")
    last = Entry.objects.filter(action="verify_log").order_by("-id").first()
    if last is None:
        return Light(title, "warn", _("还没有校验过。"))
    if last.outcome != Entry.Outcome.DONE:
        facts = {"position": last.detail.get("position"), "problem": last.detail.get("problem", "")}
        return Light(title, "bad", _("日志被改动:第 %(position)s 条附近,%(problem)s") % facts)
    facts = {"count": f"{last.detail.get('entries', 0):,}"}
    late = now - last.at > VERIFY_LATE
    return Light(title, "warn" if late else "ok", _("最近一次校验 %(count)s 条,没有被改动。") % facts)


def _kept(head: Head | None) -> Light:
    title = gettext_lazy("库外留存")
    try:
        kept = anchor.read()
    except ValueError:
        return Light(title, "bad", _("本机保存的封存点已损坏。"))
    if kept is None:
        return Light(title, "warn", _("数据库之外还没有保存封存点。"))
    if head is None or kept["size"] > head.size:
        return Light(title, "bad", _("数据库比本机保存的封存点旧:末尾被删除,或换成了旧的备份。"))
    return Light(title, "ok", _("最近的封存点另存在数据库之外。"))


def _witnessed(name: str, now: datetime) -> Light:
    title = gettext_lazy("见证")
    last = Countersignature.objects.filter(witness=name).order_by("-size").first()
    if last is None:
        return Light(title, "warn", _("%(name)s 还没有见证过。") % {"name": name})
    facts = {"name": name, "size": f"{last.size:,}"}
    late = now - last.received_at > WITNESS_LATE
    return Light(title, "warn" if late else "ok", _("%(name)s 已见证到第 %(size)s 条。") % facts)


def _clock() -> Light:
    title, reading = gettext_lazy("时钟"), clock.last()
    if reading is None:
        return Light(title, "warn", _("没有设置时间源(TIME_SOURCE),或还没有比对过。"))
    facts: dict[str, Any] = {"source": reading.source, "ahead": f"{reading.ahead or 0:+.1f}"}
    if reading.ahead is None:
        return Light(title, "warn", _("时间源 %(source)s 没有应答。") % facts)
    if reading.wrong:
        return Light(title, "bad", _("与 %(source)s 相差 %(ahead)s 秒,超过 5 秒,请校时。") % facts)
    return Light(title, "ok", _("与 %(source)s 相差 %(ahead)s 秒。") % facts)
