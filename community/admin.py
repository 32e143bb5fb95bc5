"""Places in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.scoped_admin import ScopedHistoryAdmin, ScopedModelAdmin, ScopedTabularInline
from community.generation import generate
from community.models import Building, Community, Gate, House, Lane, MeterReading, Organisation, Post, Unit
from uploads.badges import DeliveredAdmin


class PlaceAdmin(ScopedHistoryAdmin):
    """Who sees places sees these; who edits places edits them."""

    view_verb = "view_place"
    add_verb = change_verb = delete_verb = "edit_place"


class UnitInline(ScopedTabularInline):
    model = Unit
    view_verb = "view_place"
    add_verb = change_verb = delete_verb = "edit_place"
    community_of = staticmethod(lambda unit: unit.building.community_id)


class LaneInline(ScopedTabularInline):
    model = Lane
    view_verb = "view_place"
    add_verb = change_verb = delete_verb = "edit_place"
    community_of = staticmethod(lambda lane: lane.gate.community_id)


@admin.register(Community)
class CommunityAdmin(PlaceAdmin):
    """小区."""

    add_verb = delete_verb = None
    community_of = staticmethod(lambda community: community.pk)
    list_display = ("name", "registration_code", "kind", "mode", "level", "tier", "address")
    list_filter = ("kind", "mode", "level", "tier")
    search_fields = ("name", "registration_code")
    fieldsets = (
        (None, {"fields": ("name", "registration_code", "address")}),
        (_("建设与等级"), {"fields": (("kind", "mode"), ("level", "tier"))}),
    )


class GenerateForm(forms.Form):
    """How many houses a building has."""

    units = forms.IntegerField(label=_("单元数"), min_value=1, max_value=50, widget=UnfoldAdminIntegerFieldWidget)
    floors = forms.IntegerField(label=_("层数"), min_value=1, max_value=200, widget=UnfoldAdminIntegerFieldWidget)
    rooms = forms.IntegerField(
        label=_("每层每单元户数"), min_value=1, max_value=50, widget=UnfoldAdminIntegerFieldWidget
    )


@admin.register(Building)
class BuildingAdmin(PlaceAdmin):
    """楼栋, with the action that makes its houses."""

    list_display = ("__str__", "community", "floors", "house_count")
    list_filter = ("community",)
    search_fields = ("number", "name")
    inlines = [UnitInline]
    actions = ["generate_houses"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community").annotate(_houses=Count("houses"))

    @admin.display(description=_("户数"))
    def house_count(self, building: Any) -> int:
        return building._houses

    @admin.action(description=_("批量生成房屋"), permissions=["change"])
    def generate_houses(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        form = GenerateForm(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            try:
                made = sum(generate(building, **form.cleaned_data) for building in queryset)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.message_user(
                    request, _("已生成 %(count)d 户,原有房屋保持不变。") % {"count": made}, messages.SUCCESS
                )
                return redirect(request.get_full_path())
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "buildings": queryset,
            "opts": self.model._meta,
        }
        return render(request, "admin/generate_houses.html", context)


@admin.register(House)
class HouseAdmin(DeliveredAdmin, PlaceAdmin):
    """房屋. Its owner is shown masked; an input left empty keeps what is stored. Panels come from the floors above."""

    delivery_report = "house"
    audited_view = True
    list_display = ("label_shown", "community", "address_code", "owner_name_masked", "category", "lease_status", "area")
    list_filter = ("community", "lease_status", "category", "group_rental")
    search_fields = ("room",)
    search_help_text = _("楼-单元-房号,如 3-2-501")
    readonly_fields = ("community",)
    autocomplete_fields = ("building",)
    fieldsets = (
        (
            _("位置"),
            {"fields": ("community", ("building", "unit"), ("floor", "room"), ("address_code", "address_name"))},
        ),
        (_("房主"), {"fields": (("owner_name", "owner_number"), ("owner_phone", "owner_address"))}),
        (
            _("产权与用途"),
            {"fields": (("certificate_number", "certificate"), ("category", "nature", "use"), ("rooms", "area"))},
        ),
        (_("租赁"), {"fields": (("lease_status", "group_rental"), "remark")}),
    )
    community_of = staticmethod(lambda house: house.community_id or house.building.community_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_label()

    @admin.display(description=_("房屋"))
    def label_shown(self, house: Any) -> str:
        return house.label

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return (queryset.search(search_term) if search_term else queryset), False


@admin.register(MeterReading)
class MeterReadingAdmin(DeliveredAdmin, ScopedModelAdmin):
    """水电煤用量: how a house lives is its own affair, so only who keeps the houses sees it."""

    delivery_report = "meter"
    view_verb = add_verb = change_verb = delete_verb = "edit_place"
    list_display = ("house", "month", "electricity", "gas", "water")
    list_filter = ("house__community", "month")
    autocomplete_fields = ("house",)
    fields = (("house", "month"), ("electricity", "gas", "water"))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("house__building", "house__unit", "house__community")


@admin.register(Gate)
class GateAdmin(ScopedModelAdmin):
    """出入口."""

    view_verb = "view_place"
    add_verb = change_verb = delete_verb = "edit_place"
    list_display = ("name", "community", "kind")
    list_filter = ("community", "kind")
    search_fields = ("name",)
    inlines = [LaneInline]


@admin.register(Organisation)
class OrganisationAdmin(ScopedModelAdmin):
    """单位."""

    view_verb = "view_place"
    add_verb = change_verb = delete_verb = "edit_place"
    list_display = ("name", "community", "kind", "phone")
    list_filter = ("community", "kind")
    search_fields = ("name",)


@admin.register(Post)
class PostAdmin(ScopedModelAdmin):
    """岗位: who holds which role where."""

    view_verb = add_verb = change_verb = delete_verb = "manage_accounts"
    list_display = ("user", "role", "community")
    list_filter = ("role", "community")
    search_fields = ("user__username", "user__display_name")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for post in queryset:
            post.delete()
