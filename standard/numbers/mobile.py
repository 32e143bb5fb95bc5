"""Telephone numbers: mobile ones by their form, never by operator (numbers move); land lines by length.

>>> parse("+86 138-1234-5678").number
'13812345678'
>>> is_valid("12345")
False
"""

import re
from dataclasses import dataclass

from standard.numbers import NumberError, plain

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{9,11}")


@dataclass(frozen=True, slots=True)
class Mobile:
    """A number that can be called; kind mobile | landline."""

    number: str
    kind: str


def normalise(text: str) -> str:
    """Half-width digits without spaces, dashes or the country's prefix."""
    number = re.sub(r"[-()]", "", plain(text))
    return re.sub(r"^(\+86|0086)", "", number)


def parse(text: str) -> Mobile:
    """Read a number; NumberError."""
    number = normalise(text)
    if not number.isascii() or not number.isdigit():
        raise NumberError("character", "电话号码只能是数字")
    if MOBILE.fullmatch(number):
        return Mobile(number, "mobile")
    if LANDLINE.fullmatch(number):
        return Mobile(number, "landline")
    raise NumberError("form", "应为 1 开头的 11 位手机号码,或带区号的固定电话")


def is_valid(text: str) -> bool:
    """Does it keep the rule?"""
    try:
        parse(text)
    except NumberError:
        return False
    return True
