"""The delivery page 上报中心."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import holds_somewhere
from uploads import status
from uploads.models import Due, UpperPlatform


@login_required
def center(request: HttpRequest) -> HttpResponse:
    """How delivery stands in the user's communities."""
    if not holds_somewhere(request.user, "view_delivery"):
        raise Http404
    now = timezone.now()
    rows = status.rows(Due.objects.visible_to(request.user), now)
    pauses = status.pauses(UpperPlatform.objects.visible_to(request.user), now)
    return render(request, "uploads/center.html", {"rows": rows, "totals": status.totals(rows), "pauses": pauses})
