"""Citizens' identity numbers (GB 11643): 18 digits with check digit, and the old 15; residence permits 81, 82, 83.

>>> parse("110101199003071233").sex_code
'1'
>>> parse("110101900307123").number
'110101199003071233'
>>> is_valid("110101199003071234")
False
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from standard import codes
from standard.numbers import NumberError, plain

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
PERMITS = {"81": "港澳居民居住证", "82": "港澳居民居住证", "83": "台湾居民居住证"}
OLDEST_YEARS = 130


@dataclass(frozen=True, slots=True)
class Identity:
    """What a number says: kind citizen | permit | foreigner, birth date, sex (1 man, 2 woman), region."""

    number: str
    kind: str
    birth_date: date
    sex_code: str
    region_code: str
    region_name: str
    warnings: tuple[str, ...] = ()


def normalise(text: str) -> str:
    """Half-width, no spaces, X in upper case."""
    return plain(text)


def check_digit(first17: str) -> str:
    """The 18th character (ISO 7064 MOD 11-2).

    >>> check_digit("81000019940823002")
    '1'
    """
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def beijing_today() -> date:
    """The day in Beijing."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def _birth(text: str, today: date) -> date:
    try:
        birth = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise NumberError("date", "第 7 至 14 位不是存在的日期,请核对出生日期", 7) from None
    if birth > today:
        raise NumberError("date", "第 7 至 14 位的出生日期在今天之后,请核对", 7)
    if birth.year < today.year - OLDEST_YEARS:
        raise NumberError("date", f"第 7 至 14 位的出生日期早于 {OLDEST_YEARS} 年前,请核对", 7)
    return birth


def _digits(number: str, count: int) -> None:
    for position, character in enumerate(number[:count], 1):
        if not ("0" <= character <= "9"):
            raise NumberError("character", f"第 {position} 位应为数字", position)


def parse(text: str, *, today: date | None = None) -> Identity:
    """Read a number; NumberError says what is wrong and where. Foreigners' numbers (9...) follow the same check."""
    number, today = normalise(text), today or beijing_today()
    if len(number) == 15:
        _digits(number, 15)
        first17 = number[:6] + "19" + number[6:]
        number = first17 + check_digit(first17)
    if len(number) != 18:
        raise NumberError("length", f"应为 18 位(老号码 15 位),现有 {len(number)} 位")
    _digits(number, 17)
    if number[17] not in "0123456789X":
        raise NumberError("character", "第 18 位应为数字或 X", 18)
    birth = _birth(number[6:14], today)
    if check_digit(number[:17]) != number[17]:
        raise NumberError("check", "校验码不符:第 18 位与前 17 位对不上,请逐位核对", 18)
    kind = "permit" if number[:2] in PERMITS else "foreigner" if number[0] == "9" else "citizen"
    region = number[:6]
    known = PERMITS.get(number[:2], "") if kind == "permit" else codes.division_name(region) if kind == "citizen" else ""
    warnings = () if known or kind == "foreigner" else ("前 6 位不是已知的行政区划,请核对",)
    return Identity(number, kind, birth, "1" if int(number[16]) % 2 else "2", region, known, warnings)


def is_valid(text: str, *, today: date | None = None) -> bool:
    """Does it keep the rule?"""
    try:
        parse(text, today=today)
    except NumberError:
        return False
    return True
