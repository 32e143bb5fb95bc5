"""Numbers of people, telephones and plates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standard.numbers import NumberError, identity, mobile, permit, plate

TODAY = date(2026, 3, 1)


def fault(module, text, **given_):
    """(kind, position, message) of what is wrong."""
    with pytest.raises(NumberError) as caught:
        module.parse(text, **given_)
    return caught.value.kind, caught.value.position, caught.value.message


@pytest.mark.parametrize(
    ("number", "kind", "birth", "sex"),
    [
        ("110101199003071233", "citizen", date(1990, 3, 7), "1"),
        ("110101900307123", "citizen", date(1990, 3, 7), "1"),
        ("１１０１０１ 19900307 1233", "citizen", date(1990, 3, 7), "1"),
        ("810000199408230021", "permit", date(1994, 8, 23), "2"),
        ("830000199201300022", "permit", date(1992, 1, 30), "2"),
        ("931586198001010028", "foreigner", date(1980, 1, 1), "2"),
    ],
)
def test_a_number_tells_kind_birth_and_sex(number, kind, birth, sex):
    known = identity.parse(number, today=TODAY)
    assert (known.kind, known.birth_date, known.sex_code) == (kind, birth, sex)
    assert len(known.number) == 18


def test_a_lower_case_x_is_an_x():
    first17 = next(f"1201011990030700{n}" for n in range(1, 10) if identity.check_digit(f"1201011990030700{n}") == "X")
    assert identity.parse(first17 + "x", today=TODAY).number == first17 + "X"


@pytest.mark.parametrize(
    ("number", "kind", "position", "words"),
    [
        ("", "length", None, "现有 0 位"),
        ("11010119900307123", "length", None, "现有 17 位"),
        ("11010l199003071233", "character", 6, "第 6 位应为数字"),
        ("11010119900307123Y", "character", 18, "第 18 位应为数字或 X"),
        ("110101199002301236", "date", 7, "不是存在的日期"),
        ("110101202603021234", "date", 7, "在今天之后"),
        ("110101189602281234", "date", 7, "早于 130 年前"),
        ("110101199003071234", "check", 18, "第 18 位校验码不符,请核对"),
        ("110101901331123", "date", 7, "第 7 至 12 位"),
    ],
)
def test_a_wrong_number_is_told_what_and_where_and_is_not_repeated(number, kind, position, words):
    found = fault(identity, number, today=TODAY)
    assert found[:2] == (kind, position)
    assert words in found[2]
    assert not number or number not in found[2]


def test_a_person_of_exactly_130_years_passes():
    first17 = "11010118960301123"
    assert identity.is_valid(first17 + identity.check_digit(first17), today=TODAY)


def test_an_unknown_region_is_a_warning_and_an_abolished_one_is_not():
    unknown, abolished = "190101" + "19900307123", "130323" + "19900307123"
    assert identity.parse(unknown + identity.check_digit(unknown), today=TODAY).warnings
    known = identity.parse(abolished + identity.check_digit(abolished), today=TODAY)
    assert (known.region_name, known.warnings) == ("河北省秦皇岛市抚宁县", ())


@given(
    st.sampled_from(["120101", "110101", "830000", "931586"]),
    st.dates(date(1900, 1, 1), date(2025, 12, 31)),
    st.integers(0, 999),
    st.integers(0, 17),
    st.integers(1, 9),
)
def test_one_wrong_digit_is_always_noticed(region, birth, sequence, place, off):
    first17 = f"{region}{birth:%Y%m%d}{sequence:03}"
    number = first17 + identity.check_digit(first17)
    assert identity.parse(number, today=TODAY).birth_date == birth
    wrong = number[place]
    other = str((int(wrong) + off) % 10) if wrong != "X" else str(off)
    assert not identity.is_valid(number[:place] + other + number[place + 1 :], today=TODAY)


@given(st.text(max_size=25))
def test_no_text_breaks_a_rule_book(text):
    for module in (identity, permit, mobile, plate):
        assert module.is_valid(text) in (True, False)
        module.normalise(text)


def test_a_foreigners_card_is_read_in_both_editions():
    new = permit.parse("931586198001010028", today=TODAY)
    assert (new.edition, new.country, new.birth_date) == ("2023", "586", date(1980, 1, 1))
    old = permit.parse("can110081080319", today=TODAY)
    assert (old.edition, old.country, old.birth_date) == ("2017", "CAN", date(1981, 8, 3))
    assert fault(permit, "110101199003071233", today=TODAY)[0] == "form"
    assert fault(permit, "CAN1100810803", today=TODAY)[0] == "form"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13812345678", "13812345678"), ("+86 138 1234 5678", "13812345678"), ("0086-13812345678", "13812345678"),
        ("8613812345678", "13812345678"), ("１３８１２３４５６７８", "13812345678"), ("(022)27890000", "02227890000"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_read_as_people_write_it(text, number):
    assert mobile.parse(text).number == number


@pytest.mark.parametrize(
    ("text", "kind"), [("1381234567", "length"), ("12812345678", "form"), ("1381234567a", "character"), ("", "form")]
)
def test_a_wrong_telephone_number_is_told_why(text, kind):
    assert fault(mobile, text)[0] == kind


@pytest.mark.parametrize(
    ("text", "kind", "province", "colour"),
    [
        ("津A12345", "ordinary", "津", "2"), ("津·a1234b", "ordinary", "津", "2"), ("津AD12345", "new-energy", "津", "4"),
        ("京AF12345", "new-energy", "京", "4"), ("津A12345D", "new-energy", "津", "4"), ("津A1234警", "police", "津", "0"),
        ("津A1234学", "special", "津", "1"), ("粤Z1234港", "cross-border", "粤", "3"), ("123456使", "embassy", "", "3"),
        ("使123456", "embassy", "", "3"), ("津A1234领", "consulate", "津", "3"), ("WJ津12345", "armed-police", "津", "0"),
        ("VA12345", "military", "", "0"), ("津A12345临", "temporary", "津", None),
    ],
)  # fmt: skip
def test_plates_of_all_kinds_are_known(text, kind, province, colour):
    known = plate.parse(text)
    assert (known.kind, known.province, known.colour_code) == (kind, province, colour)


@pytest.mark.parametrize(
    ("text", "kind", "position"),
    [
        ("津A1234", "length", None), ("津A1234I", "character", 7), ("津AO2345", "character", 3),
        ("某A12345", "character", 1), ("津112345", "character", 2), ("津A123456", "form", None), ("", "length", None),
    ],
)  # fmt: skip
def test_a_wrong_plate_is_told_where(text, kind, position):
    assert fault(plate, text)[:2] == (kind, position)
