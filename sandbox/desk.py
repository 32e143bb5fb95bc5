"""The sandbox's own addresses, for the machine it runs on: its page, and what tests read. No interface is among them."""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from guomi import sm2
from sandbox import conformance, pages, reports
from sandbox.faults import Faults
from sandbox.judge import Judge
from sandbox.store import Held, Revision
from standard import envelope, wire

HTML, JSON, TEXT = "text/html; charset=utf-8", "application/json; charset=UTF-8", "text/plain; charset=utf-8"
SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
FOREVER = SAFE | {"Cache-Control": "private, max-age=31536000, immutable"}
PICTURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"GIF8", "image/gif"), (b"BM", "image/bmp"))
NUMBER = re.compile(r"\d{1,15}")
DEFAULT_ROWS = 100
CONTROLS = {"faults", "limits", "allow", "expire_tokens", "reset"}
MAX_ANSWER_BYTES = 16 * 1024 * 1024  # a reading stops at the record that passes this; ask again with `after`
NAMES_OF_THIS_MACHINE = {"127.0.0.1", "localhost", "[::1]"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: HTTP status, content type, content, more headers."""

    status: int
    kind: str
    content: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: SAFE)

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> "Reply":
        """A value as JSON."""
        return cls(status, JSON, json.dumps(value, ensure_ascii=False).encode(), SAFE | dict(headers or {}))

    @classmethod
    def page(cls, text: str) -> "Reply":
        """A page of the sandbox; it may load nothing but its own pictures."""
        return cls(200, HTML, text.encode(), SAFE | {"Content-Security-Policy": pages.POLICY})


class Desk:
    """Shows what the store holds."""

    def __init__(self, judge: Judge, faults: Faults) -> None:
        self.store, self.rules, self.limits, self.faults = judge.store, judge.rules, judge.limits, faults
        self._shown: dict[str, Callable[[dict[str, str]], Reply]] = {
            "/": self._front,
            "/refusals": self._refusals_page,
            "/sandbox/records": self._records,
            "/sandbox/refusals": self._refusals,
            "/sandbox/public-key": self._public_key,
            "/sandbox/health": self._health,
            "/requests": self._requests_page,
            "/conformance": self._conformance_page,
            "/control": self._control_page,
            "/sandbox/requests": self._requests,
            "/sandbox/conformance": self._conformance,
            "/sandbox/control": self._control,
        }
        self._numbered: dict[str, Callable[[str], Reply | None]] = {
            "/records": self._record_page,
            "/sandbox/records": self._record,
            "/pictures": self._picture,
        }
        self._deeds: dict[str, Callable[[bytes], Reply]] = {
            "/sandbox/clear": self._clear,
            "/sandbox/control": self._set,
        }

    def knows(self, path: str) -> bool:
        """Is this one of the desk's addresses?"""
        return path in self._shown or path in self._deeds or path.rpartition("/")[0] in self._numbered

    def admits(self, address: str, headers: Message) -> bool:
        """Only this machine, and no page of another site that borrowed a name for it."""
        try:
            near = ipaddress.ip_address(address.removeprefix("::ffff:")).is_loopback
        except ValueError:
            near = False
        origin = headers.get("Origin")
        return near and _ours(headers.get("Host", "")) and (origin is None or _ours(urlsplit(origin).netloc))

    def show(self, path: str, query: dict[str, str]) -> Reply:
        """GET."""
        if shown := self._shown.get(path):
            return shown(query)
        head, _, last = path.rpartition("/")
        numbered = self._numbered.get(head)
        return (numbered(last) if numbered else None) or Reply.json(envelope.answer(404, "没有这一条"), 404)

    def do(self, path: str, body: bytes = b"") -> Reply:
        """POST."""
        deed = self._deeds.get(path)
        return deed(body) if deed else Reply.json(envelope.answer(405, "此地址只读"), 405, {"Allow": "GET"})

    # --- pages -------------------------------------------------------------------------------------------------------
    def _front(self, query: dict[str, str]) -> Reply:
        chosen = query.get("interface", "")
        chosen = chosen if chosen in pages.titles() else ""
        before = int(query["before"]) if NUMBER.fullmatch(query.get("before", "")) else None
        rows = self.store.newest(chosen, before=before, limit=pages.ROWS + 1)
        refused = len(self.store.refusals())
        return Reply.page(pages.front(rows, self.store.counts(), chosen, self.rules.account.places, refused, before))

    def _record_page(self, text: str) -> Reply | None:
        held = self._held(text)
        return held and Reply.page(pages.detail(held, self.store.revisions(held.sequence), self.rules.account.places))

    def _refusals_page(self, _query: dict[str, str]) -> Reply:
        return Reply.page(pages.refusals(self.store.refusals()))

    def _picture(self, digest: str) -> Reply | None:
        content = self.store.picture(digest) if re.fullmatch(r"[0-9a-f]{64}", digest) else None
        if content is None:
            return None
        kind = next((kind for magic, kind in PICTURES if content.startswith(magic)), "application/octet-stream")
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            kind = "image/webp"
        return Reply(200, kind, content, FOREVER | {"Content-Security-Policy": "default-src 'none'; sandbox"})

    # --- readings ----------------------------------------------------------------------------------------------------
    def _records(self, query: dict[str, str]) -> Reply:
        after, limit = query.get("after", "0"), query.get("limit", str(DEFAULT_ROWS))
        if not (NUMBER.fullmatch(after) and NUMBER.fullmatch(limit)):
            return Reply.json(envelope.answer(400, "after 和 limit 应为数字"), 400)
        found, size = [], 0
        rows = self.store.rows(
            query.get("interface", ""), after=int(after), limit=int(limit), gone=query.get("withdrawn") == "1"
        )
        for row in rows:
            found.append(self._told(row))
            size += row.size
            if size > MAX_ANSWER_BYTES:
                break
        return Reply.json({"records": found})

    def _record(self, text: str) -> Reply | None:
        held = self._held(text)
        if held is None:
            return None
        revisions = [self._revision(one) for one in self.store.revisions(held.sequence)]
        return Reply.json({"record": self._told(held), "revisions": revisions})

    def _told(self, row: Held) -> dict[str, Any]:
        return {
            "sequence": row.sequence,
            "id": row.identifier,
            "interface": row.clause,
            "place": row.place,
            "received": wire.moment(row.latest_at),
            "first_received": wire.moment(row.first_at),
            "times": row.times,
            "bytes": row.size,
            "withdrawn": row.gone,
            "record": self._whole(row),
        }

    def _revision(self, one: Revision) -> dict[str, Any]:
        return {
            "number": one.number,
            "received": wire.moment(one.at),
            "bytes": one.size,
            "withdrawal": one.withdrawal,
            "record": self._whole(one),
        }

    def _whole(self, row: Held | Revision) -> dict[str, Any]:
        pictures = self.store.pictures(row.pictures)
        return dict(row.clear) | {name: base64.b64encode(content).decode() for name, content in pictures.items()}

    def _refusals(self, _query: dict[str, str]) -> Reply:
        rows = [
            {"at": wire.moment(one.at), "interface": one.clause, "code": one.code, "message": one.message}
            for one in self.store.refusals()
        ]
        return Reply.json({"refusals": rows})

    def _public_key(self, _query: dict[str, str]) -> Reply:
        form = self.rules.form
        return Reply.json(
            {
                "public_key": "04" + sm2.public_of(self.rules.private_key).hex(),
                "cipher": {"order": form.order, "prefix": form.prefix, "encoding": form.encoding},
            }
        )

    def _health(self, _query: dict[str, str]) -> Reply:
        return Reply.json({"ok": True, "counts": self.store.counts()})

    def _clear(self, _body: bytes) -> Reply:
        self.store.clear()
        return Reply.json({"ok": True})

    # --- faults and limits -------------------------------------------------------------------------------------------
    def _control(self, _query: dict[str, str]) -> Reply:
        return Reply.json({"faults": self.faults.told(), **self.limits.told()})

    def _set(self, body: bytes) -> Reply:
        """{"faults": {"rate", "kinds", "next"}, "limits": {clause: {...}}, "allow": [...], "expire_tokens": true, "reset": true}."""
        try:
            asked = json.loads(body or b"{}")
            if not isinstance(asked, dict) or set(asked) - CONTROLS:
                raise ValueError(f"one object with {', '.join(sorted(CONTROLS))}")
            if asked.get("reset"):
                self.limits.clear()
                self.faults.clear()
            faults = dict(asked.get("faults") or {})
            following = faults.pop("next", None)
            if set(faults) - {"rate", "kinds"}:
                raise ValueError("faults have rate, kinds, next")
            self.limits.set(asked.get("limits"), asked.get("allow"))
            self.faults.set(following=following, **faults)
        except (ValueError, TypeError, AttributeError) as error:
            return Reply.json(envelope.answer(400, str(error)[:300]), 400)
        if asked.get("expire_tokens"):
            self.store.drop_tokens()
        return self._control({})

    def _control_page(self, _query: dict[str, str]) -> Reply:
        return Reply.page(reports.control(self.faults.told(), self.limits.told()))

    # --- calls and conformance ---------------------------------------------------------------------------------------
    def _requests_page(self, _query: dict[str, str]) -> Reply:
        return Reply.page(reports.requests(self.store.requests(newest=True)))

    def _requests(self, query: dict[str, str]) -> Reply:
        after = query.get("after", "0")
        if not NUMBER.fullmatch(after):
            return Reply.json(envelope.answer(400, "after 应为数字"), 400)
        rows = self.store.requests(after=int(after), limit=1000)
        return Reply.json({"requests": [{"number": number} | asdict(one) for number, one in rows]})

    def _findings(self) -> list[conformance.Finding]:
        return conformance.judge(
            self.store.figures(), self.store.refusal_codes(), self.store.counts(), self.limits.told()["peak"],
            self.rules.token_seconds,
        )  # fmt: skip

    def _conformance(self, _query: dict[str, str]) -> Reply:
        found = self._findings()
        return Reply.json({"ok": all(one.state != "bad" for one in found), "findings": [asdict(one) for one in found]})

    def _conformance_page(self, _query: dict[str, str]) -> Reply:
        return Reply.page(reports.findings(self._findings()))

    def _held(self, text: str) -> Held | None:
        return self.store.one(int(text)) if NUMBER.fullmatch(text) else None


def _ours(host: str) -> bool:
    return re.sub(r":\d+$", "", host) in NAMES_OF_THIS_MACHINE
