"""One column of a sheet: its Chinese heading, what a cell may hold, how it becomes a value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from community.validators import half_width
from standard import codes

Kind = Literal["text", "day", "whole", "decimal", "flag", "code"]
YES, NO = {"是", "有", "y", "yes", "true", "1", "√"}, {"否", "无", "没有", "n", "no", "false", "0", "×"}
DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]00:00(?::00)?)?")
LABELLED = re.compile(r"([^\s::、-]+)[\s::、-]+(.+)")


class CellError(ValueError):
    """A cell that cannot be what its column says; the message is a Chinese sentence without the cell's content."""


@dataclass(frozen=True, slots=True)
class Column:
    """`field` is the model's; `table` names a code table, `labels` a choice of the portal's own."""

    title: str
    field: str
    required: bool = False
    kind: Kind = "text"
    table: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    most: int = 200
    width: int = 14

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(code, name) of a column of codes."""
        return list(self.labels) or (codes.choices(self.table) if self.table else [])

    def read(self, cell: Any) -> Any:
        """The value of a cell; None for an empty one. CellError."""
        text = text_of(cell)
        if not text:
            if self.required:
                raise CellError(str(_("不能为空")))
            return None
        if len(text) > self.most:
            raise CellError(str(_("过长,最多 %d 个字") % self.most))
        return READERS[self.kind](self, text)


def text_of(cell: Any) -> str:
    """What stands in a cell, as a person reads it: Excel keeps every number as a fraction."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if not (cell.hour or cell.minute) else f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    return half_width(str(cell)).strip()


def _day(_column: Column, text: str) -> date:
    found = DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise CellError(str(_("应为日期,如 2026-01-31"))) from None


def _whole(_column: Column, text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise CellError(str(_("应为整数")))
    return int(text)


def _decimal(_column: Column, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise CellError(str(_("应为数字"))) from None
    if not value.is_finite() or abs(value) >= 10**8:
        raise CellError(str(_("应为数字")))
    return value


def _flag(_column: Column, text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise CellError(str(_("应填“是”或“否”")))


def _code(column: Column, text: str) -> str:
    """A code, its name, or both as the drop-down shows them: "1", "租客", "1 租客"."""
    by_code, by_name = _known(column)
    if text in by_code:
        return text
    if text in by_name:
        return by_name[text]
    both = LABELLED.fullmatch(text)
    if both and by_code.get(both[1]) == both[2]:
        return both[1]
    if text.isdigit() and text.zfill(2) in by_code:  # Excel took the leading zero away
        return text.zfill(2)
    raise CellError(str(_("不在可选范围内")))


_tables: dict[tuple[str, tuple], tuple[Mapping[str, str], Mapping[str, str]]] = {}


def _known(column: Column) -> tuple[Mapping[str, str], Mapping[str, str]]:
    key = (column.table, column.labels)
    if key not in _tables:
        pairs = [(code, str(name)) for code, name in column.choices]
        _tables[key] = dict(pairs), {name: code for code, name in reversed(pairs)}
    return _tables[key]


READERS = {
    "text": lambda _column, text: text, "day": _day, "whole": _whole, "decimal": _decimal, "flag": _flag, "code": _code,
}  # fmt: skip
