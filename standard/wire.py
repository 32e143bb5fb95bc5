"""One value between the program and the wire: how it is written, read and found wrong."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from standard import codes
from standard.fields import AREA, CODE, DAY, GUID, LINES, MONTH, PICTURE, USAGE, WHOLE, Field

BEIJING = ZoneInfo("Asia/Shanghai")
PATTERN = "%Y-%m-%d %H:%M:%S"
MAX_PICTURE_BASE64 = 4_000_000
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
SHAPES = {
    WHOLE: (re.compile(r"\d{1,6}"), "应为整数"),
    AREA: (re.compile(r"\d{1,8}(\.\d{1,2})?"), "应为数字,最多两位小数"),
    USAGE: (re.compile(r"\d{1,10}(\.\d{1,4})?"), "应为数字"),
    GUID: (re.compile(r"[0-9A-Fa-f]{32}"), "应为 32 位十六进制数"),
    MONTH: (re.compile(r"\d{4}-(0[1-9]|1[0-2])"), "应为 yyyy-MM 形式"),
}


class WireError(ValueError):
    """A value that cannot be what its field says; the message is a Chinese phrase without the value."""


def moment(value: datetime) -> str:
    """A moment as the wire writes it: Beijing time, 24 hours.

    >>> moment(datetime(2021, 2, 13, 8, 22, 34, tzinfo=ZoneInfo("UTC")))
    '2021-02-13 16:22:34'
    """
    if value.tzinfo is None:
        raise WireError("时间缺少时区")
    return value.astimezone(BEIJING).strftime(PATTERN)


def read_moment(value: Any) -> datetime:
    """Read a moment in any of the spellings met: T for the space, no seconds, a fraction, an offset, epoch milliseconds."""
    text = str(value).strip()
    if text.isdigit() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), BEIJING)
    if not MOMENT.fullmatch(text):
        raise WireError("时间格式应为 yyyy-MM-dd HH:mm:ss")
    try:
        parsed = datetime.fromisoformat(text.replace(" ", "T", 1))
    except ValueError:
        raise WireError("时间不存在") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=BEIJING)


def _number(value: Any) -> str:
    if isinstance(value, bool):
        raise WireError("应为数字")
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def written(field: Field, value: Any) -> Any:
    """The value on the wire, unchecked but for its kind."""
    if field.type == "Integer":
        return value
    if field.boolean and isinstance(value, bool):
        return field.boolean[0] if value else field.boolean[1]
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (int, Decimal)):
        return _number(value)
    return value


def _check_integer(field: Field, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WireError("应为整数")
    if field.minimum is not None and value < field.minimum:
        raise WireError(f"不能小于 {field.minimum}")


def _check_picture(text: str) -> None:
    if len(text) > MAX_PICTURE_BASE64:
        raise WireError("图片的 base64 超过 4 MB")
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise WireError("图片不是有效的 base64") from None


def _check_text(field: Field, text: str) -> None:
    if len(text) > field.max_length:
        raise WireError(f"过长,最多 {field.max_length} 个字符")
    if (CONTROL_BUT_LINES if field.format == LINES else CONTROL).search(text):
        raise WireError("含有不可见字符")
    if field.format in SHAPES:
        shape, problem = SHAPES[field.format]
        if not shape.fullmatch(text):
            raise WireError(problem)
    allowed = {code for code, _ in field.values} or set(field.boolean or ())
    if allowed and text not in allowed:
        raise WireError("取值不在规定范围内")
    if field.table and field.role == CODE:
        known = codes.table(field.table)
        if known.sure and text not in known.names:
            raise WireError(f"代码不在 {known.id} {known.title} 中")


def check(field: Field, wire: Any, *, sealed: bool = False) -> None:
    """Raise WireError when a wire value is wrong for its field. `sealed`: it is ciphertext, only its kind is checked."""
    if field.type == "Integer":
        return _check_integer(field, wire)
    if field.type == "List<Map>":
        if not isinstance(wire, list):
            raise WireError("应为数组")
        if field.max_items is not None and len(wire) > field.max_items:
            raise WireError(f"最多 {field.max_items} 项")
        return None
    if not isinstance(wire, str):
        raise WireError("应为字符串")
    if sealed:
        return None
    if field.type == "DateTime":
        read_moment(wire)
    elif field.format == PICTURE:
        _check_picture(wire)
    else:
        _check_text(field, wire)
    return None


def reader(field: Field) -> Callable[[Any], Any]:
    """How a checked wire value is read back into the program."""
    if field.type == "DateTime":
        return read_moment
    if field.format == PICTURE:
        return base64.b64decode
    if field.boolean:
        return lambda text: {field.boolean[0]: True, field.boolean[1]: False}.get(text, text)
    if field.format == AREA:
        return _decimal
    if field.format == DAY:
        return _day
    return lambda value: value


def _decimal(text: str) -> Any:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _day(text: str) -> Any:
    digits = text.replace("-", "")
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        return text
