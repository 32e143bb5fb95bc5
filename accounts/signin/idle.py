"""Accounts nobody used for ninety days are switched off: nobody's password lies about (等保 8.1.4.1)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce

from accounts.models import User
from audit import log


def disable(now: datetime) -> int:
    """Switch them off; how many. The last administrator of accounts stays, or nobody could switch anybody on."""
    cutoff = now - timedelta(days=settings.IDLE_ACCOUNT_DAYS)
    idle = (
        User.objects.filter(is_active=True).annotate(seen=Coalesce("last_login", "date_joined")).filter(seen__lt=cutoff)
    )
    count = 0
    for user in idle:
        if (
            user.is_superuser
            and not User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists()
        ):
            continue
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(is_active=False)
            log.write("disable_idle", target=user)
        count += 1
    return count
