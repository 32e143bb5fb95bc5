"""A descriptor becomes an interface like the printed ones, or every fault of it is told."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from standard import descriptors, interfaces, messages

EXAMPLE = Path(settings.BASE_DIR, "docs/examples/organisation.json")


def changed(**values: object) -> str:
    return json.dumps({**json.loads(EXAMPLE.read_text()), **values})


def with_field(**values: object) -> str:
    told = json.loads(EXAMPLE.read_text())
    told["request"][0] |= values
    return json.dumps(told)


def faults(text: str | bytes) -> dict[str, str]:
    with pytest.raises(descriptors.DescriptorError) as wrong:
        descriptors.parse(text)
    return dict(wrong.value.faults)


@pytest.fixture
def loaded():
    one = descriptors.parse(EXAMPLE.read_bytes())
    descriptors.load([one])
    yield one
    descriptors.load([])


def test_the_example_is_written_and_read_like_any_interface(loaded: interfaces.Interface) -> None:
    record = {"name": "安居物业", "kind": "property", "phone": "022-12345678", "registration_code": "LOTUS"}
    message = messages.encode("X.1", record, encrypt=lambda clear: f"<{clear}>")
    assert message == {"dwmc": "安居物业", "dwlx": "property", "lxdh": "<022-12345678>", "ptzcm": "LOTUS"}
    assert messages.decode("X.1", message, decrypt=lambda sealed: sealed[1:-1]) == record
    assert interfaces.every()[-1] is loaded
    assert messages.check("X.1", {"name": "安居物业", "kind": "bank", "registration_code": "LOTUS"})[0].kind == "code"


def test_what_was_loaded_goes_away_whole(loaded: interfaces.Interface) -> None:
    descriptors.load([])
    with pytest.raises(KeyError):
        interfaces.get("X.1")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"\xff{", "文件"),
        ("[1]", "文件"),
        ("[" * 100_000, "文件"),
        (b" " * (descriptors.MAX_BYTES + 1), "文件"),
        (changed(clause="B.2.2"), "clause"),
        (changed(clause="X.1234567890"), "clause"),
        (changed(path="/openapi/person/synPersonInfo"), "path"),
        (changed(path="/openapi/../admin"), "path"),
        (changed(path="/openapi/x?token=1"), "path"),
        (changed(path="https://elsewhere.example/x"), "path"),
        (changed(direction="pull"), "direction"),
        (changed(method="GET"), "method"),
        (changed(title_zh=" "), "title_zh"),
        (changed(batch={"array_field": "dws", "limit": 51}), "batch.limit"),
        (changed(key=["nothing"]), "key"),
        (changed(request=[]), "request"),
        (changed(request=json.loads(changed())["request"][:3]), "request"),
        (changed(request=json.loads(changed())["request"] * 60), "request"),
        (with_field(wire="a b"), "request[1].send"),
        (with_field(en="Name"), "request[1].en"),
        (with_field(en="kind"), "request"),
        (with_field(type="List<Map>"), "request[1].type"),
        (with_field(required="perhaps"), "request[1].required"),
        (with_field(required="conditional"), "request[1].condition"),
        (with_field(encrypted="yes"), "request[1].encrypted"),
        (with_field(code_table="C.99"), "request[1].code_table"),
        (with_field(boolean={"true": "1"}), "request[1].boolean"),
        (with_field(max_length=True), "request[1].max_length"),
    ],
)
def test_every_fault_names_its_place(text: str | bytes, place: str) -> None:
    assert place in faults(text)


def test_all_faults_are_told_at_once() -> None:
    assert set(faults(changed(clause="b", path="x", direction="pull"))) == {"clause", "path", "direction"}
