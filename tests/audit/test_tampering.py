"""Whatever is done to the tables without the keys is found, by the portal and by the stand-alone program."""

import io
import os
import random
from collections import Counter

import pytest
from django.db import transaction
from django.utils import timezone

from audit import anchor, bundles, log, trail, verifying
from audit.models import Head
from audit.standalone import anju_audit
from tests.audit import tampering

TIMES = int(os.environ.get("ANJU_TAMPERINGS", "340"))
OFF_LINE_EVERY = 1 if TIMES > 1000 else 4


class Undone(Exception):
    """Rolls one tampering back."""


@pytest.fixture
def sealed_log(db):
    """Some real deeds under several heads, the last head remembered outside the database."""
    for number in range(90):
        log.write(
            "reveal" if number % 7 else "search", target=("residents.person", str(number)), community_id=number % 3,
            reason=f"上门核实 {number}", detail={"field": "phone", "n": number} if number % 2 else {},
        )  # fmt: skip
        if number % 13 == 0:
            trail.seal_pending(timezone.now())
    trail.seal_all(timezone.now())
    anchor.remember(Head.objects.order_by("-size").first())
    assert verifying.verify().ok
    yield tampering.Log()
    anchor.forget()


def bundle(end: int) -> io.BytesIO:
    target = io.BytesIO()
    bundles.of_range(target, 0, end, by="测试", now=timezone.now())
    target.seek(0)
    return target


def test_every_tampering_is_found_and_the_first_wrong_entry_named(sealed_log: tampering.Log) -> None:
    chance, missed, misnamed, unseen = random.Random(7), Counter(), Counter(), Counter()
    top = sealed_log.heads[-1]
    known = f"{top.size}:{top.root}"
    assert anju_audit.verify(bundle(sealed_log.size), head=known)["ok"]
    tampering.triggers_off()
    for number in range(TIMES):
        way = tampering.WAYS[number % len(tampering.WAYS)]
        try:
            with transaction.atomic():
                place = way(sealed_log, chance)
                verdict = verifying.verify()
                missed[way.__name__] += verdict.ok
                misnamed[way.__name__] += place is not None and verdict.position != place
                if number % OFF_LINE_EVERY == 0 and way is not tampering.edit_peaks:
                    unseen[way.__name__] += anju_audit.verify(bundle(sealed_log.size), head=known)["ok"]
                raise Undone
        except Undone:
            pass
    assert verifying.verify().ok
    assert [dict(+one) for one in (missed, misnamed, unseen)] == [{}, {}, {}]
