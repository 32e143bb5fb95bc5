"""Holding what arrived against what was generated."""

import base64
import io

from PIL import Image

from demo.comparison import compare
from demo.drawings import portrait

PERSON = {"registration_code": "LOTUS0001", "document_number": "120100198001019011", "name": "王伟", "remark": ""}
ARRIVED = {name: value for name, value in PERSON.items() if value}


def recoded(data: bytes, quality: int) -> str:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).save(buffer, "JPEG", quality=quality)
    return base64.b64encode(buffer.getvalue()).decode()


def test_equal_records_do_not_differ() -> None:
    result = compare([("B.2.2", PERSON)], [("B.2.2", "p1", ARRIVED)])
    assert result.compared == {"B.2.2": 1}
    assert result.fields == 3
    assert result.differences == []


def test_a_changed_field_a_missing_and_an_unexpected_record_are_named() -> None:
    other = ARRIVED | {"document_number": "120100198001019038"}
    result = compare(
        [("B.2.2", PERSON), ("B.2.2", other | {"remark": "x"})],
        [("B.2.2", "p1", ARRIVED | {"name": "王韦"}), ("B.2.2", "p3", ARRIVED | {"document_number": "1"})],
    )
    found = [(difference.problem, difference.fields) for difference in result.differences]
    assert found == [("differs", ("name",)), ("missing", ()), ("unexpected", ())]


def test_a_field_that_nobody_generated_is_a_difference() -> None:
    result = compare([("B.2.2", PERSON)], [("B.2.2", "p1", ARRIVED | {"phone": "13800000000"})])
    assert [difference.fields for difference in result.differences] == [("phone",)]


def test_a_relation_is_matched_through_the_person_it_names() -> None:
    relation = {"registration_code": "LOTUS0001", "document_number": PERSON["document_number"], "address_code": "12"}
    stored = {"registration_code": "LOTUS0001", "person_id": "p1", "address_code": "12"}
    result = compare([("B.2.2", PERSON), ("B.4.2", relation)], [("B.2.2", "p1", ARRIVED), ("B.4.2", "r1", stored)])
    assert result.differences == []
    astray = compare(
        [("B.2.2", PERSON), ("B.4.2", relation)],
        [("B.2.2", "p1", ARRIVED), ("B.4.2", "r1", stored | {"person_id": "p2"})],
    )
    assert {difference.problem for difference in astray.differences} == {"missing", "unexpected"}


def test_a_recoded_picture_is_the_same_and_another_one_is_not() -> None:
    drawn = portrait(3, "1")
    photo = {"photo_base64": base64.b64encode(drawn).decode()}
    same = compare([("B.2.2", PERSON | photo)], [("B.2.2", "p1", ARRIVED | {"photo_base64": recoded(drawn, 85)})])
    other = compare(
        [("B.2.2", PERSON | photo)], [("B.2.2", "p1", ARRIVED | {"photo_base64": recoded(portrait(4, "2"), 85)})]
    )
    assert same.differences == []
    assert [difference.fields for difference in other.differences] == [("photo_base64",)]
