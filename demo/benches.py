"""The benches: each measures a value and its baseline in the same run."""

import time
from collections.abc import Callable
from typing import Any

from demo import invented
from demo.throwaway import configure, sandbox, throwaway
from guomi import bench as ciphers

Results = list[dict[str, Any]]


def sm2() -> Results:
    """SM2 encryption beside gmssl."""
    return ciphers.sm2_cases()


def push() -> Results:
    """People delivered a second over real HTTP; the baseline is the whole register, relations and pictures included."""
    with throwaway() as portal, sandbox(portal.home) as upper:
        portal.manage("demo", "--load")
        for code, *_ in invented.COMMUNITIES:
            configure(portal, code, upper.url, upper.keeper)
        started = time.monotonic()
        portal.manage("upper", "push", "--until-empty")
        seconds = time.monotonic() - started
        clauses = [row["interface"] for row in upper.records()]
    people, everything = clauses.count("B.2.2"), len(clauses)
    return [
        {
            "case": "records delivered over HTTP, start included",
            "value": round(everything / seconds, 1),
            "unit": "1/s",
            "baseline": "people among them",
            "baseline_value": round(people / seconds, 1),
            "ratio": round(everything / people, 2),
        }
    ]


BENCHES: dict[str, Callable[[], Results]] = {"sm2": sm2, "push": push}
