"""Erasing a person: the record, homes, jobs, vehicles, pictures and every version of them.

What stays is proof without content: the log's ids and masks, the ledger of consents, the requests and their answers.
"""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from residents.models import Consent, Merge, Person, Residency, Vehicle
from residents.rights import consenting


def vehicles_of(person: Person) -> models.QuerySet:
    """Vehicles of this community that name the person as owner, by link or by number."""
    owned = Q(owner=person)
    if person.document_number:
        owned |= Q(owner_number_index__matches=person.document_number)
    return Vehicle.objects.filter(owned, community=person.community_id)


def erase(person: Person, now: datetime) -> dict[str, int]:
    """Erase everything held of a person but what others own (a house names its owner): rows removed by model label.

    What was merged into the record goes with it: it is his as well.
    """
    removed: dict[str, int] = {}
    with transaction.atomic():
        people = [*Person.with_merged.filter(merged_into=person), person]
        vehicles = list({row.pk: row for one in people for row in vehicles_of(one)}.values())
        keys = {  # a deleted instance forgets its key
            Person: [one.pk for one in people],
            Residency: list(Residency.with_merged.filter(person__in=people).values_list("pk", flat=True)),
            Vehicle: [row.pk for row in vehicles],
        }
        consenting.end(Consent.objects.filter(person__in=people), Consent.Ending.ERASED, user=None, now=now)
        for row in [*vehicles, *people]:
            _add(removed, row.delete()[1])
        for model, gone in keys.items():
            _add(removed, _versions(model, gone))
    return removed


def erase_merged(gone: Person) -> dict[str, int]:
    """Erase a record that was merged into another one long enough ago; the person stays, the merge can't be undone any more."""
    removed: dict[str, int] = {}
    with transaction.atomic():
        keys = {
            Person: [gone.pk],
            Residency: list(Residency.with_merged.filter(person=gone).values_list("pk", flat=True)),
        }
        for deed in Merge.objects.filter(gone=gone):
            deed.former, deed.taken, deed.former_photo = None, None, ""
            deed.save()
        _add(removed, gone.delete()[1])
        for model, pks in keys.items():
            _add(removed, _versions(model, pks))
    return removed


def erase_residency(residency: Residency) -> dict[str, int]:
    """Erase one former home of somebody who is still here, with its versions and its contract."""
    removed: dict[str, int] = {}
    with transaction.atomic():
        key = residency.pk
        _add(removed, residency.delete()[1])
        _add(removed, _versions(Residency, [key]))
    return removed


def _versions(model: type[models.Model], keys: list[Any]) -> dict[str, int]:
    return model.history.filter(**{f"{model._meta.pk.name}__in": keys}).delete()[1]


def _add(removed: dict[str, int], counts: dict[str, int]) -> None:
    for label, count in counts.items():
        if count:
            removed[label] = removed.get(label, 0) + count
