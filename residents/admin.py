"""People, who lives where, vehicles and workers in the admin: masked, searched by blind index."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import ScopedHistoryAdmin, ScopedModelAdmin, ScopedTabularInline
from community.admin import HouseAdmin
from residents.models import Person, Residency, Vehicle, Worker
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
    list_filter = ("community", "person_type", "document_type", "lives_alone_elder")
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
                )
            },
        ),
        (
            _("证件与户籍"),
            {
                "fields": (
                    ("document_issuer", "document_validity"),
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
