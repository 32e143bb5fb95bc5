"""ZIPs of the tests."""

import io
import zipfile

from PIL import Image, ImageDraw


def picture(shade: int = 90, kind: str = "JPEG", side: int = 240) -> bytes:
    """A small picture, different for every shade."""
    image = Image.new("RGB", (side, side), (shade % 256, 120, 160))
    ImageDraw.Draw(image).ellipse((60, 40, 180, 200), fill=(230, shade * 7 % 256, 180))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP: name -> content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
