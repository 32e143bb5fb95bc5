"""Writing to the log. No log, no answer: an entry that cannot be written takes its deed with it."""

from typing import Any

from django.db import connection, models, transaction
from django.http import HttpRequest
from django.utils import timezone

from audit import context
from audit.context import Actor, acting, current
from audit.models import Entry
from guomi import sm3

NEXT = {
    "sqlite": "SELECT COALESCE(MAX(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'audit_entry'",
    "postgresql": "SELECT nextval(pg_get_serial_sequence('audit_entry', 'id'))",
}


class NoTransactionError(RuntimeError):
    """An entry must stand in the transaction of its deed."""


def _target(target: models.Model | tuple[str, Any] | None) -> tuple[str, str]:
    if target is None:
        return "", ""
    if isinstance(target, tuple):
        return target[0], str(target[1])
    return target._meta.label_lower, str(target.pk)


def _storable(value: Any) -> Any:
    """Without NUL, which PostgreSQL keeps in no text: what somebody sent must not keep its own entry from being written."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {name: _storable(one) for name, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, (list, tuple)) else value


def _next_id() -> int:
    """The number is known before the row is written, so that the row's own code can bind it.

    On SQLite the transaction holds the one writer's lock, so nobody else takes the same number.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT[connection.vendor])
        return cursor.fetchone()[0]


def session_mark(request: HttpRequest | None) -> str:
    """Tells the entries of one session apart; the session's key cannot be told from it."""
    key = getattr(getattr(request, "session", None), "session_key", None)
    return mark_of(key) if key else ""


def mark_of(key: str) -> str:
    """The mark of a session's key."""
    return sm3.digest(f"anju-session {key}".encode()).hex()[:16]


def write(
    action: str,
    *,
    target: models.Model | tuple[str, Any] | None = None,
    community_id: int | None = None,
    outcome: str = Entry.Outcome.DONE,
    reason: str = "",
    detail: dict[str, Any] | None = None,
    user: Any = None,
    request: HttpRequest | None = None,
) -> Entry:
    """Write one entry in the present transaction; NoTransactionError outside one.

    Who and from where come from the request being served unless given. `detail` holds field names and masked values,
    never a clear personal value.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NoTransactionError("audit.log.write() needs the transaction of the deed it tells of")
    actor = current()
    request = request or actor.request
    user = user or getattr(request, "user", None) or actor.user
    if user is not None and not getattr(user, "pk", None):
        user = None
    label, pk = _target(target)
    entry = Entry(
        id=_next_id(),
        at=timezone.now(),
        actor_id=user.pk if user else None,
        actor=str(user if user else actor.name)[:100],
        role=context.role_of(user) if user else "",
        session=session_mark(request),
        address=actor.address,
        request_id=actor.request_id,
        action=action,
        target_model=label,
        target_id=_storable(pk)[:64],
        community_id=community_id,
        outcome=outcome,
        reason=_storable(reason)[:300],
        detail=_storable(detail or {}),
    )
    entry.mac = entry.own_mac()
    entry.save(force_insert=True)
    return entry


def write_now(action: str, **facts: Any) -> Entry:
    """Write one entry in a transaction of its own: for a look or a refusal, which changes nothing else."""
    with transaction.atomic():
        return write(action, **facts)


def acting_as(name: str) -> Any:
    """Name the actor of a command or task: `with acting_as("上报任务"): ...`."""
    return acting(Actor(name=name))
