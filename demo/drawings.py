"""Drawn pictures for the demo register: cartoon portraits and contract pages, never a photograph of anybody."""

import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw

SKIN = ("#f2d0b0", "#e8bf99", "#f6dcc3", "#dcae86")
HAIR = ("#1f1a17", "#2e2622", "#4a3b33", "#8b8680")
SHIRT = ("#30567d", "#7d3030", "#3f6b46", "#5c5470", "#8a6d2f")
BACKDROP = ("#dfe7ef", "#e9e4da", "#e2ece2", "#efe3e3")


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


@lru_cache(maxsize=256)
def portrait(seed: int, sex: str) -> bytes:
    """A cartoon bust, 240 x 320, JPEG."""
    chance = random.Random(seed)  # noqa: S311 -- repeatable drawing
    image = Image.new("RGB", (240, 320), chance.choice(BACKDROP))
    draw = ImageDraw.Draw(image)
    skin, hair = chance.choice(SKIN), chance.choice(HAIR)
    face_width, face_height = chance.randint(92, 112), chance.randint(120, 140)
    left, top = 120 - face_width // 2, 88
    if sex == "2":
        draw.ellipse((left - 18, top - 34, left + face_width + 18, top + face_height + 40), fill=hair)
    draw.ellipse((30, 232, 210, 420), fill=chance.choice(SHIRT))
    draw.rectangle((104, top + face_height - 18, 136, 250), fill=skin)
    draw.ellipse((left - 6, top - 26, left + face_width + 6, top + face_height // 2), fill=hair)
    draw.ellipse((left, top, left + face_width, top + face_height), fill=skin)
    draw.pieslice((left - 2, top - 20, left + face_width + 2, top + chance.randint(56, 74)), 180, 360, fill=hair)
    eye = top + face_height // 2 - 4
    for x in (120 - face_width // 4, 120 + face_width // 4):
        draw.ellipse((x - 6, eye - 4, x + 6, eye + 4), fill="white")
        draw.ellipse((x - 3, eye - 3, x + 3, eye + 3), fill="#2b2320")
        draw.line((x - 10, eye - 14, x + 10, eye - 14 + chance.randint(-2, 2)), fill=hair, width=3)
    draw.line((120, eye + 6, 118, eye + 26), fill="#b98c6a", width=3)
    draw.arc((104, eye + 30, 136, eye + 30 + chance.randint(10, 18)), 10, 170, fill="#a34b45", width=3)
    return _jpeg(image)


@lru_cache(maxsize=256)
def contract_page(seed: int) -> bytes:
    """A page of ruled lines with a round red seal, 420 x 594, JPEG."""
    chance = random.Random(seed)  # noqa: S311 -- repeatable drawing
    image = Image.new("RGB", (420, 594), "#fdfcf8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((130, 44, 290, 62), fill="#333333")
    for line in range(96, 470, 22):
        draw.rectangle((44, line, chance.randint(250, 376), line + 7), fill="#9a9a9a")
    x, y = chance.randint(230, 300), chance.randint(450, 490)
    draw.ellipse((x, y, x + 84, y + 84), outline="#c0272d", width=4)
    draw.regular_polygon((x + 42, y + 42, 14), 5, rotation=chance.randint(0, 20), fill="#c0272d")
    return _jpeg(image)
