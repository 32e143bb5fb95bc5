"""Cards of foreign permanent residents and residence permits of Hong Kong, Macao and Taiwan residents.

From 2023 on a foreigner's card has 18 characters: 9, two of region, three of country (ISO 3166 numeric), birth date, three of
sequence, check character. Before it had 15: three letters of country, four of region, yyMMdd, sequence, check digit; how
that check digit is reckoned is not settled, so it is not judged. Residence permits begin 810000, 820000, 830000.

>>> parse("931586198001010028").birth_date.isoformat()
'1980-01-01'
>>> parse("CAN110081080319").country
'CAN'
>>> parse("810000199408230021").edition
'residence'
"""

import re
from dataclasses import dataclass
from datetime import date

from standard.numbers import NumberError, identity, plain

OLD = re.compile(r"([A-Z]{3})(\d{4})(\d{6})(\d)(\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Permit:
    """A card. `edition` is 2023 | 2017 | residence; `country` three digits, three letters, or "" for a residence permit."""

    number: str
    edition: str
    country: str
    birth_date: date


def normalise(text: str) -> str:
    """Half-width, no blanks, upper case."""
    return plain(text)


def parse(text: str, *, today: date | None = None) -> Permit:
    """Read a card's number; NumberError."""
    number, today = normalise(text), today or identity.beijing_today()
    if len(number) == 18:
        known = identity.parse(number, today=today)
        if known.kind == "citizen":
            raise NumberError("form", "应以 9 或 810000、820000、830000 开头,这是居民身份证号码", 1)
        country = number[3:6] if known.kind == "foreigner" else ""
        return Permit(number, "2023" if country else "residence", country, known.birth_date)
    old = OLD.fullmatch(number)
    if old is None:
        raise NumberError("form", "应为 18 位号码,或 3 个字母加 12 位数字的旧号码")
    return Permit(number, "2017", old[1], _short_birth(old[3], today))


def _short_birth(digits: str, today: date) -> date:
    """A day of two-digit year: of this century unless that day is to come."""
    century = "20" if digits <= today.strftime("%y%m%d") else "19"
    return identity.birth_date(century + digits, today, positions="第 8 至 13 位", position=8)


def is_valid(text: str, *, today: date | None = None) -> bool:
    """Does it keep the rule?

    >>> is_valid("CAN110081080319")
    True
    """
    try:
        parse(text, today=today)
    except NumberError:
        return False
    return True
