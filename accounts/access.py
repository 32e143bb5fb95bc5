"""May this user do this, there? Answered from object permissions, failing closed.

Being a superuser grants nothing here: a superuser sets the portal up, posts decide who sees whom.
`community.<verb>` is a permission on the content type community.community; this floor knows its name only.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from guardian.models import UserObjectPermission

from accounts.models import User

APP, MODEL = "community", "community"


def _is_staff_member(user: Any) -> bool:
    return isinstance(user, User) and user.is_authenticated and user.is_active


def holds_everywhere(user: Any, verb: str) -> bool:
    """Does a post without a community grant the verb for all of them?"""
    if not _is_staff_member(user):
        return False
    return user.user_permissions.filter(codename=verb, content_type__app_label=APP, content_type__model=MODEL).exists()


def community_ids(user: Any, verb: str) -> QuerySet:
    """The pks (as a subquery) of the communities a post for one community grants the verb in."""
    granted = UserObjectPermission.objects.filter(
        permission__codename=verb, permission__content_type__app_label=APP, permission__content_type__model=MODEL
    )
    granted = granted.filter(user_id=user.pk) if _is_staff_member(user) else granted.none()
    return granted.annotate(community=Cast("object_pk", BigIntegerField())).values("community")


def listed_ids(user: Any, verb: str) -> list[int] | None:
    """The pks themselves; None when a post grants the verb for all communities."""
    return None if holds_everywhere(user, verb) else [row["community"] for row in community_ids(user, verb)]


def limit(queryset: QuerySet, user: Any, verb: str, path: str) -> QuerySet:
    """The rows whose community (its pk lies at the ORM path) the user may do the verb in: one query, no rows by default."""
    if not _is_staff_member(user):
        return queryset.none()
    if holds_everywhere(user, verb):
        return queryset
    return queryset.filter(**{f"{path}__in": community_ids(user, verb)})


def verb_holds(user: Any, verb: str, community_id: int | None) -> bool:
    """May the user do the verb in this community? None asks for all communities."""
    if holds_everywhere(user, verb):
        return True
    return community_id is not None and community_ids(user, verb).filter(object_pk=str(community_id)).exists()


def places_of(user: Any, verb: str) -> frozenset[int] | None:
    """listed_ids of every verb in two queries, asked once a request (kept on the user object as verbs_of)."""
    if not _is_staff_member(user):
        return frozenset()
    known = user.__dict__.get("_places_held")
    if known is None:
        ours = {"content_type__app_label": APP, "content_type__model": MODEL}
        everywhere = user.user_permissions.filter(**ours).values_list("codename", flat=True)
        listed: dict[str, set[int]] = {}
        granted = UserObjectPermission.objects.filter(
            user_id=user.pk, **{f"permission__{name}": value for name, value in ours.items()}
        )
        for codename, place in granted.values_list("permission__codename", "object_pk"):
            listed.setdefault(codename, set()).add(int(place))
        known = {name: frozenset(places) for name, places in listed.items()} | dict.fromkeys(everywhere)
        user.__dict__["_places_held"] = known
    return known.get(verb, frozenset())


def limit_once(queryset: QuerySet, user: Any, verbs: Iterable[str], path: str) -> QuerySet:
    """As `limit`, for a page of many lists: the rows where the user may do every one of the verbs, asked once a request.

    The places stand in the statement as numbers, so that an index over them gives rows in order.
    """
    held = [places_of(user, verb) for verb in verbs]
    if not held:
        return queryset.none()
    listed = [places for places in held if places is not None]
    return queryset.filter(**{f"{path}__in": sorted(frozenset.intersection(*listed))}) if listed else queryset


def holds_somewhere(user: Any, verb: str) -> bool:
    """May the user do the verb anywhere at all? Decides what a menu shows."""
    return bool(verbs_of(user) & {verb})


def verbs_of(user: Any) -> frozenset[str]:
    """Every verb the user holds anywhere, asked once a request (kept on the user object)."""
    if not _is_staff_member(user):
        return frozenset()
    known = user.__dict__.get("_verbs_held")
    if known is None:
        of_user = UserObjectPermission.objects.filter(user_id=user.pk, permission=OuterRef("pk"))
        held = Permission.objects.filter(content_type__app_label=APP, content_type__model=MODEL)
        held = held.filter(Q(Exists(of_user)) | Q(user=user)).order_by().values_list("codename", flat=True)
        known = frozenset(held)
        user.__dict__["_verbs_held"] = known
    return known
