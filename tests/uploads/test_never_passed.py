"""The sizes of 9.3.5 and Appendix B are never passed, whatever is sent: URL, body, picture, records a call, records a page."""

import base64
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from standard import interfaces, messages, wire
from uploads import pulling
from uploads.client import Endpoint, TransportError, UpperClient

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RECORD = {
    "resident_type_code": "5", "door_open_method_code": "10", "door_open_status_code": "1", "archive_no": "a" * 32,
    "entered_at": NOW, "passage_direction_code": "1",
}  # fmt: skip


class Listening:
    """Takes the place of the connection pool: notes what would have gone out."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []

    def request(self, method: str, url: str, body: bytes, **facts) -> None:
        self.sent.append((url, body))
        raise AssertionError("enough")


def client(**facts) -> tuple[UpperClient, Listening]:
    made, pool = UpperClient(Endpoint("http://127.0.0.1:1", "c", **facts)), Listening()
    made._pool = pool
    return made, pool


@settings(deadline=None, max_examples=60)
@given(
    some.dictionaries(some.text(min_size=1, max_size=40), some.text(max_size=400), max_size=12),
    some.text(max_size=2500),
)  # fmt: skip
def test_no_address_passes_2048_bytes(extra: dict[str, str], token: str) -> None:
    upper, pool = client(extra_parameters=extra)
    with pytest.raises((TransportError, AssertionError)) as told:
        upper.post("/openapi/person/synPersonInfo", {}, now=NOW, token=token.encode("utf-8", "replace").decode())
    assert all(len(url.encode()) <= messages.MAX_URL_BYTES for url, _body in pool.sent)
    if isinstance(told.value, TransportError):
        assert told.value.permanent
        assert not pool.sent


@settings(deadline=None, max_examples=20)
@given(some.integers(19_900_000, 20_100_000))
def test_no_body_passes_20_megabytes(size: int) -> None:
    upper, pool = client()
    with pytest.raises((TransportError, AssertionError)):
        upper.post("/openapi/person/synPersonInfo", {"a": "x" * (size - 8)}, now=NOW, token="t")
    assert all(len(body) <= messages.MAX_BODY_BYTES for _url, body in pool.sent)
    assert bool(pool.sent) is (size <= messages.MAX_BODY_BYTES)


@settings(deadline=None, max_examples=20)
@given(some.integers(2_999_990, 3_000_020))
def test_no_picture_passes_4_megabytes_of_base64(size: int) -> None:
    photo = bytes(size)
    refused = messages.check("B.2.3", RECORD | {"capture_photo_base64": photo, "registration_code": "R"})
    fits = len(base64.b64encode(photo)) <= wire.MAX_PICTURE_BASE64
    assert (not refused) is fits


@settings(deadline=None, max_examples=60)
@given(some.lists(some.integers(0, 4_000_000), max_size=130))
def test_no_call_carries_more_than_50_records_or_its_bytes(sizes: list[int]) -> None:
    rows = [{"zpzp": "x" * size} for size in sizes]
    made = list(messages.split_batches("B.5.3", rows))
    assert [row for batch in made for row in batch] == rows
    for batch in made:
        body = messages.batch("B.5.3", batch)
        assert len(body["cls"]) <= interfaces.get("B.5.3").batch.limit
        assert sum(len(row["zpzp"]) for row in batch) <= messages.MAX_BODY_BYTES


@settings(deadline=None, max_examples=30)
@given(some.integers(1, 4000), some.sampled_from(pulling.CLAUSES))
def test_no_page_asks_for_more_than_400(page: int, clause: str) -> None:
    asked: list[dict] = []
    platform = SimpleNamespace(registration_code="R", wire_profile="table", wire_overrides={})
    state = SimpleNamespace(clause=clause, page=page, window_end=NOW, window_start=None)
    usual = pulling.asked
    pulling.asked = lambda _platform, _client, _path, body: asked.append(body) or SimpleNamespace(data={})
    try:
        with pytest.raises(pulling.PullError):
            pulling._page(platform, None, state)
    finally:
        pulling.asked = usual
    assert asked[0]["myjls"] <= messages.MAX_PAGE
    assert asked[0]["dqym"] == page + 1
