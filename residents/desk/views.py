"""The collection page itself, the worker that serves it off line, and what the user registered lately."""

import hashlib
import json
from functools import cache
from pathlib import Path

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from residents.desk import worklist
from residents.desk.forms import CollectForm
from residents.desk.gate import collecting
from residents.desk.words import words
from residents.readers.tables import sources
from standard import codes

ROUTES = (
    "collect", "find_houses", "pack", "pack_houses", "check_number", "have_parts", "keep_part", "take_in", "progress",
    "mine", "likeness", "face_look", "face_check", "grid_buildings",
)  # fmt: skip
SHELL = (
    "app.css",
    "app.js",
    "files.js",
    "logo.svg",
    "desk/desk.css",
    "desk/portrait.css",
    "desk/reader.css",
    "django_htmx/htmx-2.min.js",
)


@require_GET
@collecting
@csp_update({"connect-src": sources()})
def collect(request: HttpRequest) -> HttpResponse:
    """The page: nothing of a person is in it, so a browser may keep it for working off line."""
    context = {
        "form": CollectForm(initial={"document_type": "111", "occupant_type": "2"}),
        "words": words(),
        "facts": {
            "user": request.user.pk, "urls": {name: reverse(f"residents:{name}") for name in ROUTES},
            "login": reverse("accounts:login"), "worker": reverse("residents:worker"), "household": _pattern("household_facts"),
            "person": _pattern("person_facts"), "ethnic_groups": {name: code for code, name in codes.choices("ethnic_group")},
        },
    }  # fmt: skip
    return render(request, "desk/collect.html", context)


def _pattern(name: str) -> str:
    """An address with 0 in the place of the key."""
    nothing = "00000000-0000-0000-0000-000000000000"
    return reverse(f"residents:{name}", args=[nothing]).replace(nothing, "0")


@require_GET
@collecting
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: it keeps the page and its files, and gives them when there is no network."""
    files = [static(name) for name in shell_files()]
    facts = {"version": _version(), "page": reverse("residents:collect"), "files": files}
    source = Path(settings.BASE_DIR, "static", "desk", "worker.js").read_text(encoding="utf-8")
    script = f"const SHELL = {json.dumps(facts)};\n{source}"
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


def shell_files() -> list[str]:
    """Names of the static files the page is made of."""
    return [*SHELL, *_modules()]


@cache
def _modules() -> tuple[str, ...]:
    folder = Path(settings.BASE_DIR, "static")
    found = [path for path in folder.glob("desk/**/*.js") if path.name != "worker.js"]
    return tuple(sorted(str(path.relative_to(folder)) for path in [*found, *folder.glob("vendor/*/*.js")]))


def _version() -> str:
    """Changes with any of the files, and with the language of the page."""
    digest = hashlib.sha256((get_language() or "").encode())
    for name in shell_files():
        if path := finders.find(name):
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]


@require_GET
@collecting
def mine(request: HttpRequest) -> HttpResponse:
    """What the user registered lately and how far each has come; what did not arrive stands first."""
    rows = worklist.of(request.user, now=timezone.now())
    missing = [row for row in rows if not row.arrived]
    shown = rows if "all" in request.GET else missing
    context = {
        "rows": shown[: worklist.MOST_SHOWN],
        "missing": len(missing),
        "total": len(rows),
        "all": "all" in request.GET,
    }
    return render(request, "desk/mine.html", context)
