"""What the upper platform has agreed with its client: account, communities, key, forms, times."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from guomi import sm2, sm3

# How a password may travel (quirk B.1.1-q02). SM2 ciphertext is opened, so it is not in this table.
PASSWORDS: dict[str, Callable[[str], str]] = {
    "plain": lambda password: password,
    "md5-base64": lambda password: b64encode(hashlib.md5(password.encode(), usedforsecurity=False).digest()).decode(),
    "sm3-hex": lambda password: sm3.digest(password.encode()).hex(),
}
PASSWORD_FORMS = (*PASSWORDS, "sm2")


@dataclass(frozen=True, slots=True)
class Account:
    """Who may call, and for which communities (registration code -> name)."""

    username: str
    password: str = field(repr=False)
    client_id: str
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """All of it. Times in seconds; a tolerance of 0 lets any request time pass."""

    account: Account
    private_key: bytes = field(repr=False)
    form: sm2.CipherForm = sm2.DEFAULT_FORM
    token_seconds: float = 7200
    time_tolerance_seconds: float = 0
    password_forms: tuple[str, ...] = PASSWORD_FORMS

    def open(self, text: str) -> str:
        """The clear text of a marked field; ValueError when it is not ciphertext of this form for this key."""
        return sm2.decrypt(self.private_key, text, self.form).decode("utf-8")
