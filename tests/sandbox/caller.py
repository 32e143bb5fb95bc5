"""A plain client of the upper platform, for its tests: knows HTTP, the wire and nothing of the portal."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import urllib3

from guomi import sm2
from standard import interfaces, messages
from standard.wire import moment
from tests.uploads.sandboxed import ACCOUNT, Upper


@dataclass
class Caller:
    """Signs in when first asked to; `call` gives the envelope of Table 5."""

    upper: Upper
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, timeout=20))
    token: str = ""

    def seal(self, clear: str) -> str:
        """A marked field."""
        return sm2.encrypt(sm2.load_public_key(self.upper.public_key), clear.encode())

    def common(self, **changes: str) -> dict[str, str]:
        """The common parameters of Table 2."""
        facts = {"client_id": ACCOUNT["client_id"], "time": moment(datetime.now(UTC)), "token": self.token}
        return {name: value for name, value in (facts | changes).items() if value}

    def call(self, clause: str, payload: Any, **changes: str) -> dict[str, Any]:
        """One POST of a wire message as it is."""
        if not self.token and clause != "B.1.1":
            self.sign_in()
        address = self.upper.url + "/OpenApi" + interfaces.get(clause).path
        query = "&".join(f"{name}={value.replace(' ', '%20')}" for name, value in self.common(**changes).items())
        return self.http.request("POST", f"{address}?{query}", json=payload).json()

    def sign_in(self, **changes: str) -> dict[str, Any]:
        """B.1.1."""
        facts = {"username": ACCOUNT["username"], "password": ACCOUNT["password"]} | changes
        answer = self.call("B.1.1", messages.encode("B.1.1", facts))
        if answer["code"] == 0:
            self.token = answer["data"]["token"]
        return answer

    def push(self, clause: str, record: dict[str, Any]) -> dict[str, Any]:
        """An English-keyed record, encoded and sealed as the standard wants."""
        return self.call(clause, self.message(clause, record))

    def message(self, clause: str, record: dict[str, Any]) -> dict[str, Any]:
        """The wire message of a record."""
        facts = record | {"registration_code": "LOTUS"}
        batch = interfaces.get(clause).batch
        return messages.encode(clause, {"records": [facts]} if batch else facts, encrypt=self.seal)
