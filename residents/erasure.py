"""Erasing a person: the record, homes, jobs, vehicles, pictures and every version of them.

What stays is proof without content: the log's ids and masks, the ledger of consents, the requests and their answers.
"""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from residents.models import Consent, Person, Residency, Vehicle
from residents.rights import consenting


def vehicles_of(person: Person) -> models.QuerySet:
    """Vehicles of this community that name the person as owner, by link or by number."""
    owned = Q(owner=person)
    if person.document_number:
        owned |= Q(owner_number_index__matches=person.document_number)
    return Vehicle.objects.filter(owned, community=person.community_id)


def erase(person: Person, now: datetime) -> dict[str, int]:
    """Erase everything held of a person but what others own (a house names its owner): rows removed by model label."""
    removed: dict[str, int] = {}
    with transaction.atomic():
        vehicles = list(vehicles_of(person))
        keys = {  # a deleted instance forgets its key
            Person: [person.pk],
            Residency: list(person.residencies.values_list("pk", flat=True)),
            Vehicle: [row.pk for row in vehicles],
        }
        consenting.end(person.consents.all(), Consent.Ending.ERASED, user=None, now=now)
        for row in [*vehicles, person]:
            _add(removed, row.delete()[1])
        for model, gone in keys.items():
            _add(removed, _versions(model, gone))
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
