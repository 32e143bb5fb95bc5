"""The data of an answer under its wire names, masked where the field table says 脱敏."""

from collections.abc import Iterable, Mapping
from typing import Any

from guomi import masking
from standard import interfaces, wire
from standard.fields import Field

# What the printed examples say on success (quirk G-06): the wording differs, code 0 is what counts.
SUCCESS = {
    "B.1.1": "授权成功",
    "B.2.3": "上传成功",
    "B.5.3": "上报成功",
    "B.6.2": "删除成功",
}


def success(interface: interfaces.Interface) -> str:
    """The message of a call that went well."""
    return SUCCESS.get(interface.clause, "成功" if interface.direction == "pull" else "同步成功")


def data(interface: interfaces.Interface, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """English-keyed values as the `data` of the answer; None for an interface that returns nothing."""
    if not interface.response:
        return None
    rows = {"items": interface.items} if interface.items else {}
    return _written(interface.response, record, rows)


def _written(
    fields: Iterable[Field], record: Mapping[str, Any], rows: Mapping[str, tuple[Field, ...]] | None = None
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for one in fields:
        value = record.get(one.en)
        if value is None or value == "":
            continue
        if inner := one.items or (rows or {}).get(one.en, ()):
            result[one.wire] = [_written(inner, row) for row in value]
        else:
            result[one.wire] = _masked(one, value) if one.masked else wire.written(one, value)
    return result


def _masked(one: Field, value: Any) -> str:
    """The standard leaves the pattern open (quirk G-18)."""
    return masking.mask("phone" if one.en.endswith("phone") else "document", value)
