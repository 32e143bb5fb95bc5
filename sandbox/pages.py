"""The sandbox's pages: what arrived, decrypted, newest first. For the machine it runs on, and they say so."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sandbox.store import Held, Refusal, Revision
from standard import codes, interfaces, wire
from standard.fields import CODE, LABEL, Field

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "page.css").read_text(encoding="utf-8")
SCRIPT = (FOLDER / "page.js").read_text(encoding="utf-8")
CONTROLS = (FOLDER / "control.js").read_text(encoding="utf-8")
ROWS = 50
MAX_SHOWN_CHARS = 300
MORE = (("/requests", "全部请求"), ("/conformance", "符合性报告"), ("/control", "限制与故障"))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


POLICY = (
    f"default-src 'none'; style-src 'sha256-{_hash(STYLE)}'; script-src 'sha256-{_hash(SCRIPT)}' 'sha256-{_hash(CONTROLS)}'; "
    "img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def titles() -> dict[str, str]:
    """Chinese titles of all interfaces by clause."""
    return {one.clause: one.title for one in interfaces.every()}


def _e(value: object) -> str:
    return escape(str(value), quote=True)


def _shell(title: str, nav: str, main: str, *, live: bool = True, script: str = "") -> str:
    refresh = '<noscript><meta http-equiv="refresh" content="5"></noscript>' if live else ""
    script = script or (SCRIPT if live else "")
    script = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{refresh}<title>{_e(title)} · 演示用上级平台</title><style>{STYLE}</style></head><body>"
        '<header><h1><a href="/">演示用上级平台</a> · 仅本机</h1>'
        "<p>以下内容由本平台的 SM2 私钥解密后显示,只供演示和联调,不要接收真实居民的数据。</p></header>"
        f"<nav>{nav}</nav><main>{main}</main>{script}</body></html>"
    )


# --- one record ------------------------------------------------------------------------------------------------------
def _field(clause: str, name: str) -> Field | None:
    wanted = name.replace(" ", "")
    return next((one for one in interfaces.get(clause).request if wanted in one.spellings), None)


def _text(one: Field | None, value: Any) -> str:
    """A value for people: the name of a code, 是 or 否 of a boolean, the length of a list."""
    if isinstance(value, list):
        return f"{len(value)} 项"
    text = str(value)
    if one is not None and one.role == CODE and one.table:
        known = codes.table(one.table).names.get(text)
        text = f"{text} {known}" if known else text
    elif one is not None and one.values:
        text = dict(one.values).get(text, text)
    return text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…"


def _spoken(clause: str, clear: Mapping[str, Any]) -> Iterable[tuple[str, Field | None, Any]]:
    """The fields worth a look in a list: no names of codes beside their codes, not the registration code."""
    tables = {one.table for name in clear if (one := _field(clause, name)) and one.role == CODE}
    for name, value in clear.items():
        one = _field(clause, name)
        if one is not None and (one.en == "registration_code" or (one.role == LABEL and one.table in tables)):
            continue
        yield name, one, value


def _line(name: str, one: Field | None, value: Any, *, wire_name: bool = False) -> str:
    title = one.zh if one else f"{name[:40]}(标准未规定)"
    code = f" <code>{_e(name[:40])}</code>" if wire_name and one else ""
    lock = ' <span class="lock" title="以 SM2 密文送达">密文送达</span>' if one and one.encrypted else ""
    return f"<div><dt>{_e(title)}{code}</dt><dd>{_e(_text(one, value))}{lock}</dd></div>"


def _pictures(clause: str, digests: Mapping[str, str]) -> str:
    links = []
    for name, digest in digests.items():
        one = _field(clause, name)
        title = _e(one.zh if one else name)
        links.append(
            f'<a href="/pictures/{_e(digest)}"><img loading="lazy" src="/pictures/{_e(digest)}" alt="{title}">{title}</a>'
        )
    return f'<div class="pictures">{"".join(links)}</div>' if links else ""


def _heading(held: Held, places: Mapping[str, str], *, link: bool) -> str:
    title = _e(f"{held.clause} {titles().get(held.clause, '')}")
    times = f'<span class="mark">收到 {held.times} 次</span>' if held.times > 1 else ""
    gone = '<span class="mark bad">已删除</span>' if held.gone else ""
    named = f'<a href="/records/{held.sequence}">{title}</a>' if link else title
    place = places.get(held.place, held.place)
    return (
        f"<h2>{named}<small><time>{_e(wire.moment(held.latest_at))}</time> · {_e(place)} · {held.size:,} 字节</small>"
        f"{times}{gone}</h2>"
    )


def _card(held: Held, places: Mapping[str, str]) -> str:
    lines = "".join(_line(*parts) for parts in _spoken(held.clause, held.clear))
    kind = ' class="gone"' if held.gone else ""
    pictures = _pictures(held.clause, held.pictures)
    return f"<article{kind}>{_heading(held, places, link=True)}<dl>{lines}</dl>{pictures}</article>"


# --- the pages -------------------------------------------------------------------------------------------------------
def _chip(label: str, count: int, address: str, *, here: bool, kind: str = "") -> str:
    current = ' aria-current="page"' if here else ""
    named = f' class="{kind}"' if kind else ""
    return f'<a href="{_e(address)}"{current}{named}>{_e(label)} <b>{count}</b></a>'


def front(
    rows: Sequence[Held],
    counts: Mapping[str, int],
    chosen: str,
    places: Mapping[str, str],
    refused: int,
    before: int | None,
) -> str:
    """What arrived, newest first. `rows` may hold one more than is shown: then there is more."""
    chips = [_chip("全部", sum(counts.values()), "/", here=not chosen)]
    chips += [
        _chip(
            f"{clause} {title}", counts.get(clause, 0), "/?" + urlencode({"interface": clause}), here=clause == chosen
        )
        for clause, title in titles().items()
        if counts.get(clause) or clause == chosen
    ]
    chips.append(_chip("最近拒绝", refused, "/refusals", here=False, kind="refused"))
    chips += [f'<a href="{address}">{label}</a>' for address, label in MORE]
    cards = "".join(_card(row, places) for row in rows[:ROWS])
    body = cards or '<p class="empty">还没有收到记录。在门户登记人员、房屋后,几秒内会自动上报到这里。</p>'
    if len(rows) > ROWS:
        older = urlencode({**({"interface": chosen} if chosen else {}), "before": rows[ROWS - 1].latest})
        body += f'<a class="more" href="/?{_e(older)}">更早的记录</a>'
    return _shell("收到的记录", "".join(chips), body, live=before is None)


def detail(held: Held, revisions: Sequence[Revision], places: Mapping[str, str]) -> str:
    """One record with every field, and how it came to be."""
    lines = "".join(_line(name, _field(held.clause, name), value, wire_name=True) for name, value in held.clear.items())
    tracks = "".join(
        _tracks(one, value)
        for name, value in held.clear.items()
        if isinstance(value, list) and (one := _field(held.clause, name))
    )
    history = "".join(
        _revision(held.clause, one, older) for one, older in zip(revisions, [*revisions[1:], None], strict=True)
    )
    main = (
        f"<article>{_heading(held, places, link=False)}<dl><div><dt>平台编号</dt><dd>{_e(held.identifier)}</dd></div>"
        f"{lines}</dl>{tracks}{_pictures(held.clause, held.pictures)}</article>"
        "<h2>接收历史</h2><table><thead><tr><th>时间</th><th>大小</th><th>与上一次相比</th></tr></thead>"
        f"<tbody>{history}</tbody></table>"
    )
    back = "/?" + urlencode({"interface": held.clause})
    return _shell(titles().get(held.clause, ""), f'<a href="{_e(back)}">返回列表</a>', main, live=False)


def _tracks(one: Field, rows: Sequence[Any]) -> str:
    inner = {name: item for item in one.items for name in item.spellings}
    told = [
        "".join(_line(str(name), inner.get(str(name)), value) for name, value in row.items())
        for row in rows[:20]
        if isinstance(row, dict)
    ]
    return "".join(f"<h2>{_e(one.zh)} {number}</h2><dl>{lines}</dl>" for number, lines in enumerate(told, 1))


def _revision(clause: str, one: Revision, older: Revision | None) -> str:
    if one.withdrawal:
        said = "删除"
    elif older is None:
        said = "最早留存的一次"
    else:
        names = [
            name
            for name in {**older.clear, **one.clear, **older.pictures, **one.pictures}
            if older.clear.get(name) != one.clear.get(name) or older.pictures.get(name) != one.pictures.get(name)
        ]
        changed = [field.zh if (field := _field(clause, name)) else name for name in names]
        said = "改动:" + "、".join(changed) if changed else "内容相同"
    return f"<tr><td>{_e(wire.moment(one.at))}</td><td>{one.size:,} 字节</td><td>{_e(said)}</td></tr>"


def refusals(rows: Sequence[Refusal]) -> str:
    """Calls that were refused, and why; never with the values."""
    told = "".join(
        f"<tr><td>{_e(wire.moment(one.at))}</td><td>{_e(one.clause)} {_e(titles().get(one.clause, '未知接口'))}</td>"
        f"<td>{one.code}</td><td>{_e(one.message)}</td></tr>"
        for one in rows
    )
    body = (
        "<table><thead><tr><th>时间</th><th>接口</th><th>返回码</th><th>原因</th></tr></thead>"
        f"<tbody>{told}</tbody></table>"
        if rows
        else '<p class="empty">还没有拒绝过请求。</p>'
    )
    return _shell("最近拒绝", '<a href="/">返回列表</a>', body)
