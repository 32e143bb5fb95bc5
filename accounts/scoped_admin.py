"""Admin pages that show what the user's posts allow and nothing else: a stranger gets 404, not an empty form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets, get_fields_from_path
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms.utils import flatatt
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from accounts.access import holds_somewhere, verb_holds
from accounts.history import MaskedHistory
from accounts.looking import looked
from accounts.reveals import may_reveal
from accounts.widgets import MaskedTextInput
from audit import log
from guomi.fields import EncryptedDateField, EncryptedField, EncryptedTextField
from guomi.forms import SealedModelForm, sealed_attributes


class Scoped(BaseModelAdmin):
    """The scope, for pages and inlines alike. A verb of None allows the deed to nobody."""

    form = SealedModelForm
    formfield_overrides = {
        EncryptedTextField: {"widget": MaskedTextInput},
        EncryptedDateField: {"widget": MaskedTextInput},
    }
    view_verb: str = ""
    add_verb: str | None = None
    change_verb: str | None = None
    delete_verb: str | None = None
    community_of: Callable[[Any], int | None] = staticmethod(lambda obj: obj.community_id)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        visible = self.model._default_manager.visible_to(request.user)
        ordering = self.get_ordering(request)
        return visible.order_by(*ordering) if ordering else visible

    def _may(self, request: HttpRequest, verb: str | None, obj: Any) -> bool:
        if verb is None:
            return False
        if obj is None or obj._state.adding or not isinstance(obj, self.model):
            return holds_somewhere(request.user, verb)
        return verb_holds(request.user, verb, self.community_of(obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.view_verb, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.add_verb, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.change_verb, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.delete_verb, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return holds_somewhere(request.user, self.view_verb)

    def get_field_queryset(self, db: Any, db_field: models.Field, request: HttpRequest) -> models.QuerySet | None:
        """Choices of a relation are limited to what the user sees."""
        related = db_field.remote_field.model._default_manager
        if hasattr(related.get_queryset(), "visible_to"):
            return related.visible_to(request.user)
        return super().get_field_queryset(db, db_field, request)


class ScopedRelatedFilter(RelatedFieldListFilter):
    """A filter by relation that offers only what the user sees: a community's very name is not for strangers."""

    def field_choices(self, field: models.Field, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        visible = field.remote_field.model._default_manager.visible_to(request.user)
        return [(row.pk, str(row)) for row in visible[:200]]


def _scoped(model: type[models.Model], wanted: Any) -> Any:
    """The list filter to use for a name: scoped where it follows a relation to something scoped."""
    if not isinstance(wanted, str):
        return wanted
    related = get_fields_from_path(model, wanted)[-1].remote_field
    scoped = related is not None and hasattr(related.model._default_manager.all(), "visible_to")
    return (wanted, ScopedRelatedFilter) if scoped else wanted


@dataclass(frozen=True)
class MaskedColumn:
    """A read-only column of one encrypted field: its mask, and what the eye needs to ask for the value."""

    field: EncryptedField
    eye: bool

    @property
    def __name__(self) -> str:
        return f"{self.field.name}_masked"

    @property
    def short_description(self) -> Any:
        return self.field.verbose_name

    def __call__(self, row: models.Model) -> str:
        mask = self.field.masked(getattr(row, self.field.name))
        if not (mask and self.eye):
            return mask
        return format_html("<span{}>{}</span>", flatatt(sealed_attributes(row, self.field.name)), mask)


class ScopedModelAdmin(Scoped, ModelAdmin):
    """A scoped admin page. Looking is audited where `audited_view` says so: one record, a list, a search."""

    audited_view = False
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [_scoped(self.model, wanted) for wanted in super().get_list_filter(request)]

    def visible_or_404(self, request: HttpRequest, object_id: str) -> None:
        """For a link to another page of a record: who does not see the record finds no link."""
        if self.get_object(request, object_id) is None:
            raise Http404

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if self.audited_view:
            community = self.community_of(obj)
            log.write_now("view", target=obj, community_id=community, detail={"history": True}, request=request)
        return super().history_view(request, object_id, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type:
        if "fields" not in kwargs:
            shown = flatten_fieldsets(self.get_fieldsets(request, obj))
            kwargs["fields"] = [name for name in shown if isinstance(name, str)]
        form = super().get_form(request, obj, change=change, **kwargs)
        form.offers_reveal = change and may_reveal(request.user)
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without a declaration: what can be edited, then what is only shown. Asks no form, which would ask back."""
        if self.fields:
            return self.fields
        left_out = {*(self.exclude or ()), *super().get_readonly_fields(request, obj)}
        editable = [field.name for field in self.model._meta.fields if field.editable and not field.auto_created]
        return [
            *(name for name in editable if name not in left_out),
            *(field.name for field in self.model._meta.many_to_many if field.name not in left_out),
            *super().get_readonly_fields(request, obj),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """To who may only look, an encrypted field shows its mask: Django would write the value itself."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [(title, {**facts, "fields": self._masked(request, facts["fields"])}) for title, facts in sets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        usual = super().get_readonly_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return usual
        return [*usual, *flatten_fieldsets(self.get_fieldsets(request, obj))]

    def _masked(self, request: HttpRequest, names: Any) -> list[Any]:
        sealed = {field.name: field for field in self.model._meta.concrete_fields if isinstance(field, EncryptedField)}
        eye = may_reveal(request.user)
        inputs = set(self.form.declared_fields) - {field.name for field in self.model._meta.get_fields()}
        names = [name for name in names if not isinstance(name, (list, tuple)) or set(name) - inputs]
        return [
            tuple(self._masked(request, name)) if isinstance(name, (list, tuple))
            else MaskedColumn(sealed[name], eye) if name in sealed else name
            for name in names if name not in inputs
        ]  # fmt: skip

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> MaskedHistory:
        return MaskedHistory(self.model, historical_record)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if self.audited_view and request.method == "GET" and self.has_view_permission(request):
            asked = request.GET
            looked(request, self.model, self.view_verb, asked.get("q", ""), [name for name in asked if name != "q"])
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if self.audited_view and request.method == "GET":
            obj = self.get_object(request, object_id)
            if obj is not None and self.has_view_permission(request, obj):
                log.write_now("view", target=obj, community_id=self.community_of(obj), request=request)
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        verb = self.change_verb if change else self.add_verb
        if verb is None or not verb_holds(request.user, verb, self.community_of(obj)):
            raise PermissionDenied
        super().save_model(request, obj, form, change)


class ScopedHistoryAdmin(ScopedModelAdmin, SimpleHistoryAdmin):
    """A scoped admin page with the history of each record."""


class ScopedTabularInline(Scoped, TabularInline):
    """Rows of another model inside a page."""

    extra = 0

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """A cell has no label of its own: to a screen reader it is called what its column is."""
        made = super().formfield_for_dbfield(db_field, request, **kwargs)
        if made is not None:
            widget = getattr(made.widget, "widget", made.widget)  # inside the wrapper of a relation
            widget.attrs.setdefault("aria-label", made.label)
        return made


class ScopedStackedInline(Scoped, StackedInline):
    """Rows of another model inside a page, one below the other."""

    extra = 0
