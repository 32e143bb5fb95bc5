"""Every route × method × role × {own, other community, nobody signed in}, walked from the URL configuration.

A route without a row in accounts/data/permissions.csv fails here, and so does a row without a route.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.permissions import ANYBODY, METHODS, SIGNED_IN, known_routes, matrix, routes
from accounts.roles import ADMINISTRATORS, ROLES
from accounts.signin import sessions
from tests import cast
from tests.permissions.objects import Objects

REFUSED = {401, 403, 404, 405}
OUTERMOST = {"accounts:reveal", "residents:sheet"}
LEADS_TO_SIGN_IN = {"admin_login", "admin:login", "admin_logout", "admin:logout", "accounts:logout"}


def group(route: str) -> str:
    """Routes are walked in groups, each with one cast."""
    space, _, name = route.rpartition(":")
    return f"admin:{name.split('_')[0]}" if space == "admin" else space or "api"


GROUPS: dict[str, list[str]] = defaultdict(list)
for _name in routes():
    GROUPS[group(_name)].append(_name)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert {name for name, _pattern in known_routes()} == set(routes())


def test_the_page_in_docs_is_true() -> None:
    page = Path(settings.BASE_DIR, "docs", "permissions.md").read_text(encoding="utf-8")
    assert page == matrix()
    call_command("permissions", "--check")


class RolledBack(Exception):
    """What a request did is undone before the next."""


class Walker:
    """Browsers of every role, and of nobody."""

    def __init__(self, lotus: cast.Place, maple: cast.Place, administrators: dict[str, Any], as_user: Any) -> None:
        self.own, self.other = Objects(lotus), Objects(maple)
        self.browsers = {role: as_user(user) for role, user in (lotus.staff | administrators).items()}

    def ask(self, browser: Client, route: str, method: str, objects: Objects) -> bool:
        """Whether the request was let in. What it did is undone."""
        address = f"/admin/residents/person/{objects.place.resident.pk}/"  # what a nameless route redirects from
        if route != "admin:?":
            address = reverse(route, args=objects.arguments(route))
        cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
        facts: dict[str, Any] = {}
        if method == "GET":
            facts["data"] = objects.query(route)
        elif route.endswith(("-list", "-detail")):
            facts |= {"data": {}, "content_type": "application/json"}
        else:
            facts["data"] = objects.form(route)
        if (
            route in OUTERMOST and method == "POST"
        ):  # its transaction is the outermost one, and changes nothing but the log
            return browser.post(address, **facts).status_code not in {*REFUSED, 302}
        answer = None
        try:
            with transaction.atomic():
                answer = getattr(browser, method.lower())(address, **facts)
                raise RolledBack
        except RolledBack:
            browser.cookies.load(cookies)
        sent_to_sign_in = "/login/" in answer.headers.get("Location", "")
        return answer.status_code not in REFUSED and not (sent_to_sign_in and route not in LEADS_TO_SIGN_IN)


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_who_may_do_what_where(
    name: str, lotus: cast.Place, maple: cast.Place, administrators: dict[str, Any], as_user: Any, settings: Any
) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"user": None, "anon": None}}
    walker, wrong, refused = Walker(lotus, maple, administrators, as_user), [], set()
    for route in (routes()[one] for one in GROUPS[name]):
        for method in METHODS:
            cache.clear()
            for role, browser in walker.browsers.items():
                everywhere = role in ADMINISTRATORS
                may = route.allows(ROLES[role], method, everywhere=everywhere)
                if walker.ask(browser, route.name, method, walker.own) != may:
                    wrong.append((route.name, method, role, "own", may))
                if not may:
                    refused.add(route.name)
                if route.reach == "record":
                    elsewhere = may and everywhere
                    refused |= set() if elsewhere else {route.name}
                    if walker.ask(browser, route.name, method, walker.other) != elsewhere:
                        wrong.append((route.name, method, role, "other", elsewhere))
            open_to_all = route.needs[method] == ANYBODY
            refused |= set() if open_to_all else {route.name}
            if walker.ask(Client(), route.name, method, walker.own) != open_to_all:
                wrong.append((route.name, method, "anonymous", "", open_to_all))
    assert wrong == [], "\n".join(map(str, wrong))
    open_ones = {
        one for one in GROUPS[name] if routes()[one].reach == "open"
    }  # theirs is a form of another site, below
    assert set(GROUPS[name]) - refused - open_ones == set()


@pytest.mark.parametrize(
    "route",
    [one.name for one in routes().values() if one.needs["POST"] in (ANYBODY, SIGNED_IN) and "?" not in one.name],
)
def test_a_form_of_another_site_is_refused_everywhere(route: str, lotus: cast.Place) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(lotus.staff["manager"], backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session[sessions.FACTOR] = "in the test"
    session.save()
    assert browser.post(reverse(route)).status_code == 403
