"""Pictures of the public ORL people for tests: like a webcam's, like a card's, and a film for Chromium's fake camera.

chromium --use-fake-ui-for-media-stream --use-fake-device-for-media-stream --use-file-for-fake-video-capture=FILE.mjpeg
"""

from functools import cache
from pathlib import Path
from typing import Any

from faces import orl

FRAMES = 30


@cache
def _webcam(person: int, picture: int, how: tuple[tuple[str, Any], ...]) -> bytes:
    return orl.jpeg(orl.webcam(person, picture, **dict(how)))


def webcam(person: int = 1, picture: int = 1, **how: Any) -> bytes:
    """A 1280 × 960 JPEG of person 1 to 40 before a wall; `how`: head (px), blur (px), gamma, others (people beside)."""
    return _webcam(person, picture, tuple(sorted(how.items())))


@cache
def card(person: int = 1, picture: int = 2, height: int = orl.CARD_HEIGHT) -> bytes:
    """A JPEG like the portrait that a reader gives of the card; another picture than the webcam's unless told so."""
    return orl.jpeg(orl.card(person, picture, height=height), 80)


@cache
def wall() -> bytes:
    """Nobody there."""
    return orl.jpeg(orl.Image.new("RGB", orl.WEBCAM, orl.WALL))


def film(path: Path, *shots: bytes, frames: int = FRAMES) -> Path:
    """An .mjpeg (JPEGs one behind the other) that shows each picture for so many frames; Chromium plays it in a loop."""
    path.write_bytes(b"".join(shot * frames for shot in shots))
    return path
