"""The log in the admin: to read, never to write."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from audit.models import Entry


@admin.register(Entry)
class EntryAdmin(ModelAdmin):
    """Entries of the communities one may review."""

    list_display = ("at", "actor", "action", "target_model", "target_id", "outcome", "reason", "address")
    list_filter = ("action", "outcome", "target_model")
    search_fields = ("actor", "target_id", "request_id")
    date_hierarchy = "at"
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest):
        return Entry.objects.visible_to(request.user).order_by("-id")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return scope_allows(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False


def scope_allows(request: HttpRequest) -> bool:
    """May this user review anything at all? Asked of the entries, so that this floor needs no table of roles."""
    return Entry.objects.visible_to(request.user).exists()
