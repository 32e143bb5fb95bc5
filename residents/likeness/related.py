"""What hangs on a person, found in the models themselves, so that what another app adds is moved as well."""

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, models, transaction

from residents.likeness.models import Likeness, Merge
from residents.models import Person

STAY = (Likeness, Merge)  # they tell of the records, not of the person
CHUNK = 500


def name_of(field: models.ForeignKey) -> str:
    """What a foreign key is called in a Merge: "residents.residency.person"."""
    return f"{field.model._meta.label_lower}.{field.name}"


def relations() -> Iterator[models.ForeignKey]:
    """Every foreign key to a person, its own `merged_into` among them; not those of version tables."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and relation.is_relation):
            continue
        model = relation.related_model
        if relation.many_to_many or hasattr(model, "history_type") or issubclass(model, STAY):
            continue
        yield relation.field


def move(gone: Person, kept: Person) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Let everything that hangs on the one hang on the other: (moved, stayed) keys by name. In a transaction.

    What the kept one has already, and may have but once (the home in the same house, the job in the same firm), stays.
    """
    moved: dict[str, list[str]] = {}
    stayed: dict[str, list[str]] = {}
    for field in relations():
        rows = list(field.model._base_manager.filter(**{field.name: gone}).order_by("pk"))
        went, left = _lead(field, rows, kept)
        if went:
            moved[name_of(field)] = [str(pk) for pk in went]
        if left:
            stayed[name_of(field)] = [str(pk) for pk in left]
    return moved, stayed


def move_back(moved: dict[str, list[str]], kept: Person, gone: Person) -> dict[str, list[str]]:
    """What was moved and hangs on the kept one still goes back; what was deleted or given to somebody else since does not."""
    back: dict[str, list[str]] = {}
    for field in relations():
        wanted = moved.get(name_of(field), [])
        for start in range(0, len(wanted), CHUNK):
            some = wanted[start : start + CHUNK]
            rows = list(field.model._base_manager.filter(pk__in=some, **{field.name: kept}).order_by("pk"))
            went, left = _lead(field, rows, gone)
            if left:
                raise IntegrityError(name_of(field))
            back.setdefault(name_of(field), []).extend(str(pk) for pk in went)
    return back


def _lead(field: models.ForeignKey, rows: list[Any], to: Person) -> tuple[list[Any], list[Any]]:
    """Point the rows at somebody: (keys of those that could, of those that could not)."""
    if not hasattr(field.model, "history") and not _once(field):
        for start in range(0, len(rows), CHUNK):
            some = [row.pk for row in rows[start : start + CHUNK]]
            field.model._base_manager.filter(pk__in=some).update(**{field.name: to})
        return [row.pk for row in rows], []
    went, left = [], []
    for row in rows:
        setattr(row, field.name, to)
        try:
            with transaction.atomic():
                row.save(update_fields=[field.name])
        except IntegrityError:
            left.append(row.pk)
        else:
            went.append(row.pk)
    return went, left


def _once(field: models.ForeignKey) -> bool:
    """May a person have but one of these, of some kind?"""
    constraints = [one for one in field.model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    named = [*field.model._meta.unique_together, *(one.fields for one in constraints)]
    return field.unique or any(field.name in names for names in named)
