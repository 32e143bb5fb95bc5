"""Which route lets whom do what, as data (data/permissions.csv): the tests walk every route of the portal against it.

A cell names the verb a method needs (`a|b`: either, `a&b`: both); `+` is everybody who signed in, `*` everybody, empty nobody. `verb@all` needs a post
for all communities. `reach` says what the address names: a record of one community, a list (of what one may see), oneself.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from accounts.roles import ADMINISTRATORS, ROLES, VERBS, Role

TABLE = Path(__file__).parent / "data" / "permissions.csv"
METHODS = ("GET", "POST", "PUT", "DELETE")
REACHES = {"record", "list", "self", "open"}
SIGNED_IN, ANYBODY, EVERYWHERE = "+", "*", "@all"
HEAD = """# 权限矩阵 Permissions

由 `python manage.py permissions --write` 从路由表 `accounts/data/permissions.csv` 和角色表生成;测试逐个路由、方法、角色、小区核对。
格内为该角色可用的方法:G 查看,P 提交,U 修改,D 删除。“记录”只限本人岗位所在小区的记录;“列表”只列出看得见的;“本人”只及自己的账号;“公开”无须登录。
三种管理员的岗位通常是全部小区。
"""
REACH_NAMES = {"record": "记录", "list": "列表", "self": "本人", "open": "公开"}


@dataclass(frozen=True, slots=True)
class Route:
    """One row: what each method needs."""

    name: str
    reach: str
    needs: dict[str, str]

    def allows(self, role: Role, method: str, *, everywhere: bool) -> bool:
        """May the role use the method, where its post reaches? `everywhere`: the post is for all communities."""
        need = self.needs.get(method, "")
        if need in (SIGNED_IN, ANYBODY):
            return True
        verbs, _, demand = need.partition("@")
        held = all(role.verbs & set(one.split("|")) for one in verbs.split("&"))
        return bool(need) and held and (not demand or everywhere)


@cache
def routes() -> dict[str, Route]:
    """Every row by its route."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        found = {row["route"]: _route(row) for row in rows}
    return found


def _route(row: dict[str, str]) -> Route:
    needs = {method: row[method] for method in METHODS}
    verbs = {verb for need in needs.values() for verb in re.split(r"[|&]", need.partition("@")[0])}
    if unknown := verbs - set(VERBS) - {"", SIGNED_IN, ANYBODY}:
        raise ValueError(f"{row['route']}: unknown verbs {sorted(unknown)}")
    if row["reach"] not in REACHES:
        raise ValueError(f"{row['route']}: reach is one of {sorted(REACHES)}")
    return Route(row["route"], row["reach"], needs)


def known_routes(resolver: Any = None, spaces: tuple[str, ...] = (), prefix: str = "") -> Iterator[tuple[str, str]]:
    """(name, pattern) of every address of the URL configuration; nameless ones of the admin (they redirect) are "admin:?"."""
    for found in (resolver or get_resolver()).url_patterns:
        text = prefix + str(found.pattern)
        if isinstance(found, URLPattern):
            yield ":".join([*spaces, found.name or "?"]), text
        else:
            inner = (*spaces, found.namespace) if found.namespace else spaces
            yield from known_routes(found, inner, text)


def matrix() -> str:
    """The table as a Markdown page: a line a route, a column a role."""
    names = " | ".join(str(role.name) for role in ROLES.values())
    lines = [HEAD, f"| 路由 | 范围 | {names} |", "|---" * (len(ROLES) + 2) + "|"]
    for route in routes().values():
        cells = " | ".join(_cell(route, role) for role in ROLES.values())
        lines.append(f"| `{route.name}` | {REACH_NAMES[route.reach]} | {cells} |")
    return "\n".join(lines) + "\n"


def _cell(route: Route, role: Role) -> str:
    letters = zip(METHODS, "GPUD", strict=True)
    everywhere = role.code in ADMINISTRATORS
    return "".join(one for method, one in letters if route.allows(role, method, everywhere=everywhere)) or "—"
