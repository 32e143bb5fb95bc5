"""The log speaks to people: every deed it tells of has a word."""

import re

from django.conf import settings
from django.urls import reverse

from audit import words
from audit.models import Entry
from tests import cast

DEED = re.compile(r"\bwrite(?:_now)?\(\s*\"(\w+)\"")


def test_every_deed_the_program_writes_has_a_word() -> None:
    written = {
        deed
        for app in ("accounts", "audit", "community", "demo", "devices", "residents", "uploads")
        for path in (settings.BASE_DIR / app).rglob("*.py")
        for deed in DEED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(written) > 8
    assert written - words.ACTIONS.keys() == set()


def test_police_read_words_and_filter_by_them(lotus: cast.Place, as_user) -> None:
    police = as_user(lotus.staff["police"])
    police.get(reverse("admin:residents_person_change", args=[lotus.resident.pk]))
    assert Entry.objects.filter(action="view").exists()
    url = reverse("admin:audit_entry_changelist")
    page = police.get(url).content.decode()
    assert "查看" in page
    assert "人员" in page
    narrowed = police.get(url, {"action": "view", "target": "residents.person"}).context["cl"].queryset
    assert {(entry.action, entry.target_model) for entry in narrowed} == {("view", "residents.person")}
