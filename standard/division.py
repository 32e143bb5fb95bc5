"""Administrative divisions (GB/T 2260, year lists of 1980 to 2026): what the first six digits of a number say.

A person keeps the code of the place of birth registration for life, so an abolished code is as good as a current one;
a code that is unknown or in one list only is worth a warning, never a refusal.

>>> find("120101").full_name
'天津市和平区'
>>> find("130323").status
'historical'
>>> name("999999")
''
"""

from dataclasses import dataclass
from functools import cache

from standard import codes


@dataclass(frozen=True, slots=True)
class Division:
    """One code. `level` is province | prefecture | county; `status` current | historical | aggregate | special | unconfirmed."""

    code: str
    name: str
    full_name: str
    level: str
    status: str


@cache
def _rows() -> dict[str, codes.Row]:
    return {row.code: row for row in codes.table("division").rows}


def find(code: str) -> Division | None:
    """The division of a code of six digits; None if no list has it."""
    row = _rows().get(code)
    if row is None:
        return None
    level, status, *_ = [*(part.strip() for part in row.note.split(";")), ""]
    return Division(code, row.name, name(code), level, status)


def name(code: str) -> str:
    """Province, prefecture and county, as far as they are known; "" for a code no list has.

    Summaries such as 市辖区 are left out. 810000, 820000 and 830000 begin the numbers of residence permits.
    """
    rows = _rows()
    if code not in rows:
        return ""
    places = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
    found = (rows[place] for place in places if place in rows)
    return "".join(dict.fromkeys(row.name for row in found if "; aggregate" not in row.note))
