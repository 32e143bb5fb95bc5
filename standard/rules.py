"""What Appendix B asks of a whole record: required and conditional fields, the lease, names beside their codes."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from standard import codes, interfaces, wire
from standard.fields import LABEL, Field
from standard.refusals import Refusal, refuse

TENANT_CODE = "1"
TENANT_FAMILY = "tenant_family"  # an extra key of a relation: 租客家属 has no code in C.7 (quirk G-28)
ENTER, LEAVE = "1", "2"  # C.13


def absent(value: Any) -> bool:
    """Nothing was said: None, blank text, an empty list. Such a value is never sent."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


@cache
def _labels(clause: str) -> tuple[tuple[str, str, str], ...]:
    """(name field, its code field, code table): `x_name` belongs to `x_code`."""
    fields = {one.en: one for one in interfaces.get(clause).request}
    twins = (
        (one.en, fields.get(one.en.removesuffix("_name") + "_code")) for one in fields.values() if one.role == LABEL
    )
    return tuple((name, twin.en, twin.table) for name, twin in twins if twin is not None and twin.table)


@cache
def _has_direction(clause: str) -> bool:
    return any(one.en == "passage_direction_code" for one in interfaces.get(clause).request)


def filled(clause: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without absent values, with the names of its codes and the direction its one time implies."""
    result = {name: value for name, value in record.items() if not absent(value)}
    if _has_direction(clause) and "passage_direction_code" not in result:
        entered, left = "entered_at" in result, "left_at" in result
        if entered is not left:  # quirks B.2.3-q02, B.5.3-q02
            result["passage_direction_code"] = ENTER if entered else LEAVE
    for name, code, table in _labels(clause):
        if code in result and name not in result:
            label = codes.table(table).names.get(str(result[code]))
            if label is not None:
                result[name] = label
    return result


def required(clause: str, present: Mapping[str, Any], fields: Iterable[Field]) -> Iterator[Refusal]:
    """The fields that must be there and are not. `present` holds no absent values."""
    for one in fields:
        if one.required is False or one.en in present:
            continue
        if one.required is True:
            yield refuse(clause, one, "required", "为必填项,不能为空")
        elif one.condition is not None and one.condition.kind == "one_of":
            if not any(name in present for name in one.condition.fields):
                yield refuse(clause, one, "conditional", _not_both_empty(one, fields))
        elif one.condition is not None and one.condition.kind == "tenant" and _is_tenant(present):
            yield refuse(clause, one, "conditional", "在住户类型为租客或租客家属时必填")


def _not_both_empty(one: Field, fields: Iterable[Field]) -> str:
    others = [f"{other.zh}({other.wire})" for other in fields if one.condition and other.en in one.condition.fields]
    return "不能为空:" + "、".join(others) + "至少填一项"


def _is_tenant(record: Mapping[str, Any]) -> bool:
    return str(record.get("resident_type_code", "")) == TENANT_CODE or bool(record.get(TENANT_FAMILY))


def lease(clause: str, wired: Mapping[str, Any]) -> Iterator[Refusal]:
    """A lease that ends before it begins (B.4.2). `wired` maps English names to wire values."""
    if "lease_start" not in wired or "lease_end" not in wired:
        return
    try:
        ordered = wire.read_moment(wired["lease_start"]) < wire.read_moment(wired["lease_end"])
    except wire.WireError:
        return  # a refusal of its own already
    if not ordered:
        yield refuse(clause, interfaces.get(clause).field("lease_end"), "order", "必须大于租赁开始时间")
