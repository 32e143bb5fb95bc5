"""Two records of one person become one and two again, and nothing is lost on the way."""

import itertools
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import purging
from audit.models import Entry
from community.models import House, Organisation
from demo.drawings import portrait
from devices.models import Device, PersonPassage
from guomi.fields import BlindIndexField
from guomi.pictures import EncryptedPictureField
from residents import erasure
from residents.likeness import comparing, related
from residents.likeness.merging import merge, unmerge
from residents.models import Case, Consent, Likeness, Merge, Person, Residency, Vehicle, Worker
from residents.rights import consenting, requests
from residents.rights.dossier import held
from residents.rights.models import Kind
from tests import cast
from tests.likeness.people import BORN, NOW, person, twice, with_portrait

WATCHED = (Person, Residency, Vehicle, Worker, Consent, Case, PersonPassage)
EVERY_CHOICE = [choice.code for choice in comparing.choices()]


def rows() -> dict[str, dict[str, Any]]:
    """Everything the models hold, opened; a picture as its pixels; by key."""
    found: dict[str, dict[str, Any]] = {}
    for model in WATCHED:
        for row in model._base_manager.all():
            found[f"{model.__name__} {row.pk}"] = {
                field.name: _plain(row, field) for field in model._meta.concrete_fields
            }
    return found


def _plain(row: Any, field: Any) -> Any:
    held = getattr(row, field.attname)
    return held.read_clear() if isinstance(field, EncryptedPictureField) and held else (held or "")


def everything_of(place: cast.Place, again: Person) -> None:
    """A car, a job, a request, a consent, a way through the gate: all of the second record."""
    firm = Organisation.objects.create(community=place.community, name="安居物业")
    Worker.objects.create(person=again, organisation=firm, title="保安")
    Vehicle.objects.create(community=place.community, plate="津A00001", owner=again, owner_name="张三丰")
    requests.open_case(again, "export", asker="self", how="in_person", note="想看看", user=None, now=NOW)
    consenting.give(again, Kind.REGISTER, consenting.ConsentInput(), user=None, now=NOW)
    camera = Device.objects.create(community=place.community, code="D-1", name="东门相机")
    PersonPassage.objects.create(community=place.community, device=camera, at=NOW, person=again)


def merged(place: cast.Place, again: Person, **how: Any) -> Merge:
    return merge(place.resident, again, **({"user": place.staff["collector"], "now": NOW, "take": ()} | how))


def part(deed: Merge, place: cast.Place, **how: Any) -> Merge:
    return unmerge(deed, **({"reason": "twin", "user": place.staff["manager"], "now": NOW} | how))


def test_what_hangs_on_the_second_record_hangs_on_the_first(lotus: cast.Place) -> None:
    again = twice(lotus)
    everything_of(lotus, again)
    deed = merged(lotus, again)
    assert {name: len(keys) for name, keys in deed.moved.items()} == {
        "residents.residency.person": 1, "residents.vehicle.owner": 1, "residents.worker.person": 1,
        "residents.consent.person": 1, "residents.case.person": 1, "devices.personpassage.person": 1,
    }  # fmt: skip
    assert deed.stayed == {}
    for relation in related.relations():
        assert not relation.model._base_manager.filter(**{relation.name: again}).exists()
    assert lotus.resident.residencies.count() == 2
    assert (lotus.resident.vehicles.get().plate, lotus.resident.jobs.get().title) == ("津A00001", "保安")


def test_every_foreign_key_to_a_person_is_moved_and_no_other_kind_of_relation_exists() -> None:
    known = {related.name_of(field) for field in related.relations()}
    for model in apps.get_models():
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            if field.is_relation and field.related_model is Person and not hasattr(model, "history_type"):
                assert not field.many_to_many, field
                assert (related.name_of(field) in known) is (model not in (Likeness, Merge)), field


def test_the_merged_record_is_seen_nowhere(lotus: cast.Place, as_user) -> None:
    again, number = twice(lotus, house=lotus.house), Person.objects.count()
    merged(lotus, again)
    client = as_user(lotus.staff["manager"])
    assert not Person.objects.visible_to(lotus.staff["manager"]).filter(pk=again.pk).exists()
    assert Person.objects.count() == number - 1
    assert list(Person.objects.search(again.document_number)) == []
    assert str(again.pk) not in client.get("/admin/residents/person/").content.decode()
    assert client.get(f"/admin/residents/person/{again.pk}/change/").status_code == 404
    assert client.get(f"/api/people/{again.pk}/").status_code == 404
    assert str(again.pk) not in client.get("/api/people/").content.decode()
    assert len(client.get("/api/residencies/").json()["results"]) == 1
    assert client.get(f"/rights/people/{again.pk}/").status_code == 404
    of_phone = {"model": "residents.person", "pk": str(again.pk), "field": "phone", "reason": "call"}
    assert client.post("/accounts/reveal/", of_phone).status_code == 404
    house = client.get(f"/houses/{lotus.house.pk}/").content.decode()
    assert house.count('id="lease-') == 1
    assert Residency.objects.filter(house=lotus.house).count() == 1


def test_a_home_both_had_stays_with_the_merged_record_until_they_part(lotus: cast.Place) -> None:
    again = twice(lotus, house=lotus.house)
    theirs = Residency.objects.get(person=again)
    deed = merged(lotus, again)
    assert deed.stayed == {"residents.residency.person": [str(theirs.pk)]}
    assert list(Residency.objects.filter(house=lotus.house)) == [lotus.residency]
    part(deed, lotus)
    assert Residency.objects.filter(house=lotus.house).count() == 2
    assert Residency.objects.get(pk=theirs.pk).moved_out is None


def test_what_is_taken_over_is_chosen_field_by_field(lotus: cast.Place) -> None:
    again = twice(lotus, phone="19911112222", registered_address="天津市南开区1号", remark="新")
    before = lotus.resident.document_number
    deed = merged(lotus, again, take=["phone", "registered_address"])
    now = Person.objects.get(pk=lotus.resident.pk)
    assert (now.phone, now.registered_address, now.remark) == ("19911112222", "天津市南开区1号", "")
    assert (now.document_number, now.document_type) == (before, "111")
    assert deed.former == {"phone": "19900001234", "registered_address": ""}
    with connection.cursor() as cursor:
        cursor.execute("SELECT former, taken FROM residents_merge")
        assert not any("1990" in text or "1991" in text or "南开" in text for text in cursor.fetchone())


def test_each_number_leads_to_the_person_whichever_is_kept(lotus: cast.Place) -> None:
    again = twice(lotus)
    first, second = lotus.resident.document_number, again.document_number
    deed = merged(lotus, again, take=["document_number"])
    now = Person.objects.get(pk=lotus.resident.pk)
    assert (now.document_type, now.document_number) == ("414", second)
    gone = Person.with_merged.get(pk=again.pk)
    assert (gone.document_type, gone.document_number) == ("111", first)
    with pytest.raises(ValidationError) as refused:
        Person(community=lotus.community, name="张三丰", document_number=first, sex="1").full_clean()
    assert "已并入另一人" in str(refused.value)
    part(deed, lotus)
    numbers = set(Person.objects.values_list("pk", "document_type"))
    assert numbers == {(lotus.resident.pk, "111"), (again.pk, "414")}
    assert Person.objects.get(pk=lotus.resident.pk).document_number == first


def test_a_portrait_is_taken_with_its_consent_and_given_back(lotus: cast.Place) -> None:
    mine = lotus.resident.photo.read_clear()
    again = with_portrait(twice(lotus))
    theirs = again.photo.read_clear()
    deed = merged(lotus, again, take=["photo"])
    now = Person.objects.get(pk=lotus.resident.pk)
    assert (now.photo.read_clear(), deed.former_photo.read_clear()) == (theirs, mine)
    assert consenting.holds(now, Kind.FACE)
    part(deed, lotus)
    assert Person.objects.get(pk=lotus.resident.pk).photo.read_clear() == mine
    assert Person.objects.get(pk=again.pk).photo.read_clear() == theirs
    assert not Merge.objects.get().former_photo


def test_a_portrait_without_consent_is_not_taken(lotus: cast.Place) -> None:
    again = twice(lotus, photo=portrait(5, "1"))
    with pytest.raises(ValidationError, match="人像同意"):
        merged(lotus, again, take=["photo"])
    assert merged(lotus, again).gone == again


def test_a_childs_portrait_comes_with_the_guardians_consent(lotus: cast.Place) -> None:
    born = timezone.localdate() - timedelta(days=366 * 6)
    child = person(lotus, name="小明", birth_date=born)
    again = with_portrait(person(lotus, name="小明", birth_date=born), guardian="王秀英")
    merge(child, again, take=["photo"], user=None, now=NOW)
    now = Person.objects.get(pk=child.pk)
    assert now.photo
    assert Consent.objects.get(person=now).guardian == "王秀英"


def test_a_withdrawal_in_one_record_is_not_undone_by_the_other(lotus: cast.Place) -> None:
    again = with_portrait(twice(lotus))
    with_portrait(lotus.resident, 6)
    consenting.withdraw(lotus.resident, Kind.FACE, user=None, now=NOW + timedelta(minutes=1))
    with pytest.raises(ValidationError, match="撤回了人像同意"):
        merged(lotus, again)
    consenting.withdraw(again, Kind.FACE, user=None, now=NOW + timedelta(minutes=2))
    assert merged(lotus, again).gone == again


def test_a_withdrawal_after_merging_forgets_every_copy_of_the_portrait(lotus: cast.Place) -> None:
    with_portrait(lotus.resident, 6)
    again = with_portrait(twice(lotus))
    deed = merged(lotus, again, take=["photo"])
    consenting.withdraw(lotus.resident, Kind.FACE, user=None, now=NOW)
    assert not Person.with_merged.exclude(photo="").filter(pk__in=[lotus.resident.pk, again.pk]).exists()
    assert not Merge.objects.get().former_photo
    part(deed, lotus)
    assert not Person.objects.exclude(photo="").exists()


def test_restricted_data_are_not_merged(lotus: cast.Place) -> None:
    again = twice(lotus)
    for someone in (again, lotus.resident):
        Person.objects.filter(pk=someone.pk).update(restricted_at=NOW)
        with pytest.raises(ValidationError, match="限制处理"):
            merged(lotus, again)
        Person.objects.filter(pk=someone.pk).update(restricted_at=None)
    deed = merged(lotus, again)
    Person.objects.filter(pk=lotus.resident.pk).update(restricted_at=NOW)
    with pytest.raises(ValidationError, match="限制处理"):
        part(deed, lotus)


def test_people_of_two_communities_are_not_merged(lotus: cast.Place, maple: cast.Place) -> None:
    with pytest.raises(ValidationError, match="同一小区"):
        merged(lotus, maple.resident)
    with pytest.raises(ValidationError, match="同一份"):
        merged(lotus, lotus.resident)
    assert not Merge.objects.exists()


def test_a_wrong_field_or_a_number_that_does_not_fit_changes_nothing(lotus: cast.Place) -> None:
    again = twice(lotus, document_type="111", document_number="120100198001019030")
    before = rows()
    with pytest.raises(ValidationError, match="没有这个信息项"):
        merged(lotus, again, take=["created_at"])
    with pytest.raises(ValidationError, match="校验码"):
        merged(lotus, again, take=["document_number"])
    assert rows() == before


def test_merging_and_parting_are_in_the_log_without_values(lotus: cast.Place) -> None:
    again = twice(lotus, phone="19911112222")
    deed = merged(lotus, again, take=["phone"])
    entry = Entry.objects.get(action="merge_people")
    assert (entry.target_id, entry.community_id, entry.actor_id) == (
        str(lotus.resident.pk), lotus.community.pk, lotus.staff["collector"].pk,
    )  # fmt: skip
    assert entry.detail == {"person": str(again.pk), "fields": ["phone"], "rows": 1}
    part(deed, lotus)
    assert Entry.objects.get(action="unmerge_people").detail["person"] == str(again.pk)
    assert "19911112222" not in str(list(Entry.objects.values()))


def test_the_decision_is_kept_both_ways(lotus: cast.Place) -> None:
    again = twice(lotus)
    deed = merged(lotus, again)
    first = Likeness.objects.get()
    assert (first.person, first.other, first.choice) == (lotus.resident, again, "same")
    assert first.grounds == ["name_birth", "name_phone"]
    with pytest.raises(ValidationError):
        part(deed, lotus, reason="")
    assert Merge.objects.get().undone_at is None
    part(deed, lotus)
    second = Likeness.objects.exclude(pk=first.pk).get()
    assert (second.choice, second.reason, second.decided_by) == ("other", "twin", lotus.staff["manager"])


def test_what_changed_since_on_the_kept_record_stays(lotus: cast.Place) -> None:
    again = twice(lotus, phone="19911112222", registered_address="天津市南开区1号")
    everything_of(lotus, again)
    deed = merged(lotus, again, take=["phone", "registered_address"])
    now = Person.objects.get(pk=lotus.resident.pk)
    now.phone, now.workplace = "19933334444", "天津大学"
    now.save()
    firm = Organisation.objects.create(community=lotus.community, name="便利店")
    later = Worker.objects.create(person=now, organisation=firm)
    Vehicle.objects.get().delete()
    part(deed, lotus)
    now = Person.objects.get(pk=lotus.resident.pk)
    assert (now.phone, now.workplace, now.registered_address) == ("19933334444", "天津大学", "")
    assert list(now.jobs.all()) == [later]
    parted = Person.objects.get(pk=again.pk)
    assert (parted.phone, parted.jobs.get().title) == ("19911112222", "保安")


def test_a_merge_is_undone_once_and_in_the_order_of_the_merges(lotus: cast.Place) -> None:
    again, third = twice(lotus), person(lotus, name="张三丰", phone="")
    first, second = merged(lotus, again), merged(lotus, third, now=NOW + timedelta(minutes=1))
    with pytest.raises(ValidationError, match="后来的合并"):
        part(first, lotus)
    part(second, lotus)
    part(first, lotus)
    with pytest.raises(ValidationError, match="已经撤销"):
        part(first, lotus)
    assert Person.objects.filter(pk__in=[again.pk, third.pk]).count() == 2


def test_who_was_merged_on_leads_to_the_last_and_parts_from_there(lotus: cast.Place) -> None:
    again, third = twice(lotus), person(lotus, name="张三丰", phone="")
    inner = merge(again, third, user=None, now=NOW)
    outer = merged(lotus, again, now=NOW + timedelta(minutes=1))
    assert set(Person.with_merged.exclude(merged_into=None).values_list("merged_into", flat=True)) == {
        lotus.resident.pk
    }
    with pytest.raises(ValidationError, match="又并入"):
        part(inner, lotus)
    part(outer, lotus)
    assert Person.with_merged.get(pk=third.pk).merged_into_id == again.pk
    part(inner, lotus)
    assert not Person.with_merged.exclude(merged_into=None).exists()


def test_erasing_the_kept_record_erases_what_was_merged_into_it(lotus: cast.Place) -> None:
    again = with_portrait(twice(lotus, house=lotus.house))
    merged(lotus, again, take=["photo"])
    keys = [lotus.resident.pk, again.pk]
    erasure.erase(Person.objects.get(pk=lotus.resident.pk), NOW)
    assert not Person.with_merged.filter(pk__in=keys).exists()
    assert not Merge.objects.exists()
    assert not Likeness.objects.exists()
    assert not Residency.with_merged.exists()
    assert not Person.history.filter(id__in=keys).exists()
    assert Consent.objects.filter(subject=again.pk, ending="erased").exists()


def test_a_merged_record_goes_after_a_year_and_the_merge_can_not_be_undone_any_more(lotus: cast.Place) -> None:
    again = twice(lotus, house=lotus.house, phone="19911112222")
    deed = merged(lotus, again, take=["phone"])
    purging.purge(NOW + timedelta(days=364))
    assert Person.with_merged.filter(pk=again.pk).exists()
    purging.purge(NOW + timedelta(days=366))
    assert not Person.with_merged.filter(pk=again.pk).exists()
    assert not Person.history.filter(id=again.pk).exists()
    deed = Merge.objects.get(pk=deed.pk)
    assert (deed.gone, deed.former, deed.taken, deed.subject) == (None, None, None, again.pk)
    with pytest.raises(ValidationError, match="保存期限"):
        part(deed, lotus)
    assert Person.objects.get(pk=lotus.resident.pk).phone == "19911112222"


def test_the_portraits_of_who_left_go_also_from_what_was_merged(lotus: cast.Place) -> None:
    with_portrait(lotus.resident, 6)
    again = with_portrait(twice(lotus, house=lotus.house))
    merged(lotus, again, take=["photo"])
    Residency.objects.update(moved_out=timezone.localdate(NOW) - timedelta(days=31))
    kept = Person.objects.get(pk=lotus.resident.pk)
    kept.photo = ""
    kept.save()
    assert purging.purge(NOW).ok
    assert not Person.with_merged.exclude(photo="").exists()
    assert not Merge.objects.exclude(former_photo="").exists()


def test_the_dossier_holds_what_was_merged_and_names_nobody_else(lotus: cast.Place) -> None:
    again = twice(lotus, house=lotus.house, phone="19911112222")
    other = person(lotus, name="王五一", phone="19900001234")
    merged(lotus, again)
    Likeness.objects.create(
        community=lotus.community,
        person=lotus.resident,
        other=other,
        choice="other",
        reason="shared_phone",
        decided_at=NOW,
    )
    sections, _pictures = held(Person.objects.get(pk=lotus.resident.pk))
    told = {section["title"]: section["rows"] for section in sections}
    assert {row["联系电话"] for row in told["人员"]} == {"19900001234", "19911112222"}
    assert len(told["居住关系"]) == 2
    assert told["合并记录"]
    assert "王" not in str(told["疑似同一人"])


def test_how_many_queries_a_merge_takes_does_not_grow_with_ways_through_the_gate(lotus: cast.Place) -> None:
    counts = []
    camera = Device.objects.create(community=lotus.community, code="D-1", name="东门相机")
    for number in (1, 40):
        again = twice(lotus, house=House.objects.create(building=lotus.building, floor=1, room=f"1{number}"))
        PersonPassage.objects.bulk_create(
            PersonPassage(community=lotus.community, device=camera, at=NOW, person=again) for _ in range(number)
        )
        with CaptureQueriesContext(connection) as asked:
            merged(lotus, again, now=NOW + timedelta(minutes=number))
        counts.append(len(asked))
    assert counts[1] <= counts[0] < 60


FACTS = st.fixed_dictionaries({
    "name": st.sampled_from(["张三丰", "张三"]),
    "phone": st.sampled_from(["", "19900001234", "19911112222"]),
    "birth_date": st.sampled_from([None, BORN, date(1980, 10, 1)]),
    "registered_address": st.sampled_from(["", "天津市南开区1号"]),
    "lives_alone_elder": st.sampled_from([None, False, True]),
    "remark": st.sampled_from(["", "新"]),
})  # fmt: skip
NUMBERS = itertools.count(1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mine=FACTS, theirs=FACTS, take=st.sets(st.sampled_from([code for code in EVERY_CHOICE if code != "photo"])),
    same_house=st.booleans(), photo=st.booleans(), things=st.booleans(),
)  # fmt: skip
def test_parting_gives_back_every_row_as_it_was(
    lotus: cast.Place, mine: dict, theirs: dict, take: set[str], same_house: bool, photo: bool, things: bool
) -> None:
    for model in (Merge, Likeness, Vehicle, Worker, PersonPassage, Device, Organisation, Residency):
        model._base_manager.all().delete()
    kept, gone = (
        person(lotus, **mine, document_number=f"K{next(NUMBERS)}"),
        person(lotus, **theirs, document_number=f"G{next(NUMBERS)}", document_type="511"),
    )
    Residency.objects.create(person=kept, house=lotus.house)
    Residency.objects.create(person=gone, house=lotus.house if same_house else lotus.empty_house)
    if things:
        everything_of(lotus, gone)
    if photo:
        with_portrait(gone)
        take = take | {"photo"}
    before = rows()
    deed = merge(kept, gone, take=take, user=lotus.staff["manager"], now=NOW)
    assert (rows() == before) is False
    unmerge(deed, reason="namesake", user=lotus.staff["manager"], now=NOW)
    assert rows() == before
    index = [field for field in Person._meta.concrete_fields if isinstance(field, BlindIndexField)]
    for someone in Person.objects.filter(pk__in=[kept.pk, gone.pk]):
        stored = Person.objects.filter(pk=someone.pk).values(*(field.name for field in index)).get()
        assert stored == {field.name: field.of_instance(someone) for field in index}


def test_of_two_who_merge_the_same_pair_at_once_one_wins(committed, lotus: cast.Place) -> None:
    again = twice(lotus)
    start, came = threading.Barrier(2), []

    def try_it(kept: Person, gone: Person) -> None:
        start.wait(10)
        try:
            came.append(merge(kept, gone, user=lotus.staff["collector"], now=timezone.now()))
        except ValidationError as error:
            came.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [
        threading.Thread(target=try_it, args=pair) for pair in ((lotus.resident, again), (again, lotus.resident))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    won, lost = sorted(came, key=lambda one: isinstance(one, ValidationError))
    assert isinstance(won, Merge)
    assert "已被合并" in str(lost)
    assert Merge.objects.count() == 1
    assert Person.with_merged.exclude(merged_into=None).count() == 1
    assert Entry.objects.filter(action="merge_people").count() == 1


def test_the_database_itself_keeps_a_record_from_being_merged_twice(lotus: cast.Place) -> None:
    again = twice(lotus)
    merged(lotus, again)
    third = person(lotus, name="张三丰")
    with pytest.raises(models.ProtectedError):
        Person.objects.get(pk=lotus.resident.pk).delete()
    twin = Merge(community=lotus.community, kept=third, gone=again, subject=again.pk, done_at=NOW)
    with pytest.raises(ValidationError):
        twin.full_clean()
