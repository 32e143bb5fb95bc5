"""What every request of somebody who signed in passes: idle time, network, password, second factor. Fails closed."""

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import logout
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import verbs_of
from accounts.signin import factor, passwords, sessions
from audit import log
from audit.context import current

# What stays open to somebody who still has something to do before he may go on.
OPEN = frozenset({"accounts:login", "accounts:logout", "set_language"})
PASSWORD, FACTOR, SETUP = "accounts:password", "accounts:factor", "accounts:factor_setup"
STALE_SECONDS = 60


def is_administrator(user: Any) -> bool:
    """One of the three administrators, or who set the portal up."""
    verbs = verbs_of(user)
    keeper = bool(verbs & {"manage_system", "manage_accounts"})
    return user.is_superuser or keeper or ("view_audit" in verbs and "view_people" not in verbs)


def allowed_from(user: Any, address: str) -> bool:
    """Whether the user may come from there: administrators only from ADMIN_NETWORKS, where it is set."""
    if not settings.ADMIN_NETWORKS or not is_administrator(user):
        return True
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(here in ipaddress.ip_network(one, strict=False) for one in settings.ADMIN_NETWORKS)


class GateMiddleware:
    """Stands after authentication and the audit context."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated:
            self._stale(request)
            return None
        name, now = request.resolver_match.view_name, timezone.now()
        if sessions.idle(request, now):
            return self._out(request, "idle_out", _("长时间没有操作,已自动退出,请重新登录。"))
        if not allowed_from(request.user, current().address):
            return self._out(request, "outside_network", _("管理员只能从指定的网段登录。"))
        wanted = self._next(request, now)
        if not wanted or name in OPEN or name == wanted:
            return None
        return self._answer(request, wanted)

    def _next(self, request: HttpRequest, now: Any) -> str:
        """The page the user must pass first, "" for none. The second factor comes before a password is changed."""
        if not request.session.get(sessions.FACTOR):
            if factor.of(request.user) is not None:
                return FACTOR
            if factor.required(request.user):
                return SETUP
            request.session[sessions.FACTOR] = "none"
        return PASSWORD if passwords.must_change(request.user, now) else ""

    @staticmethod
    def _answer(request: HttpRequest, wanted: str) -> HttpResponse:
        if request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"error": _("请先在网页上完成登录。"), "page": reverse(wanted)}, status=403)
        return redirect(f"{reverse(wanted)}?next={quote(request.path)}" if request.method == "GET" else reverse(wanted))

    @staticmethod
    def _out(request: HttpRequest, action: str, words: str) -> HttpResponse:
        log.write_now(action, outcome="refused", target=request.user, request=request)
        mark = log.session_mark(request)
        request._leaving = True  # the entry above tells it; no second one for a sign-out
        logout(request)
        sessions.over(mark)
        if request.path.startswith("/api/"):
            return JsonResponse({"error": words}, status=403)
        return redirect(f"{reverse('accounts:login')}?why={action}&next={quote(request.path)}")

    @staticmethod
    def _stale(request: HttpRequest) -> None:
        """Somebody sends the cookie of a session that was ended: perhaps he who took it. Logged once a minute."""
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")[:64]
        if not key or request.session.session_key is not None or not sessions.ended_before(key):
            return
        mark = log.mark_of(key)
        if cache.add(f"signin.stale.{mark}", 1, timeout=STALE_SECONDS):
            log.write_now("stale_session", outcome="refused", detail={"session": mark}, request=request)
