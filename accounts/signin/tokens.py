"""Tokens for programs: `Authorization: Token anju_…`. Shown once, kept as an index; scope, expiry, last use."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.signin.models import ApiToken
from audit import log
from audit.context import current
from guomi import keyring

PREFIX = "anju_"
LABEL = "accounts.token"
LONGEST_DAYS = 366
USED_EVERY = timedelta(minutes=1)
SCOPES = {"read": _("读取"), "write": _("写入"), "witness": _("见证审计日志")}


def index_of(token: str) -> str:
    """What is kept of a token."""
    return keyring.get().index(LABEL, token)


def make(user: Any, name: str, scopes: list[str], days: int, now: datetime) -> tuple[ApiToken, str]:
    """A new token and its text, which is told this once."""
    if not scopes or set(scopes) - set(SCOPES) or not 1 <= days <= LONGEST_DAYS:
        raise ValueError("scopes are read, write, witness; days 1 to 366")
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        made = ApiToken.objects.create(
            user=user, name=name, mark=index_of(text), scopes=sorted(scopes), expires_at=now + timedelta(days=days)
        )
        log.write("make_token", target=made, detail={"user": user.pk, "scopes": made.scopes, "days": days})
    return made, text


def revoke(tokens: Any, now: datetime) -> int:
    """End these tokens; how many."""
    count = 0
    with transaction.atomic():
        for token in tokens.filter(revoked_at=None):
            ApiToken.objects.filter(pk=token.pk).update(revoked_at=now)
            log.write("revoke_token", target=token, detail={"user": token.user_id})
            count += 1
    return count


class TokenAuthentication(BaseAuthentication):
    """For the API. A token that does not hold is refused and logged, whatever else the request brought."""

    def authenticate_header(self, request: Request) -> str:
        return "Token"

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"token":
            return None
        text = parts[1].decode("ascii", "replace") if len(parts) == 2 else ""
        now = timezone.now()
        token = ApiToken.objects.select_related("user").filter(mark=index_of(text)).first() if text else None
        if token is None or token.revoked_at or token.expires_at <= now or not token.user.is_active:
            raise AuthenticationFailed(_("令牌无效或已过期。"))
        self._note_use(token, now)
        return token.user, token

    @staticmethod
    def _note_use(token: ApiToken, now: datetime) -> None:
        if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now, last_address=current().address)


def demand_scope(request: Request, view: Any) -> None:
    """PermissionDenied when the request came by a token whose scopes do not reach so far."""
    token = request.auth
    if not isinstance(token, ApiToken):
        return
    wanted = getattr(view, "token_scope", "") or ("read" if request.method in SAFE_METHODS else "write")
    if wanted not in token.scopes:
        raise PermissionDenied(_("令牌没有这个权限范围。"))


def may(request: Any, scope: str) -> bool:
    """Whether the request came by a token of this scope."""
    token = getattr(request, "auth", None)
    return isinstance(token, ApiToken) and scope in token.scopes
