"""The standard's own printed examples, typed from its text, are read and written again under its own names."""

import csv
import json
from pathlib import Path

import pytest

from standard import envelope, interfaces, messages

FOLDER = Path(__file__).parent / "examples"
CLAUSES = [one.clause for one in interfaces.ALL]


def quirks(clause, part):
    """Printed spelling -> the field table's, and the names the example leaves out."""
    with (FOLDER / "quirks.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["interface"], row["part"]) == (clause, part)]
    renamed = {row["printed"]: row["sent"] for row in rows if row["printed"]}
    return renamed, {row["sent"] for row in rows if not row["printed"]}


def example(clause, part):
    """The message as printed, JSON errors put right."""
    return json.loads((FOLDER / f"{clause}-{part}.json").read_text(encoding="utf-8"))["message"]


def said(value):
    """The example with something in every field it leaves empty, so that no name is lost."""
    if isinstance(value, dict):
        return {name: said(member) for name, member in value.items()}
    if isinstance(value, list):
        return [said(member) for member in value]
    return "示例" if value in ("", None) else value


def respelt(value, renamed):
    """The message with the field table's spellings."""
    if isinstance(value, dict):
        return {renamed.get(name, name): respelt(member, renamed) for name, member in value.items()}
    return [respelt(member, renamed) for member in value] if isinstance(value, list) else value


def wire_tree(clause, fields, record):
    """A decoded record's wire names, as deep as it goes."""
    names = {}
    for one in fields:
        if one.en in record:
            members = interfaces.members(clause, one)
            rows = record[one.en]
            names[one.wire] = [wire_tree(clause, members, row) for row in rows] if members else None
    return names


def names_of(message):
    """The names of a message, as deep as it goes."""
    if isinstance(message, list):
        return [names_of(member) for member in message]
    return {name: names_of(value) if isinstance(value, list) else None for name, value in message.items()}


@pytest.mark.parametrize("clause", CLAUSES)
def test_the_printed_request_is_sent_again_as_it_was_but_for_its_quirks(clause):
    renamed, _ = quirks(clause, "request")
    printed = said(example(clause, "request"))
    sent = messages.encode(clause, messages.decode(clause, printed, check=False), check=False)
    assert sent == respelt(printed, renamed)


@pytest.mark.parametrize("clause", CLAUSES)
def test_the_printed_request_holds_every_field_of_its_table_but_those_it_leaves_out(clause):
    renamed, left_out = quirks(clause, "request")
    interface, printed = interfaces.get(clause), example(clause, "request")
    row = printed[interface.batch.array_field][0] if interface.batch else printed
    assert set(respelt(row, renamed)) | left_out == {field.wire for field in interface.request}


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_name_of_the_printed_answer_is_understood(clause):
    renamed, left_out = quirks(clause, "response")
    interface = interfaces.get(clause)
    answer = envelope.parse_response(example(clause, "response"))
    assert answer.ok
    if not interface.response:
        assert answer.data is None
        return
    data = said(answer.data)
    record = messages.decode(clause, data, part="response", check=False)
    assert wire_tree(clause, interface.response, record) == names_of(respelt(data, renamed))
    if interface.items:
        row = respelt(data["list"][0], renamed)
        assert set(row) | left_out == {field.wire for field in interface.items}


def test_the_moments_of_the_printed_page_are_beijing_time():
    data = example("B.2.1", "response")["data"]
    (person,) = messages.decode("B.2.1", data, part="response", check=False)["items"]
    assert person["registered_at"].isoformat() == "2021-02-12 12:22:34".replace(" ", "T") + "+08:00"
    assert person["updated_at"].isoformat() == "2021-02-13T16:22:34+08:00"


def test_the_printed_sign_in_is_complete():
    record = messages.decode("B.1.1", example("B.1.1", "request"))
    assert record == {"password": "H7ZX1zq0Pc2TjIEzuiHCyA==", "username": "BJSWLYKJ"}
    answer = messages.decode("B.1.1", example("B.1.1", "response")["data"], part="response")
    assert answer["token"] == "bd2314e3b3a8494d9d2d5751ab20097a"
    assert answer["registration_codes"] == [
        {"registration_code": "09c71a278c117fcb1077ab077cf71519", "community_name": "某某小区"}
    ]


def test_each_of_the_36_examples_keeps_the_text_as_printed():
    files = sorted(FOLDER.glob("*.json"))
    assert len(files) == 36
    for path in files:
        kept = json.loads(path.read_text(encoding="utf-8"))
        printed = "".join("".join(kept["printed"]).split())
        assert all(f'"{"".join(name.split())}"' in printed for name in names_of(kept["message"]))
