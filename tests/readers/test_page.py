"""The page that says how to set a reader up, and the program it gives out."""

import hashlib
import re

from django.test import Client

from residents.readers import READER_SOURCES
from residents.readers.kinds import KINDS
from residents.readers.tables import DOCUMENTS, tables
from standard import codes
from tests import cast
from tests.readers.bridging import PROGRAM


def test_a_collector_is_told_the_commands_with_this_portals_address(lotus: cast.Place, as_user) -> None:
    page = as_user(lotus.staff["collector"]).get("/collect/reader/", secure=True).content.decode()
    assert "python anju_reader.py --origin https://testserver" in page
    assert hashlib.sha256(PROGRAM.read_bytes()).hexdigest() in page
    for kind in KINDS:
        assert str(kind.name) in page


def test_the_program_is_given_out_as_it_is(lotus: cast.Place, as_user) -> None:
    answer = as_user(lotus.staff["collector"]).get("/collect/reader/anju_reader.py")
    assert answer.content == PROGRAM.read_bytes()
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Content-Type"].startswith("text/x-python")


def test_who_does_not_collect_finds_no_such_page(lotus: cast.Place, as_user, stranger) -> None:
    for user in (lotus.staff["guard"], stranger):
        assert as_user(user).get("/collect/reader/").status_code == 404
        assert as_user(user).get("/collect/reader/anju_reader.py").status_code == 404
    assert Client().get("/collect/reader/anju_reader.py").status_code == 302


def test_documents_and_nations_are_the_standards_own() -> None:
    assert set(DOCUMENTS) == {"resident", "hmt", "foreigner2017", "foreigner2023"}
    assert all(codes.knows("identity_document", code) for code in DOCUMENTS.values())
    told = tables()
    assert told["ethnicities"] == [[row.code, row.name] for row in codes.table("ethnic_group").rows]
    assert all(codes.knows("ethnic_group", code) for code in told["aliases"].values())


def test_the_page_may_connect_to_this_machine_only() -> None:
    for source in READER_SOURCES:
        assert re.fullmatch(r"(http|https|ws)://(127\.0\.0\.1|localhost):\d+", source)
    for kind in KINDS:
        assert any(kind.address.startswith(source) for source in READER_SOURCES)


def test_an_installation_can_name_more_addresses(settings) -> None:
    settings.READER_ADDRESSES = ["http://127.0.0.1:8990"]
    assert tables()["sources"] == [*READER_SOURCES, "http://127.0.0.1:8990"]
