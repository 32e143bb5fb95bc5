"""The delivery page 上报中心."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import holds_somewhere
from uploads import status
from uploads.models import Due


@login_required
def center(request: HttpRequest) -> HttpResponse:
    """How delivery stands in the user's communities."""
    if not holds_somewhere(request.user, "view_delivery"):
        raise Http404
    rows = status.rows(Due.objects.visible_to(request.user), timezone.now())
    return render(request, "uploads/center.html", {"rows": rows})
