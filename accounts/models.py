"""The staff who sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.watch import Watched


class User(AbstractUser):
    """A member of staff. What one may do where follows from posts (community.Post), never from this row."""

    display_name = models.CharField(_("姓名"), max_length=50, blank=True, default="")
    must_change_password = models.BooleanField(_("下次登录须改密码"), default=False)
    password_changed_at = models.DateTimeField(_("密码修改时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("用户")

    def __str__(self) -> str:
        return self.display_name or self.username


class DataKey(models.Model):
    """A data key, wrapped under the key-encryption key that is kept elsewhere (guomi.keyring, accounts.keystore)."""

    id = models.CharField(_("密钥编号"), max_length=8, primary_key=True)
    purpose = models.CharField(_("用途"), max_length=16)
    kind = models.CharField(_("种类"), max_length=8)
    generation = models.PositiveIntegerField(_("代次"))
    wrapped = models.TextField(_("密文"))
    public = models.TextField(_("公钥"), blank=True, default="")
    made_at = models.DateTimeField(_("生成时间"))
    retired_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("数据密钥")
        ordering = ["made_at", "purpose", "kind", "generation"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "kind", "generation"], name="accounts_datakey_generation")
        ]

    def __str__(self) -> str:
        return self.id


class RetentionPeriod(Watched):
    """How many days a rule of accounts.keeping keeps its data, where an administrator chose others than the rule's own."""

    code = models.CharField(_("类别"), max_length=40, primary_key=True)
    days = models.PositiveIntegerField(_("保存天数"))

    class Meta:
        verbose_name = verbose_name_plural = _("保存期限")

    def __str__(self) -> str:
        return f"{self.code} {self.days}"


# Django looks for models here; those of signing in have a package of their own.
from accounts.signin.models import ApiToken, PasswordRecord, SecondFactor, SignIn  # noqa: E402, F401
