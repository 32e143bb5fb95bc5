"""Number plates of all kinds (GA 36-2018). Serial letters leave out I and O.

>>> parse("津·AD12345").kind
'new-energy'
>>> parse("津a１２３４５").number
'津A12345'
>>> parse("津A1234I")
Traceback (most recent call last):
standard.numbers.NumberError: 第 7 位不能是字母 I 或 O,是否为数字 1 或 0
"""

import re
from dataclasses import dataclass

from standard.numbers import NumberError, plain

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
P = f"[{PROVINCES}]"
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
PATTERNS = tuple((kind, re.compile(pattern, re.ASCII), colour) for kind, pattern, colour in KINDS)


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate. `kind` is one of KINDS; `province` its character or ""; `colour_code` of GA/T 833 a hint where the kind gives one."""

    number: str
    kind: str
    province: str
    colour_code: str | None


def normalise(text: str) -> str:
    """Half-width, upper case, without dots, dashes and spaces."""
    return re.sub(r"[·•.\-]", "", plain(text))


def parse(text: str) -> Plate:
    """Read a plate; NumberError."""
    number = normalise(text)
    for kind, pattern, colour in PATTERNS:
        if pattern.fullmatch(number):
            province = next((character for character in number[:3] if character in PROVINCES), "")
            return Plate(number, kind, province, colour)
    raise _fault(number)


def _fault(number: str) -> NumberError:
    """What is most likely wrong with a plate of no kind."""
    if not number:
        return NumberError("length", "车牌号码不能为空")
    if not 7 <= len(number) <= 8:
        return NumberError("length", f"车牌号码应为 7 位(新能源 8 位),现有 {len(number)} 位")
    for position, character in enumerate(number[2:], 3):
        if character in "IO":
            return NumberError("character", f"第 {position} 位不能是字母 I 或 O,是否为数字 1 或 0", position)
    if number[0] not in PROVINCES:
        return NumberError("character", "第 1 位应为省、自治区、直辖市简称,如 津", 1)
    if not re.fullmatch("[A-HJ-Z]", number[1]):
        return NumberError("character", "第 2 位应为发牌机关代号字母,不含 I", 2)
    return NumberError("form", "不是有效的车牌号码,如 津A12345、津AD12345")


def is_valid(text: str) -> bool:
    """Does it keep the rule?"""
    try:
        parse(text)
    except NumberError:
        return False
    return True
