"""Messages: what is sent, what is read, what is refused and how it is said."""

import base64
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standard import interfaces, messages
from standard.fields import LINES, PICTURE
from tests.standard.records import (
    CAR,
    CODE,
    COMPLETE,
    DOOR,
    DRIVE,
    EVENING,
    HOUSE,
    LI,
    MORNING,
    PASSAGE,
    STRANGER,
    TENANT,
)

PUSHES = [one.clause for one in interfaces.ALL if one.direction == "push"]


def kinds(clause, record):
    """(English name, kind) of every refusal."""
    return {(refusal.en, refusal.kind) for refusal in messages.check(clause, record)}


def faults(clause, message):
    """What reading a message refuses, in words."""
    try:
        messages.decode(clause, message)
    except messages.MessageError as error:
        return [str(refusal) for refusal in error.refusals]
    return []


@pytest.mark.parametrize("clause", PUSHES)
def test_a_complete_record_is_read_back_as_it_was_sent(clause):
    record = COMPLETE[clause]
    sent = messages.encode(clause, record)
    read = messages.decode(clause, sent)
    assert {name: read[name] for name in record} == record
    assert messages.encode(clause, read) == sent


@pytest.mark.parametrize("clause", PUSHES)
def test_fields_are_sent_in_printed_order(clause):
    order = [field.wire for field in interfaces.get(clause).request]
    sent = list(messages.encode(clause, COMPLETE[clause]))
    assert sent == sorted(sent, key=order.index)


@pytest.mark.parametrize(
    ("clause", "name"),
    [(one.clause, field.en) for one in interfaces.ALL for field in one.request if field.required is True],
)
def test_a_record_without_a_required_field_is_refused_by_its_name(clause, name):
    field = interfaces.get(clause).field(name)
    record = {key: value for key, value in COMPLETE.get(clause, {}).items() if key != name}
    if name.endswith("_name"):  # a name is filled from its code
        record.pop(name.replace("_name", "_code"), None)
    told = [str(refusal) for refusal in messages.check(clause, record)]
    assert f"{field.zh}({field.wire})为必填项,不能为空({clause})" in told


@pytest.mark.parametrize("nothing", [None, "", "  ", "\n"])
def test_an_empty_value_is_an_absent_one(nothing):
    assert "bz" not in messages.encode("B.2.2", LI | {"remark": nothing})
    assert kinds("B.2.2", LI | {"phone": nothing}) == {("phone", "required")}


def test_a_misspelt_english_name_is_refused():
    assert kinds("B.2.2", LI | {"telephone": "1"}) == {("telephone", "unknown")}


def test_a_passage_needs_a_time_and_somebody():
    record = {key: value for key, value in PASSAGE.items() if key not in ("entered_at", "person_id")}
    assert kinds("B.2.3", record) == {
        (name, "conditional") for name in ("entered_at", "left_at", "archive_no", "person_id")
    }
    told = [str(refusal) for refusal in messages.check("B.2.3", record)]
    assert "离开时间(lksj)不能为空:进入时间(jrsj)、离开时间(lksj)至少填一项(B.2.3)" in told


def test_the_direction_of_a_passage_follows_from_its_one_time():
    assert messages.encode("B.2.3", PASSAGE)["crlx"] == "1"
    drive = messages.encode("B.5.3", DRIVE)
    assert (drive["crlx"], drive["crlxmc"]) == ("2", "离开")
    assert "crlx" not in messages.encode("B.5.3", DRIVE | {"entered_at": MORNING})


def test_a_tenants_family_needs_the_lease_too():
    family = {"person_id": "r-2", "address_code": "1", "resident_type_code": "3", "registration_code": CODE}
    assert messages.check("B.4.2", family) == []
    needed = {
        ("lease_start", "conditional"),
        ("lease_end", "conditional"),
        ("lease_contract_photo_base64", "conditional"),
    }
    assert kinds("B.4.2", family | {"tenant_family": True}) == needed
    assert "tenant_family" not in messages.encode("B.4.2", TENANT | {"tenant_family": True})


@pytest.mark.parametrize("end", [MORNING, MORNING - timedelta(seconds=1)])
def test_a_lease_must_be_longer_than_nothing(end):
    assert kinds("B.4.2", TENANT | {"lease_end": end}) == {("lease_end", "order")}
    message = messages.encode("B.4.2", TENANT) | {"zljssj": "2020-01-01 00:00:00"}
    with pytest.raises(messages.MessageError, match=r"租赁结束时间\(zljssj\)必须大于租赁开始时间\(B\.4\.2\)"):
        messages.decode("B.4.2", message)


def test_a_lease_of_days_starts_and_ends_at_midnight():
    sent = messages.encode("B.4.2", TENANT | {"lease_start": date(2026, 1, 1), "lease_end": date(2027, 1, 1)})
    assert (sent["zlkssj"], sent["zljssj"]) == ("2026-01-01 00:00:00", "2027-01-01 00:00:00")


def test_moments_are_sent_in_beijing_time_of_24_hours():
    assert messages.encode("B.2.3", PASSAGE | {"entered_at": EVENING})["jrsj"] == "2026-03-01 20:00:00"
    assert kinds("B.2.3", PASSAGE | {"entered_at": EVENING.replace(tzinfo=None)}) == {("entered_at", "time")}


@pytest.mark.parametrize(
    "spelling",
    [
        "2021-02-13 16:22:34", "2021-02-13T16:22:34", "2021-02-13T16:22:34.250", "2021-02-13T08:22:34Z",
        "2021-02-13 16:22:34+08:00", "2021-02-13 16:22:34+0800", 1613204554000, "1613204554000", 1613204554,
    ],
)  # fmt: skip
def test_a_moment_is_read_in_every_spelling_met(spelling):
    read = messages.decode("B.9", {"cph": "津A12345", "sccrsj": spelling, "zjcrpc": "2", "ptzcm": CODE})
    assert read["first_passage_at"] == datetime(2021, 2, 13, 16, 22, 34, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    "spelling", ["2021-02-30 10:00:00", "2021-02-13 24:22:34", "昨天", "2021/02/13", "２０２１-02-13 10:00:00"]
)
def test_a_moment_that_is_none_is_refused(spelling):
    with pytest.raises(messages.MessageError, match=r"首次出入时间\(sccrsj\)的时间.*\(B\.9\)"):
        messages.decode("B.9", {"cph": "津A12345", "sccrsj": spelling, "zjcrpc": "2", "ptzcm": CODE})


def test_the_two_inverted_booleans_say_yes_with_0():
    assert messages.encode("B.3.2", HOUSE)["sfqzjz"] == "0"
    assert messages.encode("B.2.2", LI)["sfdjlr"] == "1"
    assert messages.encode("B.6.1", DOOR)["sfygalw"] == "1"
    assert messages.decode("B.3.2", messages.encode("B.3.2", HOUSE))["is_group_rental"] is True


def test_an_unknown_code_is_refused_only_where_the_table_is_sure():
    assert kinds("B.2.2", LI | {"sex_code": "7"}) == {("sex_code", "code")}
    assert kinds("B.4.2", TENANT | {"resident_type_code": "6"}) == {("resident_type_code", "code")}
    assert messages.check("B.2.2", LI | {"document_type_code": "550"}) == []
    assert messages.check("B.3.2", HOUSE | {"house_type_code": "77", "house_nature_code": "7"}) == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("room_count", "三", "format"), ("room_count", "３", "format"), ("floor_area", "89.505", "format"),
        ("floor_area", "1e3", "format"), ("floor_area", -1, "format"), ("owner_name", "李" * 51, "length"),
        ("owner_name", "李😀", "characters"), ("owner_name", "李\x00", "characters"), ("remark", "好" * 501, "length"),
        ("address_name", "一号\u202e楼", "characters"), ("is_group_rental", "2", "code"), ("room_count", 1.5, "type"),
        ("address_code", b"x", "type"), ("address_code", True, "type"),
    ],
)  # fmt: skip
def test_a_bad_value_of_a_house_is_refused_and_never_repeated(name, value, kind):
    assert kinds("B.3.2", HOUSE | {name: value}) == {(name, kind)}
    (refusal,) = messages.check("B.3.2", HOUSE | {name: value})
    assert str(value) not in refusal.problem or kind == "code"


def test_rare_characters_of_names_pass():
    assert messages.check("B.2.2", LI | {"name": "𠮷田·阿卜杜拉㛃"}) == []


def test_a_month_and_a_guid_have_their_form():
    assert kinds("B.10", COMPLETE["B.10"] | {"usage_month": "2026-13"}) == {("usage_month", "format")}
    assert messages.encode("B.10", COMPLETE["B.10"] | {"usage_month": date(2026, 2, 1)})["ssyf"] == "2026-02"
    assert kinds("B.8", STRANGER | {"archive_no": "0123"}) == {("archive_no", "format")}


@pytest.mark.parametrize(("tracks", "kind"), [(0, "required"), (1, None), (10, None), (11, "items")])
def test_a_stranger_comes_with_one_to_ten_tracks(tracks, kind):
    found = kinds("B.8", STRANGER | {"recent_tracks": STRANGER["recent_tracks"] * tracks})
    assert found == ({("recent_tracks", kind)} if kind else set())


def test_a_track_is_checked_like_any_record():
    track = {"track_id": "t", "device_code": "D"}
    assert kinds("B.8", STRANGER | {"recent_tracks": [track]}) == {
        ("device_name", "required"), ("entered_at", "conditional"), ("left_at", "conditional"),
    }  # fmt: skip


@pytest.mark.parametrize(("size", "passes"), [(3_000_000, True), (3_000_001, False)])
def test_a_picture_may_have_four_million_base64_characters(size, passes):
    refusals = messages.check("B.5.2", CAR | {"photo_base64": b"\xff" * size})
    assert [refusal.kind for refusal in refusals] == ([] if passes else ["picture"])
    assert all("9.3.5" in str(refusal) for refusal in refusals)


def test_a_picture_must_be_base64_and_may_come_with_a_prefix():
    assert kinds("B.5.2", CAR | {"photo_base64": "不是图片"}) == {("photo_base64", "picture")}
    message = messages.encode("B.5.2", CAR) | {"encrype": "data:image/jpeg;base64," + base64.b64encode(b"abc").decode()}
    assert messages.decode("B.5.2", message)["photo_base64"] == b"abc"


def test_only_the_marked_fields_are_sealed_and_more_on_request():
    sealed = messages.encode("B.2.2", LI, encrypt=lambda clear: f"<{clear}>")
    assert {name for name, value in sealed.items() if value.startswith("<")} == {"xm", "zjhm", "lxdh"}
    tenant = {key: value for key, value in TENANT.items() if key != "person_id"} | {"document_number": "E12345678"}
    assert messages.encode("B.4.2", tenant, encrypt=str.lower)["zjhm"] == "E12345678"
    for more in (("document_number",), ("B.4.2 document_number",)):
        assert messages.encode("B.4.2", tenant, encrypt=str.lower, also_encrypt=more)["zjhm"] == "e12345678"


def test_what_cannot_be_opened_is_refused_and_what_is_not_opened_stays_sealed():
    def open_(text):
        raise ValueError(text)

    message = messages.encode("B.2.2", LI) | {"xm": "04" * 300}
    assert messages.decode("B.2.2", message)["name"] == "04" * 300
    with pytest.raises(messages.MessageError) as caught:
        messages.decode("B.2.2", message, decrypt=open_)
    assert {(r.en, r.kind) for r in caught.value.refusals} == {
        ("name", "sealed"), ("document_number", "sealed"), ("phone", "sealed"),
    }  # fmt: skip
    assert "0404" not in str(caught.value)


def test_the_opened_value_is_checked():
    message = messages.encode("B.2.2", LI)
    with pytest.raises(messages.MessageError, match=r"姓名\(xm\)过长"):
        messages.decode("B.2.2", message, decrypt=lambda text: text * 20)


def test_incoming_names_are_read_in_every_known_spelling():
    sent = messages.encode("B.3.2", HOUSE)
    sent["FZLX DH"] = sent.pop("fzlxhd")
    sent["zlztdm"] = sent.pop("zlxtd")
    assert {name: value for name, value in messages.decode("B.3.2", sent).items() if name in HOUSE} == HOUSE


def test_the_field_tables_spelling_wins_over_the_others():
    sent = {"csrq": "2001-01-01", **messages.encode("B.2.2", LI)}
    assert messages.decode("B.2.2", sent)["birth_date"] == date(1990, 3, 7)
    assert (
        messages.decode("B.2.2", {**messages.encode("B.2.2", LI), "whcddm": "21"})["education_name"] == "大学本科毕业"
    )


@pytest.mark.parametrize("clause", PUSHES)
def test_both_profiles_are_understood(clause):
    likely = messages.encode(clause, COMPLETE[clause], profile=messages.LIKELY)
    assert messages.decode(clause, likely) == messages.decode(clause, messages.encode(clause, COMPLETE[clause]))


def test_an_operator_may_override_one_name():
    profile = messages.Profile(names="likely", overrides={("B.2.2", "phone"): "sjhm"})
    sent = messages.encode("B.2.2", LI, profile=profile)
    assert sent["sjhm"] == LI["phone"]
    assert "csrq" in sent
    assert messages.encode("B.5.2", CAR, profile=profile)["lxdh"] == CAR["owner_phone"]
    with pytest.raises(ValueError, match="table or likely"):
        messages.Profile(names="both")


def test_harmless_slips_of_type_are_forgiven():
    message = messages.encode("B.3.2", HOUSE) | {"fwjs": 3, "fwmj": 89.5, "fwytd": 11}
    read = messages.decode("B.3.2", message)
    assert (read["room_count"], read["floor_area"], read["house_use_code"]) == (3, Decimal("89.5"), "11")
    query = {"dqym": "1", "myjls": "400", "ptzcm": CODE}
    assert messages.decode("B.2.1", query) == {"page": 1, "page_size": 400, "registration_code": CODE}


@pytest.mark.parametrize("page", [0, -1, "x", True, 2**60, 1.0])
def test_a_page_number_is_a_whole_number_above_0(page):
    with pytest.raises(messages.MessageError, match=r"当前页码\(dqym\)"):
        messages.decode("B.2.1", {"dqym": page, "myjls": 20, "ptzcm": CODE})


def test_a_page_without_rows_has_an_empty_list():
    for rows in ({}, {"list": None}, {"list": []}):
        page = messages.decode("B.7", {"jlzs": 0, "dqym": 1, "myjls": 20, **rows}, part="response")
        assert page["items"] == []


def test_a_page_is_written_and_read_back():
    row = {"person_id": "r-1", "name": "李秀兰", "document_number": "120101********1239", "updated_at": MORNING}
    page = {"total_records": 1, "page": 1, "page_size": 20, "items": [row]}
    data = messages.encode_response("B.2.1", page)
    assert data["list"][0]["zjhm"] == "120101********1239"
    assert messages.decode("B.2.1", data, part="response") == page
    assert messages.decode("B.2.1", data["list"][0], part="items") == row


def test_a_batch_is_one_body_and_names_the_place_of_a_bad_record():
    body = messages.encode("B.2.3", {"records": [PASSAGE, PASSAGE | {"entered_at": EVENING}]})
    assert [row["jrsj"] for row in body["rys"]] == ["2026-03-01 08:30:00", "2026-03-01 20:00:00"]
    assert [row["entered_at"] for row in messages.decode("B.2.3", body)["records"]] == [MORNING, EVENING]
    with pytest.raises(messages.MessageError, match=r"第2条记录的车牌号码\(cphm\)为必填项"):
        messages.encode("B.5.3", {"records": [DRIVE, {k: v for k, v in DRIVE.items() if k != "plate_number"}]})
    (refusal,) = messages.check("B.2.3", {"records": [PASSAGE, PASSAGE | {"door_open_status_code": "9"}]})
    assert (refusal.place, refusal.en) == (2, "door_open_status_code")


@pytest.mark.parametrize(("count", "passes"), [(0, False), (1, True), (50, True), (51, False)])
def test_a_batch_holds_one_to_fifty_records(count, passes):
    assert (messages.check("B.5.3", {"records": [DRIVE] * count}) == []) is passes
    with nullcontext() if passes else pytest.raises(ValueError, match="takes 1 to 50"):
        messages.batch("B.5.3", [messages.encode("B.5.3", DRIVE)] * count)


def test_a_batch_has_one_registration_code():
    bare = {key: value for key, value in DRIVE.items() if key != "registration_code"}
    body = messages.encode("B.5.3", {"registration_code": CODE, "records": [bare, bare]})
    assert {row["ptzcm"] for row in body["cls"]} == {CODE}
    mixed = {"records": [DRIVE, DRIVE | {"registration_code": "other"}]}
    assert kinds("B.5.3", mixed) == {("registration_code", "conditional")}
    body["cls"][1]["ptzcm"] = "other"
    with pytest.raises(messages.MessageError, match="每次请求只能使用一个注册码"):
        messages.decode("B.5.3", body)


def test_large_records_travel_in_more_bodies():
    rows = [{"zpzp": "A" * 4_000_000, "n": n} for n in range(9)]
    lists = list(messages.split_batches("B.2.3", rows))
    assert [len(rows) for rows in lists] == [4, 4, 1]
    assert [row["n"] for rows in lists for row in rows] == list(range(9))
    with pytest.raises(ValueError, match="larger than a body"):
        list(messages.split_batches("B.2.3", [{"zpzp": "A" * 18_000_001}]))
    with pytest.raises(ValueError, match="takes one record"):
        list(messages.split_batches("B.2.2", rows))


@pytest.mark.parametrize("payload", [None, [], "x", 7])
def test_what_is_no_object_is_refused(payload):
    with pytest.raises(messages.MessageError, match="应为 JSON 对象"):
        messages.decode("B.2.2", payload)
    with pytest.raises(messages.MessageError, match="应为数组"):
        messages.decode("B.2.3", {"rys": payload if payload != [] else {}})


def test_a_message_of_too_many_names_is_refused():
    with pytest.raises(messages.MessageError, match="最多 200 个字段"):
        messages.decode("B.2.2", {f"n{n}": "1" for n in range(201)})


def test_a_flood_of_faults_is_told_in_short():
    with pytest.raises(messages.MessageError) as caught:
        messages.encode("B.2.3", {"records": [{"registration_code": CODE}] * 50})
    assert len(caught.value.refusals) == 50 * 7
    assert "另有 330 处" in str(caught.value)


# Values a field may hold, for the round trip.
TEXT = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20).filter(str.strip)
MOMENTS = st.integers(86_400, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def values_of(field):
    """A strategy for a field's values."""
    if field.type == "DateTime":
        return MOMENTS
    if field.boolean:
        return st.booleans()
    if field.format == PICTURE:
        return st.binary(min_size=1, max_size=40)
    if field.format == LINES:
        return TEXT.map(lambda text: f"{text}\n{text}")
    return TEXT


@pytest.mark.parametrize("clause", PUSHES)
@given(data=st.data())
def test_any_record_that_passes_is_read_back_as_it_was(clause, data):
    free = [
        field
        for field in interfaces.get(clause).request
        if field.role is None and not field.items and not field.values
        and (field.format in (None, PICTURE, LINES) or field.boolean) and not field.en.startswith("lease_")
    ]  # fmt: skip
    chosen = data.draw(st.lists(st.sampled_from(free), unique_by=lambda field: field.en))
    record = COMPLETE[clause] | {field.en: data.draw(values_of(field)) for field in chosen}
    assert messages.check(clause, record) == []
    sent = messages.encode(clause, record, encrypt=lambda clear: clear[::-1])
    read = messages.decode(clause, sent, decrypt=lambda sealed: sealed[::-1])
    assert {name: read[name] for name in record} == record


@given(size=st.integers(-40, 40), clause=st.sampled_from(PUSHES), data=st.data())
def test_a_text_passes_up_to_its_bound_and_no_further(size, clause, data):
    texts = [f for f in interfaces.get(clause).request if f.type == "String" and f.format is None
             and f.role is None and not f.boolean and not f.values and not f.items]  # fmt: skip
    field = data.draw(st.sampled_from(texts))
    length = field.max_length + size
    found = {r.kind for r in messages.check(clause, COMPLETE[clause] | {field.en: "字" * length}) if r.en == field.en}
    assert found == ({"length"} if length > field.max_length else set())


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
                    lambda inner: st.lists(inner, max_size=3), max_leaves=5), st.sampled_from(PUSHES), st.data())  # fmt: skip
def test_nonsense_is_refused_in_words_and_never_crashes(value, clause, data):
    field = data.draw(st.sampled_from(interfaces.get(clause).request))
    message = messages.encode(clause, COMPLETE[clause]) | {field.wire: value}
    assert all(clause in told for told in faults(clause, message))
    assert isinstance(messages.decode(clause, message, check=False), dict)
    assert isinstance(messages.check(clause, COMPLETE[clause] | {field.en: value}), list)


@given(st.lists(st.integers(1, 3_000), max_size=160))
def test_batches_keep_order_and_both_limits(sizes):
    rows = [{"n": n, "zp": "A" * size} for n, size in enumerate(sizes)]
    lists = list(messages.split_batches("B.2.3", rows))
    assert [row for rows in lists for row in rows] == rows
    assert all(0 < len(rows) <= 50 for rows in lists)
