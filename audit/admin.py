"""The log in the admin: to read, never to write."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from audit import words
from audit.models import Entry


class ActionFilter(admin.SimpleListFilter):
    """By what was done."""

    title, parameter_name = _("操作"), "action"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(code, str(name)) for code, name in words.ACTIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(action=self.value()) if self.value() else queryset


class TargetFilter(admin.SimpleListFilter):
    """By what it was done to: the kinds the log of the last thousand entries speaks of."""

    title, parameter_name = _("对象类别"), "target"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        newest = Entry.objects.visible_to(request.user).order_by("-id").values_list("target_model", flat=True)[:1000]
        return sorted((label, words.target(label)) for label in set(newest) if label)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(target_model=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(ModelAdmin):
    """Entries of the communities one may review."""

    list_display = ("at", "actor", "action_shown", "target_shown", "target_id", "outcome", "reason", "address")
    list_filter = (ActionFilter, "outcome", TargetFilter)
    search_fields = ("actor", "target_id", "request_id")
    date_hierarchy = "at"
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description=_("操作"), ordering="action")
    def action_shown(self, entry: Entry) -> str:
        return words.action(entry.action)

    @admin.display(description=_("对象类别"), ordering="target_model")
    def target_shown(self, entry: Entry) -> str:
        return words.target(entry.target_model)

    def get_queryset(self, request: HttpRequest):
        return Entry.objects.visible_to(request.user).order_by("-id")

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: object, object_id: str) -> None:
        raise Http404

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
