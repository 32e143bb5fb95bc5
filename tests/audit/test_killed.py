"""Writers and the sealer killed with -9 at random: no deed without its entry, no entry without its deed, a whole tree."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from demo.throwaway import Portal, throwaway

KILLS = int(os.environ.get("ANJU_LOG_KILLS", "8"))
WRITER = """
import django; django.setup()
import os, itertools
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from audit import log
for n in itertools.count():
    name = f"k{os.getpid()}-{n}"
    with transaction.atomic():
        Session.objects.create(session_key=name, session_data="", expire_date=timezone.now())
        log.write("view", target=("sessions.session", name), detail={"n": n})
"""
SEALER = """
import django; django.setup()
import time
from django.utils import timezone
from audit import trail
while True:
    trail.seal_pending(timezone.now(), limit=97)
"""
COUNT = """
import json
from django.contrib.sessions.models import Session
from audit.models import Entry
deeds = set(Session.objects.filter(session_key__startswith="k").values_list("session_key", flat=True))
entries = list(Entry.objects.filter(target_model="sessions.session").values_list("target_id", flat=True))
print(json.dumps({"deeds": len(deeds), "entries": len(entries), "alone": sorted(deeds ^ set(entries))[:5]}))
"""


def start(portal: Portal, code: str) -> subprocess.Popen:
    environment = portal.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.Popen([sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environment)


@pytest.mark.processes
def test_a_deed_and_its_entry_survive_or_go_together() -> None:
    chance = random.Random(5)
    with throwaway() as portal:
        codes = [WRITER, WRITER, WRITER, SEALER]
        running = [start(portal, code) for code in codes]
        time.sleep(3)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 1.2))
            place = chance.randrange(len(codes))
            assert running[place].poll() is None, "it ended by itself"
            running[place].send_signal(signal.SIGKILL)
            running[place].wait()
            running[place] = start(portal, codes[place])
        time.sleep(3)
        for process in running:
            process.kill()
            process.wait()
        found = json.loads(portal.manage("shell", "--verbosity", "0", "-c", COUNT).strip().splitlines()[-1])
        verdict = portal.json("audit", "verify")
    assert found["alone"] == []
    assert found["deeds"] == found["entries"] > 100
    assert (verdict["ok"], verdict["problem"], verdict["unsealed"]) == (True, "", 0)
    assert verdict["entries"] >= found["entries"]
