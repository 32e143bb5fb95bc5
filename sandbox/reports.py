"""The sandbox's pages about a client's calls: every request, conformance clause by clause, what is limited and broken now."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.conformance import Finding
from sandbox.pages import _TITLES, _e, _shell
from sandbox.store import Request, _moment
from standard import wire

BACK = '<a href="/">返回列表</a>'
MARKS = {"good": ("符合", ""), "bad": ("不符合", " bad"), "unseen": ("未涉及", "")}


def requests(rows: Sequence[tuple[int, Request]]) -> str:
    """The newest calls; never with a value of them."""
    told = "".join(
        f"<tr><td>{number}</td><td>{_e(wire.moment(_moment(one.at)))}</td><td>{_e(one.clause)} {_e(_TITLES.get(one.clause, '未知接口'))}</td>"
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


def control(faults: Mapping[str, Any], limits: Mapping[str, Any]) -> str:
    """What is limited and what goes wrong on purpose, and how to change it."""
    example = 'curl -d \'{"limits": {"B.2.2": {"concurrency": 1, "hours": "08:00-20:00"}}, "faults": {"next": ["500"]}}\' .../sandbox/control'
    facts = json.dumps({"faults": faults, **limits}, ensure_ascii=False, indent=2)
    body = (
        f"<h2>现在的限制与故障</h2><pre>{_e(facts)}</pre><p>用 POST /sandbox/control 修改,不必重启:</p><pre>{_e(example)}</pre>"
        "<p>limits 按接口设 concurrency、daily_quota、hours、valid_until、denied;allow 为允许的网段;faults 设 rate、kinds,next 为接下来几次请求的故障;"
        "expire_tokens 使所有令牌失效;reset 恢复原状。</p>"
    )
    return _shell("限制与故障", BACK, body)
