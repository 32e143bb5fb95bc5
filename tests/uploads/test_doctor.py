"""Nobody's SM2 opens? The doctor finds the form: from a sample, or by asking the platform; and watches it from then on."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from community.models import Post
from guomi import sm2
from guomi.sm2 import CipherForm
from tests import cast
from tests.uploads.sandboxed import sandbox
from uploads import delivery, doctor
from uploads.models import Receipt, UpperPlatform

KEY = sm2.generate()
OTHER = ("--cipher-order", "C1C2C3", "--cipher-prefix", "none", "--cipher-encoding", "base64")


@pytest.mark.parametrize("form", sm2.FORMS, ids=lambda form: f"{form.order}-{form.prefix}-{form.encoding}")
def test_a_sample_tells_its_form(form: CipherForm) -> None:
    found = doctor.diagnose(sm2.encrypt(KEY.public, "天津市示范区".encode(), form), KEY.private.hex())
    assert form in found.forms
    assert found.clear == "天津市示范区"
    assert found.says


@pytest.mark.parametrize(
    ("sample", "says"),
    [
        ("zz", "Base64"),
        ("04" * 20, "不够一段"),
        (sm2.encrypt(sm2.generate().public, b"x" * 9), "解不开"),
        ("密文", "既不是"),
    ],
)
def test_what_does_not_open_is_explained(sample: str, says: str) -> None:
    found = doctor.diagnose(sample, KEY.private.hex())
    assert not found.ok
    assert says in "".join(found.says)


def test_the_command_names_the_profile(capsys) -> None:
    form = CipherForm("C1C2C3", "der", "base64")
    sample = sm2.encrypt(KEY.public, b"hello", form)
    call_command("upper", "doctor", "--sample", sample, "--private-key", KEY.private.hex(), "--json")
    facts = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert facts["profile"] == {"order": "C1C2C3", "prefix": "der", "encoding": "base64"}
    with pytest.raises(CommandError):
        call_command("upper", "doctor", "--sample", "00" * 120, "--private-key", KEY.private.hex())
    with pytest.raises(CommandError):
        call_command("upper", "doctor", "--sample", sample, "--private-key", "nonsense")


@pytest.mark.processes
def test_the_platform_is_asked_and_its_form_adopted(lane, tmp_path, capsys) -> None:
    with sandbox(tmp_path, *OTHER) as upper:
        platform = upper.know(lane.community)
        delivery.deliver_until_empty()
        assert {row["interface"] for row in upper.records()} == {"B.6.1"}  # it understands nothing sealed
        call_command("upper", "doctor", "--save", "--json")
        facts = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert facts["platforms"][0]["found"] == {"order": "C1C2C3", "prefix": "none", "encoding": "base64"}
        platform.refresh_from_db()
        assert (platform.cipher_order, platform.cipher_prefix, platform.cipher_encoding) == ("C1C2C3", "none", "base64")
        assert Entry.objects.filter(action="configure_upper", target_id=str(platform.pk)).count() == 2


@pytest.mark.processes
def test_a_form_that_is_taken_but_garbled_is_not_adopted(lane, upper, monkeypatch) -> None:
    platform = upper.know(lane.community)
    delivery.deliver_until_empty()
    usual = sm2.encrypt

    def muddled(key, data, form=sm2.DEFAULT_FORM):
        return usual(key, "赵赵".encode() if data.decode() == lane.house.owner_name else data, form)

    monkeypatch.setattr(sm2, "encrypt", muddled)
    trial = doctor.ask(platform, now=timezone.now(), forms=[sm2.DEFAULT_FORM])
    assert trial.found is None
    assert trial.attempts[0].kind == "garbled"
    assert "房主姓名" in trial.attempts[0].message


@pytest.mark.processes
def test_the_daily_self_test_alarms_when_the_platform_stops_understanding(lane, tmp_path, as_user) -> None:
    with sandbox(tmp_path) as upper:
        platform = upper.know(lane.community)
        delivery.deliver_until_empty()
        before = Receipt.objects.count()
        assert doctor.self_test(platform, now=timezone.now()) == ""
        assert Receipt.objects.count() == before
        UpperPlatform.objects.filter(pk=platform.pk).update(public_key=sm2.generate().public.hex())
        platform.refresh_from_db()
        assert "不接受" in doctor.self_test(platform, now=timezone.now())
    platform.refresh_from_db()
    assert platform.test_problem
    admin = cast.user("sysadmin")
    Post.objects.create(user=admin, role="system_admin", community=None)
    assert "自检" in as_user(admin).get("/uploads/").content.decode()


@pytest.mark.processes
def test_the_page_shows_each_step(lane, upper, as_user) -> None:
    platform = upper.know(lane.community)
    delivery.deliver_until_empty()
    admin, stranger = cast.user("sysadmin"), cast.user("nobody")
    Post.objects.create(user=admin, role="system_admin", community=None)
    url = reverse("uploads:examine", args=[platform.pk])
    assert as_user(stranger).get(url).status_code == 404
    client = as_user(admin)
    page = client.post(url, {"deed": "test"}).content.decode()
    assert page.count('class="done"') == 4
    page = client.post(url, {"deed": "ask"}).content.decode()
    assert "读懂" in page
    assert "与现用写法一致" in page
    sample = sm2.encrypt(KEY.public, "试".encode(), CipherForm("C1C2C3", "04", "base64"))
    page = client.post(url, {"deed": "sample", "sample": sample, "private_key": KEY.private.hex()}).content.decode()
    assert "采用 C1C2C3" in page
    assert KEY.private.hex() not in page
    assert client.post(url, {"deed": "sample", "sample": sample, "private_key": "x"}).status_code == 422
    adopted = {"deed": "adopt", "order": "C1C2C3", "prefix": "04", "encoding": "base64"}
    assert client.post(url, adopted).status_code == 302
    platform.refresh_from_db()
    assert platform.cipher_order == "C1C2C3"
    assert client.post(url, adopted | {"order": "C9"}).status_code == 422
