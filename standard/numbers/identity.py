"""Identity numbers of 18 characters (GB 11643), the old 15, residence permits 81, 82, 83 and foreigners' 9...

Six digits of region, birth date, three of sequence (odd is male), check character by ISO 7064 MOD 11-2. An unknown
region is a warning: a person keeps the code of the place of birth registration for life, and codes are abolished.

>>> parse("110101199003071233").sex_code
'1'
>>> parse("110101900307123").number
'110101199003071233'
>>> parse("830000199201300022").region_name
'台湾居民居住证'
>>> parse("931586198001010028").kind
'foreigner'
>>> parse("110101199003071234")
Traceback (most recent call last):
standard.numbers.NumberError: 第 18 位校验码不符,请核对各位数字
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from standard import division
from standard.numbers import NumberError, plain

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
DIGITS = frozenset("0123456789")
PERMITS = {"810000": "港澳居民居住证", "820000": "港澳居民居住证", "830000": "台湾居民居住证"}
OLDEST_YEARS = 130
MALE, FEMALE = "1", "2"  # GB/T 2261.1


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
    """Half-width, no blanks, X in upper case.

    >>> normalise(" １１０101 19900307 123x ")
    '11010119900307123X'
    """
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


def birth_date(text: str, today: date, *, positions: str = "第 7 至 14 位", position: int = 7) -> date:
    """The day of eight digits yyyyMMdd; NumberError when it does not exist, is to come, or is over 130 years ago."""
    try:
        birth = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise NumberError("date", f"{positions}不是存在的日期,请核对出生日期", position) from None
    if birth > today:
        raise NumberError("date", f"{positions}的出生日期在今天之后,请核对", position)
    if (today.year - birth.year, (today.month, today.day)) > (OLDEST_YEARS, (birth.month, birth.day)):
        raise NumberError("date", f"{positions}的出生日期早于 {OLDEST_YEARS} 年前,请核对", position)
    return birth


def _eighteen(number: str) -> str:
    """The number in its long form, every character one that may stand there."""
    if len(number) not in (15, 18):
        raise NumberError("length", f"应为 18 位(老号码 15 位),现有 {len(number)} 位")
    for position, character in enumerate(number[:17], 1):
        if character not in DIGITS:
            raise NumberError("character", f"第 {position} 位应为数字", position)
    if len(number) == 15:
        first17 = number[:6] + "19" + number[6:]
        return first17 + check_digit(first17)
    if number[17] not in CHECKS:
        raise NumberError("character", "第 18 位应为数字或 X", 18)
    return number


def _region(number: str, kind: str) -> tuple[str, tuple[str, ...]]:
    """The region's name, and what is odd about it."""
    if kind == "foreigner":
        return "", ()
    if kind == "permit":
        return PERMITS[number[:6]], ()
    known = division.find(number[:6])
    if known is None:
        return "", ("前 6 位不是已知的行政区划代码,请核对",)
    return known.full_name, ("前 6 位的行政区划代码未经证实,请核对",) if known.status == "unconfirmed" else ()


def parse(text: str, *, today: date | None = None) -> Identity:
    """Read a number; NumberError says what is wrong and where. A number of 15 digits is given in its 18."""
    short = len(normalise(text)) == 15
    number = _eighteen(normalise(text))
    positions = "第 7 至 12 位" if short else "第 7 至 14 位"
    birth = birth_date(number[6:14], today or beijing_today(), positions=positions)
    if check_digit(number[:17]) != number[17]:
        raise NumberError("check", "第 18 位校验码不符,请核对各位数字", 18)
    kind = "permit" if number[:6] in PERMITS else "foreigner" if number[0] == "9" else "citizen"
    name, warnings = _region(number, kind)
    return Identity(number, kind, birth, MALE if int(number[16]) % 2 else FEMALE, number[:6], name, warnings)


def is_valid(text: str, *, today: date | None = None) -> bool:
    """Does it keep the rule?

    >>> is_valid("110101199002301236")
    False
    """
    try:
        parse(text, today=today)
    except NumberError:
        return False
    return True
