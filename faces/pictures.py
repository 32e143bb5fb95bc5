"""A picture from outside, decoded into pixels within bounds. Pure.

Pixels are arrays of uint8, height × width × 3, in OpenCV's order (blue, green, red).
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST = 1600  # px: nothing that looks for faces needs more
SHORTEST = 24  # px: below it there is no face to see
FORMATS = ("JPEG", "PNG", "BMP", "WEBP")
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, zlib.error, MemoryError)


class UnreadableError(ValueError):
    """No picture, a damaged one, or one beyond the bounds; trying again with the same bytes does not help."""


def decoded(data: bytes, *, longest: int = LONGEST) -> np.ndarray:
    """JPEG, PNG, BMP or WEBP of at most 12 MB and 50 megapixels -> upright pixels, at most `longest` on the long side."""
    if not 0 < len(data) <= MAX_BYTES:
        raise UnreadableError("图片为空或超过 12 MB")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size  # known before a pixel is decoded
        if width * height > MAX_PIXELS or min(width, height) < SHORTEST:
            raise UnreadableError("图片过大或过小")
        image.draft("RGB", (longest, longest))  # a JPEG is decoded at half or a quarter, which is quicker and smoother
        image.load()
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except UnreadableError:
        raise
    except (*_BROKEN, Image.DecompressionBombError):
        raise UnreadableError("不是图片或已损坏") from None
    if max(upright.size) > longest:
        upright.thumbnail((longest, longest), Image.Resampling.BILINEAR, reducing_gap=2.0)
    if min(upright.size) < SHORTEST:  # a picture of extreme proportions
        raise UnreadableError("图片过大或过小")
    return np.ascontiguousarray(np.asarray(upright)[:, :, ::-1])
