"""One value between the program and the wire: how it is written, read and found wrong."""

import base64
import binascii
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from standard import codes
from standard.fields import AREA, CODE, DAY, GUID, LINES, MONTH, NAME, PICTURE, USAGE, WHOLE, Field

BEIJING = ZoneInfo("Asia/Shanghai")
PATTERN = "%Y-%m-%d %H:%M:%S"
MAX_PICTURE_BASE64 = 4_000_000
MAX_CIPHERTEXT = 8_192
MAX_INTEGER = 2**53  # what every JSON reader keeps exactly

# Control characters, line separators, marks that turn the reading direction, halves of characters.
INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
INVISIBLE_BUT_LINES = re.compile(INVISIBLE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b\x0c\x0e-\x1f"))
PICTOGRAMS = re.compile("[\u2600-\u27bf\u200d\ufe0f\U0001f000-\U0001faff]")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
EPOCH = re.compile(r"\d{10}(\d{3})?", re.ASCII)
DIGITS = re.compile(r"-?\d{1,16}", re.ASCII)
DAYS = re.compile(r"(\d{4})(-?)(\d\d)\2(\d\d)", re.ASCII)
SHAPES = {
    WHOLE: (re.compile(r"\d{1,9}", re.ASCII), "应为整数"),
    AREA: (re.compile(r"\d{1,8}(\.\d{1,2})?", re.ASCII), "应为数字,最多两位小数"),
    USAGE: (re.compile(r"\d{1,10}(\.\d{1,4})?", re.ASCII), "应为数字,无值时填 0"),
    GUID: (re.compile(r"[0-9A-Fa-f]{32}"), "应为 32 位十六进制数"),
    MONTH: (re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII), "应为 yyyy-MM 形式,如 2020-01"),
}


class WireError(ValueError):
    """A value that cannot be what its field says. `kind` as in Refusal; the message is a Chinese phrase without the value."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def moment(value: datetime) -> str:
    """A moment as the wire writes it: Beijing time, 24 hours (quirks G-01 to G-03).

    >>> moment(datetime(2021, 2, 13, 8, 22, 34, tzinfo=ZoneInfo("UTC")))
    '2021-02-13 16:22:34'
    """
    if value.tzinfo is None:
        raise WireError("time", "的时间缺少时区")
    return value.astimezone(BEIJING).strftime(PATTERN)


def read_moment(value: Any) -> datetime:
    """Read a moment as any of: T for the blank, no seconds, a fraction, an offset, epoch seconds or milliseconds.

    >>> read_moment("2021-02-13T16:22").isoformat()
    '2021-02-13T16:22:00+08:00'
    """
    text = str(value).strip()
    if epoch := EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text) // (1000 if epoch[1] else 1), BEIJING)
    found = MOMENT.fullmatch(text)
    if found is None:
        raise WireError("time", "的时间格式应为 yyyy-MM-dd HH:mm:ss")
    day, minute, second, offset = found.groups()
    try:
        parsed = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{offset or ''}")
        return parsed.astimezone(BEIJING) if offset else parsed.replace(tzinfo=BEIJING)
    except (ValueError, OverflowError):
        raise WireError("time", "的时间不存在,请核对") from None


def read_day(text: str) -> date | str:
    """A day written 2021-02-13 or 20210213; any other text stays as it is, for the layout is not settled (quirk G-40)."""
    found = DAYS.fullmatch(text)
    try:
        return date(int(found[1]), int(found[3]), int(found[4])) if found else text
    except ValueError:
        return text


def written(field: Field, value: Any) -> Any:
    """The value on the wire, not yet checked."""
    if field.type in ("Integer", "List<Map>"):
        return value
    if isinstance(value, str):
        return _written_text(field, value)
    if isinstance(value, bool):
        if field.boolean is None:
            raise WireError("type", "不是是否类字段")
        return field.boolean[0] if value else field.boolean[1]
    if isinstance(value, date):
        return _written_day(field, value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes) and field.format == PICTURE:
        return base64.b64encode(value).decode("ascii")
    raise WireError("type", "的数据类型不对")


def _written_text(field: Field, text: str) -> str:
    if field.type == "DateTime":
        return moment(read_moment(text))
    if field.format == DAY:
        day = read_day(text)
        if isinstance(day, str):
            raise WireError("format", "应为 yyyy-MM-dd 形式的日期")
        return day.isoformat()
    return text


def _written_day(field: Field, value: date) -> str:
    if field.format == MONTH:
        return value.strftime("%Y-%m")
    if field.type == "DateTime":  # a lease has dates: midnight (quirk B.4.1-q07)
        return moment(value) if isinstance(value, datetime) else f"{value.isoformat()} 00:00:00"
    if isinstance(value, datetime):
        return moment(value)[:10]
    return value.isoformat()


def check(field: Field, wire: Any) -> None:
    """Raise WireError when a clear wire value is wrong for its field."""
    if field.type == "Integer":
        _check_integer(field, wire)
    elif field.type == "List<Map>" or field.items:
        _check_list(field, wire)
    elif not isinstance(wire, str):
        raise WireError("type", "应为字符串")
    elif field.type == "DateTime":
        read_moment(wire)
    elif field.format == PICTURE:
        _check_picture(wire)
    else:
        _check_text(field, wire)


def check_sealed(value: Any) -> None:
    """Raise WireError when a value cannot be a ciphertext."""
    if not isinstance(value, str):
        raise WireError("type", "应为字符串")
    if len(value) > MAX_CIPHERTEXT:
        raise WireError("length", "的密文过长")


def _check_integer(field: Field, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WireError("type", "应为整数")
    if field.minimum is not None and value < field.minimum:
        raise WireError("format", f"不能小于 {field.minimum}")
    if abs(value) > MAX_INTEGER:
        raise WireError("format", "数值过大")


def _check_list(field: Field, value: Any) -> None:
    if not isinstance(value, list):
        raise WireError("type", "应为数组")
    if field.max_items is not None and len(value) > field.max_items:
        raise WireError("items", f"最多 {field.max_items} 项")


def _check_picture(text: str) -> None:
    if len(text) > MAX_PICTURE_BASE64:
        raise WireError("picture", "过大,单张图片的 base64 不得超过 4 兆字节(9.3.5),请压缩后重试")
    try:
        binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (ValueError, binascii.Error):
        raise WireError("picture", "不是有效的 base64 图片") from None


def _check_text(field: Field, text: str) -> None:
    if len(text) > field.max_length:
        raise WireError("length", f"过长,最多 {field.max_length} 个字符")
    if (INVISIBLE_BUT_LINES if field.format == LINES else INVISIBLE).search(text):
        raise WireError("characters", "含有不可见字符,请删除后重新输入")
    if field.format is not None:
        _check_shape(field, text)
    if field.boolean or field.values:
        allowed = field.boolean or [code for code, _ in field.values]
        if text not in allowed:
            raise WireError("code", "的取值不在规定范围内,应为 " + " 或 ".join(allowed))
    elif field.role == CODE and field.table:
        known = codes.table(field.table)
        if known.sure and text not in known.names:
            raise WireError("code", f"的代码不在 {known.id} {known.title} 中")


def _check_shape(field: Field, text: str) -> None:
    if field.format == NAME and PICTOGRAMS.search(text):
        raise WireError("characters", "含有表情等不能用于姓名的符号")
    shape, problem = SHAPES.get(field.format or "", (None, ""))
    if shape is not None and not shape.fullmatch(text):
        raise WireError("format", problem)


def forgiven(field: Field, value: Any) -> Any:
    """An incoming value with harmless slips put right: numbers for text and text for numbers (G-17), a data: prefix (G-22)."""
    if isinstance(value, bool):
        return value
    if field.type == "Integer":
        return int(value) if isinstance(value, str) and DIGITS.fullmatch(value) else value
    if field.type in ("String", "DateTime") and not field.items and isinstance(value, (int, float)):
        return str(value)
    if field.format == PICTURE and isinstance(value, str) and value.startswith("data:"):
        return value.partition(",")[2]
    return value


def read(field: Field, wire: Any) -> Any:
    """A checked wire value as the program's own: aware Beijing time, bytes, bool, int, Decimal, date or text."""
    if field.type == "DateTime":
        return read_moment(wire)
    if not isinstance(wire, str):
        return wire
    if field.boolean:
        return {field.boolean[0]: True, field.boolean[1]: False}.get(wire, wire)
    if field.format == PICTURE:
        return base64.b64decode(wire, validate=True)
    if field.format == WHOLE:
        return int(wire)
    if field.format in (AREA, USAGE):
        return _decimal(wire)
    if field.format == DAY:
        return read_day(wire)
    return wire


def _decimal(text: str) -> Decimal:
    shape, problem = SHAPES[USAGE]
    if not shape.fullmatch(text):
        raise WireError("format", problem)
    return Decimal(text)
