"""The benches: each measures a value and its baseline in the same run."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings

from audit import bench as logs
from demo import invented, registers
from demo.throwaway import Portal, configure, sandbox, throwaway
from guomi import bench as ciphers
from uploads import bench as deliveries

Results = list[dict[str, Any]]


def sm2() -> Results:
    """SM2 encryption beside gmssl."""
    return ciphers.sm2_cases()


PEOPLE, WORKERS, WARMING_SECONDS = 600, 2, 8.0


def push() -> Results:
    """People delivered a second over real HTTP by two workers, beside a bare loop of ready-made bodies, on a throw-away portal."""
    with throwaway() as portal, sandbox(portal.home) as upper:
        portal.manage("demo", "--load")
        for code, *_ in invented.COMMUNITIES:
            configure(portal, code, upper.url, upper.keeper)
        bare = _measured(portal, f"bare_loop({PEOPLE})")
        start = time.time() + WARMING_SECONDS
        share = f"carried({-(-bare['people'] // WORKERS)}, {start})"
        with ThreadPoolExecutor(WORKERS) as pool:
            workers = list(pool.map(lambda _n: _measured(portal, share), range(WORKERS)))
    return deliveries.compared(bare, workers)


def _measured(portal: Portal, call: str) -> Any:
    """What a function of uploads.bench says in a process of the portal."""
    code = f"import json; from uploads import bench; print(json.dumps(bench.{call}))"
    return json.loads(portal.manage("shell", "--verbosity", "0", "-c", code).strip().splitlines()[-1])


WRITERS, DEEDS = 4, 1500


def audit(scale: float = 1.0) -> Results:
    """Appending with four writers, sealing beside them, verifying 200,000 entries (times `scale`)."""
    with throwaway() as portal:
        plain = _writers(portal, audited=False)
        with ThreadPoolExecutor(1) as pool:
            sealing = pool.submit(_asked, portal, "seal_for(20)")
            audited = _writers(portal, audited=True)
            appended = logs.append_cases(plain, audited, sealing.result())
        _asked(portal, f"fill({int(200_000 * scale)})")
        return [
            *appended,
            _asked(portal, "verify_case()"),
            *_asked(portal, "page_cases()"),
            *_asked(portal, "page_cases(places=[3])"),
        ]


def _writers(portal: Portal, *, audited: bool) -> list[Any]:
    start = time.time() + WARMING_SECONDS
    calls = [f"write_share({number}, {DEEDS}, {start}, audited={audited})" for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(lambda call: _asked(portal, call), calls))


def _asked(portal: Portal, call: str) -> Any:
    """What a function of audit.bench says in a process of the portal."""
    code = f"import json; from audit import bench; print(json.dumps(bench.{call}))"
    return json.loads(portal.manage("shell", "--verbosity", "0", "-c", code).strip().splitlines()[-1])


def workbook(scale: float = 1.0) -> Results:
    """A register of 35,000 people (times `scale`) imported from a workbook by the command, with the peak of its memory."""
    people = int(35_000 * scale)
    with throwaway() as portal:
        data = registers.workbook(people)
        (portal.home / "register.xlsx").write_bytes(data)
        portal.manage("shell", "--verbosity", "0", "-c", registers.PLACE)
        command = ["import_register", str(portal.home / "register.xlsx"), "--community", registers.CODE]
        tried, _memory = portal.measured(*command, "--dry-run")
        took, memory = portal.measured(*command)
    return [
        {
            "case": f"{people} people, {-(-people // 3)} houses imported", "value": round(took, 1), "unit": "s",
            "baseline": "the same tried only", "baseline_value": round(tried, 1), "ratio": round(took / tried, 2),
        },
        {
            "case": "peak memory of the import", "value": round(memory), "unit": "MB", "baseline": "allowed",
            "baseline_value": 600, "ratio": round(memory / 600, 2),
        },
    ]  # fmt: skip


def portraits(scale: float = 1.0) -> Results:
    """The photos of 2,000 people (times `scale`) imported from a ZIP by the command, with the peak of its memory."""
    people = int(2_000 * scale)
    with throwaway() as portal:
        (portal.home / "register.xlsx").write_bytes(registers.workbook(people))
        registers.photos(people, portal.home / "photos.zip")
        portal.manage("shell", "--verbosity", "0", "-c", registers.PLACE)
        portal.manage("import_register", str(portal.home / "register.xlsx"), "--community", registers.CODE)
        command = ["import_register", "--photos", str(portal.home / "photos.zip"), "--community", registers.CODE]
        size = (portal.home / "photos.zip").stat().st_size / 2**20
        tried, _memory = portal.measured(*command, "--papers", "office", "--dry-run")
        took, memory = portal.measured(*command, "--papers", "office")
        _started, bare = portal.measured("check")
    return [
        {
            "case": f"{people} photos, {size:.0f} MB imported", "value": round(took, 1), "unit": "s",
            "baseline": "the same tried only", "baseline_value": round(tried, 1), "ratio": round(took / tried, 2),
        },
        {
            "case": "peak memory of the import of photos", "value": round(memory), "unit": "MB",
            "baseline": "a command that does nothing", "baseline_value": round(bare), "ratio": round(memory / bare, 2),
        },
    ]  # fmt: skip


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


def pages(scale: float = 1.0) -> Results:
    """The pages that are open all day, at 200,000 people (times `scale`) beside the same at 2,000."""
    measure = f"import json; from demo.paging import page_cases; print(json.dumps(page_cases({int(200_000 * scale)})))"
    with throwaway() as portal:
        portal.manage("collectstatic", "--noinput", "--verbosity", "0")
        return json.loads(portal.manage("shell", "--verbosity", "0", "-c", measure).strip().splitlines()[-1])


def faces(scale: float = 1.0) -> Results:
    """Detection, error rates and seconds of the person-ID check on the ORL faces, in a process of one core; `scale` of the people."""
    environment = os.environ | {"FACES_BENCH_SCALE": str(scale)}
    command = [sys.executable, "-m", "faces.bench"]
    done = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True)  # noqa: S603
    return json.loads(done.stdout.strip().splitlines()[-1])


BENCHES: dict[str, Callable[..., Results]] = {
    "sm2": sm2, "push": push, "search": search, "fields": fields, "audit": audit, "import": workbook,
    "photos": portraits, "pages": pages, "faces": faces,
}  # fmt: skip
