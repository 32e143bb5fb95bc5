"""The day a document runs out follows its validity, whichever way that came in, and nobody upstairs hears of it."""

import importlib
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from audit.models import Entry
from demo.generator import generate
from residents.expiry import expires
from residents.models import Person
from tests import cast
from tests.workbooks.books import PERSON, book, number
from tests.workbooks.test_import import importing
from uploads import installing
from uploads.models import Due

fill = importlib.import_module("residents.migrations.0011_fill_document_expiry")
VALIDITY, ENDS = "2011.03.30-2021.03.30", date(2021, 3, 30)


def stored(person: Person) -> date | None:
    return Person.objects.values_list("document_expires", flat=True).get(pk=person.pk)


def somebody(place: cast.Place, **facts: str) -> Person:
    return Person(
        community=place.community, name="李四", document_number=cast.valid_id("19910101"), document_validity=VALIDITY,
        **facts,
    )  # fmt: skip


def test_saving_tells_the_day_and_its_history_too(lotus: cast.Place) -> None:
    zhang = lotus.resident
    zhang.document_validity = VALIDITY
    zhang.save()
    assert stored(zhang) == zhang.history.first().document_expires == ENDS
    zhang.document_validity = "长期"
    zhang.save()
    assert stored(zhang) is None


def test_saving_the_validity_alone_tells_the_day(lotus: cast.Place) -> None:
    lotus.resident.document_validity = VALIDITY
    lotus.resident.save(update_fields=["document_validity"])
    assert stored(lotus.resident) == ENDS


@pytest.mark.parametrize("create", [Person.objects.bulk_create, lambda rows: bulk_create_with_history(rows, Person)])
def test_creating_in_bulk_tells_the_day(create, lotus: cast.Place) -> None:
    person = somebody(lotus)
    create([person])
    assert stored(person) == ENDS


@pytest.mark.parametrize(
    "update",
    [
        lambda row: Person.objects.bulk_update([row], ["document_validity", "remark"]),
        lambda row: bulk_update_with_history([row], Person, ["document_validity"]),
        lambda row: Person.objects.filter(pk=row.pk).update(document_validity=VALIDITY),
    ],
)
def test_changing_in_bulk_tells_the_day(update, lotus: cast.Place) -> None:
    lotus.resident.document_validity = VALIDITY
    update(lotus.resident)
    assert stored(lotus.resident) == ENDS
    Person.objects.filter(pk=lotus.resident.pk).update(document_validity="")
    assert stored(lotus.resident) is None


def test_a_workbook_tells_the_day_of_new_people_and_known_ones(lotus: cast.Place) -> None:
    heading = [*PERSON, "有效期限"]
    lines = [["王秀英", number(5), "13812345678", "天津市", "20110330-20210330"]]
    importing(lotus.community, book(人员=[heading, *lines]))
    wang = Person.objects.get(document_number_index__matches=number(5))
    assert stored(wang) == ENDS
    lines[0][-1] = "2021-03-30至2041-03-30"
    importing(lotus.community, book(人员=[heading, *lines]))
    assert stored(wang) == wang.history.first().document_expires == date(2041, 3, 30)


def test_the_form_of_the_office_tells_the_day(lotus: cast.Place, as_user) -> None:
    page = f"/admin/residents/person/{lotus.resident.pk}/change/"
    client = as_user(lotus.staff["manager"])
    form = client.get(page).context["adminform"].form
    facts = {name: form[name].value() or "" for name in form.fields if name not in ("photo", "face_consent")}
    inline = {f"residencies-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    answer = client.post(page, facts | inline | {"document_validity": VALIDITY, "birth_date": "1980-01-01"})
    assert answer.status_code == 302
    assert stored(lotus.resident) == ENDS


def test_the_day_alone_makes_nobody_due_and_is_no_change_in_the_log(lotus: cast.Place) -> None:
    row = Due.objects.filter(report="person", subject_id=lotus.resident.pk.hex)
    before = row.get().revision
    Person.objects.filter(pk=lotus.resident.pk).update(document_expires=ENDS)
    assert row.get().revision == before
    lotus.resident.document_validity = VALIDITY
    lotus.resident.save()
    told = Entry.objects.filter(action="change", target_id=str(lotus.resident.pk)).latest("id").detail["changes"]
    assert list(told) == ["document_validity"]
    assert row.get().revision > before


def test_filling_goes_on_where_it_broke_off(lotus: cast.Place, monkeypatch) -> None:
    people = [somebody(lotus, document_type="414") for _ in range(5)]
    for place, person in enumerate(people):
        person.document_number = f"E{place}"
    Person.objects.bulk_create(people)
    Person.objects.update(document_expires=None)
    left = iter(range(3))
    monkeypatch.setattr(fill, "BATCH", 2)
    monkeypatch.setattr(fill, "expires", lambda words: expires(words) if next(left) >= 0 else None)
    editor = SimpleNamespace(connection=connection)
    with pytest.raises(StopIteration):  # the machine stopped in the second batch
        fill.fill(apps, editor)
    assert sum(stored(person) == ENDS for person in people) == 2
    monkeypatch.setattr(fill, "expires", expires)
    fill.fill(apps, editor)
    fill.fill(apps, editor)
    assert [stored(person) for person in people] == [ENDS] * 5
    assert stored(lotus.resident) is None


def test_an_older_portal_learns_the_days_nothing_becomes_due_and_the_way_back_is_open(
    committed, lotus: cast.Place
) -> None:
    lotus.resident.document_validity = VALIDITY
    lotus.resident.save()
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    Due.objects.update(delivered_revision=100)
    before = list(Due.objects.order_by("pk").values_list("pk", "revision"))
    versions, entries = Person.history.count(), Entry.objects.count()
    installing.remove(connection)  # as `migrate` does beforehand
    try:
        MigrationExecutor(connection).migrate([("residents", "0006_optional_fields")])
        with connection.cursor() as cursor:
            columns = [one.name for one in connection.introspection.get_table_description(cursor, "residents_person")]
        assert "document_expires" not in columns
    finally:
        MigrationExecutor(connection).migrate(newest)
        emit_post_migrate_signal(0, interactive=False, db="default")
    assert stored(lotus.resident) == ENDS
    assert list(Due.objects.order_by("pk").values_list("pk", "revision")) == before
    assert (Person.history.count(), Entry.objects.count()) == (versions, entries)


def test_the_demo_has_documents_that_ran_out_and_some_that_soon_will() -> None:
    today = timezone.localdate()
    people = [d.human for place in generate(today=today) for home in place.homes for d in home.dwellings]
    days = [expires(human.validity) for human in people]
    assert all(human.validity for human in people)
    over = sum(1 for day in days if day and day < today)
    soon = sum(1 for day in days if day and today <= day < today + timedelta(days=90))
    assert 0 < over < len(people) / 10
    assert 0 < soon < len(people) / 10
