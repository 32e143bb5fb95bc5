"""Interfaces an upper platform adds to Appendix B, told by a descriptor: one entry in the form of `interfaces.json`.

A descriptor is data: it is read within limits, checked whole (every fault is told, with its place), and becomes an
Interface like the printed ones. Docs: docs/descriptors.md.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from standard import codes, interfaces, reading, rules
from standard.fields import AREA, CODE, DAY, GUID, LABEL, MONTH, PICTURE, USAGE, WHOLE, Batch, Field, Interface, one_of

MAX_BYTES = 200_000
MAX_FIELDS = 200
MAX_TEXT = 200
MAX_BATCH = 50
CLAUSE = re.compile(r"(?=.{1,10}$)[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+){0,3}", re.ASCII)
PATH = re.compile(r"(/[A-Za-z0-9_\-]{1,60}){1,8}", re.ASCII)
WIRE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
ENGLISH = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
FORMATS = {
    "base64": PICTURE,
    "yyyy-MM": MONTH,
    "yyyy-MM-dd": DAY,
    "GUID 32位": GUID,
    "numeric string, integer": WHOLE,
    "numeric string, at most 2 decimals": AREA,
    'numeric string, "0" when there is no value': USAGE,
}
TENANT = "registration_code"


class DescriptorError(ValueError):
    """What is wrong: a list of (place in the descriptor, Chinese sentence)."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = list(faults)
        super().__init__(";".join(f"{place}:{sentence}" for place, sentence in self.faults))


def parse(text: str | bytes) -> Interface:
    """The interface a descriptor tells; DescriptorError with everything that is wrong with it.

    The descriptor may be the entry itself or a document {"interfaces": [entry]} with one entry.
    """
    if len(text) > MAX_BYTES:
        raise DescriptorError([("文件", f"过大,最多 {MAX_BYTES // 1000} KB")])
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise DescriptorError([("文件", "不是有效的 JSON(UTF-8)")]) from None
    if isinstance(given, dict) and isinstance(given.get("interfaces"), list) and len(given["interfaces"]) == 1:
        given = given["interfaces"][0]
    if not isinstance(given, dict):
        raise DescriptorError([("文件", "应为一个接口的描述(JSON 对象)")])
    return _interface(given)


def load(found: Iterable[Interface]) -> None:
    """Make these the interfaces beyond Appendix B, in the place of those loaded before."""
    interfaces._loaded = {one.clause: one for one in found}
    for remembered in (rules._labels, rules._has_direction, reading._spellings):
        remembered.cache_clear()


def _interface(given: Mapping[str, Any]) -> Interface:
    faults = list(_head_faults(given))
    request, wrong = _fields(given.get("request"), "request")
    faults += wrong
    response, wrong = _fields(given.get("response_data") or [], "response_data")
    faults += wrong
    batch, wrong = _batch(given.get("batch"))
    faults += wrong
    key = given.get("key") or []
    names = {one.en for one in request}
    if not isinstance(key, list) or set(map(str, key)) - names:
        faults.append(("key", "应为 request 中字段英文名(en)的数组"))
    if request and not any(one.en == TENANT and one.required is True for one in request):
        faults.append(("request", f"缺少注册码字段(en 为 {TENANT},required 为 true)"))
    if faults:
        raise DescriptorError(faults)
    return Interface(
        given["clause"], given["title_zh"].strip(), str(given.get("title_en") or given["clause"])[:MAX_TEXT],
        given["path"], "push", "", request=tuple(request), response=tuple(response), batch=batch, key=tuple(key),
    )  # fmt: skip


def _head_faults(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    clause, title, path = given.get("clause"), given.get("title_zh"), given.get("path")
    if not isinstance(clause, str) or not CLAUSE.fullmatch(clause):
        yield "clause", "应为接口编号,如 X.1(大写字母开头,点分隔,最多 10 个字符)"
    elif clause in {one.clause for one in interfaces.ALL}:
        yield "clause", "与附录 B 的接口重复,请另取编号"
    if not isinstance(title, str) or not title.strip() or len(title) > 60:
        yield "title_zh", "应为接口的中文名称,最多 60 个字"
    if not isinstance(path, str) or not PATH.fullmatch(path):
        yield "path", "应为 /openapi/… 形式的地址,不带参数"
    elif path.lower() in {one.path.lower() for one in interfaces.ALL}:
        yield "path", "与附录 B 的接口地址重复"
    if given.get("method", "POST") != "POST":
        yield "method", "只支持 POST(9.3.3)"
    if given.get("direction") != "push":
        yield "direction", "只支持上报接口(push)"


def _batch(given: Any) -> tuple[Batch | None, list[tuple[str, str]]]:
    if given is None:
        return None, []
    if not isinstance(given, dict):
        return None, [("batch", "应为对象或 null")]
    name, limit, faults = given.get("array_field"), given.get("limit"), []
    if not isinstance(name, str) or not WIRE.fullmatch(name):
        faults.append(("batch.array_field", "应为数组字段名"))
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_BATCH:
        faults.append(("batch.limit", f"应为 1 至 {MAX_BATCH}"))
    return (None if faults else Batch(name, limit)), faults


def _fields(given: Any, part: str) -> tuple[list[Field], list[tuple[str, str]]]:
    """The fields that could be read, and what is wrong with the others or among them."""
    if not isinstance(given, list) or len(given) > MAX_FIELDS or (part == "request" and not given):
        return [], [(part, f"应为 1 至 {MAX_FIELDS} 个字段的数组")]
    found: list[Field] = []
    faults: list[tuple[str, str]] = []
    for number, line in enumerate(given, 1):
        place = f"{part}[{number}]"
        if not isinstance(line, dict):
            faults.append((place, "应为对象"))
            continue
        wrong = [(f"{place}.{name}", sentence) for name, sentence in _field_faults(line)]
        faults += wrong
        if not wrong:
            found.append(_field(line))
    for name in ("wire", "en"):
        seen = [getattr(one, name) for one in found]
        faults += [(part, f"{name} 重复:{twice}") for twice in sorted({one for one in seen if seen.count(one) > 1})]
    return found, faults


def _field_faults(line: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, shape, what in (("send", WIRE, "上报用的字段名"), ("en", ENGLISH, "英文名,小写")):
        value = line.get(name, line.get("wire") if name == "send" else None)
        if not isinstance(value, str) or not shape.fullmatch(value):
            yield name, f"应为{what}(字母、数字、下划线)"
    if not isinstance(line.get("name_zh"), str) or not 0 < len(line["name_zh"]) <= 60:
        yield "name_zh", "应为中文名称,最多 60 个字"
    if line.get("type", "String") not in ("String", "Integer", "DateTime") or line.get("items"):
        yield "type", "只支持 String、Integer、DateTime"
    yield from _rule_faults(line)
    for name in ("encrypted", "masked"):
        if not isinstance(line.get(name, False), bool):
            yield name, "应为 true 或 false"
    table = line.get("code_table")
    if table is not None and not _known(table):
        yield "code_table", "没有这个代码表"
    if line.get("values") is not None and not _texts(line["values"]):
        yield "values", "应为 代码:名称 的对象"
    yes_no = line.get("boolean")
    if yes_no is not None and not (_texts(yes_no) and set(yes_no) == {"true", "false"}):
        yield "boolean", '应为 {"true": "1", "false": "0"} 的形式'
    longest = line.get("max_length", MAX_TEXT)
    if isinstance(longest, bool) or not isinstance(longest, int) or not 1 <= longest <= 10_000:
        yield "max_length", "应为 1 至 10000"


def _rule_faults(line: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    required = line.get("required", False)
    if required not in (True, False, "conditional") or isinstance(required, int) != isinstance(required, bool):
        yield "required", "应为 true、false 或 conditional"
    if required == "conditional" and _rule(line) is None:
        yield "condition", "有条件必填只支持 one_of:甲,乙(英文名)"


def _rule(line: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The English names of a condition one_of:a,b; None for any other."""
    condition = line.get("condition")
    text = condition.get("rule") if isinstance(condition, dict) else None
    if not isinstance(text, str) or not text.startswith("one_of:"):
        return None
    names = tuple(name.strip() for name in text.removeprefix("one_of:").split(","))
    return names if len(names) > 1 and all(ENGLISH.fullmatch(name) for name in names) else None


def _texts(given: Any) -> bool:
    return isinstance(given, dict) and all(isinstance(one, str) and 0 < len(one) <= 60 for one in given.values())


def _known(table: Any) -> bool:
    try:
        return isinstance(table, str) and bool(codes.table(table).names)
    except codes.UnknownTable:
        return False


def _field(line: Mapping[str, Any]) -> Field:
    send = line.get("send", line.get("wire"))
    accept = [name for name in (line.get("accept") or []) if isinstance(name, str) and name != send]
    yes_no, names = line.get("boolean"), _rule(line)
    role = line.get("code_role") if line.get("code_role") in (CODE, LABEL) else None
    if role is None and line.get("code_table"):
        role = LABEL if line["en"].endswith("_name") else CODE
    return Field(
        send, line["en"], line["name_zh"],
        line.get("type", "String"),
        required=line.get("required", False),
        encrypted=line.get("encrypted", False),
        masked=line.get("masked", False),
        table=line.get("code_table"),
        role=role,
        values=tuple((line.get("values") or {}).items()),
        boolean=(yes_no["true"], yes_no["false"]) if yes_no else None,
        format=FORMATS.get(str(line.get("format"))),
        condition=one_of(*names) if names else None,
        accept=tuple(accept[:10]),
        max_length=line.get("max_length", MAX_TEXT),
    )  # fmt: skip
