"""Staff accounts in the admin: for those who manage accounts."""

from typing import Any

from axes.utils import reset
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.access import holds_somewhere
from accounts.models import User
from accounts.signin import factor, sessions, throttle, tokens
from accounts.signin.models import ApiToken, SecondFactor, SignIn
from audit import log

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Accounts: a name, a password, active or not. Rights come from posts alone."""

    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = ("username", "display_name", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "display_name")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name")}),
        (_("状态"), {"fields": ("is_active", "is_staff", "must_change_password", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "display_name", "password1", "password2")}),)

    actions = ("end_sessions", "reset_factors", "unlock")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: found for name, found in super().get_actions(request).items() if name != "delete_selected"}

    @action(description=_("结束所选账号的会话"), permissions=("change",))
    def end_sessions(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = sessions.end(SignIn.objects.living().filter(user__in=queryset), why="by an administrator")
        self.message_user(request, _("已结束 %(count)d 个会话。") % {"count": count})

    @action(description=_("重置所选账号的动态口令"), permissions=("change",))
    def reset_factors(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = sum(factor.reset(user) for user in queryset)
        sessions.end(SignIn.objects.living().filter(user__in=queryset), why="factor reset")
        self.message_user(request, _("已重置 %(count)d 个账号,下次登录时重新启用。") % {"count": count})

    @action(description=_("解除所选账号的登录锁定"), permissions=("change",))
    def unlock(self, request: HttpRequest, queryset: QuerySet) -> None:
        with transaction.atomic():
            for user in queryset:
                reset(username=user.get_username())
                throttle.forgive(user.get_username())
                SecondFactor.objects.filter(user=user).update(failures=0, locked_until=None)
                log.write("unlock", target=user, request=request)
        self.message_user(request, _("已解除锁定。"))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A password somebody else set is for one sign-in; an account switched off loses its sessions."""
        with transaction.atomic():
            if not change or "password" in form.changed_data:
                obj.must_change_password = True
            super().save_model(request, obj, form, change)
            if not obj.is_active:
                sessions.end(SignIn.objects.living().filter(user=obj), why="switched off")
            fields = sorted(name for name in form.changed_data if not name.startswith("password"))
            log.write("change" if change else "create", target=obj, detail={"fields": fields}, request=request)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            user = User.objects.get(pk=id)
            User.objects.filter(pk=user.pk).update(must_change_password=user.pk != request.user.pk)
            sessions.end(SignIn.objects.living().filter(user=user).exclude(user=request.user), why="password set")
            log.write_now("set_password", target=user, request=request)
        return answer

    def _may(self, request: HttpRequest) -> bool:
        return holds_somewhere(request.user, "manage_accounts")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # an account is switched off, never deleted: entries of the log name it


class ApiTokenForm(forms.ModelForm):
    """What a new token may do and for how long."""

    scopes = forms.MultipleChoiceField(
        label=_("权限范围"), choices=list(tokens.SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("有效天数"), min_value=1, max_value=tokens.LONGEST_DAYS, initial=90)

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "days")


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Tokens are made and revoked, never changed; the text is shown once."""

    form = ApiTokenForm
    list_display = ("name", "user", "scopes", "made_at", "expires_at", "last_used_at", "last_address", "revoked_at")
    search_fields = ("name", "user__username")
    ordering = ("-made_at",)
    actions = ("revoke",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: found for name, found in super().get_actions(request).items() if name != "delete_selected"}

    @action(description=_("停用所选令牌"), permissions=("view",))
    def revoke(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = tokens.revoke(queryset, timezone.now())
        self.message_user(request, _("已停用 %(count)d 个令牌。") % {"count": count})

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        facts = form.cleaned_data
        made, text = tokens.make(facts["user"], facts["name"], facts["scopes"], facts["days"], timezone.now())
        obj.pk, obj.__dict__ = made.pk, made.__dict__ | {"_state": made._state}
        self.message_user(request, _("令牌只显示这一次,请立即交给使用方:%(token)s") % {"token": text})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds_somewhere(request.user, "manage_accounts")

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return holds_somewhere(request.user, "manage_accounts")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
