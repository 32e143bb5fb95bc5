"""The delivery page 上报中心."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import holds_somewhere
from guomi.sm2 import CipherForm, Sm2Error
from uploads import doctor, loaded, places, probing, status
from uploads.models import Due, UpperPlatform

CONFIGURE = "configure_upper"
STEPS = {
    "key": _("SM2 公钥可用"),
    "sign-in": _("登录(B.1.1)"),
    "registration-code": _("账号有本小区的注册码"),
    "page": _("获取一页标准地址(B.7)"),
}


@require_GET
@login_required
def center(request: HttpRequest) -> HttpResponse:
    """How delivery stands in the user's communities."""
    if not holds_somewhere(request.user, "view_delivery"):
        raise Http404
    now = timezone.now()
    loaded.refresh()
    rows = status.rows(Due.objects.visible_to(request.user), now)
    platforms = UpperPlatform.objects.visible_to(request.user)
    context = {
        "rows": rows, "totals": status.totals(rows), "pauses": status.pauses(platforms, now),
        "limits": status.limited(platforms, timezone.localdate(now)),
    }  # fmt: skip
    return render(request, "uploads/center.html", context)


@never_cache
@login_required
def examine(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Try the connection step by step, and find the SM2 form the platform understands."""
    platform = UpperPlatform.objects.visible_to(request.user, CONFIGURE).filter(pk=pk).first()
    if platform is None:
        raise Http404
    deed = DEEDS.get(request.POST.get("deed", "")) if request.method == "POST" else None
    found = deed(request, platform) if deed else {}
    if isinstance(found, HttpResponse):
        return found
    context = {
        "platform": platform, "place": places.name(platform.community_id), "form": doctor.current_form(platform), **found,
    }  # fmt: skip
    return render(request, "uploads/examine.html", context, status=422 if found.get("wrong") else 200)


def _test(request: HttpRequest, platform: UpperPlatform) -> dict[str, Any]:
    result = probing.probe(platform)
    steps = []
    for name, title in STEPS.items():
        failed = name not in result.done
        steps.append({"title": title, "ok": not failed, "problem": result.problem if failed else ""})
        if failed:
            break
    return {"steps": steps, "codes": result.registration_codes}


def _ask(request: HttpRequest, platform: UpperPlatform) -> dict[str, Any]:
    return {"trial": doctor.ask(platform, now=timezone.now())}


def _sample(request: HttpRequest, platform: UpperPlatform) -> dict[str, Any]:
    sample = request.POST.get("sample", "")[: doctor.MAX_SAMPLE]
    try:
        return {"diagnosis": doctor.diagnose(sample, request.POST.get("private_key", "")[:4096]), "sample": sample}
    except Sm2Error as error:
        return {"wrong": str(error), "sample": sample}


def _adopt(request: HttpRequest, platform: UpperPlatform) -> HttpResponse | dict[str, Any]:
    try:
        form = CipherForm(*(request.POST.get(name, "") for name in ("order", "prefix", "encoding")))
        doctor.adopt(platform, form)
    except (Sm2Error, ValidationError) as error:
        return {"wrong": str(error)}
    return redirect("uploads:examine", pk=platform.pk)


DEEDS = {"test": _test, "ask": _ask, "sample": _sample, "adopt": _adopt}
