"""The bench of pages asks for pages that are really there, and says a value and its baseline for each."""

import pytest

from demo import paging
from residents.models import Person


def test_every_page_is_measured_small_and_large(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "ASKED", 2)
    monkeypatch.setattr(paging, "WARMING", 0)
    results = paging.page_cases(700, small=300)
    assert Person.objects.count() == 700
    titles = {row["case"].partition(",")[0] for row in results}
    assert {"front page", "list of people", "form of a person", "house grid", "household", "desk"} <= titles
    assert len(results) == 2 * len(titles)
    for row in results:
        assert (row["unit"], row["baseline"]) == ("ms", "300 people")
        assert row["value"] > 0
        assert row["ratio"] == pytest.approx(row["value"] / row["baseline_value"], abs=0.2)
