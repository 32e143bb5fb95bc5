"""A sheet of the register's workbook, declared in an app's `importing.py`: columns, natural key, how rows become records.

    @sheet
    class VehicleSheet(Sheet):
        title, order, model, verb = "车辆", 40, Vehicle, "edit_vehicles"
        columns = (Column("车牌号码", "plate", required=True), ...)

Reading never writes: what is missing is made in memory, and saved by running.py in one transaction, or not at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from community.models import Community
from community.workbooks.columns import CellError, Column

CHUNK = 500


@dataclass
class Row:
    """One line of a sheet: its number in the workbook, its values by field, what is wrong by column title."""

    number: int
    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    record: Any = None
    created: bool = False
    before: dict[str, Any] = field(default_factory=dict)  # earlier values of what changed

    @property
    def changed(self) -> bool:
        return bool(self.before)


@dataclass
class Context:
    """What the sheets of one workbook share: the community, and records read or made by earlier sheets."""

    community: Community
    houses: dict[str, Any] = field(default_factory=dict)  # "3-2-501" -> House
    people: dict[tuple[str, str], Any] = field(default_factory=dict)  # (document type, number) -> Person
    extra: dict[type[models.Model], list[Any]] = field(default_factory=dict)  # made on the way: buildings, units


class Sheet:
    """One kind of record."""

    title: ClassVar[str]
    order: ClassVar[int]
    model: ClassVar[type[models.Model]]
    verb: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    excused: ClassVar[frozenset[str]] = frozenset()  # complaints of clean() that a workbook cannot meet

    @property
    def view_verb(self) -> str:
        """What one must hold to have the records in an export."""
        return self.verb.replace("edit_", "view_")

    def records(self, community: Community) -> models.QuerySet:
        """The records of a community, for an export."""
        return self.model._default_manager.filter(community=community).order_by("pk")

    def value(self, record: Any, column: Column) -> Any:
        """What a record says in a column."""
        return getattr(record, column.field)

    def read(self, number: int, cells: dict[str, Any]) -> Row:
        """A row from cells by column title."""
        row = Row(number, {})
        for column in self.columns:
            try:
                row.values[column.field] = column.read(cells.get(column.title))
            except CellError as error:
                row.errors[column.title] = str(error)
        return row

    def key(self, row: Row) -> Any:
        """What makes two rows speak of the same record."""
        raise NotImplementedError

    def known(self, rows: list[Row], context: Context) -> dict[Any, Any]:
        """Records that are there already, by key."""
        raise NotImplementedError

    def make(self, row: Row, context: Context) -> Any:
        """A new record, not saved."""
        return self.model(community=context.community)

    def fill(self, row: Row, context: Context) -> None:
        """Give the record what the row says. An empty cell leaves what is there."""
        for column in self.columns:
            value = row.values.get(column.field)
            if value is None or not self.takes(column):
                continue
            old = getattr(row.record, column.field)
            if old != value:
                if not row.created:
                    row.before[column.field] = old
                setattr(row.record, column.field, value)

    def takes(self, column: Column) -> bool:
        """Whether the column is a field of the record itself."""
        return True

    def place(self, row: Row, context: Context) -> None:
        """Let later sheets find the record."""

    def prepare(self, rows: list[Row], context: Context) -> None:
        """Find or make every row's record and check it; errors stand in the rows."""
        good = [row for row in rows if not row.errors]
        known, seen = self.known(good, context), {}
        for row in good:
            key = self.key(row)
            if key in seen:
                row.errors[self.columns[0].title] = _("与第 %d 行重复") % seen[key]
                continue
            seen[key] = row.number
            row.record = known.get(key)
            row.created = row.record is None
            if row.created:
                row.record = self.make(row, context)
            if row.errors:
                continue
            self.fill(row, context)
            self.check(row)
            self.place(row, context)

    def check(self, row: Row) -> None:
        """The model's own rules, as every other door has them."""
        titles = {column.field: column.title for column in self.columns}
        for column in self.columns:
            if row.values.get(column.field) is not None and self.takes(column):
                self._field(row, column)
        try:
            row.record.clean()
        except ValidationError as error:
            told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            for name, messages in told.items():
                if name not in self.excused:
                    row.errors.setdefault(titles.get(name, self.columns[0].title), "；".join(messages))

    def _field(self, row: Row, column: Column) -> None:
        made = self.model._meta.get_field(column.field)
        try:
            if column.kind not in ("code", "flag"):
                made.run_validators(made.to_python(getattr(row.record, column.field)))
        except ValidationError as error:
            row.errors[column.title] = "；".join(error.messages)


_sheets: dict[str, Sheet] = {}


def sheet(declared: type[Sheet]) -> type[Sheet]:
    """Class decorator: make the sheet known."""
    _sheets[declared.title] = declared()
    return declared


def every() -> list[Sheet]:
    """All sheets: what others refer to comes first."""
    return sorted(_sheets.values(), key=lambda one: one.order)


def chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    """At most so many at once: a database takes only so many parameters."""
    listed = list(values)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
