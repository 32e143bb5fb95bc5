"""Telephone numbers: mobile ones by their form, never by operator (numbers move); land lines with their area code.

>>> parse("+86 138-1234-5678").number
'13812345678'
>>> parse("022-27890000").kind
'landline'
>>> parse("1381234567")
Traceback (most recent call last):
standard.numbers.NumberError: 手机号码应为 11 位,现有 10 位
"""

import re
from dataclasses import dataclass

from standard.numbers import NumberError, plain

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0\d{9,11}", re.ASCII)
MOBILE_LENGTH = 11


@dataclass(frozen=True, slots=True)
class Mobile:
    """A number that can be called; kind mobile | landline."""

    number: str
    kind: str


def normalise(text: str) -> str:
    """Half-width digits without blanks, dashes, brackets or the country's prefix.

    >>> normalise("００８６ (138) 1234 5678")
    '13812345678'
    """
    number = re.sub(r"[-‐–—()]", "", plain(text))
    return re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", number)


def parse(text: str) -> Mobile:
    """Read a number; NumberError."""
    number = normalise(text)
    for position, character in enumerate(number, 1):
        if character not in "0123456789":
            raise NumberError("character", f"第 {position} 位不是数字,电话号码只能是数字", position)
    if MOBILE.fullmatch(number):
        return Mobile(number, "mobile")
    if LANDLINE.fullmatch(number):
        return Mobile(number, "landline")
    if number.startswith("1") and len(number) != MOBILE_LENGTH:
        raise NumberError("length", f"手机号码应为 {MOBILE_LENGTH} 位,现有 {len(number)} 位")
    raise NumberError("form", "应为 1 开头的 11 位手机号码,或带区号的固定电话", 1)


def is_valid(text: str) -> bool:
    """Does it keep the rule?

    >>> is_valid("12345678901")
    False
    """
    try:
        parse(text)
    except NumberError:
        return False
    return True
