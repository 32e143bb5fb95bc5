"""Who is asking, for the entries written while a request is served."""

import hashlib
import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from audit import log
from audit.context import Actor, acting

NOT_FOUND = 404
REFUSALS = {401, 403, NOT_FOUND, 429}
MOST_A_MINUTE = 60


def client_address(request: HttpRequest) -> str:
    """The caller's address. X-Forwarded-For is believed only from a trusted proxy, and only its last stranger."""
    address = request.META.get("REMOTE_ADDR", "")
    trusted = [ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES]
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    while hops and trusted:
        try:
            here = ipaddress.ip_address(address)
        except ValueError:
            break
        if not any(here in network for network in trusted):
            break
        address = hops.pop()
    return address[:64]


class AuditContextMiddleware:
    """Remember the request while it is served."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting(Actor(request=request, address=client_address(request))) as actor:
            response = self.get_response(request)
            response["X-Request-Id"] = actor.request_id
            if response.status_code in REFUSALS:
                note_refusal(request, response.status_code, actor.address)
            return response


def note_refusal(request: HttpRequest, status: int, address: str) -> None:
    """An entry for an attempt that was refused; no more than so many a minute, so that nobody floods the log.

    404 counts where somebody signed in asked for a certain record: that is how a record out of his scope answers.
    """
    user, route = getattr(request, "user", None), request.resolver_match
    known = user is not None and user.is_authenticated
    if status == NOT_FOUND and not (known and route is not None and route.kwargs):
        return
    who = f"user-{user.pk}" if known else f"address-{address}"
    key = f"audit.refusals.{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    cache.add(key, 0, timeout=60)
    if cache.incr(key) > MOST_A_MINUTE:
        return
    detail = {"method": request.method, "status": status, "route": route.view_name if route else ""}
    if route is not None and route.kwargs:
        detail["asked"] = {name: str(value)[:64] for name, value in route.kwargs.items()}
    log.write_now("refused", outcome="refused", detail=detail, request=request)
