"""Signing in: what is refused leaves an entry, and a cookie, a code or an address gives nobody more than he may."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.signin import factor, idle, sessions, throttle
from accounts.signin.models import ApiToken, PasswordRecord, SecondFactor, SignIn
from audit.models import Entry
from tests import cast

LOGIN = "/accounts/login/"


def sign_in(browser: Client, user: User, password: str = cast.PASSWORD, **facts: object):
    return browser.post(LOGIN, {"username": user.username, "password": password, **facts})


def newest(action: str) -> Entry:
    return Entry.objects.filter(action=action).latest("pk")


@pytest.fixture
def manager(lotus: cast.Place) -> User:
    return lotus.staff["manager"]


@pytest.fixture
def officer(lotus: cast.Place) -> User:
    return lotus.staff["police"]


@pytest.fixture
def enrolled(officer: User) -> pyotp.TOTP:
    """The police officer's app, in use."""
    begun = factor.begin(officer)
    app = pyotp.TOTP(str(begun.secret))
    assert factor.confirm(officer, app.at(timezone.now() - timedelta(seconds=30)), timezone.now())
    return app


# --- passwords --------------------------------------------------------------------------------------------------------
def test_wrong_passwords_are_refused_logged_and_lock_the_pair(manager: User) -> None:
    browser = Client()
    for _ in range(4):
        assert sign_in(browser, manager, "wrong").status_code == 422
    assert Entry.objects.filter(action="sign_in", outcome="refused", target_id=manager.username).count() == 4
    sign_in(browser, manager, "wrong")
    assert Entry.objects.filter(action="lockout", outcome="refused").exists()
    assert sign_in(browser, manager).status_code != 302
    elsewhere = Client(REMOTE_ADDR="10.1.1.1")
    assert sign_in(elsewhere, manager).status_code == 302


def test_changing_the_address_or_the_account_does_not_help_a_guesser(manager: User) -> None:
    for number in range(throttle.BY_ACCOUNT):
        sign_in(Client(REMOTE_ADDR=f"10.2.0.{number}"), manager, "wrong")
    answer = sign_in(Client(REMOTE_ADDR="10.9.9.9"), manager)
    assert (answer.status_code, newest("lockout").detail) == (429, {"why": "too many"})
    cache.clear()
    for number in range(throttle.BY_ADDRESS):
        throttle.failed(f"nobody-{number}", "10.3.0.1")
    assert sign_in(Client(REMOTE_ADDR="10.3.0.1"), manager).status_code == 429


def test_a_forged_forwarding_header_is_not_believed(manager: User, settings) -> None:
    sign_in(Client(REMOTE_ADDR="10.4.0.1"), manager, "wrong", HTTP_X_FORWARDED_FOR="1.2.3.4")
    browser = Client(REMOTE_ADDR="10.4.0.1", headers={"x-forwarded-for": "1.2.3.4"})
    for _ in range(5):
        sign_in(browser, manager, "wrong")
    assert set(Entry.objects.filter(outcome="refused").values_list("address", flat=True)) == {"10.4.0.1"}
    other = Client(REMOTE_ADDR="10.4.0.1", headers={"x-forwarded-for": "5.6.7.8"})
    assert sign_in(other, manager).status_code != 302  # still the same, locked address
    settings.TRUSTED_PROXIES = ["10.5.0.0/16"]
    sign_in(Client(REMOTE_ADDR="10.5.0.1", headers={"x-forwarded-for": "6.6.6.6, 7.7.7.7"}), manager, "wrong")
    assert newest("sign_in").address == "7.7.7.7"


@pytest.mark.parametrize(
    ("password", "good"),
    [("short-1A", False), ("alllowercaseletters", False), ("1234567890123", False), ("lower-and-upper-AB", True),
     ("lower1and2digits-", True)],
)  # fmt: skip
def test_passwords_have_three_kinds_of_characters(password: str, good: bool, manager: User, as_user) -> None:
    facts = {"old_password": cast.PASSWORD, "new_password1": password, "new_password2": password}
    answer = as_user(manager).post("/accounts/password/", facts)
    assert (answer.status_code == 302) is good


def test_none_of_the_last_five_passwords_is_taken_again(manager: User, as_user) -> None:
    browser, current = as_user(manager), cast.PASSWORD
    for number in range(6):
        fresh = f"Fresh-password-{number}"
        facts = {"old_password": current, "new_password1": fresh, "new_password2": fresh}
        assert browser.post("/accounts/password/", facts).status_code == 302
        current = fresh
    back = {"old_password": current, "new_password1": "Fresh-password-1", "new_password2": "Fresh-password-1"}
    assert browser.post("/accounts/password/", back).status_code == 200
    assert PasswordRecord.objects.filter(user=manager).count() == 5
    assert Entry.objects.filter(action="change_password").count() == 6


def test_an_old_or_foreign_password_must_be_changed_first(manager: User, as_user) -> None:
    User.objects.filter(pk=manager.pk).update(password_changed_at=timezone.now() - timedelta(days=91))
    browser = as_user(manager)
    assert browser.get("/").headers["Location"].startswith("/accounts/password/")
    assert browser.get("/api/people/").status_code == 403
    facts = {"old_password": cast.PASSWORD, "new_password1": "New-password-77", "new_password2": "New-password-77"}
    assert browser.post("/accounts/password/", facts).status_code == 302
    assert browser.get("/").status_code == 200


def test_the_first_administrator_is_made_once_with_a_password_of_his_own(db: None, capsys) -> None:
    call_command("create_admin", "root1")
    password = capsys.readouterr().out.split()[1]
    browser = Client()
    assert sign_in(browser, User.objects.get(username="root1"), password).status_code == 302
    assert browser.get("/").headers["Location"].startswith("/accounts/factor/setup/")
    with pytest.raises(Exception, match="already"):
        call_command("create_admin", "root2")


# --- the second factor ------------------------------------------------------------------------------------------------
def test_police_and_administrators_get_no_further_without_a_second_factor(officer: User, administrators) -> None:
    for user in (officer, *administrators.values()):
        browser = Client()
        assert sign_in(browser, user).status_code == 302
        for page in ("/", "/admin/", "/admin/audit/entry/"):
            assert browser.get(page).headers["Location"].startswith("/accounts/factor/setup/"), page
        assert browser.get("/api/people/").status_code == 403
        page = browser.get("/accounts/factor/setup/").content.decode()
        assert "data:image/svg+xml;base64," in page
        secret = re.search(r'class="secret">([A-Z2-7]{32})<', page)[1]
        answer = browser.post("/accounts/factor/setup/", {"code": pyotp.TOTP(secret).now()})
        assert len(re.findall(r"<li><code>", answer.content.decode())) == 10
        assert browser.get("/").status_code == 200


def test_a_code_holds_once(officer: User, enrolled: pyotp.TOTP) -> None:
    code = enrolled.now()
    first, second = Client(), Client()
    for browser in (first, second):
        sign_in(browser, officer)
    assert first.get("/").headers["Location"].startswith("/accounts/factor/?next=/")
    assert first.post("/accounts/factor/", {"code": code, "next": "/board/"}).headers["Location"] == "/board/"
    assert first.get("/").status_code == 200
    assert second.post("/accounts/factor/", {"code": code}).status_code == 422
    assert second.get("/").status_code == 302
    entry = newest("second_factor")
    assert (entry.outcome, entry.detail) == ("refused", {"why": "wrong"})


def test_five_wrong_codes_lock_it_even_for_the_right_one(officer: User, enrolled: pyotp.TOTP) -> None:
    browser = Client()
    sign_in(browser, officer)
    for _ in range(5):
        browser.post("/accounts/factor/", {"code": "000000"})
    assert browser.post("/accounts/factor/", {"code": enrolled.now()}).status_code == 422
    assert newest("second_factor").detail == {"why": "locked"}


def test_a_recovery_code_holds_once_too(officer: User, enrolled: pyotp.TOTP) -> None:
    code = factor.renew_codes(officer)[3]
    assert factor.check(officer, code.upper(), timezone.now())
    assert not factor.check(officer, code, timezone.now())
    kept = SecondFactor.objects.get(user=officer)
    assert len(kept.recovery) == 9
    assert code.replace("-", "") not in str(kept.recovery)


def test_a_reset_makes_the_user_set_it_up_again(officer: User, enrolled: pyotp.TOTP, administrators, as_user) -> None:
    browser = Client()
    sign_in(browser, officer)
    browser.post("/accounts/factor/", {"code": enrolled.now()})
    facts = {"action": "reset_factors", "_selected_action": [officer.pk]}
    as_user(administrators["security_admin"]).post("/admin/accounts/user/", facts)
    assert browser.get("/").headers["Location"].startswith(LOGIN)
    assert not SecondFactor.objects.filter(user=officer).exists()
    assert newest("reset_factor").target_id == str(officer.pk)


def test_a_manager_may_do_without_and_drop_it_again(manager: User, as_user) -> None:
    browser = as_user(manager)
    assert browser.get("/").status_code == 200
    app = pyotp.TOTP(str(factor.begin(manager).secret))
    assert factor.confirm(manager, app.at(timezone.now() - timedelta(seconds=30)), timezone.now())
    browser.post("/accounts/factor/drop/", {"code": "000000"})
    assert SecondFactor.objects.filter(user=manager).exists()
    browser.post("/accounts/factor/drop/", {"code": app.now()})
    assert not SecondFactor.objects.filter(user=manager).exists()


def test_police_may_not_drop_it(officer: User, enrolled: pyotp.TOTP, as_user) -> None:
    as_user(officer).post("/accounts/factor/drop/", {"code": enrolled.now()})
    assert SecondFactor.objects.filter(user=officer).exists()


# --- sessions ---------------------------------------------------------------------------------------------------------
def test_a_cookie_taken_before_the_sign_out_opens_nothing(manager: User) -> None:
    browser = Client()
    sign_in(browser, manager)
    stolen = browser.cookies["sessionid"].value
    assert browser.get("/").status_code == 200
    browser.post("/accounts/logout/")
    thief = Client(REMOTE_ADDR="10.6.6.6")
    thief.cookies["sessionid"] = stolen
    assert thief.get("/").headers["Location"].startswith(LOGIN)
    assert thief.get("/api/people/").status_code == 401
    entry = newest("stale_session")
    assert (entry.outcome, entry.address) == ("refused", "10.6.6.6")


def test_a_session_can_be_seen_and_ended_from_another(manager: User) -> None:
    office = Client(headers={"user-agent": "Office PC"})
    lost = Client(headers={"user-agent": "Lost tablet"}, REMOTE_ADDR="10.7.0.1")
    sign_in(office, manager)
    sign_in(lost, manager)
    page = office.get("/accounts/me/").content.decode()
    assert ("Lost tablet" in page, "10.7.0.1" in page) == (True, True)
    mark = SignIn.objects.get(agent="Lost tablet").mark
    office.post("/accounts/me/end-session/", {"mark": mark})
    assert lost.get("/").status_code == 302
    assert office.get("/").status_code == 200
    assert newest("end_session").detail["session"] == mark
    assert not SignIn.objects.filter(mark=mark).exclude(session_key="").exists()


def test_nobody_ends_the_session_of_another(manager: User, lotus: cast.Place) -> None:
    mine, theirs = Client(), Client()
    sign_in(mine, manager)
    sign_in(theirs, lotus.staff["collector"])
    mark = SignIn.objects.get(user=lotus.staff["collector"]).mark
    mine.post("/accounts/me/end-session/", {"mark": mark})
    assert theirs.get("/").status_code == 200


def test_one_session_at_a_time_where_that_is_wanted(manager: User, settings) -> None:
    settings.ONE_SESSION = True
    first, second = Client(), Client()
    sign_in(first, manager)
    sign_in(second, manager)
    assert (first.get("/").status_code, second.get("/").status_code) == (302, 200)


def test_half_an_hour_without_a_deed_ends_it(manager: User, as_user) -> None:
    browser = as_user(manager)
    session = browser.session
    session[sessions.SEEN] = int(timezone.now().timestamp()) - 1801
    session.save()
    answer = browser.get("/collect/")
    assert answer.headers["Location"] == "/accounts/login/?why=idle_out&next=/collect/"
    assert "自动退出" in browser.get(answer.headers["Location"]).content.decode()
    assert newest("idle_out").target_id == str(manager.pk)
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_a_page_that_looks_by_itself_keeps_nobody_signed_in(manager: User, as_user) -> None:
    browser = as_user(manager)
    browser.get("/uploads/")
    session = browser.session
    seen = session[sessions.SEEN] = int(timezone.now().timestamp()) - 1700
    session.save()
    assert browser.get("/uploads/", headers={sessions.POLL: "1"}).status_code == 200
    assert browser.session[sessions.SEEN] == seen
    browser.get("/uploads/")
    assert browser.session[sessions.SEEN] > seen
    session = browser.session
    session[sessions.SEEN] = int(timezone.now().timestamp()) - 1801
    session.save()
    assert browser.get("/uploads/", headers={sessions.POLL: "1"}).status_code == 302


def test_changing_the_password_ends_the_other_sessions(manager: User) -> None:
    here, there = Client(), Client()
    sign_in(here, manager)
    sign_in(there, manager)
    facts = {"old_password": cast.PASSWORD, "new_password1": "New-password-77", "new_password2": "New-password-77"}
    here.post("/accounts/password/", facts)
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)


# --- where from, where to ---------------------------------------------------------------------------------------------
def test_administrators_come_from_their_networks_only(administrators, manager: User, settings) -> None:
    settings.ADMIN_NETWORKS = ["10.8.0.0/16"]
    keeper = administrators["security_admin"]
    answer = sign_in(Client(REMOTE_ADDR="192.168.1.5"), keeper)
    assert (answer.status_code, newest("outside_network").address) == (422, "192.168.1.5")
    assert "指定的网段" in answer.content.decode()
    inside = Client(REMOTE_ADDR="10.8.3.4")
    assert sign_in(inside, keeper).status_code == 302
    taken = Client(REMOTE_ADDR="192.168.1.5")
    taken.cookies = inside.cookies
    assert taken.get("/accounts/me/").headers["Location"].startswith("/accounts/login/?why=outside_network")
    assert sign_in(Client(REMOTE_ADDR="192.168.1.5"), manager).status_code == 302


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_sent_to_another_site(address: str, manager: User) -> None:
    answer = sign_in(Client(), manager, next=address)
    assert answer.headers["Location"] == "/"
    assert newest("refused").detail == {"why": "redirect", "route": "login"}


def test_a_form_of_another_site_is_refused_and_logged(manager: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert sign_in(browser, manager).status_code == 403
    assert newest("refused").detail["status"] == 403


# --- accounts and tokens ----------------------------------------------------------------------------------------------
def test_accounts_idle_for_ninety_days_are_switched_off(manager: User, lotus: cast.Place) -> None:
    long_ago = timezone.now() - timedelta(days=91)
    User.objects.filter(pk=manager.pk).update(last_login=long_ago)
    assert idle.disable(timezone.now()) == 1
    assert not User.objects.get(pk=manager.pk).is_active
    assert newest("disable_idle").target_id == str(manager.pk)
    assert sign_in(Client(), manager).status_code == 422


def test_a_token_reaches_as_far_as_its_scope_and_its_user(
    manager: User, maple: cast.Place, administrators, as_user
) -> None:
    keeper = as_user(administrators["security_admin"])
    facts = {"user": manager.pk, "name": "对接", "scopes": ["read"], "days": "30"}
    page = keeper.post("/admin/accounts/apitoken/add/", facts, follow=True).content.decode()
    text = re.search(r"anju_[\w-]{43}", page)[0]
    assert text not in keeper.get("/admin/accounts/apitoken/").content.decode()
    program = Client(headers={"authorization": f"Token {text}"}, REMOTE_ADDR="10.9.0.2")
    people = program.get("/api/people/").json()["results"]
    assert people
    assert maple.resident.pk.hex not in str(people)
    assert program.get(f"/api/people/{maple.resident.pk}/").status_code == 404
    assert program.post("/api/people/", {}, content_type="application/json").status_code == 403
    token = ApiToken.objects.get()
    assert (token.last_address, token.last_used_at is not None) == ("10.9.0.2", True)
    assert text not in str(ApiToken.objects.values())
    ApiToken.objects.update(expires_at=timezone.now())
    assert program.get("/api/people/").status_code == 401
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    keeper.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    assert program.get("/api/people/").status_code == 401
    assert Entry.objects.filter(action="revoke_token").count() == 1
    assert newest("refused").detail["status"] == 401


def test_nonsense_is_no_token(db: None) -> None:
    for header in ("Token", "Token x", "Token anju_" + "a" * 43, "Token a b", "token \xff"):
        assert Client(headers={"authorization": header}).get("/api/people/").status_code in (401, 403)


def test_a_password_an_administrator_set_holds_for_one_sign_in(manager: User, administrators, as_user) -> None:
    keeper = as_user(administrators["security_admin"])
    facts = {"password1": "Given-password-5", "password2": "Given-password-5", "usable_password": "true"}
    assert keeper.post(f"/admin/accounts/user/{manager.pk}/password/", facts).status_code == 302
    browser = Client()
    assert sign_in(browser, manager, "Given-password-5").status_code == 302
    assert browser.get("/").headers["Location"].startswith("/accounts/password/")
    assert newest("set_password").target_id == str(manager.pk)
