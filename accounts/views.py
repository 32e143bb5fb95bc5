"""The reveal of one value, asked for by the eye beside it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import reveals

MAX_NAME = 100


@require_GET
@never_cache
@login_required
def reveal_reasons(request: HttpRequest) -> JsonResponse:
    """What the dialog asks: {reasons: [[code, text]], case: bool, left: int, words: {...}}."""
    left = reveals.left_today(request.user, timezone.now())
    words = {
        "title": _("查看明文"),
        "note": _("案件编号") if reveals.needs_case_number(request.user) else _("说明"),
        "warning": _("查看会记入审计日志,%(seconds)d 秒后自动隐藏。今天还可查看 %(left)d 次。")
        % {"seconds": reveals.SECONDS, "left": left},
        "show": _("查看"),
        "cancel": _("取消"),
        "failed": _("没有成功,请稍后重试。"),
    }
    reasons = [[code, str(text)] for code, text in reveals.REASONS.items()]
    return JsonResponse({"reasons": reasons, "left": left, "words": words})


@require_POST
@never_cache
@login_required
def reveal_value(request: HttpRequest) -> JsonResponse:
    """{value, seconds}; or {error} with 400 (reason), 404 (not yours) or 429 (quota)."""
    asked: Any = request.POST
    if max(len(asked.get(name, "")) for name in ("model", "pk", "field", "reason")) > MAX_NAME:
        return JsonResponse({"error": _("请求不正确。")}, status=400)
    try:
        value = reveals.reveal(
            request.user, asked.get("model", ""), asked.get("pk", ""), asked.get("field", ""),
            reason=asked.get("reason", ""), note=asked.get("note", ""), now=timezone.now(),
        )  # fmt: skip
    except ValidationError as error:
        return JsonResponse({"error": " ".join(error.messages)}, status=400)
    except reveals.QuotaError:
        told = _("今天查看明文的次数已用完,请联系安全管理员。")
        return JsonResponse({"error": told}, status=429)
    return JsonResponse({"value": value, "seconds": reveals.SECONDS})
