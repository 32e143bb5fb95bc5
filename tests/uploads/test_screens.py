"""What people see of delivery, and what strangers do not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from community.models import Post
from guomi import sm2
from tests import cast
from uploads import receipts
from uploads.models import Due, Gate, Receipt, UpperPlatform
from uploads.templatetags import delivery as tags


@pytest.fixture
def sysadmin(lotus: cast.Place) -> User:
    user = cast.user("sysadmin")
    Post.objects.create(user=user, role="system_admin", community=None)
    return user


@pytest.fixture
def platform(lotus: cast.Place) -> UpperPlatform:
    return UpperPlatform.objects.create(
        community_id=lotus.community.pk, registration_code="LOTUS", base_url="https://10.0.0.8", client_id="c", username="u",
        password="secret-word", public_key="04" + "1" * 128,
    )  # fmt: skip


def held(place: cast.Place, reason: str) -> Due:
    row = Due.objects.get(report="person", subject_id=place.resident.pk.hex)
    Due.objects.filter(pk=row.pk).update(state="held", problem="incomplete", reason=reason)
    return row


def test_the_manager_of_lotus_sees_what_is_held_and_why(lotus, maple, as_user):
    held(lotus, "联系电话为空")
    held(maple, "枫林苑的原因")
    page = as_user(lotus.staff["manager"]).get(reverse("uploads:center")).content.decode()
    assert "联系电话为空" in page
    assert "枫林苑的原因" not in page
    assert "B.2.2" in page


def test_a_stranger_and_a_guard_do_not_find_the_page(lotus, stranger, as_user):
    assert as_user(stranger).get(reverse("uploads:center")).status_code == 404
    assert as_user(lotus.staff["guard"]).get(reverse("uploads:center")).status_code == 404


def test_without_signing_in_one_is_asked_to(client, db):
    assert client.get(reverse("uploads:center")).status_code == 302


def test_the_page_says_why_nothing_goes(lotus, platform, as_user):
    Gate.objects.create(platform=platform, problem="连不上上级平台", closed_until=timezone.now() + timedelta(minutes=1))
    assert "连不上上级平台" in as_user(lotus.staff["manager"]).get(reverse("uploads:center")).content.decode()


def test_the_list_shows_lotus_only_and_cannot_be_changed(lotus, maple, as_user):
    browser = as_user(lotus.staff["manager"])
    page = browser.get(reverse("admin:uploads_due_changelist")).content.decode()
    assert lotus.resident.pk.hex in page
    assert maple.resident.pk.hex not in page
    assert browser.get(reverse("admin:uploads_due_add")).status_code == 403
    other = Due.objects.get(report="person", subject_id=maple.resident.pk.hex)
    assert browser.get(reverse("admin:uploads_due_change", args=[other.pk])).status_code == 404


def test_releasing_a_held_record_makes_it_due_and_is_audited(lotus, as_user):
    row = held(lotus, "联系电话为空")
    chosen = {"action": "release", "_selected_action": [row.pk]}
    as_user(lotus.staff["manager"]).post(reverse("admin:uploads_due_changelist"), chosen, follow=True)
    row.refresh_from_db()
    assert (row.state, row.reason, row.arrived) == ("due", "", False)
    assert Entry.objects.filter(action="release_held", community_id=lotus.community.pk).count() == 1


def test_the_manager_of_lotus_cannot_release_a_record_of_maple(lotus, maple, as_user):
    row = held(maple, "联系电话为空")
    chosen = {"action": "release", "_selected_action": [row.pk]}
    as_user(lotus.staff["manager"]).post(reverse("admin:uploads_due_changelist"), chosen, follow=True)
    row.refresh_from_db()
    assert row.state == "held"


def test_the_system_administrator_configures_without_ever_seeing_the_password(lotus, platform, sysadmin, as_user):
    browser = as_user(sysadmin)
    address = reverse("admin:uploads_upperplatform_change", args=[platform.pk])
    page = browser.get(address)
    assert "secret-word" not in page.content.decode()
    form = page.context["adminform"].form
    values = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
    values = {
        name: value for name, value in values.items() if isinstance(value, (str, int)) and value not in ("", False)
    }
    values |= {"public_key": sm2.generate().public.hex(), "password": "", "wire_overrides": "{}", "also_encrypt": "[]"}
    values |= {"extra_parameters": "{}", "enabled": "on", "base_url": "https://10.0.0.9"}
    for prefix in ("limits", "answer_rules", "gates"):
        values |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    answer = browser.post(address, values)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    platform.refresh_from_db()
    assert (platform.base_url, platform.password) == ("https://10.0.0.9", "secret-word")
    assert Entry.objects.filter(action="configure_upper").count() == 1


def test_a_manager_cannot_open_the_configuration(lotus, platform, as_user):
    address = reverse("admin:uploads_upperplatform_change", args=[platform.pk])
    assert as_user(lotus.staff["manager"]).get(address).status_code in (403, 404)


def test_receipts_are_never_changed_or_deleted(lotus):
    receipt = Receipt.objects.create(
        report="person",
        subject_id="1",
        community_id=lotus.community.pk,
        revision=1,
        outcome="delivered",
        at=timezone.now(),
    )
    for deed in (receipt.save, receipt.delete, Receipt.objects.all().delete):
        with pytest.raises(TypeError, match="append-only"):
            deed()


def test_the_dots_of_many_take_one_query(lotus, maple, django_assert_num_queries):
    pks = [lotus.resident.pk, maple.resident.pk]
    with django_assert_num_queries(1):
        found = receipts.for_subjects("person", pks)
    assert {progress.stage for progress in found.values()} == {"local"}


def test_the_dots_say_where_a_record_is(lotus):
    Due.objects.filter(report="person").update(encrypted_at="2026-01-01T00:00:00Z")
    progress = tags.delivery_progress("person", lotus.resident.pk)["progress"]
    assert progress.stage == "encrypted"
    assert [dot.state for dot in progress.dots] == ["done", "now", "", ""]


LISTS = {
    "admin:residents_person_changelist": "person",
    "admin:community_house_changelist": "house",
    "admin:residents_residency_changelist": "residency",
}


@pytest.mark.parametrize(("url", "report"), LISTS.items())
def test_the_lists_say_how_far_each_record_came(url, report, lotus, as_user):
    Due.objects.filter(report=report).update(state="held", problem="incomplete", reason="资料不全")
    browser = as_user(lotus.staff["manager"])
    assert "待处理" in browser.get(reverse(url)).content.decode()
    held_only, arrived_only = (browser.get(reverse(url), {"delivery": value}) for value in ("held", "arrived"))
    assert held_only.context["cl"].result_count > 0
    assert arrived_only.context["cl"].result_count == 0


def test_the_list_asks_for_the_progress_of_all_its_rows_at_once(lotus, as_user):
    browser = as_user(lotus.staff["manager"])
    with CaptureQueriesContext(connection) as queries:
        browser.get(reverse("admin:community_house_changelist"))
    assert sum('FROM "uploads_due"' in query["sql"] for query in queries) == 1


def test_the_form_of_a_resident_shows_his_way_and_the_last_receipts(lotus, as_user):
    held(lotus, "联系电话为空")
    Receipt.objects.create(
        report="person", subject_id=lotus.resident.pk.hex, community_id=lotus.community.pk, revision=1, outcome="refused",
        message="缺少联系电话", at=timezone.now(),
    )  # fmt: skip
    url = reverse("admin:residents_person_change", args=[lotus.resident.pk])
    page = as_user(lotus.staff["manager"]).get(url).content.decode()
    assert "缺少联系电话" in page
    assert "联系电话为空" in page


def test_who_may_not_see_delivery_sees_no_column_of_it(lotus, as_user):
    operator = as_user(lotus.staff["operator"])
    page = operator.get(reverse("admin:devices_device_changelist"), {"delivery": "held"}, follow=True)
    assert page.status_code == 200
    assert "delivery_shown" not in page.content.decode()
    assert "delivery-panel" not in page.content.decode()
