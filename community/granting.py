"""Permissions follow the table of roles: when it changed, everybody's are made right at the next migrate."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import translation
from guardian.models import UserObjectPermission

from accounts import access, roles
from audit.models import VERB
from community.models import Community, Post, grant


def grant_all(**_facts: Any) -> None:
    """After each migrate: a role whose verbs changed changes for everybody who holds it. Nobody is touched otherwise."""
    held: dict[int, set[tuple[str, int | None]]] = {}
    for user_id, verb, place in _granted():
        held.setdefault(user_id, set()).add((verb, place))
    wanted: dict[int, set[tuple[str, int | None]]] = {}
    for user_id, role, place in Post.objects.values_list("user_id", "role", "community_id"):
        wanted.setdefault(user_id, set()).update((verb, place) for verb in roles.ROLES[role].verbs)
    for user_id in held.keys() | wanted.keys():
        if held.get(user_id, set()) != wanted.get(user_id, set()):
            with transaction.atomic():
                grant(user_id)


def _granted() -> Iterator[tuple[int, str, int | None]]:
    """(user, verb, community or None for all) of every permission that posts give."""
    ours = {"permission__content_type__app_label": "community", "permission__codename__in": roles.VERBS}
    for user_id, verb, place in UserObjectPermission.objects.filter(**ours).values_list(
        "user_id", "permission__codename", "object_pk"
    ):
        yield user_id, verb, int(place)
    direct = get_user_model().user_permissions.through.objects.filter(**ours)
    for user_id, verb in direct.values_list("user_id", "permission__codename"):
        yield user_id, verb, None


def posts_of(user: Any) -> str:
    """The roles a user holds, as the log names them: in Chinese, whatever language the screen has."""
    held = Post.objects.filter(user_id=user.pk).order_by("role").values_list("role", flat=True).distinct()
    with translation.override(settings.LANGUAGE_CODE):
        return "、".join(str(roles.ROLES[role].name) for role in held if role in roles.ROLES)


def reviewed_places(user: Any) -> list[tuple[int, str]]:
    """(pk, name) of the communities whose log the user may review, at most 200."""
    found = access.limit(Community.objects.all(), user, VERB, "pk").order_by("name")
    return list(found.values_list("pk", "name")[:200])
