"""Is this picture good enough to tell who it is? Hints by code, most pressing first; the words stand where they are shown.

The bounds come from docs/face-check.md: blur, light and pose were made worse by steps until scores fell.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np

from faces.engine import Engine, Face

Severity = Literal["warn", "refuse"]

FEWEST_PX, FEW_PX = 60.0, 120.0  # height of the face: refused below the first, told below the second
CARD_FEW_PX = 60.0  # of a card's portrait: by 45 px it misses 7 % of the people it shows
OTHER_SHARE = 1 / 3  # another face this tall beside the largest stands in front too
MOST_YAW, MUCH_YAW = 30.0, 18.0  # degrees
NOSE_DEPTH = 0.5  # of the distance of the eyes: gives the degrees that solvePnP finds (slope 1.00 on ORL)
LEAST_SHARPNESS, LITTLE_SHARPNESS = 15.0, 30.0  # variance of the Laplacian of the aligned face
LEAST_LIGHT, LITTLE_LIGHT, MUCH_LIGHT, MOST_LIGHT = 20.0, 55.0, 200.0, 230.0  # mean of the aligned face, 0..255
LEAST_LENGTH, LITTLE_LENGTH = 9.0, 10.0  # of SFace's vector before it is normed
CUT_SHARE = 0.06  # of the face's height beyond the picture's edge


class Code(StrEnum):
    """What is wrong with a picture."""

    NO_FACE = "no_face"
    SEVERAL = "several"
    OTHERS = "others"
    SMALL = "small"
    CUT = "cut"
    TURNED = "turned"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that is wrong, and whether the picture can still be used."""

    code: Code
    severity: Severity

    @property
    def refused(self) -> bool:
        return self.severity == "refuse"


def refused(hints: tuple[Hint, ...]) -> bool:
    """Is the picture not good enough to compare?"""
    return any(hint.refused for hint in hints)


def yaw(face: Face) -> float:
    """Degrees the head is turned to a side, from where the nose stands between the eyes; about 0 for a head straight on."""
    right, left, nose = face.points[0], face.points[1], face.points[2]
    across = left - right
    apart = float(np.linalg.norm(across))
    if apart < 1e-3:
        return 90.0
    aside = float(np.dot(nose - (right + left) / 2, across / apart)) / apart
    return float(np.degrees(np.arctan(aside / NOSE_DEPTH)))


GREY = np.array([0.114, 0.587, 0.299], np.float32)  # of blue, green, red


def light(aligned: np.ndarray) -> float:
    """Mean of the grey aligned face."""
    return float((aligned @ GREY).mean())


def sharpness(aligned: np.ndarray) -> float:
    """Variance of the Laplacian of the grey aligned face."""
    grey = aligned @ GREY
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * grey[1:-1, 1:-1]).var())


def _below(value: float, least: float, little: float, code: Code) -> list[Hint]:
    if value < least:
        return [Hint(code, "refuse")]
    return [Hint(code, "warn")] if value < little else []


def _crowd(faces: list[Face]) -> list[Hint]:
    if len(faces) < 2:
        return []
    near = any(other.height >= OTHER_SHARE * faces[0].height for other in faces[1:])
    return [Hint(Code.SEVERAL, "refuse") if near else Hint(Code.OTHERS, "warn")]


def _cut(face: Face, width: int, height: int) -> bool:
    left, top, wide, tall = face.box
    beyond = max(-left, -top, left + wide - width, top + tall - height)
    return beyond > CUT_SHARE * tall


def judge(
    engine: Engine, picture: np.ndarray, faces: list[Face], *, grown: float = 1.0, length: float | None = None
) -> tuple[Hint, ...]:
    """Hints for a live picture, what refuses it first. `grown`: how much larger the camera's own picture is than this one."""
    aligned = engine.align(picture, faces[0]) if faces else None
    if aligned is None:
        return (Hint(Code.NO_FACE, "refuse"),)
    face, turned, lit = faces[0], abs(yaw(faces[0])), light(aligned)
    hints = [
        *_crowd(faces),
        *_below(face.height * grown, FEWEST_PX, FEW_PX, Code.SMALL),
        *([Hint(Code.CUT, "warn")] if _cut(face, picture.shape[1], picture.shape[0]) else []),
        *_below(-turned, -MOST_YAW, -MUCH_YAW, Code.TURNED),
        *_below(lit, LEAST_LIGHT, LITTLE_LIGHT, Code.DARK),
        *_below(-lit, -MOST_LIGHT, -MUCH_LIGHT, Code.BRIGHT),
        *_below(sharpness(aligned), LEAST_SHARPNESS, LITTLE_SHARPNESS, Code.BLURRED),
        *([] if length is None else _below(length, LEAST_LENGTH, LITTLE_LENGTH, Code.WEAK)),
    ]
    return tuple(sorted(hints, key=lambda hint: not hint.refused))


def judge_card(faces: list[Face]) -> tuple[Hint, ...]:
    """Hints for the portrait of a card: it cannot be taken again, so only a missing face refuses it."""
    if not faces:
        return (Hint(Code.NO_FACE, "refuse"),)
    return (Hint(Code.SMALL, "warn"),) if faces[0].height < CARD_FEW_PX else ()
