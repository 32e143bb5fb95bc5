"""How alike two faces are; templates as text."""

import base64
import binascii

import numpy as np

LENGTH = 128


class TemplateError(ValueError):
    """Bytes that are no face template."""


def score(one: np.ndarray, other: np.ndarray) -> float:
    """The cosine of two unit vectors, -1 to 1: about 0.1 for two people, 0.8 for one."""
    return max(-1.0, min(1.0, float(np.dot(one, other))))


def packed(vector: np.ndarray) -> str:
    """A template as text for an encrypted field: Base64 of 128 little-endian float32."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


def unpacked(text: str) -> np.ndarray:
    """The vector of a packed template; TemplateError."""
    try:
        vector = np.frombuffer(base64.b64decode(text, validate=True), "<f4")
    except (ValueError, binascii.Error):
        raise TemplateError("不是人脸特征") from None
    if vector.shape != (LENGTH,) or not np.isfinite(vector).all():
        raise TemplateError("不是人脸特征")
    return vector
