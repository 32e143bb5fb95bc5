"""Who is acting, while a request, a command or a task runs."""

import contextvars
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Actor:
    """The one an entry will name. `user` may be looked up late: the session is read only if somebody asks."""

    name: str = ""
    address: str = ""
    request: Any = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def user(self) -> Any:
        """The signed-in user, or None."""
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None


_current: contextvars.ContextVar[Actor | None] = contextvars.ContextVar("actor", default=None)


def current() -> Actor:
    """The present actor; an unnamed one outside requests, commands and tasks."""
    return _current.get() or Actor(name="系统")


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Name the actor for a while."""
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)


# The posts of a user as text; `community` stands above and registers the answer.
describe: list[Callable[[Any], str]] = []


def role_of(user: Any) -> str:
    """What the user is posted as, in words, asked once for each user object: the entry keeps it when the post has gone."""
    known = user.__dict__.get("_audit_role")
    if known is None:
        known = user.__dict__["_audit_role"] = describe[0](user)[:100] if describe else ""
    return known
