"""What the engine makes of the pictures of a check: a live frame, the live picture, the portrait of the card."""

from dataclasses import dataclass

import numpy as np

from faces import comparison, quality
from faces.engine import WAIT_SECONDS, Engine, Face, lent
from faces.pictures import decoded
from faces.quality import Hint

FRAME_LONGEST = 640  # px of a live frame: detection alone


@dataclass(frozen=True, slots=True)
class Glance:
    """A live frame: its size in px, the box of the largest face, what is wrong."""

    width: int
    height: int
    face: Face | None
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two pictures: the score, or None when they cannot be compared; both templates where there is a face; hints of each."""

    score: float | None
    live: np.ndarray | None
    card: np.ndarray | None
    live_hints: tuple[Hint, ...]
    card_hints: tuple[Hint, ...]
    version: str


def glance(data: bytes, *, camera_width: int = 0, wait_seconds: float = WAIT_SECONDS) -> Glance:
    """A live frame; nothing is told of who it shows. UnreadableError, EngineMissingError, EngineBusyError."""
    picture = decoded(data, longest=FRAME_LONGEST)
    height, width = picture.shape[:2]
    grown = max(1.0, camera_width / width)
    with lent(wait_seconds) as engine:
        faces = engine.find(picture)
        hints = quality.judge(engine, picture, faces, grown=grown)
    return Glance(width, height, faces[0] if faces else None, hints)


def compare(live: bytes, card: bytes, *, wait_seconds: float = WAIT_SECONDS) -> Compared:
    """The live picture against the card's portrait. UnreadableError, EngineMissingError, EngineBusyError.

    No score where a face is missing or the live picture is too poor: a poor picture makes different people alike.
    """
    photo, portrait = decoded(live), decoded(card)
    with lent(wait_seconds) as engine:
        own, own_length, faces = _template(engine, photo)
        other, _length, card_faces = _template(engine, portrait)
        hints = quality.judge(engine, photo, faces, length=own_length)
    card_hints = quality.judge_card(card_faces if other is not None else [])
    usable = own is not None and other is not None and not quality.refused(hints)
    score = comparison.score(own, other) if usable else None
    return Compared(score, own, other, hints, card_hints, engine.version)


def template(data: bytes, *, wait_seconds: float = WAIT_SECONDS) -> np.ndarray | None:
    """The 128 numbers of the largest face of a picture, None without one. UnreadableError and the engine's errors."""
    picture = decoded(data)
    with lent(wait_seconds) as engine:
        return _template(engine, picture)[0]


def _template(engine: Engine, picture: np.ndarray) -> tuple[np.ndarray | None, float | None, list[Face]]:
    faces = engine.find(picture)
    aligned = engine.align(picture, faces[0]) if faces else None
    if aligned is None:
        return None, None, faces
    vector, length = engine.vector(aligned)
    return vector, length, faces
