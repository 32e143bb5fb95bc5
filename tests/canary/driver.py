"""Drives a throw-away portal with marked values through every door; prints {"pages": n, "leaks": [...]} as JSON.

Run as a process of its own: `python -m tests.canary.driver seed|walk`.
"""

import io
import json
import os
import sys
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib import admin  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import NoReverseMatch, reverse  # noqa: E402
from PIL import Image  # noqa: E402

from accounts.models import User  # noqa: E402
from community.models import Post  # noqa: E402
from config.api import router  # noqa: E402
from demo import invented  # noqa: E402
from devices.models import Device  # noqa: E402
from residents.models import Person, Vehicle  # noqa: E402
from tests import cast  # noqa: E402
from tests.canary import marks  # noqa: E402
from tests.desk.sealing import post, submit  # noqa: E402
from uploads.tasks import deliver  # noqa: E402

settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]


def photo() -> bytes:
    """A picture that carries a mark where cameras carry the place."""
    picture, out = Image.effect_noise((640, 800), 60).convert("RGB"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = marks.PICTURE_TEXT.decode()
    picture.save(out, "JPEG", exif=exif, comment=marks.PICTURE_TEXT)
    return out.getvalue() + marks.PICTURE_TEXT


def seed() -> None:
    """One community whose people carry the marks, changed once so that history has them too."""
    place = cast.place(invented.COMMUNITIES[0][0], "幸福里", 901)
    for role in ("system_admin", "security_admin", "audit_admin"):
        Post.objects.create(user=cast.user(role), role=role, community=None)
    cast.user("stranger")
    for name, value in marks.OWNER.items():
        setattr(place.house, name, value)
    place.house.save()
    person = Person.objects.create(community=place.community, **marks.PERSON, photo=photo())
    Vehicle.objects.create(community=place.community, plate="津A00009", **marks.DRIVER)
    Device.objects.create(community=place.community, code="CAM-9", name="东门相机", type="2", **marks.DEVICE)
    Person.objects.filter(pk=person.pk).update(remark="bulk")
    for name, value in marks.CHANGED.items():
        setattr(person, name, value)
    person.save()


class Walk:
    """Asks for every page as everybody, and looks for marks in what comes back."""

    def __init__(self) -> None:
        self.pages, self.leaks = 0, []

    def look(self, who: str, address: str, answer: Any, *, own: tuple[str, ...] = ()) -> None:
        """`own` are values the person asking has just typed himself: his form may show them to him again."""
        self.pages += 1
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = text.decode(errors="replace") + str(answer.headers)
        self.leaks += [f"{who} {address}: {mark}" for mark in marks.all_marks() if mark in text and mark not in own]
        if answer.status_code >= 500:
            self.leaks.append(f"{who} {address}: status {answer.status_code}")

    def everything(self) -> None:
        """Every role, every address."""
        addresses = [
            "/",
            "/collect/",
            "/uploads/",
            "/rights/",
            "/accounts/periods/",
            "/collect/houses/?q=3-2-501",
            "/collect/pack/",
            "/collect/pack/houses/",
            "/collect/worker.js",
            "/admin/",
            *self.admin(),
            *self.api(),
        ]
        for user in User.objects.order_by("pk"):
            browser = Client(raise_request_exception=False)
            browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            for address in addresses:
                self.look(user.username, address, browser.get(address))
        for address in addresses:
            self.look("nobody", address, Client(raise_request_exception=False).get(address))

    def admin(self) -> list[str]:
        """Lists, forms, histories, deletions of every registered model."""
        found = []
        for model in admin.site._registry:
            base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            found += [reverse(f"{base}_changelist"), reverse(f"{base}_add")]
            for row in model._default_manager.all()[:3]:
                found += [reverse(f"{base}_{page}", args=[row.pk]) for page in ("change", "history", "delete")]
                for version in getattr(row, "history", model._default_manager).all() if hasattr(row, "history") else ():
                    try:
                        found.append(reverse(f"{base}_simple_history", args=[row.pk, version.pk]))
                    except NoReverseMatch:
                        continue
        return found

    def api(self) -> list[str]:
        """Every list and every row of the API."""
        found = []
        for prefix, view, _name in router.registry:
            found.append(f"/api/{prefix}/")
            found += [f"/api/{prefix}/{row.pk}/" for row in view.queryset.all()[:3]]
        return found

    def deeds(self) -> None:
        """What staff do: collect, mistype, check, edit, reveal."""
        collector = Post.objects.get(role="collector").user
        browser = Client(raise_request_exception=False)
        browser.force_login(collector, backend="django.contrib.auth.backends.ModelBackend")
        house = cast.House.objects.get(room="502")
        for facts in (marks.COLLECTED, marks.REFUSED):
            sent = {
                "house": str(house.pk), "document_type": "111", "occupant_type": "2", **facts,
                "client_key": "6f7d3c3e-0000-4000-8000-00000000000" + str(len(facts["name"]) % 10),
                "face_consent": True,
            }  # fmt: skip
            self.look("collector", "collect", submit(browser, sent, {"photo": photo()}))
            asked = {"document_type": "111", "document_number": facts["document_number"]}
            self.look("collector", "check", post(browser, "/collect/check/", asked))
        self.look("collector", "household", browser.get(f"/collect/household/{house.pk}/"))
        person = Person.objects.exclude(former_name="").get()
        url = reverse("admin:residents_person_change", args=[person.pk])
        self.look("collector", url, browser.post(url, {"name": "", "phone": "1"}))
        asked = {"model": "residents.person", "pk": str(person.pk), "field": "phone", "reason": "visit"}
        own = (marks.CHANGED["phone"],)
        self.look("collector", "reveal", browser.post("/accounts/reveal/", asked), own=own)
        self.look(
            "collector", "patch", browser.patch(f"/api/people/{person.pk}/", "{", content_type="application/json")
        )
        deliver.delay()


def walk() -> None:
    """Everything, and what it found."""
    found = Walk()
    found.deeds()
    found.everything()
    print(json.dumps({"pages": found.pages, "leaks": found.leaks}, ensure_ascii=False))


if __name__ == "__main__":
    {"seed": seed, "walk": walk}[sys.argv[1]]()
