"""The post office's own tables: upper platforms, what is due, receipts.

Rows of Due are made and bumped by database triggers (uploads/triggers.py), so every column they leave out has a
database default.
"""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guomi.fields import EncryptedJSONField, EncryptedTextField
from uploads.querysets import DueQuerySet, PlacedQuerySet

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class UpperPlatform(models.Model):
    """The upper platform of one community: where it is, who we are there, which spelling it understands (DESIGN §5)."""

    class WireProfile(models.TextChoices):
        TABLE = "table", _("字段表的名称")
        LIKELY = "likely", _("推测的正确名称")

    class CipherOrder(models.TextChoices):
        C1C3C2 = "C1C3C2", "C1C3C2"
        C1C2C3 = "C1C2C3", "C1C2C3"

    class CipherPrefix(models.TextChoices):
        KEPT = "04", _("保留 04")
        NONE = "none", _("去掉 04")
        DER = "der", _("ASN.1 DER")

    class CipherEncoding(models.TextChoices):
        HEX = "hex", _("十六进制")
        BASE64 = "base64", "Base64"

    class PasswordWrap(models.TextChoices):
        PLAIN = "plain", _("原文")
        MD5_BASE64 = "md5-base64", "MD5 + Base64"
        SM3_HEX = "sm3-hex", _("SM3 十六进制")
        SM4_ECB_BASE64 = "sm4-ecb-base64", "SM4-ECB + Base64"
        SM2 = "sm2", _("SM2 公钥加密")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community_id = models.BigIntegerField(_("小区"), unique=True)
    registration_code = models.CharField(_("注册码"), max_length=64, help_text=_("上级平台发给小区的注册码(ptzcm)"))
    enabled = models.BooleanField(_("启用上报"), default=True)
    base_url = models.CharField(
        _("服务地址"),
        max_length=200,
        validators=[
            RegexValidator(r"^https?://[^\s/?#@]+(/[^\s?#]*)?$", _("应为 https://主机:端口 的形式,不带用户名和参数"))
        ],
        help_text=_("如 https://10.0.0.8:8443;路径前缀 /OpenApi 可带可不带"),
    )
    client_id = models.CharField(_("调用方账号"), max_length=100)
    username = models.CharField(_("用户名"), max_length=100)
    password = EncryptedTextField(_("密码"), max_length=200, purpose="account", mask="text")
    public_key = models.TextField(_("SM2 公钥"), max_length=2000, help_text=_("十六进制、Base64 或 PEM"))
    wire_profile = models.CharField(_("字段名称"), max_length=10, choices=WireProfile, default=WireProfile.TABLE)
    wire_overrides = models.JSONField(
        _("字段名称例外"), default=dict, blank=True, help_text=_('如 {"B.2.2 phone": "lxdh"}')
    )
    also_encrypt = models.JSONField(
        _("另外加密的字段"), default=list, blank=True, help_text=_('如 ["document_number"]')
    )
    cipher_order = models.CharField(_("密文次序"), max_length=6, choices=CipherOrder, default=CipherOrder.C1C3C2)
    cipher_prefix = models.CharField(_("密文前缀"), max_length=4, choices=CipherPrefix, default=CipherPrefix.KEPT)
    cipher_encoding = models.CharField(_("密文编码"), max_length=6, choices=CipherEncoding, default=CipherEncoding.HEX)
    password_wrap = models.CharField(_("密码包装"), max_length=20, choices=PasswordWrap, default=PasswordWrap.PLAIN)
    password_wrap_key = EncryptedTextField(
        _("密码包装密钥"), max_length=64, purpose="account", mask="text", blank=True, default="",
        help_text=_("仅 SM4 需要:32 位十六进制"),
    )  # fmt: skip
    extra_parameters = models.JSONField(_("附加地址参数"), default=dict, blank=True, help_text=_('如 {"ver": "v1"}'))
    ca_file = models.CharField(_("根证书文件"), max_length=300, blank=True, default="")
    client_cert_file = models.CharField(_("客户端证书文件"), max_length=300, blank=True, default="")
    client_key_file = models.CharField(_("客户端私钥文件"), max_length=300, blank=True, default="")
    connect_seconds = models.PositiveSmallIntegerField(
        _("连接时限(秒)"), default=5, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    read_seconds = models.PositiveSmallIntegerField(
        _("应答时限(秒)"), default=20, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    concurrency = models.PositiveSmallIntegerField(
        _("并发数"), default=4, validators=[MinValueValidator(1), MaxValueValidator(32)]
    )
    token_seconds = models.PositiveIntegerField(
        _("令牌有效期(秒)"), default=7200, validators=[MinValueValidator(10), MaxValueValidator(86400)]
    )
    tested_at = models.DateTimeField(_("自检时间"), null=True, blank=True, editable=False)
    test_problem = models.CharField(_("自检问题"), max_length=300, blank=True, default="", editable=False)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    objects = PlacedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("上级平台")
        ordering = ["registration_code"]

    def __str__(self) -> str:
        return f"{self.registration_code} {self.base_url}"

    def clean(self) -> None:
        """https everywhere but on this machine (9.3.2)."""
        parts = urlsplit(self.base_url)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValidationError({"base_url": _("标准要求使用 https;仅本机测试可用 http。")})


class Gate(models.Model):
    """Why nothing goes to a platform, or over one of its interfaces (`clause`; "" is all of them), until when."""

    platform = models.ForeignKey(UpperPlatform, models.CASCADE, related_name="gates", verbose_name=_("上级平台"))
    clause = models.CharField(_("接口条款"), max_length=10, blank=True, default="")
    failures = models.PositiveIntegerField(_("连续失败次数"), default=0)
    closed_until = models.DateTimeField(_("暂停至"), null=True, blank=True)
    problem = models.CharField(_("当前问题"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("上报暂停")
        constraints = [models.UniqueConstraint(fields=["platform", "clause"], name="uploads_gate_once")]

    def __str__(self) -> str:
        return f"{self.clause or '*'} {self.problem}".strip()


class InterfaceLimit(models.Model):
    """What the platform allows on one interface (9.2.2): configured, or learnt from its refusals. Empty: no limit known."""

    platform = models.ForeignKey(UpperPlatform, models.CASCADE, related_name="limits", verbose_name=_("上级平台"))
    clause = models.CharField(_("接口条款"), max_length=10)
    concurrency = models.PositiveSmallIntegerField(
        _("并发数"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(32)]
    )
    daily_quota = models.PositiveIntegerField(_("每日次数"), null=True, blank=True, validators=[MinValueValidator(1)])
    opens = models.TimeField(_("调用时段起"), null=True, blank=True)
    closes = models.TimeField(_("调用时段止"), null=True, blank=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    learnt = models.CharField(_("学得"), max_length=200, blank=True, default="")
    day = models.DateField(null=True, blank=True)
    calls = models.PositiveIntegerField(_("今日已调用"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("接口限制")
        ordering = ["clause"]
        constraints = [models.UniqueConstraint(fields=["platform", "clause"], name="uploads_limit_once")]

    def __str__(self) -> str:
        return self.clause

    def clean(self) -> None:
        if (self.opens is None) != (self.closes is None):
            raise ValidationError({"closes": _("调用时段的起止须一起填写。")})

    def used(self, today: date) -> int:
        """Calls of that day."""
        return self.calls if self.day == today else 0

    def remaining(self, today: date) -> int | None:
        """Calls left that day; None without a quota."""
        return None if self.daily_quota is None else max(self.daily_quota - self.used(today), 0)

    def shut_until(self, now: datetime) -> datetime | None:
        """When calls are allowed again; None when they are now. Hours may pass midnight; a validity that is over shuts for a day."""
        here = timezone.localtime(now)
        tomorrow = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        if (self.valid_until and here.date() > self.valid_until) or self.remaining(here.date()) == 0:
            return tomorrow
        if self.opens is None or self.closes is None or self.opens == self.closes:
            return None
        clock = here.time()
        inside = self.opens <= clock < self.closes
        if self.opens > self.closes:
            inside = clock >= self.opens or clock < self.closes
        if inside:
            return None
        opening = here.replace(hour=self.opens.hour, minute=self.opens.minute, second=0, microsecond=0)
        return opening if opening > here else opening + timedelta(days=1)


class AnswerRule(models.Model):
    """How an answer of this upper platform is to be read, before the defaults of uploads/answers.py."""

    class Kind(models.TextChoices):
        TOKEN = "token", _("令牌失效,重新登录")
        THROTTLED = "throttled", _("超过频率或配额,稍后再发")
        WINDOW = "window", _("不在调用时段,稍后再发")
        DENIED = "denied", _("无权限,暂停并提示")
        ORPHAN = "orphan", _("所依赖的记录未到,等待")
        ABSENT = "absent", _("上级没有这条记录")
        REFUSED = "refused", _("数据被退回,待人处理")
        UNKNOWN = "unknown", _("不明,重试")

    platform = models.ForeignKey(UpperPlatform, models.CASCADE, related_name="answer_rules", verbose_name=_("上级平台"))
    code = models.CharField(_("返回码"), max_length=20, blank=True, default="")
    words = models.CharField(_("消息中的字样"), max_length=100, blank=True, default="")
    kind = models.CharField(_("含义"), max_length=10, choices=Kind)
    order = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("应答规则")
        ordering = ["order", "id"]
        constraints = [models.CheckConstraint(condition=~Q(code="", words=""), name="uploads_answerrule_not_empty")]

    def __str__(self) -> str:
        return f"{self.code} {self.words} → {self.get_kind_display()}".strip()


class UpperToken(models.Model):
    """The token of one account at one address, shared by every worker and every community that uses the account.

    `serial` counts the tokens: who met a refusal with serial n asks for n+1, and only the holder of the lease signs in.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.CharField(_("账号指纹"), max_length=64, unique=True)
    token = EncryptedTextField(_("令牌"), max_length=2000, purpose="account", mask="text", blank=True, default="")
    serial = models.BigIntegerField(_("序号"), default=0)
    expires_at = models.DateTimeField(_("有效期至"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("令牌")

    def __str__(self) -> str:
        return f"#{self.serial}"


class Due(models.Model):
    """One subject of one report: due while its revision is above the revision last delivered (DESIGN §2.3)."""

    class State(models.TextChoices):
        DUE = "due", _("正常")
        HELD = "held", _("待处理")
        GONE = "gone", _("已撤销")

    class Problem(models.TextChoices):
        NONE = "", _("无")
        WAITS = "waits", _("等待所依赖的记录")
        INCOMPLETE = "incomplete", _("资料不全")
        MESSAGE = "message", _("不合规范")
        REFUSED = "refused", _("上级退回")
        UNKNOWN = "unknown", _("应答不明")
        BROKEN = "broken", _("无法生成")

    report = models.CharField(_("接口"), max_length=40)
    subject_id = models.CharField(_("记录编号"), max_length=64)
    community_id = models.BigIntegerField(_("小区"), null=True)
    revision = models.BigIntegerField(_("修订号"), db_default=1)
    delivered_revision = models.BigIntegerField(_("已上报修订号"), db_default=0)
    state = models.CharField(_("状态"), max_length=4, choices=State, db_default="due")
    withdrawing = models.BooleanField(_("待撤销"), db_default=False)
    attempts = models.IntegerField(_("尝试次数"), db_default=0)
    sendings = models.IntegerField(_("可能送达的次数"), db_default=0)  # sent, and not known to have been turned away
    next_at = models.DateTimeField(_("下次尝试"), null=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, db_default="")
    problem = models.CharField(_("原因类别"), max_length=10, choices=Problem, db_default="")
    reason = models.CharField(_("原因"), max_length=500, db_default="")
    waits_for = models.CharField(_("等待"), max_length=110, db_default="")
    upper_id = models.CharField(_("上级编号"), max_length=64, db_default="")
    upper_key = models.CharField(_("上级主键"), max_length=64, db_default="")
    digest = models.CharField(_("摘要"), max_length=64, db_default="")
    due_since = models.DateTimeField(_("待报自"), db_default=Now())
    encrypted_at = models.DateTimeField(_("加密时间"), null=True)
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    delivered_at = models.DateTimeField(_("上报时间"), null=True)
    checked_at = models.DateTimeField(_("核对时间"), null=True)

    objects = DueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("上报记录")
        constraints = [models.UniqueConstraint(fields=["report", "subject_id"], name="uploads_due_subject")]
        indexes = [
            # The claim: what is pending of one report in one community, oldest first. Its condition is repeated
            # word for word in uploads/claims.py, because SQLite uses a partial index for a literal condition only.
            models.Index(
                fields=["report", "community_id", "due_since", "id"],
                name="uploads_due_pending",
                condition=Q(state="due", revision__gt=F("delivered_revision")),
            ),
            models.Index(fields=["state", "community_id", "report"], name="uploads_due_state"),
            models.Index(fields=["waits_for"], name="uploads_due_waits", condition=Q(waits_for__gt="")),
            models.Index(fields=["report", "checked_at"], name="uploads_due_checked"),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.subject_id}"

    @property
    def arrived(self) -> bool:
        """Whether the upper platform holds the newest revision."""
        return self.state == self.State.DUE and self.revision <= self.delivered_revision


class ReceiptError(TypeError):
    """Receipts are only ever added."""


class ReceiptQuerySet(PlacedQuerySet):
    def update(self, **values: object) -> int:
        raise ReceiptError("receipts are append-only")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise ReceiptError("receipts are append-only")

    def expire(self, keys: Iterable[int]) -> int:
        """Remove receipts that were kept long enough (uploads.retention): how many. The only way out."""
        return self.filter(pk__in=list(keys))._raw_delete(self.db)


class Receipt(models.Model):
    """What one sending came to. Append-only; the message is the upper platform's, cleaned of personal values."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", _("已收")
        WITHDRAWN = "withdrawn", _("已撤销")
        REFUSED = "refused", _("退回")
        DEFERRED = "deferred", _("稍后再发")
        UNANSWERED = "unanswered", _("无应答")
        UNKNOWN = "unknown", _("不明")

    report = models.CharField(_("接口"), max_length=40)
    subject_id = models.CharField(_("记录编号"), max_length=64)
    community_id = models.BigIntegerField(_("小区"))
    revision = models.BigIntegerField(_("修订号"))
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome)
    upper_id = models.CharField(_("上级编号"), max_length=64, blank=True, default="")
    message = models.CharField(_("应答"), max_length=300, blank=True, default="")
    at = models.DateTimeField(_("时间"))
    ms = models.PositiveIntegerField(_("耗时(毫秒)"), default=0)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("上报回执")
        indexes = [
            models.Index(fields=["report", "subject_id", "-at"], name="uploads_receipt_subject"),
            models.Index(fields=["community_id", "-at"], name="uploads_receipt_place"),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.subject_id} {self.outcome}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise ReceiptError("receipts are append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise ReceiptError("receipts are append-only")


class Pull(models.Model):
    """How far one interface has been read from one platform: the window being read, its page, the moment all is known to."""

    platform = models.ForeignKey(UpperPlatform, models.CASCADE, related_name="pulls", verbose_name=_("上级平台"))
    clause = models.CharField(_("接口"), max_length=10)
    synced_until = models.DateTimeField(_("已获取至"), null=True, blank=True)
    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    page = models.PositiveIntegerField(default=0)  # read to the end; 0: nothing of this window
    total = models.PositiveIntegerField(_("上级记录数"), default=0)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    problem = models.CharField(_("问题"), max_length=300, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("获取进度")
        constraints = [models.UniqueConstraint(fields=["platform", "clause"], name="uploads_pull_once")]

    def __str__(self) -> str:
        return f"{self.platform_id} {self.clause}"


class LoadedInterface(models.Model):
    """An interface an upper platform adds to Appendix B, as data: its descriptor, and the records it carries."""

    clause = models.CharField(_("接口编号"), max_length=10, unique=True, editable=False)
    title = models.CharField(_("接口名称"), max_length=60, editable=False)
    offer = models.CharField(_("上报内容"), max_length=28, unique=True)
    descriptor = models.TextField(_("接口描述"))
    enabled = models.BooleanField(_("启用上报"), default=True)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("扩展接口")
        ordering = ["clause"]

    def __str__(self) -> str:
        return f"{self.clause} {self.title}"


class UpperRecord(models.Model):
    """One record the upper platform holds, masked as it came, kept apart from what was collected here.

    `subject_id` names our record it was matched with; `differs` the fields (English) in which the two disagree.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community_id = models.BigIntegerField(_("小区"))
    clause = models.CharField(_("接口"), max_length=10)
    key = models.CharField(_("上级编号"), max_length=210)
    record = EncryptedJSONField(_("内容"), purpose="person")
    report = models.CharField(_("本机类别"), max_length=40, blank=True, default="")
    subject_id = models.CharField(_("本机记录"), max_length=64, blank=True, default="")
    differs = models.JSONField(_("不一致的字段"), default=list, blank=True)
    seen_at = models.DateTimeField(_("获取时间"))
    changed_at = models.DateTimeField(_("变化时间"))

    objects = PlacedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("上级数据")
        constraints = [models.UniqueConstraint(fields=["community_id", "clause", "key"], name="uploads_upper_once")]
        indexes = [models.Index(fields=["report", "subject_id"], name="uploads_upper_subject")]

    def __str__(self) -> str:
        return f"{self.clause} {self.key}"


class Resealing(models.Model):
    """Stands only inside a transaction that seals values anew without changing them: triggers make nothing due there.

    No committed row may ever be here (system check uploads.E002); on PostgreSQL one would have no effect.
    """

    transaction = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("重新加密标记")

    def __str__(self) -> str:
        return str(self.pk)
