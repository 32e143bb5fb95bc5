"""Sensitive optional data (PIPL 28-29): off until a community switches a field on and says on what lawful basis."""

from collections.abc import Iterable
from typing import Any

from residents.rights.models import OptionalField, optional_names


def switched_on(community_id: int | None) -> frozenset[str]:
    """Those the community has switched on."""
    return frozenset(OptionalField.objects.filter(community=community_id).values_list("field", flat=True))


def off(community_id: int | None) -> frozenset[str]:
    """Those it has not: neither asked for, nor taken, nor delivered."""
    return frozenset(optional_names()) - switched_on(community_id)


def refused(person: Any, before: dict[str, Any]) -> Iterable[str]:
    """Fields that are filled in now although they are off; what stood there before the switch may stay as it is."""
    filled = [name for name in optional_names() if getattr(person, name)]
    changed = [name for name in filled if person._state.adding or getattr(person, name) != before.get(name)]
    closed = off(person.community_id) if changed else frozenset()
    return [name for name in changed if name in closed]
