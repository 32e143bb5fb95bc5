"""Password rules beyond Django's: kinds of characters, none of the last five, no older than ninety days."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.signin.models import PasswordRecord

KINDS = 3
KEPT = 5


class KindsValidator:
    """At least three of: small letters, capitals, digits, others."""

    def validate(self, password: str, user: Any = None) -> None:
        kinds = {
            "small" if letter.islower() else "large" if letter.isupper() else "digit" if letter.isdigit() else "other"
            for letter in password
        }
        if len(kinds) < KINDS:
            raise ValidationError(_("密码应含大写字母、小写字母、数字、符号中的至少三种。"), code="kinds")

    def get_help_text(self) -> str:
        return _("密码应含大写字母、小写字母、数字、符号中的至少三种。")


class HistoryValidator:
    """None of the last five; remembers each new one. Asked by Django after a password was set and saved."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        known = [user.password, *user.password_records.values_list("hash", flat=True)[:KEPT]]
        if any(check_password(password, one) for one in known if one):
            raise ValidationError(_("不能使用最近用过的 5 个密码。"), code="used")

    def password_changed(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        now = timezone.now()
        PasswordRecord.objects.create(user=user, hash=user.password, at=now)
        old = user.password_records.values_list("pk", flat=True)[KEPT:]
        PasswordRecord.objects.filter(pk__in=list(old)).delete()
        user.password_changed_at = now
        type(user).objects.filter(pk=user.pk).update(password_changed_at=now)

    def get_help_text(self) -> str:
        return _("不能使用最近用过的 5 个密码。")


def must_change(user: Any, now: datetime) -> bool:
    """Whether the user may do nothing before he has set a new password."""
    if user.must_change_password:
        return True
    since = user.password_changed_at or user.date_joined
    return since < now - timedelta(days=settings.PASSWORD_DAYS)
