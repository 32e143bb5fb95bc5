"""What must be answered before somebody new is registered, and the answers that are kept."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from residents.likeness import deciding, suspects
from residents.likeness.deciding import Decision, Unanswered
from residents.likeness.grounds import Facts
from residents.likeness.merging import merge, unmerge
from residents.models import Likeness, Person, Residency
from tests import cast
from tests.likeness.people import BORN, NOW, person, twice

ZHANG = Facts(name="张三丰", birth_date=BORN, phone="19900001234", document_type="414", document_number="E777")


def other(who: Person, reason: str = "namesake", note: str = "") -> Decision:
    return Decision(who.pk, "other", reason, note)


def asked(place: cast.Place, facts: Facts, *decisions: Decision, **more) -> list[Person]:
    return [one.person for one in deciding.open_questions(place.community, facts, decisions, **more)]


def keep(place: cast.Place, who: Person, *decisions: Decision) -> list[Likeness]:
    with transaction.atomic():
        return deciding.record(who, decisions, user=place.staff["collector"], now=NOW)


def test_the_same_number_can_only_be_the_same_person(lotus: cast.Place) -> None:
    facts = Facts(document_number=lotus.resident.document_number, document_type="111", name="李四")
    assert asked(lotus, facts, other(lotus.resident)) == [lotus.resident]
    with pytest.raises(Unanswered) as refused:
        deciding.demand(lotus.community, facts, [other(lotus.resident)])
    assert refused.value.message_dict == {"likeness": ["这个证件号码已登记,请选择“同一人”,或更正号码。"]}
    assert [one.person for one in refused.value.questions] == [lotus.resident]


def test_name_and_birth_date_want_an_answer_and_a_shared_telephone_does_not(lotus: cast.Place) -> None:
    assert asked(lotus, ZHANG) == [lotus.resident]
    assert asked(lotus, ZHANG, other(lotus.resident)) == []
    assert asked(lotus, ZHANG, Decision(lotus.resident.pk, "other")) == [lotus.resident]
    assert asked(lotus, ZHANG, other(lotus.resident, "other")) == [lotus.resident]
    assert asked(lotus, ZHANG, other(lotus.resident, "other", "他的堂兄弟")) == []
    assert asked(lotus, ZHANG, Decision(uuid.uuid4(), "other", "twin")) == [lotus.resident]
    assert asked(lotus, Facts(name="张小丰", phone="19900001234")) == []
    assert deciding.demand(lotus.community, ZHANG, [other(lotus.resident)]) == []


def test_what_was_decided_is_not_asked_again_on_the_same_grounds(lotus: cast.Place) -> None:
    again = twice(lotus, phone="19955556666")
    keep(lotus, again, other(lotus.resident, "twin"))
    row = Likeness.objects.get()
    assert (row.person, row.other, row.choice, row.reason, row.grounds) == (
        again, lotus.resident, "other", "twin", ["name_birth"],
    )  # fmt: skip
    facts = Facts(name="张三丰", birth_date=BORN, phone="19955556666")
    assert asked(lotus, facts, about=again) == []
    assert asked(lotus, ZHANG, about=again) == [lotus.resident]  # now the telephone is the same as well
    assert asked(lotus, Facts(name="张三丰", birth_date=BORN), about=lotus.resident) == []


def test_a_decision_holds_for_what_was_merged_since(lotus: cast.Place) -> None:
    again, third = twice(lotus), twice(lotus, house=lotus.house)
    keep(lotus, again, other(lotus.resident))
    merge(third, again, user=None, now=NOW)
    assert asked(lotus, ZHANG, about=third) == []


def test_the_same_person_chosen_at_the_desk_is_kept_without_a_second_one(lotus: cast.Place) -> None:
    keep(lotus, lotus.resident, Decision(lotus.resident.pk, "same"))
    row = Likeness.objects.get()
    assert (row.person, row.other, row.choice, row.reason) == (lotus.resident, None, "same", "")
    entry = Entry.objects.get(action="likeness")
    assert entry.detail == {"person": str(lotus.resident.pk), "choice": "same", "why": ""}
    assert entry.actor_id == lotus.staff["collector"].pk


def test_only_people_of_the_community_are_decided_about(lotus: cast.Place, maple: cast.Place) -> None:
    again = twice(lotus)
    assert keep(lotus, again, other(maple.resident), Decision(lotus.resident.pk, "same")) == []
    assert not Likeness.objects.exists()


def test_a_note_is_sealed_and_never_in_the_log(lotus: cast.Place) -> None:
    keep(lotus, twice(lotus), other(lotus.resident, "other", "是他的堂兄弟"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM residents_likeness")
        assert "堂兄弟" not in cursor.fetchone()[0]
    assert "堂兄弟" not in str(list(Entry.objects.values()))
    assert Likeness.objects.get().note == "是他的堂兄弟"


def test_who_was_merged_away_meanwhile_takes_nobody_in(lotus: cast.Place) -> None:
    again = twice(lotus)
    merge(lotus.resident, again, user=None, now=NOW)
    with pytest.raises(ValidationError, match="刚被并入"):
        keep(lotus, again)


@pytest.mark.parametrize(
    "given",
    ["x", {"other": 1}, ["x"], [{}], [{"other": "x", "choice": "same"}], [{"other": str(uuid.uuid4()), "choice": "?"}],
     [{"other": str(uuid.uuid4()), "choice": "other", "reason": "?"}], [{}] * 21, [None], 5],
)  # fmt: skip
def test_what_is_no_decision_is_refused_at_its_field(given) -> None:
    with pytest.raises(ValidationError) as refused:
        deciding.read(given)
    assert list(refused.value.message_dict) == ["likeness"]


def test_a_draft_is_read_as_the_browser_keeps_it() -> None:
    key = uuid.uuid4()
    draft = [{"other": str(key), "choice": "other", "reason": "other", "note": "堂" * 300}]
    assert deciding.read(draft) == [Decision(key, "other", "other", "堂" * 200)]
    assert deciding.read(None) == deciding.read([]) == []


def test_the_work_list_has_pairs_nobody_decided(lotus: cast.Place, maple: cast.Place) -> None:
    person(lotus, name="张三丰", birth_date=BORN.replace(year=1990), phone="")
    born = twice(lotus, phone="")
    twice(maple)
    found = suspects.of(lotus.community)
    assert [({one.one, one.two}, one.grounds) for one in found.pairs] == [({lotus.resident, born}, ("name_birth",))]
    assert found.whole
    both = twice(lotus)
    pairs = [({one.one, one.two}, one.grounds) for one in suspects.of(lotus.community).pairs]
    assert pairs[0] == ({lotus.resident, both}, ("name_birth", "name_phone"))
    assert len(pairs) == 3
    with transaction.atomic():
        deciding.differ(born, both, reason="namesake", note="", user=None, now=NOW)
    assert len(suspects.of(lotus.community).pairs) == 2
    merge(lotus.resident, both, user=None, now=NOW)
    # What was decided of the merged record holds for the person it is now.
    assert suspects.of(lotus.community).pairs == []


def test_a_pair_that_was_parted_is_not_suspected_again(lotus: cast.Place) -> None:
    again = twice(lotus)
    deed = merge(lotus.resident, again, user=None, now=NOW)
    unmerge(deed, reason="twin", user=None, now=NOW)
    assert suspects.of(lotus.community).pairs == []


def test_the_work_list_is_bounded_in_queries_and_says_when_it_is_not_whole(
    lotus: cast.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice(lotus)
    with CaptureQueriesContext(connection) as few:
        suspects.of(lotus.community)
    for number in range(8):
        for _ in range(2):
            twice(lotus, name=f"王{number}", phone="")
    with CaptureQueriesContext(connection) as many:
        assert len(suspects.of(lotus.community).pairs) == 9
    assert len(many) == len(few) == 6
    assert not suspects.of(lotus.community, limit=3).whole
    monkeypatch.setattr(suspects, "MOST_OPENED", 4)
    assert not suspects.of(lotus.community).whole
    assert Residency.objects.count() == 18
