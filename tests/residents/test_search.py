"""Finding people without saying what one types, over blind indexes only."""

import pytest
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts import statistics
from demo.crowd import people
from residents.models import Person
from tests import cast
from uploads import installing
from uploads.models import Due

NUMBER = cast.valid_id("19800101", 901)


@pytest.mark.parametrize(
    "wanted",
    [
        "张三丰", "张 三丰", "张", NUMBER, NUMBER.lower(), f" {NUMBER[:6]} {NUMBER[6:]}", "19900001234", "+86 199-0000-1234", "1234",
        NUMBER[-4:], f"张 {NUMBER[-4:]}", "1234 张", "张三丰 1234", "１２３４",
    ],
)  # fmt: skip
def test_zhang_is_found_by(wanted: str, lotus: cast.Place) -> None:
    other = Person.objects.create(
        community=lotus.community, name="李四", document_number=cast.valid_id("19770707", 333)
    )
    found = list(Person.objects.search(wanted))
    assert lotus.resident in found
    assert other not in found


@pytest.mark.parametrize("wanted", ["张三", "三", "123", "19900001235", "王 1234", "张 9999", "%", "'", "x" * 500])
def test_zhang_is_not_found_by(wanted: str, lotus: cast.Place) -> None:
    assert list(Person.objects.search(wanted)) == []


def test_the_search_stays_in_scope(lotus: cast.Place, maple: cast.Place) -> None:
    assert list(Person.objects.visible_to(lotus.staff["manager"]).search("张")) == [lotus.resident]


def test_the_indexes_follow_a_change_of_the_name(lotus: cast.Place) -> None:
    lotus.resident.name = "欧阳锋"
    lotus.resident.save(update_fields=["name"])
    assert [*Person.objects.search("欧")] == [*Person.objects.search("欧阳锋")] == [lotus.resident]
    assert not Person.objects.search("张").exists()


def test_the_search_uses_indexes(lotus: cast.Place) -> None:
    Person.objects.bulk_create(Person(community=lotus.community, **facts) for facts in people(1500))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table is small: ask what it would do with a big one
    plan = Person.objects.search("1234").order_by().explain()
    assert "person_phone_last4" in plan
    assert "person_document_last4" in plan


def test_an_older_portal_gets_its_indexes_and_nothing_becomes_due(committed, lotus: cast.Place) -> None:
    old = [("residents", "0001_initial")]
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()  # what stands on residents came down with it
    Due.objects.update(delivered_revision=100)
    before = list(Due.objects.order_by("pk").values_list("pk", "revision"))
    installing.remove(connection)  # as `migrate` does beforehand
    MigrationExecutor(connection).migrate(old)
    try:
        MigrationExecutor(connection).migrate(newest)
    finally:
        MigrationExecutor(connection).migrate(newest)
        emit_post_migrate_signal(0, interactive=False, db="default")  # SQLite made the table anew, without triggers
    assert list(Person.objects.search("张 1234")) == [lotus.resident]
    assert list(Due.objects.order_by("pk").values_list("pk", "revision")) == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL looks at its tables by itself")
def test_the_newest_people_are_shown_without_sorting_everybody(lotus: cast.Place) -> None:
    Person.objects.bulk_create(Person(community=lotus.community, **facts) for facts in people(1500))
    statistics.refresh()
    plan = Person.objects.visible_to(lotus.staff["manager"]).order_by("-created_at", "id")[:50].explain()
    assert "person_newest" in plan
    assert "FOR ORDER BY" not in plan
