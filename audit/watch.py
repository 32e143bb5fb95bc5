"""Models whose every creation, change and deletion by an instance is logged, in the same transaction.

Bulk statements send no signals: the deed that uses one (an import, a generation) writes an entry of its own.
"""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_init, post_save

from audit import log

Community = Callable[[Any], int | None]
SNAPSHOT = "_audit_loaded"


def _stored(instance: models.Model) -> dict[str, Any]:
    """What the instance holds as loaded, without opening anything sealed."""
    return {field.attname: instance.__dict__.get(field.attname) for field in instance._meta.concrete_fields}


def _remember(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    instance.__dict__[SNAPSHOT] = _stored(instance)


def _changed(instance: models.Model) -> list[str]:
    before = instance.__dict__.get(SNAPSHOT)
    if before is None:
        return []
    now = _stored(instance)
    return sorted(name for name, value in now.items() if before.get(name) != value)


class Watched(models.Model):
    """A watched model: saving and its entry are one transaction, also where the caller has none."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)


def register(model: type[Watched], *, community: Community, deletions: bool = True) -> None:
    """Watch a model; `community(instance)` gives the community's pk or None.

    `deletions` is False for what only goes with its owner or by a retention rule: those deeds have their own entries.
    """
    label = model._meta.label_lower

    def saved(
        sender: type[models.Model], instance: models.Model, created: bool, raw: bool = False, **kwargs: Any
    ) -> None:
        if raw:
            return
        fields = [] if created else _changed(instance)
        if created or fields:
            action = "create" if created else "change"
            log.write(
                action, target=instance, community_id=community(instance), detail={"fields": fields} if fields else None
            )
        instance.__dict__[SNAPSHOT] = _stored(instance)

    def deleted(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
        log.write("delete", target=instance, community_id=community(instance))

    post_init.connect(_remember, sender=model, weak=False, dispatch_uid=f"audit-init-{label}")
    post_save.connect(saved, sender=model, weak=False, dispatch_uid=f"audit-saved-{label}")
    if deletions:
        post_delete.connect(deleted, sender=model, weak=False, dispatch_uid=f"audit-deleted-{label}")
