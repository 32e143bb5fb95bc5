"""The sandbox's pages about a client's calls: every request, conformance clause by clause, what is limited and broken now."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.conformance import Finding
from sandbox.pages import CONTROLS, _e, _shell, titles
from sandbox.store import Request, _moment
from standard import wire

BACK = '<a href="/">返回列表</a>'
MARKS = {"good": ("符合", ""), "bad": ("不符合", " bad"), "unseen": ("未涉及", "")}


def requests(rows: Sequence[tuple[int, Request]]) -> str:
    """The newest calls; never with a value of them."""
    told = "".join(
        f"<tr><td>{number}</td><td>{_e(wire.moment(_moment(one.at)))}</td><td>{_e(one.clause)} {_e(titles().get(one.clause, '未知接口'))}</td>"
        f"<td>{_e(one.address)}</td><td>{one.status or '中断'}</td><td>{'' if one.code is None else one.code}</td>"
        f"<td>{one.ms:.1f}</td><td>{one.body_bytes:,}</td><td>{one.records}</td><td>{_e(one.fault)}</td></tr>"
        for number, one in rows
    )
    heads = ("序号", "时间", "接口", "来源", "HTTP", "返回码", "毫秒", "字节", "条数", "故障")
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = f"<table><thead><tr>{head}</tr></thead><tbody>{told}</tbody></table>"
    return _shell("全部请求", BACK, body if rows else '<p class="empty">还没有请求。</p>')


def findings(rows: Sequence[Finding]) -> str:
    """The report, to read and to print."""
    counts = {state: sum(one.state == state for one in rows) for state in MARKS}
    told = "".join(
        f'<tr><td>{_e(one.clause)}</td><td>{_e(one.demand)}</td><td><span class="mark{MARKS[one.state][1]}">'
        f"{MARKS[one.state][0]}</span></td><td>{_e(one.evidence)}</td></tr>"
        for one in rows
    )
    summary = f"<p>符合 {counts['good']} 项,不符合 {counts['bad']} 项,未涉及 {counts['unseen']} 项。依据为最近一万次请求。</p>"
    body = (
        f"<h2>客户端符合性报告</h2>{summary}<table><thead><tr><th>条款</th><th>要求</th><th>结论</th><th>证据</th></tr></thead>"
        f"<tbody>{told}</tbody></table>"
    )
    return _shell("符合性报告", BACK, body)


KIND_NAMES = {
    "500": "返回 5xx", "reset-before": "处理前断开", "reset-after": "处理后断开", "slow": "应答缓慢", "not-json": "返回非 JSON",
    "throttled": "频率限制", "expired-token": "令牌过期", "quota": "配额用完", "window": "不在时段", "ip": "IP 被拒", "refused": "拒绝记录",
}  # fmt: skip


def control(faults: Mapping[str, Any], limits: Mapping[str, Any]) -> str:
    """What is limited and what goes wrong on purpose, and the switches for both."""
    body = (
        '<p id="said" role="alert"></p>'
        f"<article><h2>故障</h2>{_faults(faults)}</article>"
        f"<article><h2>接口限制(9.2.2、9.2.3)</h2>{_limits(limits)}</article>"
        f"<article><h2>允许的调用地址(9.2.1)</h2>{_addresses(limits)}</article>"
        f"<p>{_button('使所有令牌失效', {'expire_tokens': True})} {_button('全部恢复正常', {'reset': True, 'allow': []})}</p>"
        "<p>自动化测试可用 POST /sandbox/control 修改,格式见 README。</p>"
    )
    return _shell("限制与故障", BACK, body, live=False, script=CONTROLS)


def _button(label: str, asked: Mapping[str, Any]) -> str:
    return f'<button type="button" data-set="{_e(json.dumps(asked))}">{_e(label)}</button>'


def _faults(faults: Mapping[str, Any]) -> str:
    kinds = "".join(
        f'<label><input type="checkbox" name="kind" value="{kind}"{" checked" if kind in faults["kinds"] else ""}> {name}</label>'
        for kind, name in KIND_NAMES.items()
    )
    waiting = "、".join(KIND_NAMES[kind] for kind in faults["next"]) or "无"
    buttons = " ".join(_button(name, {"faults": {"next": [kind]}}) for kind, name in KIND_NAMES.items())
    return (
        f'<form id="faults"><label>随机故障比例 <input type="number" name="share" min="0" max="100" step="0.1" '
        f'value="{faults["rate"] * 100:g}"> %</label><div class="choices">{kinds}</div><button>保存</button></form>'
        f'<p>下一次请求就发生:</p><div class="choices">{buttons}</div><p>排队中:{_e(waiting)}</p>'
    )


def _limits(limits: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{_e(clause)} {_e(titles().get(clause, ''))}</td><td>{one['concurrency'] or '不限'}</td>"
        f"<td>{limits['used_today'].get(clause, 0)} / {one['daily_quota'] or '不限'}</td><td>{_e(one['hours'] or '全天')}</td>"
        f"<td>{_e(one['valid_until'] or '长期')}</td><td>{'无权限' if one['denied'] else ''}</td></tr>"
        for clause, one in limits["limits"].items()
    )
    heads = ("接口", "并发", "今日/配额", "时段", "有效期至", "权限")
    table = f"<table><thead><tr>{''.join(f'<th>{one}</th>' for one in heads)}</tr></thead><tbody>{rows}</tbody></table>"
    choices = "".join(
        f'<option value="{_e(clause)}">{_e(clause)} {_e(name)}</option>' for clause, name in titles().items()
    )
    return (
        f"{table if rows else '<p>没有限制。</p>'}"
        f'<form id="limit"><label>接口 <select name="clause">{choices}</select></label>'
        '<label>并发 <input type="number" name="concurrency" min="0" max="1000000" value="0"></label>'
        '<label>每日配额 <input type="number" name="daily_quota" min="0" max="1000000" value="0"></label>'
        '<label>时段 <input name="hours" placeholder="08:00-20:00" pattern="[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}"></label>'
        '<label>有效期至 <input type="date" name="valid_until"></label>'
        '<label><input type="checkbox" name="denied"> 无权限</label><button>保存</button></form><p>0 和空白表示不限。</p>'
    )


def _addresses(limits: Mapping[str, Any]) -> str:
    return (
        f'<form id="allow"><label>网段 <input name="allow" value="{_e(" ".join(limits["allow"]))}" '
        'placeholder="10.0.0.0/8 127.0.0.0/8"></label><button>保存</button></form><p>空白表示任何地址都可以调用。</p>'
    )
