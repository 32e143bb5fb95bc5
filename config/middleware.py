"""Middleware of the whole site."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed


class AdminContentPolicyMiddleware:
    """Widen the content policy for /admin/ alone: its theme needs eval, the portal's own pages must not have it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = settings.ADMIN_CONTENT_SECURITY_POLICY
        return response


class PlainMethodsMiddleware:
    """Pages know GET and POST; anything else is for the API. Django's function views would take a PUT for a GET."""

    KNOWN = frozenset({"GET", "HEAD", "POST", "OPTIONS"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.KNOWN and not request.path.startswith("/api/"):
            return HttpResponseNotAllowed(sorted(self.KNOWN))
        return self.get_response(request)
