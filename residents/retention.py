"""How long it is known who lived here, and how soon after moving out a face is forgotten."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.keeping import PROOF_DAYS, Rule, register
from residents.departure import end_face_use
from residents.desk.models import Part, Submission
from residents.erasure import erase, erase_merged, erase_residency
from residents.models import Case, Consent, Merge, Person, Residency, Worker
from residents.rights import consenting
from residents.rights.models import Kind


@register
class Faces(Rule):
    """The portrait of who has left: face rules (2025-06-01) and PIPL 47, the purpose is over."""

    code = "faces"
    title = _("迁出人员的人像")
    basis = _("自迁出或离职之日起;目的已经实现或同意已经撤回,人像应当及时删除")
    days = 0
    most = 30

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        refused = Person.objects.filter(consenting.withdrawn(Kind.FACE), ~consenting.with_consent(Kind.FACE))
        departed = Person.objects.departed(timezone.localdate(cutoff))
        merged = Person.with_merged.exclude(photo="")
        return [
            *(people.exclude(photo="") for people in (departed, refused)),
            *(merged.filter(merged_into__in=people.values("pk")) for people in (departed, refused)),
            *(
                Merge.objects.exclude(former_photo="").filter(kept__in=people.values("pk"))
                for people in (departed, refused)
            ),
        ]

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        """Whoever it is now: also the portraits of what was merged into his record."""
        for person in {(row.kept if isinstance(row, Merge) else row.merged_into or row) for row in rows}:
            end_face_use(person, user=None, now=now)
        return {f"{Person._meta.label}.photo": len(rows)}


@register
class Departed(Rule):
    """Access events name people for 180 days (7.5.8): their record outlives them. The whole person goes, vehicles too."""

    code = "departed"
    title = _("迁出人员的档案")
    basis = _("自迁出或离职之日起(从未登记住处、岗位和车辆的,自登记之日起);出入口事件须保存 180 天(标准 7.5.8)")
    days = 365
    clauses = ("7.5.8",)

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        departed = Person.objects.departed(timezone.localdate(cutoff))
        return [departed, Person.objects.untied().filter(created_at__lt=cutoff)]

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        return _sum(erase(person, now) for person in rows)


@register
class WishedGone(Rule):
    """Who asked to be deleted, and could not be as long as access events name him (residents.rights.requests)."""

    code = "wished_gone"
    title = _("本人申请删除的迁出人员档案")
    basis = _("自迁出或离职之日起;申请时保存期限未满的,期间限制处理,期满即删(个人信息保护法第四十七条)")
    days = 180
    clauses = ("7.5.8",)

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        asked = Case.objects.filter(person=OuterRef("pk"), wish=Case.Wish.DELETE, ground=Case.Ground.PERIOD)
        return [Person.objects.departed(timezone.localdate(cutoff)).filter(Exists(asked))]

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        return _sum(erase(person, now) for person in rows)


@register
class FormerHomes(Rule):
    """Former homes and jobs of people who are still here; with the others they go as a whole."""

    code = "former_homes"
    title = _("已结束的居住关系和从业记录")
    basis = _("自迁出或离职之日起,仍在本小区居住或工作的人;含租赁合同照片")
    days = 365

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        day = timezone.localdate(cutoff)
        here = Person.objects.present(day).values("pk")
        homes = Residency.objects.filter(moved_out__lte=day, person__in=here)
        return [homes, Worker.objects.filter(ended__lte=day, person__in=here)]

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        if isinstance(rows[0], Residency):
            return _sum(erase_residency(home) for home in rows)
        return super().remove(rows, now)


@register
class Merged(Rule):
    """A record merged into another one is kept to part the two again (PIPL 19: no longer than that needs)."""

    code = "merged"
    title = _("已合并的重复档案")
    basis = _("自合并之日起;仅为能够撤销合并而保存,删除后不能再撤销")
    days = 365

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        old = Merge.objects.standing().filter(done_at__lt=cutoff)
        return [Person.with_merged.filter(merged_into__isnull=False, pk__in=old.values("gone"))]

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        return _sum(erase_merged(person) for person in rows)


@register
class Proofs(Rule):
    """What shows that we were allowed to, and that we answered."""

    code = "proofs"
    title = _("已终止的同意和已办结的权利请求")
    basis = _("自终止或办结之日起;个人信息保护法第五十六条要求处理记录至少保存三年")
    days = PROOF_DAYS
    lawful = PROOF_DAYS

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        return [Consent.objects.filter(ended_at__lt=cutoff), Case.objects.filter(closed_at__lt=cutoff)]


@register
class BrokenOffPictures(Rule):
    """Pieces of pictures whose form never came."""

    code = "parts"
    title = _("没有传完的图片分段")
    basis = _("自收到之日起;采集员离线数日后仍可续传,期满未提交的删除")
    days = 7
    most = 30

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        return [Part.objects.filter(received_at__lt=cutoff)]


@register
class TakenIn(Rule):
    """Which forms were taken in, so that one sent again is known: ids only."""

    code = "submissions"
    title = _("采集收件记录")
    basis = _("自收到之日起;只有编号,用于识别重复提交的同一份草稿")
    days = 365

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        return [Submission.objects.filter(received_at__lt=cutoff)]


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for label, count in one.items():
            total[label] = total.get(label, 0) + count
    return total
