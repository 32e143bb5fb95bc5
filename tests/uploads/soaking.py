"""The parts of the soak: processes that are killed, somebody who collects meanwhile, an operator who opens what was shut."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import urllib3
from django.conf import settings

from demo.firststart import PASSWORD
from demo.throwaway import Portal, Sandbox
from guomi import envelope
from tests.cast import valid_id
from tests.journeys.conftest import free_port

CELERY = [sys.executable, "-m", "celery", "--app", "config", "--quiet"]
WORKER = [*CELERY, "worker", "--pool", "solo", "--loglevel", "error", "--without-gossip", "--without-mingle"]
BEAT = [*CELERY, "beat", "--loglevel", "error", "--pidfile="]
# What an operator does when everything was shut by lies of the platform: look at it, and open it again.
OPERATE = """
import json
from django.utils import timezone
from uploads.models import Due, Gate, InterfaceLimit
Gate.objects.all().delete()
InterfaceLimit.objects.update(concurrency=None, daily_quota=None, opens=None, closes=None)
held = Due.objects.held().filter(problem__in=["refused", "unknown"]).send_again(timezone.now())
Due.objects.pending().update(next_at=None)
print(json.dumps({"due": Due.objects.pending().count(), "held": Due.objects.held().count(), "again": held}))
"""
MARKED = """
import json
from devices.models import PersonPassage, VehiclePassage
from standard import wire
from uploads.models import Due
found = []
for name, model in (("person_passage", PersonPassage), ("vehicle_passage", VehiclePassage)):
    keys = list(Due.objects.filter(report=name, sendings__gt=1).values_list("subject_id", flat=True))
    found += [[row.device.code, wire.moment(row.at)] for row in model.objects.filter(pk__in=keys).select_related("device")]
print(json.dumps(found))
"""


def said(portal: Portal, script: str):
    """What a script in the portal prints, as JSON."""
    return json.loads(portal.manage("shell", "--verbosity", "0", "-c", script).strip().splitlines()[-1])


@dataclass
class Victims:
    """Web, worker and beat; any of them dies at any moment and is started again."""

    portal: Portal
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen] = field(default_factory=dict)

    def command(self, name: str) -> list[str]:
        gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        return {"worker": WORKER, "beat": BEAT, "web": [*gunicorn, "--threads", "4", "--log-level", "error"]}[name]

    def start(self, name: str) -> None:
        quiet = subprocess.DEVNULL
        self.running[name] = subprocess.Popen(
            self.command(name), cwd=settings.BASE_DIR, env=self.portal.environment, stdout=quiet, stderr=quiet,
            start_new_session=True,
        )  # fmt: skip

    def kill(self, name: str) -> None:
        """-9, with its children."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    @contextmanager
    def alive(self) -> Iterator["Victims"]:
        for name in ("web", "worker", "beat"):
            self.start(name)
        try:
            yield self
        finally:
            for name in list(self.running):
                self.kill(name)


class Collector(threading.Thread):
    """Registers people over HTTP, one after the other; a form whose answer was lost is sent again as it was."""

    def __init__(self, port: int, room: str = "1-1-101") -> None:
        super().__init__(daemon=True)
        self.url, self.room, self.over = f"http://127.0.0.1:{port}", room, threading.Event()
        self.done: list[str] = []  # numbers of those the portal said it has
        self.tried: list[str] = []
        self.http = urllib3.PoolManager(retries=False, timeout=15)
        self.jar: dict[str, str] = {}

    def ask(
        self, method: str, path: str, fields: dict | None = None, *, multipart: bool = False
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.jar.items()), "Referer": self.url + "/"}
        headers["X-CSRFToken"] = self.jar.get("csrftoken", "")
        more = {"fields": fields, "encode_multipart": multipart} if fields else {}
        answer = self.http.request(method, self.url + path, headers=headers, redirect=False, **more)
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = cookie.split(";")[0].partition("=")
            self.jar[name] = value
        return answer

    def token(self, page: urllib3.BaseHTTPResponse) -> str:
        return re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.data)[1].decode()

    def sign_in(self) -> str:
        """The house to register people in."""
        token = self.token(self.ask("GET", "/accounts/login/"))
        fields = {"username": "collector1", "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert self.ask("POST", "/accounts/login/", fields).status == 302
        return json.loads(self.ask("GET", f"/collect/houses/?q={self.room}").data)["houses"][0]["id"]

    def run(self) -> None:
        house = self.patiently(self.sign_in)
        if house is None:
            return
        for number in range(1000):
            if self.over.is_set():
                return
            form = {
                "client_key": str(uuid.uuid4()), "house": house, "document_type": "111", "occupant_type": "3",
                "document_number": valid_id("19850505", number), "name": "江采集", "phone": "13812345678",
            }  # fmt: skip
            self.tried.append(form["document_number"])
            if self.patiently(lambda form=form: self.register(form)) is None:
                return  # it was over before an answer came: nobody knows whether this one was saved
            self.done.append(form["document_number"])
            time.sleep(0.3)

    def register(self, form: dict) -> bool:
        """Sealed, as the desk's browser sends it."""
        key = json.loads(self.ask("GET", "/collect/pack/").data)["key"]
        sealer = envelope.Sealer("/collect/submit/", envelope.PublicKey(**key))
        parts = {"key": sealer.key, "fields": ("fields", sealer.part("fields", json.dumps(form).encode()))}
        answer = self.ask("POST", "/collect/submit/", parts, multipart=True)
        assert answer.status == 201, answer.status
        return True

    def patiently(self, deed):
        """Again and again while the web process is dead or just starting; None when it is over."""
        while True:
            try:
                return deed()
            except (urllib3.exceptions.HTTPError, AssertionError, TypeError, ValueError):
                if self.over.is_set():
                    return None
                time.sleep(0.3)


def chaos(victims: Victims, kills: int, seconds: float, chance: random.Random) -> None:
    """Kill worker, web or beat at random moments."""
    for number in range(kills):
        time.sleep(seconds * (0.6 + 0.8 * chance.random()))
        name = ("worker", "web", "worker", "beat", "web")[number % 5]
        victims.kill(name)
        victims.start(name)


def operate(portal: Portal, seconds: float) -> dict[str, int]:
    """Open what is shut until nothing is due or held; what is left."""
    end = time.monotonic() + seconds
    while True:
        left = said(portal, OPERATE)
        if not (left["due"] or left["held"] or left["again"]) or time.monotonic() > end:
            return left
        time.sleep(2)


def control(upper: Sandbox, **asked) -> dict:
    """Change the upper platform's faults."""
    return urllib3.request("POST", f"{upper.url}/sandbox/control", body=json.dumps(asked).encode()).json()
