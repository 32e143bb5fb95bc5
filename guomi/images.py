"""Clean a picture from outside: decoded and drawn anew as JPEG, so that nothing but its pixels comes along. Pure."""

import io
import struct
import zlib

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MAX_INPUT_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_OUTPUT_BYTES = 3_000_000  # 4,000,000 characters in Base64, the standard's 9.3.5
MIN_SIDE = 160  # below this a face cannot be recognised: better to refuse
FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
QUALITIES = (90, 82)
SHRINK = 0.8
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, zlib.error, MemoryError)


class PictureError(ValueError):
    """The picture cannot be taken; str() says why and what to do, in the reader's language."""


def clean(data: bytes, *, max_bytes: int = MAX_OUTPUT_BYTES) -> bytes:
    """JPEG, PNG, WEBP or BMP of at most 12 MB and 50 megapixels -> JPEG of at most max_bytes, upright, no metadata."""
    if not data:
        raise PictureError(_("图片是空的，请重新选择"))
    if len(data) > MAX_INPUT_BYTES:
        raise PictureError(_("图片超过 12 MB，请缩小后再上传"))
    image = _decoded(data)
    while True:
        for quality in QUALITIES:
            encoded = _jpeg(image, quality)
            if len(encoded) <= max_bytes:
                return encoded
        size = tuple(int(side * SHRINK) for side in image.size)
        if min(size) < MIN_SIDE:
            raise PictureError(_("图片无法压缩到规定大小，请换一张"))
        image = image.resize(size, Image.Resampling.LANCZOS)


def _decoded(data: bytes) -> Image.Image:
    """The first frame, upright, in RGB; the size is checked before a pixel is decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
    except (*_BROKEN, Image.DecompressionBombError):
        raise PictureError(_("不是图片：只接受 JPEG、PNG、WEBP、BMP")) from None
    if width * height > MAX_PIXELS:
        raise PictureError(_("图片像素过多（超过 5000 万），请缩小后再上传"))
    try:
        image.load()
        return _on_white(ImageOps.exif_transpose(image))
    except (*_BROKEN, Image.DecompressionBombError):
        raise PictureError(_("图片不完整或已损坏，请重新拍摄或选择")) from None


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _jpeg(image: Image.Image, quality: int) -> bytes:
    bare = Image.new("RGB", image.size)
    bare.paste(image)  # a new image carries neither EXIF nor a colour profile nor a comment
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
