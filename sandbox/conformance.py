"""Does this client keep to section 9 and Appendix B? Clause by clause, with the evidence of the request log. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sandbox import refusals
from standard import interfaces, messages

State = Literal["good", "bad", "unseen"]
LARGEST_SKEW = 300.0  # seconds between a request's own time and ours
GRACE_SIGN_INS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One demand: its clause, what it demands, kept or not (or not seen yet), the evidence."""

    clause: str
    demand: str
    state: State
    evidence: str


Figures = Sequence[Mapping[str, Any]]


def judge(
    figures: Figures, codes: Mapping[tuple[str, int], int], held: Mapping[str, int], peak: Mapping[str, int], ttl: float
) -> list[Finding]:
    """`figures` as Store.figures, `codes` refusals by (interface, code), `held` records by interface, `peak` calls at once."""
    return [
        *_section_9(figures, codes, ttl),
        *_appendix_b({row["clause"]: row for row in figures}, codes, held, peak),
    ]


def _kept(clause: str, demand: str, seen: bool, good: bool, evidence: str) -> Finding:
    return Finding(clause, demand, ("good" if good else "bad") if seen else "unseen", evidence)


def _section_9(figures: Figures, codes: Mapping[tuple[str, int], int], ttl: float) -> Iterator[Finding]:
    seen = bool(figures)
    calls = [row for row in figures if row["clause"] not in ("", "B.1.1")]

    def of(code: int) -> int:
        return sum(count for (_clause, one), count in codes.items() if one == code)

    yield _kept("9.2.1", "从允许的 IP 地址调用", seen, not of(refusals.ADDRESS), f"被拒 {of(refusals.ADDRESS)} 次")
    for code, what in ((refusals.THROTTLED, "并发"), (refusals.QUOTA, "配额"), (refusals.WINDOW, "时段")):
        yield _kept("9.2.2", f"遵守{what}限制", seen, of(code) <= 3, f"越限 {of(code)} 次(允许摸索 3 次)")
    yield _kept("9.2.3", "只访问有权限的资源", seen, of(refusals.RIGHT) <= 3, f"被拒 {of(refusals.RIGHT)} 次")
    signs = sum(row["calls"] for row in figures if row["clause"] == "B.1.1")
    span = max((row["last"] for row in figures), default=0) - min((row["first"] for row in figures), default=0)
    allowed = GRACE_SIGN_INS + 2 * span / max(ttl, 1.0)
    yield _kept(
        "9.3.1",
        "令牌有效期内复用,不频繁登录",
        signs > 0,
        signs <= allowed,
        f"登录 {signs} 次,跨度 {span / 60:.0f} 分钟",
    )
    bare = sum(row["tokenless"] for row in calls)
    yield _kept("9.3.1", "调用携带令牌", bool(calls), not bare, f"未携带 {bare} 次")
    shape = of(refusals.NOT_JSON)
    yield _kept("9.3.3", "POST 提交 JSON", seen, not shape, f"格式不对 {shape} 次")
    longest = max((row["url_bytes"] for row in figures), default=0)
    yield _kept("9.3.5", "URL 不超过 2048 字节", seen, longest <= messages.MAX_URL_BYTES, f"最长 {longest} 字节")
    largest = max((row["body_bytes"] for row in figures), default=0)
    yield _kept("9.3.5", "请求体不超过 20 MB", seen, largest <= messages.MAX_BODY_BYTES, f"最大 {largest / 1e6:.2f} MB")
    common = of(refusals.COMMON) + of(refusals.CLIENT)
    yield _kept("9.4.2", "公共参数齐全", seen, not common, f"有误 {common} 次")
    skew = max((row["skew"] or 0.0 for row in figures), default=0.0)
    yield _kept("9.4.2", "时间戳与北京时间一致", seen, skew <= LARGEST_SKEW, f"最大相差 {skew:.0f} 秒")


def _appendix_b(
    rows: Mapping[str, Mapping[str, Any]], codes: Mapping[tuple[str, int], int], held: Mapping[str, int],
    peak: Mapping[str, int],
) -> Iterator[Finding]:  # fmt: skip
    for one in interfaces.every():
        row = rows.get(one.clause)
        if row is None:
            yield Finding(one.clause, one.title, "unseen", "还没有调用过")
            continue
        wrong = codes.get((one.clause, refusals.FIELD), 0) + codes.get((one.clause, refusals.LIMIT), 0)
        told = [
            f"调用 {row['calls']} 次,成功 {row['taken'] or 0} 次,内容被拒 {wrong} 次,同时最多 {peak.get(one.clause, 1)} 个"
        ]
        if one.direction == "push":
            told.append(f"现存 {held.get(one.clause, 0)} 条")
        if one.batch:
            told.append(f"每次最多 {row['records']} 条(上限 {one.batch.limit})")
        orphans = codes.get((one.clause, refusals.ORPHAN), 0) + codes.get((one.clause, refusals.NO_DEVICE), 0)
        if orphans:
            told.append(f"先于所依赖的记录 {orphans} 次")
        good = bool(row["taken"]) and wrong <= max(1, row["calls"] // 100) and orphans <= max(1, row["calls"] // 100)
        good = good and (one.batch is None or row["records"] <= one.batch.limit)
        yield Finding(one.clause, one.title, "good" if good else "bad", ",".join(told))
