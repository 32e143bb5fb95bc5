"""Countersignatures of heads by a witness, such as the police: with a key the property office never holds.

AUDIT_WITNESSES names them with their public keys: "police=04ab…". The witness runs audit/standalone/anju_audit.py: it asks
for the newest head and the proof that it goes on from the last one it saw, signs, and tells the portal.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from audit import bundles, log
from audit.models import Countersignature, Head
from audit.proofs import Tree
from guomi import sm2


class Refused(ValueError):
    """A countersignature that is not accepted; the message says why."""


def keys() -> dict[str, bytes]:
    """Public keys by witness, as configured."""
    pairs = (one.partition("=") for one in settings.AUDIT_WITNESSES)
    return {name.strip(): sm2.load_public_key(key.strip()) for name, _, key in pairs if name.strip()}


def told(since: int) -> dict[str, Any]:
    """What a witness asks: {head, keys, consistency}; the proof goes from `since`, 0 for none."""
    head = bundles.newest()
    proof = Tree(head).consistency(since) if 0 < since <= head.size else []
    return {
        "head": bundles.head_facts(head),
        "keys": bundles.public_keys(),
        "consistency": [one.hex() for one in proof],
    }


def accept(mark: Any, now: datetime) -> Countersignature:
    """Keep a countersignature, once; Refused for one that does not hold."""
    if not isinstance(mark, dict) or set(mark) != {"witness", "size", "root", "seen_at", "signature"}:
        raise Refused("应有 witness、size、root、seen_at、signature")
    if not all(isinstance(mark[name], int) for name in ("size", "seen_at")):
        raise Refused("size、seen_at 应为整数")
    if not all(isinstance(mark[name], str) and len(mark[name]) <= 128 for name in ("witness", "root", "signature")):
        raise Refused("witness、root、signature 应为文本")
    key = keys().get(mark["witness"])
    if key is None:
        raise Refused("没有登记这个见证方(AUDIT_WITNESSES)")
    made = Countersignature(**mark, received_at=now)
    if not Head.objects.filter(size=made.size, root=made.root).exists():
        raise Refused("没有这个封存点")
    try:
        right = sm2.verify(key, made.statement(), bytes.fromhex(made.signature))
    except ValueError:
        right = False
    if not right:
        raise Refused("签名不是这个见证方的")
    return _keep(made)


def _keep(made: Countersignature) -> Countersignature:
    known = Countersignature.objects.filter(witness=made.witness, size=made.size).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            log.write("witness", detail={"witness": made.witness, "size": made.size})
    except IntegrityError:  # the same mark came twice at once
        return Countersignature.objects.get(witness=made.witness, size=made.size)
    return made
