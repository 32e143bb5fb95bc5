"""What must be complete is counted."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from standard import codes, division, interfaces, requirements

APPENDIX_C_ROWS = {
    "C.1": 30, "C.2": 12, "C.3": 6, "C.4": 2, "C.5": 3, "C.6": 2, "C.7": 7, "C.8": 2, "C.9": 4,
    "C.10": 2, "C.11": 11, "C.12": 2, "C.13": 2, "C.14": 2, "C.15": 3, "C.16": 6, "C.17": 3, "C.18": 5,
}  # fmt: skip
NATIONAL_ROWS = {
    "sex": 4, "marital_status": 8, "ethnic_group": 58, "education": 40, "political_status": 13, "occupation": 509,
    "house_use": 36, "house_category": 7, "house_property_nature": 3, "military_service": 6, "use_status_ga": 6,
    "identity_document": 163, "plate_colour": 7, "vehicle_colour": 11, "capture_colour": 14, "division": 7311,
}  # fmt: skip
FIELDS = {
    "B.1.1": (2, 2, 0), "B.2.1": (5, 4, 17), "B.2.2": (37, 1, 0), "B.2.3": (24, 0, 0), "B.3.1": (5, 4, 20),
    "B.3.2": (22, 1, 0), "B.4.1": (8, 4, 10), "B.4.2": (9, 1, 0), "B.5.1": (5, 4, 13), "B.5.2": (11, 1, 0),
    "B.5.3": (27, 0, 0), "B.6.1": (21, 1, 0), "B.6.2": (2, 0, 0), "B.6.3": (6, 0, 0), "B.7": (3, 4, 12),
    "B.8": (8, 0, 0), "B.9": (4, 0, 0), "B.10": (6, 0, 0),
}  # fmt: skip


def test_the_18_interfaces_have_their_304_fields():
    counted = {one.clause: (len(one.request), len(one.response), len(one.items)) for one in interfaces.ALL}
    assert counted == FIELDS
    assert len(interfaces.ALL) == 18
    assert sum(map(sum, counted.values())) == 304


def test_15_fields_are_marked_for_encryption_and_two_booleans_are_inverted():
    fields = [(one.clause, field) for one in interfaces.ALL for _, field in one.every_field()]
    assert sum(field.encrypted for _, field in fields) == 15
    inverted = {(clause, field.en) for clause, field in fields if field.boolean == ("0", "1")}
    assert inverted == {("B.2.2", "is_elderly_living_alone"), ("B.3.2", "is_group_rental")}
    assert sum(field.boolean is not None for _, field in fields) == 6


def test_18_names_have_a_likely_spelling_and_no_name_holds_a_blank():
    fields = [field for one in interfaces.ALL for _, field in one.every_field()]
    assert sum(field.likely is not None for field in fields) == 18
    assert not [field.wire for field in fields if " " in field.wire]


def test_names_are_unique_within_each_part():
    for one in interfaces.ALL:
        for part in ("request", "response", "items"):
            for names in ([f.wire for f in one.part(part)], [f.en for f in one.part(part)]):
                assert Counter(names) == Counter(set(names)), (one.clause, part)


def test_paths_and_clauses_are_unique():
    assert len({one.path for one in interfaces.ALL}) == 18
    assert Counter(one.direction for one in interfaces.ALL) == {"auth": 1, "pull": 5, "push": 12}
    assert {one.clause: (one.batch.array_field, one.batch.limit) for one in interfaces.ALL if one.batch} == {
        "B.2.3": ("rys", 50),
        "B.5.3": ("cls", 50),
    }


@pytest.mark.parametrize(("name", "rows"), {**APPENDIX_C_ROWS, **NATIONAL_ROWS}.items())
def test_every_code_table_has_its_rows(name, rows):
    table = codes.table(name)
    assert len(table.rows) == len(table.names) == rows
    assert all(row.name for row in table.rows)
    assert table.source


def test_every_code_file_states_its_source_on_its_first_line_and_is_used():
    files = {path.stem for path in codes.FOLDER.glob("*.csv")}
    assert files == {file for _, _, file in codes.TABLES}
    assert len(files) == 34
    for path in codes.FOLDER.glob("*.csv"):
        first, header, *_ = path.read_text(encoding="utf-8").splitlines()
        assert first.startswith("# ")
        assert len(first.split(" | ")) == 4
        assert header == "code,name,note"


def test_every_cited_table_exists():
    cited = {field.table for one in interfaces.ALL for _, field in one.every_field() if field.table}
    assert all(codes.table(name).rows for name in cited)


def test_the_minus_sign_and_leading_zeros_are_part_of_codes():
    assert codes.name("vehicle_brand", "-1") == "其他"
    assert codes.name("lease_status", "01") == "非出租房屋"
    with pytest.raises(codes.UnknownCode):
        codes.name("lease_status", "1")
    with pytest.raises(codes.UnknownTable):
        codes.table("C.19")


def test_a_division_is_named_from_its_province_down_and_keeps_its_status():
    assert division.name("120101") == "天津市和平区"
    assert division.name("130102") == "河北省石家庄市长安区"
    assert division.find("130323").status == "historical"
    assert division.find("000000") is None


def test_table_1_has_32_items_and_the_demands_of_its_tiers():
    items = requirements.table1()
    assert [item.no for item in items] == [f"{n:02}" for n in range(1, 33)]
    assert Counter(item.basic for item in items) == {"required": 13, "none": 19}
    assert Counter(item.preferred for item in items) == {"required": 22, "optional": 3, "none": 7}
    assert Counter(item.demonstration for item in items) == {"required": 25, "optional": 7}
    known = {one.clause for one in interfaces.ALL}
    assert all({*item.interfaces, *item.related} <= known for item in items)
    assert sum(not item.interfaces for item in items) == 17


def test_appendix_a_has_64_rows_and_its_marks_never_weaken_at_a_higher_level():
    rows = requirements.facilities()
    assert [row.number for row in rows] == list(range(1, 65))
    strength = ("none", "should", "must")
    for row in rows:
        for mode in requirements.MODES:
            marks = [strength.index(row.mark(mode, level)) for level in requirements.LEVELS]
            assert marks == sorted(marks), row.facility_zh


def test_the_53_figures_name_clause_side_and_relation():
    figures = requirements.figures()
    assert len(figures) == 53
    assert {figure.side for figure in figures} == {"software", "record", "hardware"}
    assert all(figure.clause and figure.op for figure in figures)


def test_the_data_files_are_all_read_or_documented():
    kept = {path.name for path in (Path(codes.FOLDER).parent).iterdir()}
    assert kept == {"codes", "clauses.json", "facilities.json", "figures.csv", "table1.json", "README.md"}


def test_the_quirks_of_the_examples_are_listed_once():
    with (Path(__file__).parent / "examples" / "quirks.csv").open(encoding="utf-8") as lines:
        rows = [tuple(row.values()) for row in csv.DictReader(lines)]
    assert len(rows) == len(set(rows)) == 36
