"""A change of the table of roles reaches everybody at the next migrate."""

from accounts.access import verb_holds
from accounts.roles import ROLES, Role
from community.granting import grant_all
from tests import cast


def test_a_role_that_changed_changes_for_who_holds_it(lotus: cast.Place, monkeypatch) -> None:
    guard, manager = lotus.staff["guard"], lotus.staff["manager"]
    usual = ROLES["guard"]
    monkeypatch.setitem(ROLES, "guard", Role("guard", usual.name, frozenset({"view_place", "view_vehicles"})))
    assert not verb_holds(guard, "view_vehicles", lotus.community.pk)
    grant_all()
    assert verb_holds(guard, "view_vehicles", lotus.community.pk)
    assert not verb_holds(guard, "view_devices", lotus.community.pk)
    assert verb_holds(manager, "edit_people", lotus.community.pk)


def test_nobody_is_touched_when_nothing_changed(lotus: cast.Place, django_assert_num_queries) -> None:
    with django_assert_num_queries(3):
        grant_all()
