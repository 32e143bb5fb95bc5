"""Foreigners' permanent residence cards: 18 characters from 2023 on (9 + region + country + birth + sequence + check), 15 before.

>>> parse("931586198001010028").birth_date.isoformat()
'1980-01-01'
>>> is_valid("CAN110081080319")
True
"""

import re
from dataclasses import dataclass
from datetime import date

from standard.numbers import NumberError, identity, plain

OLD = re.compile(r"([A-Z]{3})(\d{4})(\d{2})(\d{2})(\d{2})(\d)(\d)")


@dataclass(frozen=True, slots=True)
class Permit:
    """A card's number. The check digit of the old form is not settled, so it is not judged."""

    number: str
    edition: str
    country: str
    birth_date: date | None


def normalise(text: str) -> str:
    """Half-width, no spaces, upper case."""
    return plain(text)


def parse(text: str, *, today: date | None = None) -> Permit:
    """Read a card's number; NumberError."""
    number = normalise(text)
    if len(number) == 18 and number[0] == "9":
        known = identity.parse(number, today=today)
        return Permit(number, "2023", number[3:6], known.birth_date)
    if OLD.fullmatch(number):
        return Permit(number, "2017", number[:3], None)
    raise NumberError("form", "应为 9 开头的 18 位号码,或 3 个字母加 12 位数字的旧号码")


def is_valid(text: str, *, today: date | None = None) -> bool:
    """Does it keep the rule?"""
    try:
        parse(text, today=today)
    except NumberError:
        return False
    return True
