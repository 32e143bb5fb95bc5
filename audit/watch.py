"""Models whose every creation, change and deletion by an instance is logged, in the same transaction.

Bulk statements send no signals: the deed that uses one (an import, a generation) writes an entry of its own.
"""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_init, post_save
from django.utils.translation import gettext as _

from audit import log
from guomi import keyring, masking
from guomi.fields import EncryptedField, row_key
from guomi.sealed import DecryptionError, Sealed

Community = Callable[[Any], int | None]
SNAPSHOT = "_audit_loaded"
HIDDEN = "****"
MOST_CHARS = 60
# How a field that is not sealed is masked: mask_of[0](model label, field name) -> a key of guomi.masking.KINDS or "".
# `accounts` stands above and registers its table of personal fields.
mask_of: list[Callable[[str, str], str]] = []


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


def _told(field: models.Field, instance: models.Model, value: Any) -> str:
    """A value as the log may keep it for years: masked where it says something of a person."""
    if value is None or value == "":
        return ""
    if isinstance(field, EncryptedField):
        return _told_sealed(field, instance, value)
    if isinstance(field, models.FileField):
        return str(_("有图片"))
    kind = mask_of[0](instance._meta.label, field.name) if mask_of else ""
    text = str(value)
    return masking.mask(kind, text) if kind else text[:MOST_CHARS]


def _told_sealed(field: EncryptedField, instance: models.Model, value: Any) -> str:
    if field.purpose in keyring.CREDENTIALS:
        return HIDDEN
    try:
        return field.masked(field.reveal(value, row_key(instance)) if isinstance(value, Sealed) else value)
    except DecryptionError:
        return HIDDEN


def changes(instance: models.Model, names: list[str]) -> dict[str, list[str]]:
    """[before, after] of each changed field, masked; what only follows another field is left out."""
    before = instance.__dict__.get(SNAPSHOT) or {}
    found = {}
    for field in instance._meta.concrete_fields:
        if field.attname in names and not getattr(field, "of", None):
            now = instance.__dict__.get(field.attname)
            found[field.attname] = [_told(field, instance, before.get(field.attname)), _told(field, instance, now)]
    return found


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
            detail = {"fields": fields, "changes": changes(instance, fields)} if fields else None
            log.write(action, target=instance, community_id=community(instance), detail=detail)
        instance.__dict__[SNAPSHOT] = _stored(instance)

    def deleted(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
        log.write("delete", target=instance, community_id=community(instance))

    post_init.connect(_remember, sender=model, weak=False, dispatch_uid=f"audit-init-{label}")
    post_save.connect(saved, sender=model, weak=False, dispatch_uid=f"audit-saved-{label}")
    if deletions:
        post_delete.connect(deleted, sender=model, weak=False, dispatch_uid=f"audit-deleted-{label}")
