"""The collector's own work list: what did not arrive, why, where to put it right."""

from residents.models import Person
from tests import cast
from tests.desk.sealing import submit
from tests.desk.test_collect import form
from uploads.models import Due


def collect(client, place: cast.Place, **facts) -> Person:
    sent = form(place, **facts)
    assert submit(client, sent).status_code == 201
    return Person.objects.order_by("-created_at").first()


def test_what_did_not_arrive_stands_there_with_its_reason(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    first = collect(client, lotus)
    second = collect(client, lotus, document_number=cast.valid_id("19930303"), name="李小凤")
    page = client.get("/collect/mine/")
    assert len(page.context["rows"]) == 2
    Due.objects.filter(subject_id=first.pk.hex).update(delivered_revision=9)
    Due.objects.filter(subject_id=first.residencies.get().pk.hex).update(delivered_revision=9)
    Due.objects.filter(subject_id=second.pk.hex).update(state="held", reason="联系电话为空")
    page = client.get("/collect/mine/")
    assert [row.home.person for row in page.context["rows"]] == [second]
    text = page.content.decode()
    assert "联系电话为空" in text
    assert f"/admin/residents/person/{second.pk}/change/" in text
    assert "李小凤" not in text
    assert len(client.get("/collect/mine/?all=1").context["rows"]) == 2
    assert "我采集的未送达" in client.get("/").content.decode()


def test_others_work_is_not_in_it(lotus: cast.Place, as_user) -> None:
    collect(as_user(lotus.staff["manager"]), lotus)
    assert as_user(lotus.staff["collector"]).get("/collect/mine/?all=1").context["rows"] == []
    assert as_user(lotus.staff["guard"]).get("/collect/mine/").status_code == 404


def test_the_list_asks_a_fixed_number_of_questions(lotus: cast.Place, as_user, django_assert_max_num_queries) -> None:
    client = as_user(lotus.staff["collector"])
    for number in range(6):
        collect(client, lotus, document_number=cast.valid_id("19930303", 900 + number))
    with django_assert_max_num_queries(16):
        client.get("/collect/mine/")
