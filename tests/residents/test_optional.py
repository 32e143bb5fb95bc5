"""Sensitive optional fields are off until a community switches one on, naming its lawful basis; off is neither asked, taken nor sent."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from residents.models import OptionalField, Person
from residents.rights.models import optional_names
from tests import cast
from uploads.reports import Context, get


def context(place: cast.Place) -> Context:
    return Context(timezone.now(), place.community.pk, lambda report, key: (True, "1"))


def record(place: cast.Place) -> dict:
    report = get("person")
    return report.record(report.queryset().get(pk=place.resident.pk), context(place))


def test_the_fields_come_from_the_table() -> None:
    assert set(optional_names()) == {
        "education", "occupation", "occupation_category", "ethnicity", "marital_status", "military_service",
        "political_status",
    }  # fmt: skip


def test_what_is_off_is_not_asked_for(lotus: cast.Place, as_user) -> None:
    client, url = as_user(lotus.staff["manager"]), f"/admin/residents/person/{lotus.resident.pk}/change/"
    assert 'name="ethnicity"' not in client.get(url).content.decode()
    OptionalField.objects.create(community=lotus.community, field="ethnicity", basis="单独同意")
    assert 'name="ethnicity"' in client.get(url).content.decode()


def test_what_is_off_is_not_taken_by_any_door(lotus: cast.Place, as_user) -> None:
    person = lotus.resident
    person.ethnicity = "01"
    with pytest.raises(ValidationError, match="没有开启"):
        person.full_clean()
    client = as_user(lotus.staff["manager"])
    answer = client.patch(f"/api/people/{person.pk}/", {"education": "10"}, content_type="application/json")
    assert answer.status_code == 400
    assert "没有开启" in answer.content.decode()
    OptionalField.objects.create(community=lotus.community, field="education", basis="单独同意")
    answer = client.patch(f"/api/people/{person.pk}/", {"education": "10"}, content_type="application/json")
    assert answer.status_code == 200


def test_what_is_off_is_not_sent_and_what_is_on_is(lotus: cast.Place, maple: cast.Place) -> None:
    Person.objects.filter(pk__in=[lotus.resident.pk, maple.resident.pk]).update(education="10", ethnicity="01")
    OptionalField.objects.create(community=lotus.community, field="education", basis="单独同意")
    sent = record(lotus)
    assert sent["education_code"] == "10"
    assert "ethnicity_code" not in sent
    assert "education_code" not in record(maple)


def test_what_stood_there_before_may_stay_or_go(lotus: cast.Place) -> None:
    Person.objects.filter(pk=lotus.resident.pk).update(ethnicity="01")
    person = Person.objects.get(pk=lotus.resident.pk)
    person.remark = "x"
    person.full_clean()
    person.save()
    assert Person.objects.get(pk=person.pk).ethnicity == "01"
    person.ethnicity = ""
    person.full_clean()
    person.ethnicity = "02"
    with pytest.raises(ValidationError, match="没有开启"):
        person.full_clean()


def test_switching_on_needs_a_basis_and_the_right(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["manager"])
    facts = {"community": lotus.community.pk, "field": "ethnicity", "basis": ""}
    url = "/admin/residents/optionalfield/add/"
    assert client.post(url, facts).status_code == 200
    assert client.post(url, facts | {"basis": "单独同意", "field": "name"}).status_code == 200
    assert not OptionalField.objects.exists()
    assert client.post(url, facts | {"basis": "单独同意"}).status_code == 302
    assert client.post(url, facts | {"basis": "单独同意", "community": maple.community.pk}).status_code == 200
    assert as_user(lotus.staff["collector"]).get(url).status_code == 403
    assert [(one.community, one.field) for one in OptionalField.objects.all()] == [(lotus.community, "ethnicity")]
