"""API resources that hand out what the user's posts allow and nothing else: a stranger gets 404."""

from collections.abc import Callable
from typing import Any

from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import pagination, viewsets
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.access import holds_somewhere, verb_holds
from accounts.looking import looked
from accounts.signin.tokens import demand_scope
from audit import log


class Conflict(APIException):
    """409: other records hold on to this one."""

    status_code = 409
    default_detail = _("还有记录与它相关,不能删除;请先处理那些记录。")


class BoundedPagination(pagination.LimitOffsetPagination):
    """At most 400 rows a page."""

    default_limit = 50
    max_limit = 400


class HoldsVerb(IsAuthenticated):
    """The verb of the action is held somewhere; the row itself is checked by the queryset and on saving."""

    def has_permission(self, request: Request, view: "ScopedViewSet") -> bool:
        verb = view.verb()
        demand_scope(request, view)
        return super().has_permission(request, view) and verb is not None and holds_somewhere(request.user, verb)


class ScopedViewSet(viewsets.ModelViewSet):
    """A resource with a verb for each kind of deed; None allows it to nobody."""

    view_verb: str = ""
    add_verb: str | None = None
    change_verb: str | None = None
    delete_verb: str | None = None
    community_of: Callable[[Any], int | None] = staticmethod(lambda obj: obj.community_id)
    audited = False  # looking at one record, a list, a search leaves an entry
    permission_classes = [HoldsVerb]
    pagination_class = BoundedPagination

    def verb(self) -> str | None:
        """The verb that the current action needs."""
        return {"create": self.add_verb, "update": self.change_verb, "partial_update": self.change_verb}.get(
            self.action, self.delete_verb if self.action == "destroy" else self.view_verb
        )

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if self.audited:
            asked = request.query_params
            looked(request, self.queryset.model, self.view_verb, asked.get("search", ""), list(asked))
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if self.audited:
            found = self.get_object()
            log.write_now("view", target=found, community_id=self.community_of(found), request=request)
        return super().retrieve(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().visible_to(self.request.user)

    def _demand(self, verb: str | None, community_id: int | None) -> None:
        if verb is None or not verb_holds(self.request.user, verb, community_id):
            raise PermissionDenied

    def perform_create(self, serializer: BaseSerializer) -> None:
        unsaved = serializer.Meta.model(
            **{k: v for k, v in serializer.validated_data.items() if not isinstance(v, list)}
        )
        self._demand(self.add_verb, self.community_of(unsaved))
        serializer.save()

    def perform_update(self, serializer: BaseSerializer) -> None:
        self._demand(self.change_verb, self.community_of(serializer.instance))
        serializer.save()

    def perform_destroy(self, instance: Any) -> None:
        self._demand(self.delete_verb, self.community_of(instance))
        try:
            instance.delete()
        except ProtectedError:
            raise Conflict from None
