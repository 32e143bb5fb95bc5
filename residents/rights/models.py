"""Notices shown, consents given and withdrawn, requests made (个人信息保护法 13-17, 28-31, 44-50)."""

import uuid
from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import personal
from audit.watch import Watched
from community import validators
from community.models import Community
from community.querysets import ScopedQuerySet, scoped
from guomi.fields import EncryptedTextField

plain = validators.validate_plain_text


class Kind(models.TextChoices):
    """What a notice and a consent are about."""

    REGISTER = "register", _("登记告知")
    FACE = "face", _("人像")
    SENSITIVE = "sensitive", _("敏感选填信息")


class How(models.TextChoices):
    """How somebody told us."""

    IN_PERSON = "in_person", _("当面")
    WRITTEN = "written", _("书面")
    PHONE = "phone", _("电话")
    ONLINE = "online", _("线上")


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "NoticeQuerySet":
        """A notice is there to be read: everybody who signed in sees every one."""
        return self if getattr(user, "is_authenticated", False) else self.none()

    def current(self, kind: str, community_id: int | None) -> "Notice":
        """The newest notice of the community itself, else of the portal; Notice.DoesNotExist."""
        own = self.filter(kind=kind).filter(Q(community=None) | Q(community=community_id))
        return own.order_by(F("community").desc(nulls_last=True), "-version")[:1].get()


class Notice(Watched):
    """告知书: what people are told before they are asked. A new wording is a new version: old ones stay as they were shown."""

    community = models.ForeignKey(
        Community, models.PROTECT, verbose_name=_("小区"), related_name="notices", null=True, blank=True,
        help_text=_("不选表示全部小区"),
    )  # fmt: skip
    kind = models.CharField(_("类别"), max_length=10, choices=Kind)
    version = models.PositiveIntegerField(_("版本"), editable=False)
    title = models.CharField(_("标题"), max_length=50, validators=[plain])
    text = models.TextField(
        _("正文"), max_length=5000, help_text=_("写明处理者和联系方式、目的、方式、种类、期限、权利和行使办法")
    )
    purpose = models.CharField(_("处理目的"), max_length=200, validators=[plain])
    means = models.CharField(_("处理方式"), max_length=200, validators=[plain])
    published_at = models.DateTimeField(_("发布时间"), auto_now_add=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("告知书")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["community", "kind", "version"], name="notice_version_once"),
            models.UniqueConstraint(
                fields=["kind", "version"], name="notice_version_once_everywhere", condition=Q(community=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and not self.version:
            older = Notice.objects.filter(kind=self.kind, community=self.community)
            self.version = (older.aggregate(newest=models.Max("version"))["newest"] or 0) + 1
        super().save(*args, **kwargs)


class ConsentQuerySet(ScopedQuerySet):
    verb = "view_people"

    def active(self, kind: str) -> "ConsentQuerySet":
        """Consents of this kind that hold."""
        return self.filter(notice__kind=kind, ended_at=None)


class Consent(Watched):
    """One line of the ledger: told what, agreed by whom, how, when, recorded by whom; when and why it ended.

    The line outlives the person's record (`subject` keeps the key): it is the proof that we were allowed to.
    """

    class Ending(models.TextChoices):
        WITHDRAWN = "withdrawn", _("本人撤回")
        LEFT = "left", _("已迁出")
        RENEWED = "renewed", _("重新同意")
        ERASED = "erased", _("档案已删除")
        UNDONE = "undone", _("导入已撤销")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="consents")
    person = models.ForeignKey(
        "residents.Person", models.SET_NULL, verbose_name=_("人员"), related_name="consents", null=True
    )
    subject = models.UUIDField(_("人员编号"), db_index=True, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, verbose_name=_("告知书"), related_name="consents")
    how = models.CharField(_("方式"), max_length=10, choices=How, default=How.IN_PERSON)
    guardian = EncryptedTextField(
        _("监护人姓名"), max_length=50, blank=True, default="", mask="name", validators=[plain],
        help_text=_("未满 14 周岁由监护人同意"),
    )  # fmt: skip
    papers = models.CharField(
        _("书面同意存放处"),
        max_length=100,
        blank=True,
        default="",
        validators=[plain],
        help_text=_("书面同意的原件在哪里"),
    )
    given_at = models.DateTimeField(_("同意时间"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("登记人"), related_name="+", null=True
    )
    ended_at = models.DateTimeField(_("终止时间"), null=True, blank=True)
    ending = models.CharField(_("终止原因"), max_length=10, choices=Ending, blank=True, default="")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("终止登记人"), related_name="+", null=True, blank=True
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("告知与同意")
        ordering = ["-given_at"]
        indexes = [
            models.Index(fields=["ended_at"], name="consent_ended"),
            models.Index(fields=["person"], name="consent_withdrawn", condition=Q(ending="withdrawn")),
        ]

    def __str__(self) -> str:
        return str(self.notice)


class CaseQuerySet(ScopedQuerySet):
    verb = "handle_rights"

    def open(self) -> "CaseQuerySet":
        """Requests nobody has answered yet, the most urgent first."""
        return self.filter(state=Case.State.OPEN).order_by("due_on", "received_on")


class Case(Watched):
    """A request about one's own data, to be answered by a day (PIPL 44-50)."""

    class Wish(models.TextChoices):
        EXPORT = "export", _("查阅、复制")
        CORRECT = "correct", _("更正、补充")
        DELETE = "delete", _("删除")
        RESTRICT = "restrict", _("限制处理")

    class Asker(models.TextChoices):
        SELF = "self", _("本人")
        GUARDIAN = "guardian", _("监护人")
        RELATIVE = "relative", _("逝者近亲属")

    class State(models.TextChoices):
        OPEN = "open", _("办理中")
        DONE = "done", _("已办结")
        REFUSED = "refused", _("已答复不予办理")

    class Ground(models.TextChoices):
        """Why a request is not met; each is told to the person with its law (PIPL 44, 45, 47, 50)."""

        DUTY = "duty", _("仍在本小区居住或工作,登记是法定职责所必需(个人信息保护法第十三条第三项)")
        PERIOD = "period", _("法律、标准规定的保存期限未满,期间只存储并采取安全保护措施(个人信息保护法第四十七条)")
        IDENTITY = "identity", _("不能确认申请人身份,请携带证件当面办理")
        OTHERS = "others", _("涉及他人信息或国家机关依法要求保密(个人信息保护法第四十五条)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, verbose_name=_("小区"), related_name="rights_cases")
    person = models.ForeignKey(
        "residents.Person", models.SET_NULL, verbose_name=_("人员"), related_name="rights_cases", null=True
    )
    subject = models.UUIDField(_("人员编号"), db_index=True, editable=False)
    wish = models.CharField(_("请求"), max_length=10, choices=Wish)
    asker = models.CharField(_("申请人"), max_length=10, choices=Asker, default=Asker.SELF)
    how = models.CharField(_("方式"), max_length=10, choices=How, default=How.IN_PERSON)
    note = EncryptedTextField(_("说明"), max_length=500, blank=True, default="", mask="text", validators=[plain])
    received_on = models.DateField(_("收到日期"))
    due_on = models.DateField(_("答复期限"))
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.OPEN)
    ground = models.CharField(_("不予办理的理由"), max_length=10, choices=Ground, blank=True, default="")
    outcome = models.JSONField(_("结果"), default=dict, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("办理人"), related_name="+", null=True, blank=True
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("权利请求")
        ordering = ["-received_on", "id"]
        indexes = [models.Index(fields=["state", "due_on"], name="case_due")]

    def __str__(self) -> str:
        return f"{self.get_wish_display()} {self.received_on}"

    def days_left(self, today: date) -> int:
        """Days until it has to be answered; negative when it is late."""
        return (self.due_on - today).days


@cache
def optional_names() -> tuple[str, ...]:
    """Fields of a person that are sensitive and optional, from the table of personal fields."""
    rows = personal.fields()
    return tuple(one.field for one in rows if one.model == "residents.Person" and one.kind == "sensitive option")


def optional_choices() -> list[tuple[str, Any]]:
    """(field, its name) of each of them."""
    model = apps.get_model("residents", "Person")
    return [(name, model._meta.get_field(name).verbose_name) for name in optional_names()]


class OptionalField(Watched):
    """敏感选填项: a field the community collects, on the lawful basis it names. Not here: not asked for, taken or delivered."""

    community = models.ForeignKey(Community, models.CASCADE, verbose_name=_("小区"), related_name="optional_fields")
    field = models.CharField(_("信息项"), max_length=40)
    basis = models.CharField(
        _("合法性依据"), max_length=200, validators=[plain], help_text=_("如单独同意,或法律法规、主管部门的文号")
    )
    switched_on_at = models.DateTimeField(_("开启时间"), auto_now_add=True)

    objects = scoped("handle_rights").as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("敏感选填项")
        ordering = ["community", "field"]
        constraints = [models.UniqueConstraint(fields=["community", "field"], name="optional_field_once")]

    def __str__(self) -> str:
        return str(dict(optional_choices()).get(self.field, self.field))

    def clean(self) -> None:
        if self.field not in optional_names():
            raise ValidationError({"field": _("没有这个敏感选填项。")})
