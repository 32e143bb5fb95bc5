"""The fields that hold something of a person, as data (data/personal_fields.csv), and who sees what of them.

Models are named by their label: the table stands below the apps it speaks of.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from accounts.reveals import VERB
from accounts.roles import ROLES, Role

TABLE = Path(__file__).parent / "data" / "personal_fields.csv"
NOTHING, MASKED, REVEALED, SHOWN = "—", "脱敏", "脱敏,凭理由看明文", "可见"
CREDENTIAL, PICTURE, SEALED = "credential", "picture", "sealed"
PICTURES = "view_pictures"
HEAD = """# 谁能看见什么 Who sees what

由 `python manage.py who_sees_what --write` 从角色表和 `accounts/data/personal_fields.csv` 生成,测试保证与代码一致。
“脱敏”如 张*三、120101********1234;看明文须有权限、写理由(民警写案件编号),每天限次,先记审计再显示 60 秒。
"""


@dataclass(frozen=True, slots=True)
class PersonalField:
    """One row of the table; `stored` is sealed, picture, code or plain."""

    model: str
    field: str
    kind: str
    purpose: str
    stored: str
    mask: str
    view: str
    basis: str


@cache
def fields() -> tuple[PersonalField, ...]:
    """Every row, in the order of the file."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(line for line in file if not line.startswith("#"))
        next(rows)
        return tuple(PersonalField(*row) for row in rows)


def sight(role: Role, one: PersonalField) -> str:
    """What a role sees of a field in its communities."""
    if one.kind == CREDENTIAL or one.view not in role.verbs:
        return NOTHING
    if one.stored == PICTURE:
        return SHOWN if PICTURES in role.verbs else NOTHING
    if one.stored == SEALED:
        return REVEALED if VERB in role.verbs else MASKED
    return SHOWN


def who_sees_what() -> str:
    """The role × field table as a Markdown page."""
    lines = [HEAD]
    for model in dict.fromkeys(one.model for one in fields()):
        lines.append(f"## {model}\n\n| 字段 | {' | '.join(str(role.name) for role in ROLES.values())} |")
        lines.append("|---" * (len(ROLES) + 1) + "|")
        for one in fields():
            if one.model == model:
                lines.append(f"| {one.field} | {' | '.join(sight(role, one) for role in ROLES.values())} |")
        lines.append("")
    return "\n".join(lines)


LOGGED = {"sensitive option": "text", "care": "text"}  # by kind: what the log, which is kept for years, must not tell


@cache
def _masks() -> dict[tuple[str, str], str]:
    return {
        (one.model, one.field): one.mask or LOGGED.get(one.kind, "") or ("plate" if one.field == "plate" else "")
        for one in fields()
    }


def mask_of(label: str, name: str) -> str:
    """How the log masks a field, "" for one that says nothing of a person. `label` is the model's: "residents.Person"."""
    return _masks().get((label, name), "")
