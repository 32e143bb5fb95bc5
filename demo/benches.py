"""The benches: each measures a value and its baseline in the same run."""

import json
from collections.abc import Callable
from typing import Any

from demo import invented
from demo.throwaway import configure, sandbox, throwaway
from guomi import bench as ciphers

Results = list[dict[str, Any]]


def sm2() -> Results:
    """SM2 encryption beside gmssl."""
    return ciphers.sm2_cases()


MEASURE = "import json; from uploads.bench import push_cases; print(json.dumps(push_cases()))"


def push() -> Results:
    """People delivered a second over real HTTP beside a bare loop of ready-made bodies, on a throw-away portal."""
    with throwaway() as portal, sandbox(portal.home) as upper:
        portal.manage("demo", "--load")
        for code, *_ in invented.COMMUNITIES:
            configure(portal, code, upper.url, upper.keeper)
        return json.loads(portal.manage("shell", "--verbosity", "0", "-c", MEASURE).strip().splitlines()[-1])


def fields() -> Results:
    """Fields sealed, opened and indexed a second, beside plain ones."""
    measure = "import json; from demo.searching import field_cases; print(json.dumps(field_cases()))"
    with throwaway() as portal:
        return json.loads(portal.manage("shell", "--verbosity", "0", "-c", measure).strip().splitlines()[-1])


def search(scale: float = 1.0) -> Results:
    """Finding one of 200,000 people and listing fifty, beside plain columns; `scale` makes it smaller."""
    measure = (
        f"import json; from demo.searching import search_cases; print(json.dumps(search_cases({int(200_000 * scale)})))"
    )
    with throwaway() as portal:
        portal.manage("collectstatic", "--noinput", "--verbosity", "0")
        return json.loads(portal.manage("shell", "--verbosity", "0", "-c", measure).strip().splitlines()[-1])


BENCHES: dict[str, Callable[..., Results]] = {"sm2": sm2, "push": push, "search": search, "fields": fields}
