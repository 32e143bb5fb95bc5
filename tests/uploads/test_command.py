"""`manage.py upper`: what operators and CI rely on."""

import json

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from guomi import sm2
from tests.uploads.sandboxed import ACCOUNT, sandbox
from uploads.models import Due, UpperPlatform

pytestmark = pytest.mark.processes


def configure(upper, **changes: str) -> None:
    facts = {"community": "LOTUS", "base_url": upper.url, "public_key": upper.public_key, **ACCOUNT, **changes}
    call_command("upper", "configure", *(f"--{name.replace('_', '-')}={value}" for name, value in facts.items()))


def told(capsys) -> dict:
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def test_configure_keeps_the_password_encrypted_and_is_audited(lane, upper):
    configure(upper, cipher_order="C1C2C3")
    platform = UpperPlatform.objects.get()
    assert (platform.password, platform.cipher_order) == (ACCOUNT["password"], "C1C2C3")
    assert ACCOUNT["password"] not in repr(list(UpperPlatform.objects.values()))
    entry = Entry.objects.get(action="configure_upper")
    assert ACCOUNT["password"] not in repr(entry.detail)


def test_configure_again_changes_the_same_platform(lane, upper):
    configure(upper)
    configure(upper, client_id="other")
    assert UpperPlatform.objects.get().client_id == "other"


def test_configure_refuses_an_unknown_community_a_bad_key_and_a_bad_address(lane, upper):
    with pytest.raises(CommandError, match="NOWHERE"):
        configure(upper, community="NOWHERE")
    with pytest.raises(CommandError, match="SM2"):
        configure(upper, public_key="12")
    with pytest.raises(CommandError, match="https"):
        configure(upper, base_url="http://10.0.0.8")
    assert not UpperPlatform.objects.exists()


def test_check_signs_in_and_lists_the_communities(lane, upper, capsys):
    configure(upper)
    call_command("upper", "check", "--json")
    facts = told(capsys)
    assert facts["ok"] is True
    assert facts["platforms"][0]["registration_codes"] == ["LOTUS", "MAPLE"]


def test_check_says_what_is_wrong(lane, upper, capsys):
    configure(upper, password="wrong")
    with pytest.raises(CommandError):
        call_command("upper", "check", "--json")
    facts = told(capsys)
    assert facts["ok"] is False
    assert "登录上级平台被拒" in facts["platforms"][0]["problem"]


def test_check_notices_a_registration_code_that_the_account_does_not_have(lane, upper, capsys):
    configure(upper, registration_code="STRANGE")
    with pytest.raises(CommandError):
        call_command("upper", "check", "--json")
    assert "STRANGE" in told(capsys)["platforms"][0]["problem"]


def test_push_until_empty_and_status(lane, upper, capsys):
    configure(upper)
    call_command("upper", "push", "--until-empty", "--json")
    assert told(capsys)["delivered"] == 5
    call_command("upper", "status", "--community", "LOTUS", "--json")
    facts = told(capsys)
    assert (facts["due"], facts["held"], facts["delivered"]) == (0, 0, 5)
    assert next(row["interface"] for row in facts["interfaces"]) == "B.2.2"


def test_push_to_a_platform_that_is_away_fails_and_keeps_everything(lane, upper, capsys):
    configure(upper)
    upper.process.terminate()
    upper.process.wait(10)
    with pytest.raises(CommandError, match="连不上上级平台"):
        call_command("upper", "push", "--json")
    assert told(capsys)["ok"] is False
    assert Due.objects.pending().count() == 5


@pytest.mark.parametrize(
    "form",
    [sm2.CipherForm("C1C2C3", "none", "base64"), sm2.CipherForm("C1C3C2", "der", "hex")],
    ids=["C1C2C3-none-base64", "der-hex"],
)
def test_another_cipher_form_is_understood_by_a_platform_that_wants_it(lane, tmp_path, form):
    folder = tmp_path / "other"
    folder.mkdir()
    wanted = {"cipher-order": form.order, "cipher-prefix": form.prefix, "cipher-encoding": form.encoding}
    with sandbox(folder, *(f"--{name}={value}" for name, value in wanted.items())) as upper:
        configure(upper, **{name.replace("-", "_"): value for name, value in wanted.items()})
        call_command("upper", "push", "--until-empty")
        assert upper.records("B.2.2")[0]["record"]["xm"] == "王秀英"


@pytest.mark.parametrize("wrap", ["md5-base64", "sm3-hex"])
def test_a_wrapped_password_signs_in(lane, upper, wrap, capsys):
    configure(upper, password_wrap=wrap)
    call_command("upper", "check", "--json")
    assert told(capsys)["ok"] is True
