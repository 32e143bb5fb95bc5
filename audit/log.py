"""Writing to the log. No log, no answer: an entry that cannot be written takes its deed with it."""

from typing import Any

from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

from audit.context import Actor, acting, current
from audit.models import Entry


class NoTransactionError(RuntimeError):
    """An entry must stand in the transaction of its deed."""


def _target(target: models.Model | tuple[str, Any] | None) -> tuple[str, str]:
    if target is None:
        return "", ""
    if isinstance(target, tuple):
        return target[0], str(target[1])
    return target._meta.label_lower, str(target.pk)


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
    user = user or getattr(request, "user", None) or actor.user
    if user is not None and not getattr(user, "pk", None):
        user = None
    label, pk = _target(target)
    return Entry.objects.create(
        at=timezone.now(),
        actor_id=user.pk if user else None,
        actor=str(user if user else actor.name)[:100],
        address=actor.address,
        request_id=actor.request_id,
        action=action,
        target_model=label,
        target_id=pk,
        community_id=community_id,
        outcome=outcome,
        reason=reason[:300],
        detail=detail or {},
    )


def write_now(action: str, **facts: Any) -> Entry:
    """Write one entry in a transaction of its own: for a look or a refusal, which changes nothing else."""
    with transaction.atomic():
        return write(action, **facts)


def acting_as(name: str) -> Any:
    """Name the actor of a command or task: `with acting_as("上报任务"): ...`."""
    return acting(Actor(name=name))
