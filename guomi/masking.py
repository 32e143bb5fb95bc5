"""Masks: what a person without the right to reveal sees of a personal value. Pure; never shows more than half of it."""

import re
from collections.abc import Callable

STAR = "*"
# Words that end the public part of an address, the more telling first; what follows is the household.
_PLACE = re.compile(r"^.*?(?:小区|花园|家园|新村|公寓|社区|嘉园|苑|里(?=\d)|村(?=\d))")
_ROAD = re.compile(r"^.*?(?:大街|大道|路|街|道|巷|胡同|弄)")


def mask(kind: str, value: object) -> str:
    """Mask a value; kind is a key of KINDS. Empty stays empty.

    >>> mask("name", "张小三"), mask("document", "120101199003071234"), mask("phone", "13812341234")
    ('张*三', '120101********1234', '138****1234')
    """
    text = "" if value is None else str(value).strip()
    return KINDS[kind](text) if text else ""


def _name(text: str) -> str:
    if len(text) == 1:
        return STAR
    if len(text) == 2:
        return text[0] + STAR
    return text[0] + STAR * (len(text) - 2) + text[-1]


def _document(text: str) -> str:
    if len(text) in (15, 18):
        return text[:6] + STAR * (len(text) - 10) + text[-4:]
    return _ends(text)


def _phone(text: str) -> str:
    if re.fullmatch(r"1\d{10}", text):
        return text[:3] + STAR * 4 + text[-4:]
    return _ends(text)


def _plate(text: str) -> str:
    return text[:2] + STAR * (len(text) - 4) + text[-2:] if len(text) >= 7 else _ends(text)


def _address(text: str) -> str:
    for pattern in (_PLACE, _ROAD):
        found = pattern.match(text)
        if found and found.end() < len(text):
            return found.group() + STAR * 4
    return text[: min(6, len(text) // 2)] + STAR * 4


def _date(text: str) -> str:
    return text[:4] + "-**-**" if re.match(r"\d{4}-", text) else STAR * 4


def _text(text: str) -> str:
    return text[: min(1, len(text) // 2)] + STAR * 3


def _ends(text: str) -> str:
    """A quarter at either end, the rest starred."""
    kept = min(4, len(text) // 4)
    return text[:kept] + STAR * (len(text) - 2 * kept) + text[len(text) - kept :]


KINDS: dict[str, Callable[[str], str]] = {
    "name": _name,
    "document": _document,
    "phone": _phone,
    "plate": _plate,
    "address": _address,
    "date": _date,
    "text": _text,
}
