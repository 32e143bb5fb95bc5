"""Archives of unknown people and vehicles in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import ScopedModelAdmin
from analysis.models import StrangerArchive, VehicleArchive
from uploads.badges import DeliveredAdmin


@admin.register(StrangerArchive)
class StrangerArchiveAdmin(DeliveredAdmin, ScopedModelAdmin):
    """陌生人档案."""

    delivery_report = "stranger"
    audited_view = True
    view_verb = "view_people"
    add_verb = change_verb = delete_verb = "edit_people"
    list_display = ("__str__", "first_passage_at", "suspected_resident", "community", "created_at")
    list_filter = ("community", "suspected_resident")
    readonly_fields = ("archive_number",)
    fields = ("community", "archive_number", "first_passage_at", ("photo1", "photo2", "photo3"), "suspected_resident")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community")

    @admin.display(description=_("档案编号"))
    def archive_number(self, archive: StrangerArchive) -> str:
        return "" if archive._state.adding else archive.archive_no


@admin.register(VehicleArchive)
class VehicleArchiveAdmin(DeliveredAdmin, ScopedModelAdmin):
    """未登记车辆."""

    delivery_report = "suspect_vehicle"
    view_verb = "view_vehicles"
    add_verb = change_verb = delete_verb = "edit_vehicles"
    list_display = ("plate", "plate_colour", "first_passage_at", "suspected_resident", "community")
    list_filter = ("community", "suspected_resident")
    search_fields = ("plate",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community")
