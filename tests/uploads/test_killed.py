"""kill -9 of a delivering worker, again and again: nothing that was due is lost. Real processes, a portal of its own."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from demo import invented
from demo.throwaway import Portal, configure, sandbox, throwaway

pytestmark = [pytest.mark.processes]
CELERY = [sys.executable, "-m", "celery", "--app", "config", "--quiet"]
WORKER = [*CELERY, "worker", "--pool", "solo", "--loglevel", "error", "--without-gossip", "--without-mingle"]
BEAT = [*CELERY, "beat", "--loglevel", "error", "--pidfile="]
REDIS = os.environ.get("ANJU_TEST_REDIS", "")


def start(portal: Portal, command: list[str]) -> subprocess.Popen:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=portal.environment, stdout=quiet, stderr=quiet)


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def left(portal: Portal) -> int:
    status = portal.json("upper", "status")
    assert status["held"] == 0, status
    return status["due"]


def deliver_while_killing(portal: Portal, kills: int) -> None:
    """Worker and beat run; both are killed at random moments and started again; then all that is due must go."""
    chance = random.Random(7)
    beat, worker = start(portal, BEAT), start(portal, WORKER)
    try:
        for number in range(kills):
            time.sleep(1.6 + chance.random() * 1.2)
            kill(worker)
            if number == 1:
                kill(beat)
                beat = start(portal, BEAT)
            worker = start(portal, WORKER)
        end = time.monotonic() + 25
        while left(portal) and time.monotonic() < end:
            time.sleep(0.5)
    finally:
        kill(worker)
        kill(beat)


def people_and_more(portal: Portal) -> dict[str, int]:
    return {
        row["interface"]: row["delivered"] for row in portal.json("upper", "status")["interfaces"] if row["delivered"]
    }


@pytest.mark.parametrize(
    "broker",
    ["filesystem", pytest.param("redis", marks=pytest.mark.skipif(not REDIS, reason="ANJU_TEST_REDIS is not set"))],
)
def test_everything_arrives_although_the_worker_is_killed_four_times(broker):
    with throwaway() as portal, sandbox(portal.home) as upper:
        portal.environment.update({"UPLOADS_LEASE_SECONDS": "3", "UPLOADS_BATCH": "20", "LOG_LEVEL": "ERROR"})
        if broker == "redis":
            portal.environment["REDIS_URL"] = REDIS
        portal.manage("demo", "--load", "--scale", "0.4")
        for code, *_ in invented.COMMUNITIES:
            configure(portal, code, upper.url, upper.keeper)
        expected = left(portal)
        assert expected > 500
        deliver_while_killing(portal, kills=4)
        assert left(portal) == 0
        delivered = people_and_more(portal)
        held_upstairs = [row["interface"] for row in upper.records()]
        assert sum(delivered.values()) == expected
        assert {clause: held_upstairs.count(clause) for clause in delivered} == delivered
