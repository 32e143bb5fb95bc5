"""Changing the keys while the portal works: new data keys, everything sealed anew, the old ones retired; all of it logged.

A rotation that was killed goes on when it is run again: keys that are neither current nor retired tell that it is unfinished.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from audit import log
from guomi import keyring, rotation

SETTLE_SECONDS = keyring.REREAD_SECONDS + 1.0  # until every process seals under the new keys


@dataclass
class Outcome:
    """resumed: whether an unfinished rotation went on; left: what is still under old keys, by model label."""

    resumed: bool = False
    rows: int = 0
    files: int = 0
    retired: int = 0
    left: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.left and not self.broken


def rotate(now: datetime, *, tell: rotation.Tell = lambda label, rows: None, wait: float = SETTLE_SECONDS) -> Outcome:
    """Renew every purpose's data key, or go on with an unfinished rotation, and seal everything anew."""
    ring = keyring.get()
    outcome = Outcome(resumed=bool(ring.superseded()))
    if not outcome.resumed:
        _renew(ring)
    time.sleep(wait)  # unfinished or new: another process may have learnt of the keys only now
    return reseal(now, outcome, tell=tell)


def _renew(ring: keyring.KeyRing) -> None:
    ids = {purpose: ring.renew(purpose) for purpose in keyring.PURPOSES}
    log.write_now("renew_keys", detail={"keys": ids})


def reseal(now: datetime, outcome: Outcome | None = None, *, tell: rotation.Tell = lambda label, rows: None) -> Outcome:
    """Seal anew what stands under old keys, and retire the keys that nothing is left under."""
    outcome = outcome or Outcome()
    tally = rotation.sweep(tell)
    outcome.rows, outcome.files, outcome.broken = tally.rows, tally.files, tally.broken
    outcome.left = rotation.count_old()
    old = [key.id for key in keyring.get().superseded() if key.kind == "sm4"]
    if outcome.ok and old:
        keyring.get().retire(old, now)
        outcome.retired = len(old)
    if outcome.rows or outcome.files or outcome.retired:
        with transaction.atomic():
            detail = {"rows": outcome.rows, "files": outcome.files, "left": sum(outcome.left.values()), "retired": old}
            log.write("reseal", outcome="done" if outcome.ok else "failed", detail=detail)
    return outcome


def rewrap() -> tuple[int, Path | None]:
    """Wrap the data keys under a new key-encryption key: (how many keys, where the old file was put)."""
    count, aside = keyring.get().rewrap()
    log.write_now("rewrap_keys", detail={"keys": count})
    return count, aside
