"""Signing in, the second factor, one's own account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.signin import factor, gate, passwords, sessions, throttle, tokens
from accounts.signin.models import ApiToken, SecondFactor, SignIn
from audit import log
from audit.context import current

WHY = {
    "idle_out": gettext_lazy("长时间没有操作,已自动退出。登录后可继续。"),
    "outside_network": gettext_lazy("管理员只能从指定的网段登录。"),
}


def onward(request: HttpRequest) -> str:
    """Where to go on: an address of this portal only; any other is refused and logged."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if not asked:
        return "/"
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        return asked
    log.write_now("refused", outcome="refused", detail={"why": "redirect", "route": "login"}, request=request)
    return "/"


class LoginView(auth.LoginView):
    """Name and password. Who has to show more is led on by the gate."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = request.POST.get("username", "")[:150]
        if throttle.too_many(name, current().address):
            target = ("accounts.user", name[:64])
            log.write_now("lockout", outcome="refused", target=target, detail={"why": "too many"}, request=request)
            return render(request, "accounts/locked.html", status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if not gate.allowed_from(user, current().address):
            log.write_now("outside_network", outcome="refused", target=user, request=self.request)
            form.add_error(None, WHY["outside_network"])
            return self.form_invalid(form)
        throttle.forgive(user.get_username())
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        throttle.failed(form.data.get("username", "")[:150], current().address)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_success_url(self) -> str:
        return onward(self.request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"why": WHY.get(self.request.GET.get("why", ""), "")}


class PasswordView(auth.PasswordChangeView):
    """One's own password; what was demanded is done with it."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:me")

    def form_valid(self, form: Any) -> HttpResponse:
        form.user.must_change_password = False
        answer = super().form_valid(form)
        log.write_now("change_password", target=form.user, request=self.request)
        mark = log.session_mark(self.request)
        others = SignIn.objects.living().filter(user=form.user).exclude(mark=mark)
        sessions.end(others, why="password changed")
        messages.success(self.request, _("密码已修改,其他会话已退出。"))
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        due = passwords.must_change(self.request.user, timezone.now())
        return super().get_context_data(**kwargs) | {"due": due}


@never_cache
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """The code after the password."""
    found = factor.of(request.user)
    if found is None or request.session.get(sessions.FACTOR):
        return redirect(onward(request))
    wrong = False
    if request.method == "POST":
        now = timezone.now()
        if factor.check(request.user, request.POST.get("code", "")[:20].strip(), now):
            request.session[sessions.FACTOR] = now.isoformat()
            return redirect(onward(request))
        found.refresh_from_db()
        wrong = True
    locked = found.locked_until if found.locked_until and found.locked_until > timezone.now() else None
    context = {"wrong": wrong, "locked": locked, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/factor.html", context, status=422 if wrong else 200)


@never_cache
@login_required
def set_up_factor(request: HttpRequest) -> HttpResponse:
    """A picture for the app, then the first code; then the recovery codes, shown once."""
    if factor.of(request.user) is not None:
        return redirect("accounts:me")
    wrong = False
    begun = factor.begin(request.user)
    if request.method == "POST":
        codes = factor.confirm(request.user, request.POST.get("code", "")[:20].strip(), timezone.now())
        if codes is not None:
            request.session[sessions.FACTOR] = timezone.now().isoformat()
            return render(request, "accounts/recovery.html", {"codes": codes})
        wrong = True
    context = {
        "picture": factor.picture(begun, request.user.get_username()), "secret": str(begun.secret), "wrong": wrong,
        "required": factor.required(request.user),
    }  # fmt: skip
    return render(request, "accounts/factor_setup.html", context, status=422 if wrong else 200)


@require_GET
@never_cache
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """One's own account: password, second factor, sessions, tokens."""
    mark = log.session_mark(request)
    found = SecondFactor.objects.filter(user=request.user).exclude(confirmed_at=None).first()
    context = {
        "factor": found, "required": factor.required(request.user), "mark": mark,
        "sessions": SignIn.objects.living().filter(user=request.user)[:50],
        "tokens": ApiToken.objects.filter(user=request.user, revoked_at=None)[:50], "scopes": tokens.SCOPES,
        "now": timezone.now(),
    }  # fmt: skip
    return render(request, "accounts/me.html", context)


@require_POST
@login_required
def end_session(request: HttpRequest) -> HttpResponse:
    """End one of one's sessions, or all but this."""
    mark, mine = request.POST.get("mark", "")[:16], SignIn.objects.living().filter(user=request.user)
    here = log.session_mark(request)
    rows = mine.exclude(mark=here) if mark == "others" else mine.filter(mark=mark)
    count = sessions.end(rows, why="by the user")
    messages.success(request, _("已结束 %(count)d 个会话。") % {"count": count})
    return redirect("accounts:login" if mark == here else "accounts:me")


@require_POST
@login_required
def renew_recovery(request: HttpRequest) -> HttpResponse:
    """New recovery codes, against a code of the app."""
    if factor.of(request.user) is None or not factor.check(
        request.user, request.POST.get("code", "")[:20].strip(), timezone.now()
    ):
        messages.error(request, _("动态口令不对,请重试。"))
        return redirect("accounts:me")
    return render(request, "accounts/recovery.html", {"codes": factor.renew_codes(request.user)})


@require_POST
@login_required
def drop_factor(request: HttpRequest) -> HttpResponse:
    """Do without the second factor, where that is allowed, against a code of the app."""
    if factor.required(request.user):
        messages.error(request, _("您的岗位必须使用动态口令,不能停用。"))
    elif factor.of(request.user) is None or not factor.check(
        request.user, request.POST.get("code", "")[:20].strip(), timezone.now()
    ):
        messages.error(request, _("动态口令不对,请重试。"))
    else:
        factor.reset(request.user)
        messages.success(request, _("动态口令已停用。"))
    return redirect(reverse("accounts:me"))
