"""A workbook as it came: bounded, and nothing of it is run. An XLSX bomb is refused before it is unpacked."""

import difflib
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from community.workbooks.sheets import Sheet, every

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 2000
MAX_ROWS, MAX_COLUMNS, MAX_SHEETS = 50_000, 100, 30
MAX_HEADING = 100
SEARCHED = 10  # lines among which the headings are looked for
NOTE = "说明"


class WorkbookError(ValueError):
    """The file cannot be read as a workbook; the message says what to do."""


@dataclass
class Table:
    """One sheet: its headings as they stand, rows by number, which column each heading is taken for."""

    title: str
    headings: list[str]
    rows: list[tuple[int, list[Any]]]
    mapped: dict[int, str] = field(default_factory=dict)  # position -> column title
    unknown: list[tuple[str, str]] = field(default_factory=list)  # (heading, the column it might mean)


def read(data: bytes, mapping: dict[str, dict[str, str]] | None = None) -> list[tuple[Sheet, Table]]:
    """The sheets we know, with their rows; WorkbookError. `mapping`: sheet -> heading -> column title, "" to leave out."""
    check_size(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names[:MAX_SHEETS]
        found = []
        for sheet in every():
            if sheet.title in names:
                found.append((sheet, _table(book.get_sheet_by_name(sheet.title), sheet, mapping or {})))
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, WorkbookError):
            raise
        raise WorkbookError(_("不是有效的 Excel 工作簿(.xlsx),请另存为 .xlsx 后重试。")) from None
    if not found:
        wanted = "、".join(sheet.title for sheet in every())
        raise WorkbookError(_("没有找到可导入的工作表,应命名为:%s。") % wanted)
    return found


def check_size(data: bytes) -> None:
    """Refuse what is too large, or would be when unpacked."""
    if len(data) > MAX_BYTES:
        raise WorkbookError(_("文件过大,最多 20 MB。"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise WorkbookError(_("不是有效的 Excel 工作簿(.xlsx),请另存为 .xlsx 后重试。")) from None
    unpacked = sum(one.file_size for one in members)
    bombs = [one for one in members if one.file_size > MAX_RATIO * max(one.compress_size, 1) and one.file_size > 10**7]
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or bombs:
        raise WorkbookError(_("文件展开后过大,不能导入。"))


def _table(found: Any, sheet: Sheet, mapping: dict[str, dict[str, str]]) -> Table:
    if found.height > MAX_ROWS + SEARCHED:
        raise WorkbookError(
            _("“%(sheet)s”超过 %(most)d 行,请分成几个文件。") % {"sheet": sheet.title, "most": MAX_ROWS}
        )
    if found.width > MAX_COLUMNS:
        raise WorkbookError(_("“%(sheet)s”超过 %(most)d 列。") % {"sheet": sheet.title, "most": MAX_COLUMNS})
    lines = found.to_python(skip_empty_area=False)
    place = _heading_line(lines, sheet)
    headings = [_heading(cell) for cell in lines[place]] if lines else []
    rows = [
        (number, line)
        for number, line in enumerate(lines[place + 1 :], place + 2)
        if any(cell not in ("", None) for cell in line)
    ]
    table = Table(sheet.title, headings, rows)
    _map(table, sheet, mapping.get(sheet.title, {}))
    return table


def _heading(cell: Any) -> str:
    """A heading as it is compared and shown: no mark of what must be filled in, nothing invisible."""
    plain = "".join(letter for letter in str(cell)[:MAX_HEADING] if letter.isprintable())
    return plain.strip().rstrip("*").strip()


def _heading_line(lines: list[list[Any]], sheet: Sheet) -> int:
    """The line that holds most of the headings we know: an office's workbook may begin with a title."""
    known = {name for column in sheet.columns for name in (column.title, *column.aliases)}
    scores = [sum(_heading(cell) in known for cell in line) for line in lines[:SEARCHED]]
    return scores.index(max(scores)) if scores else 0


def _map(table: Table, sheet: Sheet, chosen: dict[str, str]) -> None:
    titles = {column.title for column in sheet.columns}
    names = {name: column.title for column in sheet.columns for name in (*column.aliases, column.title)}
    taken: set[str] = set()
    for place, heading in enumerate(table.headings):
        title = chosen.get(heading, names.get(heading, ""))
        if heading in chosen and title not in titles:
            continue
        if title and title not in taken:
            table.mapped[place] = title
            taken.add(title)
        elif heading and heading != PROBLEMS:
            close = difflib.get_close_matches(heading, [one for one in names if names[one] not in taken], 1, 0.5)
            table.unknown.append((heading, names[close[0]] if close else ""))


PROBLEMS = "问题"  # the column our own marked workbook begins with
