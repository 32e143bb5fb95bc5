"""What signing in keeps: earlier passwords, the second factor, sessions, tokens of programs."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guomi.fields import EncryptedTextField


class PasswordRecord(models.Model):
    """The hash of an earlier password, so that it is not taken again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_records")
    hash = models.CharField(max_length=255)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("历史密码")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d}"


class SecondFactor(models.Model):
    """A user's one-time code app (TOTP, RFC 6238) and recovery codes. The secret is sealed; codes are kept as their index."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor", primary_key=True
    )
    secret = EncryptedTextField(_("密钥"), max_length=64, purpose="account", mask="text")
    confirmed_at = models.DateTimeField(_("启用时间"), null=True, blank=True)
    last_step = models.BigIntegerField(default=0)  # the newest half-minute whose code was used: none is taken twice
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    recovery = models.JSONField(default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("动态口令")

    def __str__(self) -> str:
        return str(self.user_id)


class SignInQuerySet(models.QuerySet):
    def living(self) -> "SignInQuerySet":
        """Sessions nobody has ended yet."""
        return self.filter(ended_at=None)


class SignIn(models.Model):
    """One session of a user. `mark` is what the log calls it; the key itself is forgotten when the session ends."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_ins")
    mark = models.CharField(max_length=16, unique=True)
    session_key = models.CharField(max_length=40, blank=True, default="")
    address = models.CharField(_("来源地址"), max_length=64, blank=True, default="")
    agent = models.CharField(_("浏览器"), max_length=200, blank=True, default="")
    at = models.DateTimeField(_("登录时间"))
    seen_at = models.DateTimeField(_("最近活动"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("登录会话")
        ordering = ["-at"]
        indexes = [models.Index(fields=["user", "ended_at"], name="accounts_signin_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M}"


class ApiToken(models.Model):
    """A program's key to the API, in the name of a user: no more than he may, and no more than its scopes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("用户")
    )
    name = models.CharField(_("用途"), max_length=60)
    mark = models.CharField(max_length=64, unique=True, editable=False)  # index of the token; the token is shown once
    scopes = models.JSONField(_("权限范围"), default=list)
    expires_at = models.DateTimeField(_("有效期至"))
    made_at = models.DateTimeField(_("签发时间"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True, editable=False)
    last_address = models.CharField(_("最近来源"), max_length=64, blank=True, default="", editable=False)
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("接口令牌")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name
