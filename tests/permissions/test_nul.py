"""A NUL, which PostgreSQL keeps in no text, breaks no page and keeps no entry from being written."""

import pytest
from django.test import Client

from audit.models import Entry
from tests import cast
from tests.desk.sealing import post

NUL = "a\x00b"


@pytest.mark.parametrize(
    "address",
    [
        "/audit/?actor={0}&reason={0}&role={0}&address={0}&session={0}&object={0}&kind={0}", "/audit/objects/{0}/{0}/",
        "/houses/?x={0}", "/api/houses/?search={0}",
    ],
)  # fmt: skip
def test_in_an_address(address: str, lotus: cast.Place, as_user) -> None:
    answer = as_user(lotus.staff["police"]).get(address.format("a%00b"))
    assert answer.status_code in (200, 404)


def test_in_what_is_searched_for(lotus: cast.Place, as_user) -> None:
    browser = as_user(lotus.staff["manager"])
    assert browser.get("/admin/residents/person/", {"q": NUL}).status_code in (200, 302)
    assert browser.post("/rights/", {"wanted": NUL}).status_code == 200
    assert post(browser, "/collect/check/", {"document_number": NUL, "document_type": "111"}).status_code == 200
    assert post(browser, "/collect/submit/", {"house": NUL, "name": NUL, "client_key": NUL}).status_code == 422
    assert browser.post("/import/", {"community": NUL}).status_code == 422


def test_in_what_is_signed_in_with(lotus: cast.Place) -> None:
    for _ in range(25):
        answer = Client().post("/accounts/login/", {"username": NUL, "password": NUL, "next": f"https://{NUL}"})
        assert answer.status_code in (422, 429)
    assert Entry.objects.filter(action="lockout").exists()


def test_in_a_folder(lotus: cast.Place, as_user) -> None:
    browser = as_user(lotus.staff["police"])
    assert browser.post("/audit/folders/", {"name": NUL, "reason": NUL * 3}).status_code in (302, 422)
