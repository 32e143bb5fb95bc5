"""The post office in the admin: upper platforms, what is on its way, receipts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display

from accounts.access import holds_everywhere, holds_somewhere
from accounts.scoped_admin import ScopedModelAdmin, ScopedTabularInline
from audit import log
from guomi import sm2
from standard import descriptors, interfaces
from uploads import loaded, offers, places, reports
from uploads.models import AnswerRule, Due, Gate, InterfaceLimit, LoadedInterface, Receipt, UpperPlatform, UpperRecord
from uploads.querysets import ARRIVED, PENDING

CONFIGURE = "configure_upper"


class UpperPlatformForm(forms.ModelForm):
    """The key is tried before it is kept; secrets left empty stay as they are."""

    def clean_public_key(self) -> str:
        text = self.cleaned_data["public_key"]
        try:
            sm2.load_public_key(text)
        except sm2.Sm2Error as error:
            raise forms.ValidationError(_("SM2 公钥不正确:%(problem)s") % {"problem": error}) from error
        return text


class AnswerRuleInline(ScopedTabularInline):
    model = AnswerRule
    view_verb = add_verb = change_verb = delete_verb = CONFIGURE
    community_of = staticmethod(lambda rule: rule.platform.community_id)
    fields = ("order", "code", "words", "kind")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return AnswerRule.objects.filter(platform__in=UpperPlatform.objects.visible_to(request.user, CONFIGURE))


class InterfaceLimitInline(ScopedTabularInline):
    model = InterfaceLimit
    view_verb = add_verb = change_verb = delete_verb = CONFIGURE
    community_of = staticmethod(lambda limit: limit.platform.community_id)
    fields = ("clause", "concurrency", "daily_quota", "opens", "closes", "valid_until", "calls", "learnt")
    readonly_fields = ("calls", "learnt")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return InterfaceLimit.objects.filter(platform__in=UpperPlatform.objects.visible_to(request.user, CONFIGURE))


class GateInline(ScopedTabularInline):
    model = Gate
    view_verb = CONFIGURE
    community_of = staticmethod(lambda gate: gate.platform.community_id)
    fields = ("clause", "problem", "failures", "closed_until")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return Gate.objects.filter(platform__in=UpperPlatform.objects.visible_to(request.user, CONFIGURE))


@admin.register(UpperPlatform)
class UpperPlatformAdmin(ScopedModelAdmin):
    """Where each community's records go. Every change is audited; a new platform begins with `upper configure`."""

    view_verb = change_verb = CONFIGURE
    form = UpperPlatformForm
    list_display = ("registration_code", "base_url", "username", "show_state", "updated_at")
    list_filter = ("enabled",)
    search_fields = ("registration_code", "base_url")
    readonly_fields = ("community_name",)
    actions_detail = ["examine"]
    inlines = (InterfaceLimitInline, AnswerRuleInline, GateInline)
    fieldsets = (
        (None, {"fields": ("community_name", "registration_code", "enabled", "base_url")}),
        (_("账号"), {"fields": (("client_id", "username"), "password", ("password_wrap", "password_wrap_key"))}),
        (_("加密"), {"fields": ("public_key", ("cipher_order", "cipher_prefix", "cipher_encoding"), "also_encrypt")}),
        (_("字段名称"), {"fields": ("wire_profile", "wire_overrides", "extra_parameters")}),
        (_("连接"), {"fields": (("connect_seconds", "read_seconds", "concurrency", "token_seconds"), "ca_file",
                              "client_cert_file", "client_key_file")}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return UpperPlatform.objects.visible_to(request.user, CONFIGURE).prefetch_related("gates")

    @action(description=_("测试连接"), permissions=["examine"], url_path="examine")
    def examine(self, request: HttpRequest, object_id: str) -> HttpResponse:
        self.visible_or_404(request, object_id)
        return redirect("uploads:examine", pk=object_id)

    def has_examine_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds_somewhere(request.user, CONFIGURE)

    @display(description=_("小区"))
    def community_name(self, platform: UpperPlatform) -> str:
        return places.name(platform.community_id)

    @display(description=_("状态"), label={_("正常"): "success", _("暂停"): "danger", _("停用"): "info"})
    def show_state(self, platform: UpperPlatform) -> Any:
        now = timezone.now()
        if not platform.enabled:
            return _("停用")
        shut = any(gate.closed_until and gate.closed_until > now for gate in platform.gates.all())
        return _("暂停") if shut else _("正常")

    def save_model(self, request: HttpRequest, obj: UpperPlatform, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            Gate.objects.filter(platform=obj).delete()
            detail = {"fields": sorted(form.changed_data)}
            log.write(CONFIGURE, target=obj, community_id=obj.community_id, detail=detail, request=request)


class LoadedInterfaceForm(forms.ModelForm):
    """The descriptor is checked whole against the standard's form and against what its records can tell."""

    file = forms.FileField(label=_("描述文件"), required=False, help_text=_("JSON 文件;选了文件就不必粘贴内容"))

    class Meta:
        model = LoadedInterface
        fields = ("offer", "file", "descriptor", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offer"] = forms.ChoiceField(
            label=_("上报内容"), choices=[(one.name, f"{one.item} {one.title}") for one in offers.every()]
        )
        self.fields["descriptor"].required = False
        self.fields["descriptor"].widget.attrs["spellcheck"] = "false"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        file = cleaned.get("file")
        if file and file.size > descriptors.MAX_BYTES:
            raise forms.ValidationError({"file": _("文件过大,最多 200 KB。")})
        text = file.read() if file else cleaned.get("descriptor") or ""
        if not text:
            raise forms.ValidationError({"descriptor": _("请选择描述文件,或粘贴其内容。")})
        try:
            self.interface = descriptors.parse(text)
            cleaned["descriptor"] = text.decode("utf-8") if isinstance(text, bytes) else text
        except descriptors.DescriptorError as error:
            raise forms.ValidationError({"descriptor": _told(error.faults)}) from None
        if wrong := loaded.problems(self.interface, offers.get(cleaned["offer"])) if cleaned.get("offer") else []:
            raise forms.ValidationError({"descriptor": _told(wrong)})
        if LoadedInterface.objects.filter(clause=self.interface.clause).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError({"descriptor": _("接口编号 %s 已经有了。") % self.interface.clause})
        self.instance.clause, self.instance.title = self.interface.clause, self.interface.title
        return cleaned


def _told(faults: list[tuple[str, str]]) -> list[str]:
    return [f"{place}:{sentence}" for place, sentence in faults[:50]]


@admin.register(LoadedInterface)
class LoadedInterfaceAdmin(ModelAdmin):
    """Interfaces beyond Appendix B. They hold for the whole installation, so only a post for all communities changes them."""

    form = LoadedInterfaceForm
    list_display = ("clause", "title", "carries", "enabled", "updated_at")
    fields = ("offer", "file", "descriptor", "enabled", "fields_shown")
    readonly_fields = ("fields_shown",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds_somewhere(request.user, CONFIGURE)

    has_module_permission = has_view_permission

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds_everywhere(request.user, CONFIGURE)

    has_delete_permission = has_change_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return holds_everywhere(request.user, CONFIGURE)

    @display(description=_("上报内容"))
    def carries(self, row: LoadedInterface) -> str:
        return next((f"{one.item} {one.title}" for one in offers.every() if one.name == row.offer), row.offer)

    @display(description=_("字段对照"))
    def fields_shown(self, row: LoadedInterface) -> str:
        if not row.pk:
            return "—"
        interface, chosen = descriptors.parse(row.descriptor), offers.get(row.offer)
        lines = format_html_join(
            "",
            '<tr><td class="pr-6">{}</td><td class="pr-6"><code>{}</code></td><td class="pr-6">{}</td><td>{}</td></tr>',
            (
                (one.zh, one.wire, _carried(one, chosen), _("加密") if one.encrypted else "")
                for one in interface.request
            ),
        )
        head = (_("字段"), _("上报用名"), _("取自"), _("方式"))
        return format_html(
            '<table class="text-left"><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>{}</table>', *head, lines
        )

    def save_model(self, request: HttpRequest, obj: LoadedInterface, form: Any, change: bool) -> None:
        self._settled(
            "load_interface",
            obj,
            request,
            lambda: super(LoadedInterfaceAdmin, self).save_model(request, obj, form, change),
        )

    def delete_model(self, request: HttpRequest, obj: LoadedInterface) -> None:
        self._settled("unload_interface", obj, request, obj.delete)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def _settled(self, deed: str, obj: LoadedInterface, request: HttpRequest, act: Any) -> None:
        """The deed and its entry in one transaction; then the triggers, and what is there already becomes due."""
        with transaction.atomic():
            detail = {"interface": obj.clause, "offer": obj.offer, "enabled": obj.enabled}
            act()
            log.write(deed, target=obj if obj.pk else None, detail=detail, request=request)
            transaction.on_commit(loaded.put_to_work)


def _carried(one: Any, chosen: Any) -> str:
    if one.en == descriptors.TENANT:
        return str(_("注册码"))
    return str(chosen.keys.get(one.en, _("不上报")))


class ReportFilter(DropdownFilter):
    """By interface, with its Chinese name."""

    title = _("接口")
    parameter_name = "report"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(report.name, f"{report.interface} {report.title}") for report in reports.every()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(report=self.value()) if self.value() else queryset


STATES = {"pending": _("待上报"), "arrived": _("已上报"), "held": _("待处理"), "gone": _("已撤销")}


class StateFilter(DropdownFilter):
    """By what the state means: arrived or not yet, held, withdrawn."""

    title = _("状态")
    parameter_name = "progress"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("held", "gone"):
            return queryset.filter(state=self.value())
        meant = {"pending": PENDING, "arrived": ARRIVED}.get(self.value())
        return queryset.filter(meant) if meant is not None else queryset


@display(description=_("接口"), ordering="report")
def report_title(row: Any) -> str:
    """The Chinese name of the row's report."""
    return str(reports.names().get(row.report, row.report))


@admin.register(Due)
class DueAdmin(ScopedModelAdmin):
    """What is on its way, and what waits for a person."""

    view_verb = "view_delivery"
    list_display = (
        report_title,
        "subject_id",
        "show_state",
        "reason",
        "attempts",
        "due_since",
        "delivered_at",
        "upper_id",
    )
    list_filter = (ReportFilter, StateFilter, "problem")
    search_fields = ("subject_id", "upper_id")
    ordering = ("-due_since",)
    actions = ("release", "send_again")

    @display(
        description=_("状态"),
        label={
            STATES["arrived"]: "success",
            STATES["pending"]: "info",
            STATES["held"]: "danger",
            STATES["gone"]: "warning",
        },
    )
    def show_state(self, row: Due) -> Any:
        return STATES["arrived" if row.arrived else "pending" if row.state == Due.State.DUE else row.state]

    @action(description=_("放行所选的待处理记录"), permissions=("view",))
    def release(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._again(request, queryset.filter(state=Due.State.HELD), "release_held")

    @action(description=_("重新上报所选记录"), permissions=("view",))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._again(request, queryset.exclude(state=Due.State.GONE), "send_again", digest="")

    def _again(self, request: HttpRequest, rows: QuerySet[Any], deed: str, **changes: Any) -> None:
        with transaction.atomic():
            by_place: dict[int, int] = {}
            for place in rows.values_list("community_id", flat=True):
                by_place[place] = by_place.get(place, 0) + 1
            count = rows.send_again(timezone.now(), **changes)
            for place, number in by_place.items():
                log.write(deed, community_id=place, detail={"rows": number}, request=request)
        self.message_user(request, _("%(count)d 条将立即重新上报。") % {"count": count})


@admin.register(Receipt)
class ReceiptAdmin(ScopedModelAdmin):
    """What each sending came to."""

    view_verb = "view_delivery"
    list_display = ("at", report_title, "subject_id", "show_outcome", "upper_id", "message", "ms")
    list_filter = (ReportFilter, "outcome")
    search_fields = ("subject_id", "upper_id")
    ordering = ("-id",)

    @display(
        description=_("结果"),
        label={
            Receipt.Outcome.DELIVERED.label: "success",
            Receipt.Outcome.WITHDRAWN.label: "success",
            Receipt.Outcome.REFUSED.label: "danger",
        },
    )
    def show_outcome(self, row: Receipt) -> Any:
        return row.get_outcome_display()


class PulledFilter(DropdownFilter):
    """By what the comparison with our own records said."""

    title = _("核对")
    parameter_name = "compared"
    choices_known = {"differs": _("不一致"), "theirs": _("仅上级有"), "same": _("一致")}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.choices_known.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "differs":
            return queryset.exclude(differs=[])
        if self.value() == "theirs":
            return queryset.filter(subject_id="").exclude(report="")
        return queryset.exclude(subject_id="").filter(differs=[]) if self.value() == "same" else queryset


@admin.register(UpperRecord)
class UpperRecordAdmin(ScopedModelAdmin):
    """What the upper platform holds beside our own: whether we hold it, and which fields disagree; never the content."""

    view_verb = "view_delivery"
    list_display = ("interface_shown", "key", "compared", "fields_shown", "seen_at", "changed_at")
    list_filter = ("clause", PulledFilter)
    search_fields = ("key", "subject_id")
    ordering = ("clause", "key")
    fields = ("interface_shown", "key", "compared", "fields_shown", "subject_id", "seen_at", "changed_at")

    @display(description=_("接口"), ordering="clause")
    def interface_shown(self, row: UpperRecord) -> str:
        return f"{row.clause} {interfaces.get(row.clause).title}"

    @display(
        description=_("核对"),
        label={_("一致"): "success", _("不一致"): "danger", _("仅上级有"): "warning", _("参考"): "info"},
    )
    def compared(self, row: UpperRecord) -> Any:
        if row.differs:
            return _("不一致")
        if row.subject_id:
            return _("一致")
        return _("仅上级有") if row.report else _("参考")

    @display(description=_("不一致的字段"))
    def fields_shown(self, row: UpperRecord) -> str:
        names = {field.en: field.zh for field in interfaces.get(row.clause).items}
        return "、".join(names.get(name, name) for name in row.differs)
