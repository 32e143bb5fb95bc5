"""What the post office needs to know of communities."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts import access
from community.models import Community


class Directory:
    """The places of uploads.places."""

    def by_code(self, code: str) -> int | None:
        return Community.objects.filter(registration_code=code).values_list("pk", flat=True).first()

    def codes(self, ids: Iterable[int]) -> Mapping[int, str]:
        return dict(Community.objects.filter(pk__in=ids).values_list("pk", "registration_code"))

    def names(self, ids: Iterable[int]) -> Mapping[int, str]:
        return dict(Community.objects.filter(pk__in=ids).values_list("pk", "name"))

    def visible_ids(self, user: Any, verb: str) -> Any:
        return access.limit(Community.objects.all(), user, verb, "pk").values("pk")
