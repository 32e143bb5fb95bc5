"""The sandbox's page: what arrived, decrypted, newest first. For the machine it runs on, and it says so."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from standard import interfaces

STYLE = """
body{margin:0;font:16px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;background:#f5f7fa;color:#1f2937}
header{background:#1e3a5f;color:#fff;padding:14px 20px}header h1{font-size:20px;margin:0}header p{margin:2px 0 0;opacity:.85;font-size:14px}
nav{padding:10px 20px;display:flex;flex-wrap:wrap;gap:8px}nav a{padding:6px 12px;border-radius:16px;background:#e2e8f0;color:#1e3a5f;text-decoration:none}
nav a.on{background:#2563eb;color:#fff}main{padding:0 20px 40px;max-width:1200px;margin:auto}
article{background:#fff;border:1px solid #e2e8f0;border-radius:8px;margin:10px 0;padding:12px 16px}
article h2{font-size:15px;margin:0 0 6px}article time{color:#64748b;font-weight:400;margin-left:8px}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:2px 18px;margin:0}dl div{display:flex;gap:6px;min-width:0}
dt{color:#64748b;flex:none}dd{margin:0;overflow-wrap:anywhere}dd.sealed::after{content:" 密";color:#15803d;font-size:12px;margin-left:4px}img{max-height:120px;border-radius:4px}
@media(prefers-color-scheme:dark){body{background:#0f172a;color:#e2e8f0}article{background:#1e293b;border-color:#334155}nav a{background:#334155;color:#e2e8f0}}
"""


def _value(name: str, one: Any, value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} 项"
    if one is not None and one.format == "base64":
        return f'<img alt="图片" src="data:image/jpeg;base64,{escape(str(value), quote=True)}">'
    return escape(str(value))


def _record(row: Mapping[str, Any]) -> str:
    request = interfaces.get(row["interface"]).request
    fields = {name: one for one in request for name in one.spellings} | {one.wire: one for one in request}
    parts = []
    for name, value in row["record"].items():
        one = fields.get(name)
        title = f"{one.zh}" if one else name
        sealed = ' class="sealed" title="SM2 加密送达"' if one and one.encrypted else ""
        parts.append(
            f'<div><dt title="{escape(name, quote=True)}">{escape(title)}</dt><dd{sealed}>{_value(name, one, value)}</dd></div>'
        )
    interface = interfaces.get(row["interface"])
    times = f" · 第 {row['times']} 次" if row["times"] > 1 else ""
    head = f"{escape(interface.clause)} {escape(interface.title)}<time>{escape(row['received'])}{times}</time>"
    return f"<article><h2>{head}</h2><dl>{''.join(parts)}</dl></article>"


def front(rows: Sequence[Mapping[str, Any]], counts: Mapping[str, int], chosen: str) -> str:
    """The whole page."""
    links = [f'<a href="/"{" class=on" if not chosen else ""}>全部 {sum(counts.values())}</a>']
    for one in interfaces.ALL:
        if counts.get(one.clause):
            on = " class=on" if one.clause == chosen else ""
            links.append(
                f'<a href="/?interface={quote(one.clause)}"{on}>{one.clause} {escape(one.title)} {counts[one.clause]}</a>'
            )
    body = "".join(map(_record, rows)) or "<p>还没有收到记录。门户登记人员、房屋后会自动上报到这里。</p>"
    return (
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="refresh" content="5"><title>模拟上级平台</title><style>{STYLE}</style>'
        "<header><h1>演示用上级平台</h1><p>仅本机可见 · 以下内容由本平台的 SM2 私钥解密,最新的在最上面</p></header>"
        f"<nav>{''.join(links)}</nav><main>{body}</main></html>"
    )
