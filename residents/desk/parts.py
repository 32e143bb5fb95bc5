"""Pictures come in pieces: each is kept as it comes, the picture is put together when its form is there."""

import base64
import hashlib
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guomi import keyring
from residents.desk.models import MOST_CHUNK_BYTES, Part

NAMES = ("photo", "card_portrait", "lease_contract")
MOST_CHUNKS = 48  # 12 MB
MOST_KEPT = 600  # of one user, 150 MB


@dataclass(frozen=True)
class Piece:
    """One piece as it came: of which picture of which draft (`digest` is the whole picture's SHA-256 in hexadecimal)."""

    client_key: uuid.UUID
    name: str
    digest: str
    index: int


def digest_index(digest: str) -> str:
    """What is kept of a picture's digest: nobody can try pictures against it."""
    return keyring.get().index("residents.part", digest)


def have(user: Any, client_key: uuid.UUID, digests: dict[str, str]) -> dict[str, list[int]]:
    """By picture: the pieces that are here already. One query."""
    rows = Part.objects.filter(user=user, client_key=client_key).order_by("index")
    found: dict[str, list[int]] = {name: [] for name in digests}
    wanted = {name: digest_index(digest) for name, digest in digests.items()}
    for name, whole, index in rows.values_list("role", "whole_index", "index"):
        if wanted.get(name) == whole:
            found[name].append(index)
    return found


def keep(user: Any, piece: Piece, data: bytes, *, now: datetime) -> None:
    """Keep a piece; pieces of an earlier picture in its place go. ValidationError: too large, too many."""
    if piece.name not in NAMES or not 0 <= piece.index < MOST_CHUNKS or not data or len(data) > MOST_CHUNK_BYTES:
        raise ValidationError({piece.name if piece.name in NAMES else "photo": _("图片超过 12 MB,请缩小后再上传。")})
    whole = digest_index(piece.digest)
    mine = Part.objects.filter(user=user)
    with transaction.atomic():
        mine.filter(client_key=piece.client_key, role=piece.name).exclude(whole_index=whole).delete()
        if mine.count() >= MOST_KEPT:
            raise ValidationError({piece.name: _("未完成的图片太多,请先提交已有的草稿。")})
        same = mine.filter(client_key=piece.client_key, role=piece.name, index=piece.index)
        if not same.exists():
            Part.objects.create(
                user=user, client_key=piece.client_key, role=piece.name, whole_index=whole, index=piece.index,
                content=base64.b64encode(data).decode("ascii"), received_at=now,
            )  # fmt: skip


def assemble(user: Any, client_key: uuid.UUID, digests: dict[str, str]) -> dict[str, bytes]:
    """The pictures of a form, put together; ValidationError for one that is not whole."""
    rows: dict[str, list[Part]] = defaultdict(list)
    for row in Part.objects.filter(user=user, client_key=client_key, role__in=digests).order_by("index"):
        rows[row.role].append(row)
    return {name: _joined(name, digest, rows[name]) for name, digest in digests.items()}


def _joined(name: str, digest: str, parts: list[Part]) -> bytes:
    data = b"".join(base64.b64decode(part.content) for part in parts)
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValidationError({name: _("图片没有传完整,将自动重传。")}, code="parts")
    return data


def forget(user: Any, client_key: uuid.UUID) -> None:
    """The form was taken in: its pieces are not needed any more."""
    Part.objects.filter(user=user, client_key=client_key).delete()
