"""People, who lives where, vehicles and workers in the admin: masked, searched by blind index."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from accounts.access import holds_somewhere
from accounts.scoped_admin import ScopedHistoryAdmin, ScopedModelAdmin, ScopedTabularInline
from community.admin import HouseAdmin
from community.forms import PlainTextField
from guomi.forms import SealedModelForm
from residents import departure
from residents.models import Consent, FaceCheck, Notice, OptionalField, Person, Residency, Vehicle, Worker
from residents.rights import consenting, optional
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind, optional_choices, optional_names
from uploads.badges import DeliveredAdmin


class ResidencyInline(ScopedTabularInline):
    """Who lives here; where someone lives."""

    model = Residency
    view_verb = "view_people"
    add_verb = change_verb = "edit_people"
    fields = (
        "person",
        "house",
        "occupant_type",
        "tenant_family",
        "lease_start",
        "lease_end",
        "lease_contract",
        "moved_out",
    )
    autocomplete_fields = ("person", "house")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super().get_queryset(request).select_related("person", "house__building", "house__unit", "house__community")
        )


class PersonForm(SealedModelForm):
    """A portrait put in here needs the separate consent to it as at the desk."""

    face_consent = forms.BooleanField(
        label=_("本人已阅读告知书并单独同意"),
        required=False,
        help_text=_("更换人像照片时勾选"),
        widget=UnfoldBooleanWidget,
    )
    guardian = PlainTextField(
        label=_("监护人姓名"), max_length=50, required=False, help_text=_("未满 14 周岁由监护人同意"),
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip

    def _post_clean(self) -> None:
        """After the person's own rules, which take the birth date from the number."""
        super()._post_clean()
        given, agreed = self.cleaned_data, self.cleaned_data.get("face_consent")
        if agreed or ("photo" in self.changed_data and given.get("photo")):
            face = ConsentInput(guardian=given.get("guardian", "")) if agreed else None
            for name, problem in consenting.portrait_problems(self.instance, face, timezone.localdate()).items():
                self.add_error(name, problem)


def _without(fields: Any, hidden: set[str]) -> list[Any]:
    """The fields of a fieldset, nested in rows as they are, without the hidden ones."""
    rows = []
    for row in fields:
        if not isinstance(row, (list, tuple)):
            rows += [] if row in hidden else [row]
        elif left := tuple(name for name in row if name not in hidden):
            rows.append(left)
    return rows


class ConsentFilter(admin.SimpleListFilter):
    """Portraits with and without a consent that holds."""

    title, parameter_name = _("人像同意"), "face"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("given", _("有人像且已同意")), ("missing", _("有人像但无同意记录"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        if self.value() not in ("given", "missing"):
            return None
        holds = consenting.with_consent(Kind.FACE)
        return queryset.exclude(photo="").filter(holds if self.value() == "given" else ~holds)


HouseAdmin.inlines = [*HouseAdmin.inlines, ResidencyInline]


class SearchedAdmin(ScopedHistoryAdmin):
    """A list whose search box asks the model: any spelling of a number, telephone or name."""

    audited_view = True
    search_fields = ("pk",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return (queryset.search(search_term) if search_term else queryset), False


@admin.register(Person)
class PersonAdmin(DeliveredAdmin, SearchedAdmin):
    """人员."""

    delivery_report = "person"
    change_form_after_template = "likeness/_merged.html"
    form = PersonForm

    view_verb = "view_people"
    add_verb = change_verb = "edit_people"
    list_display = (
        "name_masked",
        "document_number_masked",
        "phone_masked",
        "homes_shown",
        "community",
        "person_type",
        "created_at",
    )
    list_filter = ("community", "person_type", "document_type", "lives_alone_elder", ConsentFilter)
    readonly_fields = ("document_expires",)  # how the validity was understood
    actions_detail = ["rights", "duplicates"]
    search_help_text = _("姓名、姓、证件号码、电话,或号码后四位;可组合,如 张 1234")
    inlines = [ResidencyInline]
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "community",
                    ("name", "phone"),
                    ("document_type", "document_number"),
                    ("birth_date", "sex"),
                    "photo",
                    ("face_consent", "guardian"),
                )
            },
        ),
        (
            _("证件与户籍"),
            {
                "fields": (
                    ("document_issuer", "document_validity", "document_expires"),
                    "registered_address",
                    ("former_name", "english_name"),
                )
            },
        ),
        (_("其他"), {"fields": (("person_type", "lives_alone_elder"), ("education", "workplace"), "remark")}),
        (
            _("敏感信息(依法开启)"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("ethnicity", "marital_status"),
                    ("military_service", "political_status"),
                    ("occupation", "occupation_category"),
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        homes = Residency.objects.filter(moved_out=None).select_related("house__building", "house__unit")
        return (
            super()
            .get_queryset(request)
            .select_related("community")
            .prefetch_related(Prefetch("residencies", homes, to_attr="homes"))
        )

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("face_consent") and obj.photo:
            given = ConsentInput(guardian=form.cleaned_data["guardian"])
            consenting.give(obj, Kind.FACE, given, user=request.user, now=timezone.now())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        restricted = isinstance(obj, Person) and obj.restricted_at
        return not restricted and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the community has not switched on is not asked for; where something stands there it can be emptied."""
        sets = super().get_fieldsets(request, obj)
        on = (
            optional.switched_on(obj.community_id)
            if obj
            else set(OptionalField.objects.values_list("field", flat=True))
        )
        hidden = {name for name in optional_names() if name not in on and not (obj and getattr(obj, name))}
        kept = [(title, {**facts, "fields": _without(facts["fields"], hidden)}) for title, facts in sets]
        return [(title, facts) for title, facts in kept if facts["fields"]]

    @action(description=_("权利请求"), permissions=["rights"], url_path="rights")
    def rights(self, request: HttpRequest, object_id: str) -> HttpResponse:
        self.visible_or_404(request, object_id)
        return redirect("residents:rights_person", pk=object_id)

    @action(description=_("疑似重复"), permissions=["duplicates"], url_path="duplicates")
    def duplicates(self, request: HttpRequest, object_id: str) -> HttpResponse:
        self.visible_or_404(request, object_id)
        return redirect("residents:person_duplicates", pk=object_id)

    def has_duplicates_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds_somewhere(request.user, "edit_people")

    def has_rights_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds_somewhere(request.user, "handle_rights")

    @admin.display(description=_("住处"))
    def homes_shown(self, person: Any) -> str:
        return "、".join(str(home.house) for home in person.homes)


@admin.register(Residency)
class ResidencyAdmin(DeliveredAdmin, ScopedHistoryAdmin):
    """居住关系."""

    delivery_report = "residency"
    view_verb = "view_people"
    add_verb = change_verb = "edit_people"
    list_display = ("person", "house", "occupant_type", "lease_start", "lease_end", "moved_out")
    list_filter = ("occupant_type", "house__community")
    autocomplete_fields = ("person", "house")
    actions = ["move_out"]

    @admin.action(description=_("登记迁出(今天)"), permissions=["change"])
    def move_out(self, request: HttpRequest, queryset: QuerySet) -> None:
        now, moved = timezone.now(), 0
        for residency in queryset:
            if not self.has_change_permission(request, residency):
                continue
            try:
                departure.move_out(residency, timezone.localdate(now), user=request.user, now=now)
                moved += 1
            except ValidationError as error:
                self.message_user(request, f"{residency}: {' '.join(error.messages)}", messages.WARNING)
        self.message_user(request, _("已登记迁出 %(count)d 条。") % {"count": moved}, messages.SUCCESS)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super().get_queryset(request).select_related("person", "house__building", "house__unit", "house__community")
        )


@admin.register(Vehicle)
class VehicleAdmin(DeliveredAdmin, SearchedAdmin):
    """车辆."""

    delivery_report = "vehicle"
    view_verb = "view_vehicles"
    add_verb = change_verb = "edit_vehicles"
    list_display = ("plate", "plate_colour", "brand", "type", "owner_name_masked", "owner_phone_masked", "community")
    list_filter = ("community", "type", "plate_colour")
    search_help_text = _("车牌,或车主的证件号码、电话、姓名")
    autocomplete_fields = ("owner",)
    fieldsets = (
        (None, {"fields": ("community", ("plate", "plate_colour"), ("brand", "type", "colour"), "photo")}),
        (_("车主"), {"fields": ("owner", ("owner_name", "owner_number"), "owner_phone")}),
        (_("其他"), {"fields": ("remark",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community")


@admin.register(Worker)
class WorkerAdmin(ScopedModelAdmin):
    """从业人员."""

    view_verb = "view_people"
    add_verb = change_verb = delete_verb = "edit_people"
    list_display = ("person", "organisation", "title", "started", "ended")
    autocomplete_fields = ("person", "organisation")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("person", "organisation")


@admin.register(Consent)
class ConsentAdmin(ScopedModelAdmin):
    """告知与同意: the ledger, to read. Giving and withdrawing happen on the person's sheet."""

    view_verb = "view_people"
    list_display = ("notice", "person", "how", "given_at", "recorded_by", "ended_at", "ending")
    list_filter = ("notice__kind", "ending", "community")
    fields = (
        "community",
        "person",
        "notice",
        "how",
        "guardian",
        "given_at",
        "recorded_by",
        "ended_at",
        "ending",
        "ended_by",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("notice", "person", "recorded_by", "community")


@admin.register(FaceCheck)
class FaceCheckAdmin(ScopedModelAdmin):
    """人证核验记录, to read: results and who answers for them. Pictures are shown to the second person only."""

    view_verb = "view_people"
    list_display = ("shown", "person", "score", "review", "checked_by", "checked_at", "community")
    list_filter = ("outcome", "review", "community")
    fields = (
        "community",
        "person",
        "shown",
        ("score", "threshold"),
        ("model_version", "took_ms"),
        ("reason", "note"),
        ("checked_by", "checked_at"),
        "review",
        ("reviewed_by", "reviewed_at"),
        "review_note",
    )
    readonly_fields = ("shown",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.exclude(person=None).select_related("person", "community", "checked_by", "reviewed_by")

    @admin.display(description=_("结果"))
    def shown(self, check: FaceCheck) -> str:
        return check.shown


@admin.register(Notice)
class NoticeAdmin(ScopedModelAdmin):
    """告知书: a new wording is a new version; what was shown stays as it was."""

    view_verb = add_verb = "handle_rights"
    list_display = ("title", "kind", "version", "community", "published_at")
    list_filter = ("kind", "community")
    fields = ("community", "kind", "title", "purpose", "means", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds_somewhere(request.user, self.view_verb)


class OptionalFieldForm(forms.ModelForm):
    """The field is chosen from the table of personal fields."""

    field = forms.ChoiceField(label=_("信息项"), choices=optional_choices, widget=UnfoldAdminSelectWidget)


@admin.register(OptionalField)
class OptionalFieldAdmin(ScopedModelAdmin):
    """敏感选填项: switched on by adding a row with its lawful basis, off by deleting it."""

    form = OptionalFieldForm
    view_verb = add_verb = delete_verb = "handle_rights"
    list_display = ("__str__", "community", "basis", "switched_on_at")
    list_filter = ("community",)
    fields = ("community", "field", "basis")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community")
