"""Number plates of all kinds (GA 36-2018).

>>> parse("津·AD12345").kind
'new-energy'
>>> parse("津a12345").number
'津A12345'
>>> is_valid("津I12345")
False
"""

import re
from dataclasses import dataclass

from standard.numbers import NumberError, plain

P = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
KINDS = (
    ("new-energy", rf"{P}[A-HJ-Z](?:[ABCDEFGHJK][A-HJ-NP-Z0-9]\d{{4}}|\d{{5}}[ABCDEFGHJK])", "4"),
    ("police", rf"{P}[A-HJ-Z][A-D0-9]\d{{3}}警", "0"),
    ("special", rf"{P}[A-HJ-Z][A-HJ-NP-Z0-9]{{4}}[学挂试超]", "1"),
    ("cross-border", r"粤Z[A-HJ-NP-Z0-9]{4,5}[港澳]", "3"),
    ("embassy", r"\d{6}使|使\d{6}", "3"),
    ("consulate", rf"{P}[A-HJ-Z]\d{{4}}领|{P}\d{{5}}领", "3"),
    ("armed-police", rf"WJ{P}?\d{{4}}[0-9A-HJ-NP-Z]", "0"),
    ("military", r"[VKHBSLJNGCE][A-DJ-PR-TVY]\d{5}", "0"),
    ("temporary", rf"{P}[A-HJ-Z][A-HJ-NP-Z0-9]{{4,6}}临", None),
    ("ordinary", rf"{P}[A-HJ-Z][A-HJ-NP-Z0-9]{{5}}", "2"),
)
PATTERNS = tuple((kind, re.compile(pattern), colour) for kind, pattern, colour in KINDS)


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate; `colour_code` of GA/T 833 is a hint where the kind suggests one."""

    number: str
    kind: str
    colour_code: str | None


def normalise(text: str) -> str:
    """Half-width, upper case, without dots, dashes and spaces."""
    return re.sub(r"[·•.\-]", "", plain(text))


def parse(text: str) -> Plate:
    """Read a plate; NumberError."""
    number = normalise(text)
    for kind, pattern, colour in PATTERNS:
        if pattern.fullmatch(number):
            return Plate(number, kind, colour)
    raise NumberError("form", "不是有效的车牌号码,如 津A12345、津AD12345")


def is_valid(text: str) -> bool:
    """Does it keep the rule?"""
    try:
        parse(text)
    except NumberError:
        return False
    return True
