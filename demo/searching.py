"""Benches: finding people, listing them, sealing and opening their fields, beside the same over plain columns in the same database and run."""

import statistics
from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.db import connection, models, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.test import RequestFactory
from unfold.admin import ModelAdmin

from accounts.models import User
from community.models import Community
from demo.crowd import people, timed
from guomi.masking import mask
from guomi.normalise import NORMALISERS
from residents.models import Person

BATCH = 1000
PAGE = 50


class PlainPerson(models.Model):
    """The same people with their values in clear, indexed like the sealed ones; its table lives only in the bench."""

    id = models.UUIDField(primary_key=True)
    community_id = models.BigIntegerField()
    name = models.CharField(max_length=50, db_index=True)
    surname = models.CharField(max_length=1)
    document_number = models.CharField(max_length=50, db_index=True)
    document_last4 = models.CharField(max_length=4, db_index=True)
    phone = models.CharField(max_length=20, db_index=True)
    phone_last4 = models.CharField(max_length=4, db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "demo"  # imported by the benches alone, so no migration knows it
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["community_id", "-created_at"], name="bench_plain_newest"),
            models.Index(fields=["-created_at", "id"], name="bench_plain_newest_anywhere"),
            models.Index(fields=["surname", "-created_at"], name="bench_plain_surname"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def name_masked(self) -> str:
        return mask("name", self.name)

    def document_number_masked(self) -> str:
        return mask("document", self.document_number)

    def phone_masked(self) -> str:
        return mask("phone", self.phone)


@admin.register(PlainPerson)
class ListAdmin(ModelAdmin):
    """The list page to compare: the same columns for the sealed people and for the plain ones."""

    list_display = ("name_masked", "document_number_masked", "phone_masked", "created_at")
    list_display_links = None
    list_per_page = PAGE
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


def list_page(model: type[models.Model], user: User) -> Callable[[], bytes]:
    """Ask for the list page of the model and render it."""
    shown_by = ListAdmin(model, admin.site)
    request = RequestFactory().get("/")
    request.user, request.session = user, {}

    def ask() -> bytes:
        return shown_by.changelist_view(request).render().content

    return ask


def load(count: int) -> Community:
    """The people, sealed and plain."""
    community = Community.objects.create(name="压测小区", registration_code="BENCH")
    with connection.schema_editor() as editor:
        editor.create_model(PlainPerson)
    everybody = people(count)
    for start in range(0, count, BATCH):
        rows = [next(everybody) for _ in range(min(BATCH, count - start))]
        with transaction.atomic():
            made = Person.objects.bulk_create([Person(community=community, **row) for row in rows])
            PlainPerson.objects.bulk_create(
                PlainPerson(
                    id=person.pk, community_id=community.pk, surname=row["name"][0], created_at=person.created_at,
                    document_last4=row["document_number"][-4:], phone_last4=row["phone"][-4:], **row,
                )
                for person, row in zip(made, rows, strict=True)
            )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return community


def case(title: str, pairs: list[tuple[float, float]]) -> list[dict[str, Any]]:
    """p50 and p95 of (sealed, plain) milliseconds, measured in turns."""
    found = []
    for name, share in (("p50", 50), ("p95", 95)):
        sealed, bare = (statistics.quantiles(side, n=100)[share - 1] for side in zip(*pairs, strict=True))
        found.append(
            {"case": f"{title}, {name}", "value": round(sealed, 3), "unit": "ms", "baseline": "plain columns",
             "baseline_value": round(bare, 3), "ratio": round(sealed / bare, 2)}
        )  # fmt: skip
    return found


def shown(rows: Any) -> list[tuple[str, str, str]]:
    """What a list shows of each row, masked."""
    if rows.model is PlainPerson:
        return [(mask("name", p.name), mask("document", p.document_number), mask("phone", p.phone)) for p in rows]
    return [(p.name_masked(), p.document_number_masked(), p.phone_masked()) for p in rows]


# What is asked of the plain copy for a word that Person.search takes for this.
QUESTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "whole number": ("document_number", ("document_number", "phone")),
    "telephone": ("phone", ("document_number", "phone")),
    "name": ("name", ("name", "document_number")),
    "last four": ("phone_last4", ("phone_last4", "document_last4")),
}


def search_cases(count: int = 200_000, turns: int = 300) -> list[dict[str, Any]]:
    """Searches by each kind of word, and the list of 50 masked rows: sealed and plain in turns."""
    community = load(count)
    sealed, bare = Person.objects.filter(community=community), PlainPerson.objects.filter(community_id=community.pk)
    chosen = list(PlainPerson.objects.order_by("id")[:: max(1, count // turns)])

    def by_blind_index(word: str, _columns: tuple[str, ...]) -> int:
        return len(shown(sealed.search(word)[:PAGE]))

    def by_plain_column(word: str, columns: tuple[str, ...]) -> int:
        return len(shown(bare.filter(reduce(or_, (Q(**{name: word}) for name in columns)))[:PAGE]))

    results = []
    for title, (source, columns) in QUESTIONS.items():
        pairs = []
        for row in chosen:
            word = getattr(row, source)
            if not by_blind_index(word, columns) == by_plain_column(word, columns) > 0:
                raise RuntimeError(f"{title}: the two searches differ")
            pairs.append((timed(by_blind_index, word, columns), timed(by_plain_column, word, columns)))
        results += case(f"{count} people, {title}", pairs)
    pairs = [(timed(shown, sealed[:PAGE]), timed(shown, bare[:PAGE])) for _ in range(turns)]
    results += case(f"{count} people, 50 rows read and masked", pairs)
    user = User.objects.create_superuser("bench", password=None)
    own, other = list_page(Person, user), list_page(PlainPerson, user)
    if own().count(b"<tr") != other().count(b"<tr"):
        raise RuntimeError("the two pages differ")
    return results + case(
        f"{count} people, admin list page of 50 rows", [(timed(own), timed(other)) for _ in range(40)]
    )


def per_second(deed: Callable[[], Any], count: int, rounds: int = 5) -> float:
    """Fields a second, best of the rounds."""
    return max(count / (timed(deed) / 1000) for _ in range(rounds))


def field_cases(count: int = 2000) -> list[dict[str, Any]]:
    """Sealing, opening and indexing three fields of each of `count` people, beside the same in plain columns."""
    load(count)
    rows = list(people(count))
    indexes = {name: Person._meta.get_field(f"{name}_index") for name in rows[0]}

    def sealed() -> None:
        for person in [Person(**row) for row in rows]:
            for name in indexes:
                Person._meta.get_field(name).sealed_for(person)

    def kept() -> None:
        for person in [PlainPerson(**row) for row in rows]:
            for name in indexes:
                PlainPerson._meta.get_field(name).get_prep_value(getattr(person, name))

    def read(model: type[models.Model]) -> None:
        for row in model.objects.all():
            for name in indexes:
                getattr(row, name)

    def indexed() -> None:
        for row in rows:
            for name, index in indexes.items():
                index.index(row[name])

    def normalised() -> None:
        for row in rows:
            for name, index in indexes.items():
                NORMALISERS[index.normalise](row[name])

    deeds = {
        "fields sealed": (sealed, kept),
        "fields read from the database and opened": (lambda: read(Person), lambda: read(PlainPerson)),
        "blind indexes": (indexed, normalised),
    }
    results = []
    for title, (own, baseline) in deeds.items():
        value, bare = per_second(own, 3 * count), per_second(baseline, 3 * count)
        results.append(
            {"case": title, "value": round(value), "unit": "1/s", "baseline": "plain fields",
             "baseline_value": round(bare), "ratio": round(value / bare, 3)}
        )  # fmt: skip
    return results
