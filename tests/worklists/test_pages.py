"""The pages of the work lists: numbers that lead to rows, rows that lead to forms, every look in the log."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Entry
from residents.worklists import registry
from tests import cast
from tests.worklists.test_lists import lease, newcomer
from uploads.models import Due

CODES = ["empty-houses", "no-photo", "unchecked", "no-phone", "leases", "documents", "strangers", "undelivered"]


@pytest.mark.parametrize("role", ["collector", "manager"])
def test_every_list_has_its_tab_with_its_number(role: str, lotus: cast.Place, maple: cast.Place, as_user) -> None:
    newcomer(lotus), newcomer(lotus, 2), newcomer(maple)
    page = as_user(lotus.staff[role]).get("/collect/work/")
    assert [tile["list"].code for tile in page.context["tiles"]] == CODES
    counts = {tile["list"].code: tile["count"] for tile in page.context["tiles"]}
    assert (counts["empty-houses"], counts["no-photo"], counts["documents"]) == (1, 2, 0)
    assert 'href="/collect/work/no-photo/"' in page.content.decode()


def test_the_rows_are_masked_and_lead_to_the_form(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    li, other = newcomer(lotus), newcomer(maple)
    page = as_user(lotus.staff["collector"]).get("/collect/work/no-phone/").content.decode()
    assert f"/collect/?person={li.pk}&amp;field=phone" in page
    assert "李*凤" in page
    assert ("李小凤" in page, str(other.pk) in page, "枫林苑" in page) == (False, False, False)


def test_a_look_at_a_list_is_in_the_log(lotus: cast.Place, as_user) -> None:
    as_user(lotus.staff["collector"]).get("/collect/work/no-phone/")
    entry = Entry.objects.get(action="list")
    assert (entry.target_model, entry.community_id) == ("residents.person", lotus.community.pk)
    assert entry.detail == {"filters": ["no-phone"]}


def test_nobody_else_finds_the_pages(lotus: cast.Place, stranger, as_user, client) -> None:
    for user in (stranger, *(lotus.staff[role] for role in ("guard", "operator", "police"))):
        for address in ("/collect/work/", "/collect/work/no-photo/"):
            assert as_user(user).get(address).status_code == 404
    assert as_user(lotus.staff["collector"]).get("/collect/work/nothing-such/").status_code == 404
    assert client.get("/collect/work/no-photo/").status_code == 302


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999", "2", "٣"])
def test_a_page_that_is_none_is_the_nearest_or_empty(page: str, lotus: cast.Place, as_user) -> None:
    answer = as_user(lotus.staff["collector"]).get("/collect/work/empty-houses/", {"page": page})
    assert answer.status_code == 200


def test_a_long_list_is_turned_over(lotus: cast.Place, as_user, monkeypatch) -> None:
    monkeypatch.setattr(registry, "PAGE", 2)
    for sequence in range(3):
        newcomer(lotus, sequence)
    client = as_user(lotus.staff["collector"])
    first, second = (client.get("/collect/work/no-phone/", {"page": page}) for page in (1, 2))
    assert (len(first.context["rows"]), len(second.context["rows"])) == (2, 1)
    assert ("?page=2" in first.content.decode(), "?page=3" in second.content.decode()) == (True, False)


@pytest.mark.parametrize("code", CODES)
def test_a_list_asks_as_many_questions_of_many_rows_as_of_few(code: str, lotus: cast.Place, as_user) -> None:
    client, past = as_user(lotus.staff["manager"]), "2001.01.01-2021.01.01"

    def grow(sequence: int) -> None:
        person = newcomer(lotus, sequence, document_validity=past)
        home = lease(person, -sequence)
        Due.objects.filter(subject_id__in=[person.pk.hex, home.pk.hex]).update(state="held", reason="联系电话为空")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/collect/work/{code}/").status_code == 200
        return len(queries)

    grow(1)
    asked()
    few = asked()
    for sequence in range(2, 8):
        grow(sequence)
    assert asked() == few <= 28


def test_a_list_uses_the_index_that_was_made_for_it(lotus: cast.Place) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    user, now = lotus.staff["collector"], timezone.now()
    for code, index in (
        ("no-photo", "person_no_photo"), ("no-phone", "person_no_phone"), ("documents", "person_expiring"),
        ("leases", "residency_leases"), ("empty-houses", "residency_present"),
    ):  # fmt: skip
        assert index in registry.get(user, code).of(user, now).explain(), code
