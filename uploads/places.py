"""The places of the portal as the post office needs to know them: a code, a name, an id.

`uploads` stands below `community` and knows no Community model. `community` registers one directory in its AppConfig.ready().
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class PlaceDirectory(Protocol):
    """What `community` tells the post office."""

    def by_code(self, code: str) -> int | None:
        """The pk of the community with this registration code, or None."""

    def codes(self, ids: Iterable[int]) -> Mapping[int, str]:
        """Registration codes by community pk."""

    def names(self, ids: Iterable[int]) -> Mapping[int, str]:
        """Names for the screen by community pk."""

    def visible_ids(self, user: Any, verb: str) -> Any:
        """The pks of the communities where the user may do `verb`: a subquery or a collection, empty when none (fails closed)."""


class NoDirectoryError(RuntimeError):
    """No app has registered a PlaceDirectory."""


_registered: list[PlaceDirectory] = []


def register(directory: PlaceDirectory) -> PlaceDirectory:
    """Make `directory` the one the post office asks. The last registration counts."""
    _registered[:] = [directory]
    return directory


def directory() -> PlaceDirectory:
    """The registered directory. NoDirectoryError when there is none."""
    if not _registered:
        raise NoDirectoryError("no PlaceDirectory registered: community.apps must call uploads.places.register()")
    return _registered[0]


def name(community_id: int | None) -> str:
    """The screen name of one community; its number when it is unknown."""
    if community_id is None:
        return "—"
    return directory().names([community_id]).get(community_id, str(community_id))
