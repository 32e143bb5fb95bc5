"""Questions about places. Every list a person sees starts at visible_to(user)."""

import re
import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts import access
from community.validators import half_width
from guomi.querysets import SealedQuerySet

LABEL = re.compile(r"(\d{1,4})(?:号楼|栋|幢|楼|-)(?:(\d{1,3})(?:单元|-))?(\w{1,10})")


class ScopedQuerySet(SealedQuerySet):
    """Rows of a community: `scope` is the ORM path to its pk, `verb` what one must hold to see them."""

    scope = "community_id"
    verb = "view_place"

    def visible_to(self, user: Any) -> "ScopedQuerySet":
        """The rows the user's posts show; none by default."""
        return access.limit(self, user, self.verb, self.scope)


def scoped(verb: str, path: str = "community_id") -> type[ScopedQuerySet]:
    """A ScopedQuerySet of this verb and path."""
    return type("ScopedQuerySet", (ScopedQuerySet,), {"verb": verb, "scope": path})


class CommunityQuerySet(ScopedQuerySet):
    scope = "pk"


class HouseQuerySet(ScopedQuerySet):
    def search(self, text: str) -> "HouseQuerySet":
        """Houses by "3-2-501", "3号楼2单元501", "3栋501" or a room alone; at most what the caller slices."""
        wanted = re.sub(r"[\s#室号]+$", "", half_width(text)).replace(" ", "")
        match = LABEL.fullmatch(wanted)
        if match is None:
            return self.filter(room=wanted) if re.fullmatch(r"\w{1,10}", wanted) else self.none()
        building, unit, room = match.groups()
        found = self.filter(building__number=int(building))
        if unit is not None:
            return found.filter(unit__number=int(unit), room=room)
        return found.filter(Q(room=room) | Q(room="", unit__number=int(room) if room.isdigit() else -1))

    def with_label(self) -> models.QuerySet:
        """What a house's label and address need, in the same query."""
        return self.select_related("community", "building", "unit")


def history() -> HistoricalRecords:
    """The history of each record: its rows have UUIDs, so that their ciphertext is bound to themselves."""
    return HistoricalRecords(history_id_field=models.UUIDField(default=new_id), verbose_name=None)


def new_id() -> Any:
    """A new row's key."""
    return uuid.uuid4()
