"""The standard as data is complete."""

import json
import re
import subprocess
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from hypothesis import assume, given
from hypothesis import strategies as st

from standard import codes, interfaces, messages, requirements
from standard.fields import YES

WIRE_NAMES = ("zjhm", "ptzcm", "lxdh", "dzbm", "sbbm", "clhmxx", "encrype", "zlkssj", "ryId", "fwId")
BEIJING = ZoneInfo("Asia/Shanghai")
PERSON = {
    "name": "张三", "document_number": "110101199003071233", "document_type_code": "111", "phone": "13812345678",
    "registration_code": "LOTUS", "is_elderly_living_alone": True, "sex_code": "1",
}  # fmt: skip


def test_the_counts_are_those_of_the_standard() -> None:
    assert len(interfaces.ALL) == 18
    assert sum(1 for one in interfaces.ALL for _ in one.every_field()) == 304
    assert sum(field.encrypted for one in interfaces.ALL for _, field in one.every_field()) == 15
    assert len(requirements.table1()) == 32
    assert len(requirements.facilities()) == 64
    assert len(requirements.figures()) == 53
    assert sum(row[0].startswith("C.") for row in codes.TABLES) == 18


@pytest.mark.parametrize(
    ("table", "rows"), [("C.1", 30), ("C.2", 12), ("C.7", 7), ("C.11", 11), ("C.16", 6), ("GB/T 3304", 58)]
)
def test_a_code_table_has_every_row(table: str, rows: int) -> None:
    assert len(codes.table(table).rows) == rows


@pytest.mark.parametrize("identifier", [row[0] for row in codes.TABLES])
def test_every_code_table_is_whole_and_names_its_source(identifier: str) -> None:
    table = codes.table(identifier)
    assert table.source
    assert len(table.names) == len(table.rows)
    assert all(row.code and row.name for row in table.rows)


@pytest.mark.parametrize("clause", [one.clause for one in interfaces.ALL if one.direction == "push"])
def test_each_missing_required_field_is_named(clause: str) -> None:
    refusals = messages.check(clause, {})
    required = {field.en for field in interfaces.get(clause).request if field.required is YES}
    assert required <= {refusal.en for refusal in refusals}
    assert all(
        refusal.wire in str(refusal) and refusal.name_zh in str(refusal) and clause in str(refusal)
        for refusal in refusals
    )


def test_the_wire_is_spoken_in_the_standard_only() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.html", "*.js"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    word = re.compile(rf"\b({'|'.join(WIRE_NAMES)})\b")
    spoken = [
        name
        for name in listed.stdout.split()
        if not name.startswith(("standard/", "tests/"))
        and "/migrations/" not in name
        and (settings.BASE_DIR / name).exists()
        for line in (settings.BASE_DIR / name).read_text(encoding="utf-8").splitlines()
        if word.search(line) and "_(" not in line
    ]
    assert spoken == []


def test_a_person_is_encoded_under_the_printed_names_with_inverted_booleans() -> None:
    wire = messages.encode("B.2.2", PERSON, encrypt=lambda clear: f"<{len(clear)}>")
    assert wire["xm"] == "<2>"
    assert wire["zjhm"] == "<18>"
    assert wire["sfdjlr"] == "0"
    assert wire["xbmc"] == "男性"
    assert "csrj" not in wire


def test_the_likely_profile_sends_the_likely_names() -> None:
    record = PERSON | {"residence_address_code": "12"}
    assert "sjjzdbm" in messages.encode("B.2.2", record)
    assert "sjjzdzbm" in messages.encode("B.2.2", record, profile=messages.LIKELY)


def test_a_lease_must_end_after_it_starts() -> None:
    relation = {
        "person_id": "1", "address_code": "2", "resident_type_code": "1", "registration_code": "LOTUS",
        "lease_start": datetime(2026, 5, 1, tzinfo=BEIJING), "lease_end": datetime(2026, 4, 1, tzinfo=BEIJING),
        "lease_contract_photo_base64": b"x",
    }  # fmt: skip
    with pytest.raises(messages.MessageError) as caught:
        messages.encode("B.4.2", relation)
    assert [refusal.en for refusal in caught.value.refusals] == ["lease_end"]
    assert messages.check("B.4.2", relation | {"lease_end": datetime(2027, 4, 1, tzinfo=BEIJING)}) == []


def test_tenants_need_their_lease_and_a_relation_needs_a_person() -> None:
    missing = {
        r.en
        for r in messages.check("B.4.2", {"address_code": "2", "resident_type_code": "1", "registration_code": "L"})
    }
    assert missing == {"person_id", "document_number", "lease_start", "lease_end", "lease_contract_photo_base64"}


def test_a_refusal_never_holds_the_value() -> None:
    refusals = messages.check("B.2.2", PERSON | {"name": "张\x00三", "sex_code": "7"})
    assert {refusal.en for refusal in refusals} == {"name", "sex_code"}
    assert "张" not in json.dumps([str(refusal) for refusal in refusals], ensure_ascii=False)


@given(st.integers(min_value=1, max_value=400))
def test_batches_never_pass_fifty_records(count: int) -> None:
    sizes = [len(rows) for rows in messages.split_batches("B.5.3", ({"n": str(n)} for n in range(count)))]
    assert sum(sizes) == count
    assert max(sizes) <= 50


@given(st.text(min_size=1, max_size=20), st.booleans())
def test_what_is_encoded_decodes_to_itself(remark: str, alone: bool) -> None:
    record = PERSON | {"remark": remark, "is_elderly_living_alone": alone}
    assume(remark.strip() and not messages.check("B.2.2", record))
    decoded = messages.decode("B.2.2", messages.encode("B.2.2", record))
    assert {name: decoded[name] for name in record} == record
