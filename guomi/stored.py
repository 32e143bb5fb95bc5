"""A data key as it is kept: wrapped, with what is public about it."""

from dataclasses import asdict, dataclass


class KeyringError(RuntimeError):
    """The key ring cannot be used: a key is missing, damaged or does not fit. Says what to do; carries no key."""


@dataclass(frozen=True)
class StoredKey:
    """id: 8 hexadecimal digits; kind: sm4 (16 bytes), index (32) or sm2 (32); wrapped: hexadecimal; public: sm2 only.

    retired_at: when nothing was left under it (ISO 8601); empty while it is in use. A retired key still opens.
    """

    id: str
    purpose: str
    kind: str
    wrapped: str
    made_at: str
    public: str = ""
    retired_at: str = ""

    @property
    def context(self) -> bytes:
        """What the wrapping binds: a wrapped key moved under another id, purpose or kind does not unwrap."""
        return "\0".join(("anju key", self.id, self.purpose, self.kind, self.public)).encode()

    def as_dict(self) -> dict[str, str]:
        return asdict(self)
