"""Who is asking, for the entries written while a request is served."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from audit.context import Actor, acting


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
            return response
