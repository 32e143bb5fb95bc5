"""The key ring: data keys per purpose, each kept wrapped under the key-encryption key; what is sealed names its key.

A sealed text is: version (1 byte, 1) | key id (4) | nonce (12) | ciphertext | tag (16), bound to the caller's context.
"""

import os
import secrets
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from guomi import sm2, sm3, sm4
from guomi.keyfiles import FileStore, KeyStore, Provider, provider_at
from guomi.stored import KeyringError, StoredKey

CREDENTIALS = ("account", "device")  # purposes whose values serve machines: nobody is ever shown them
PURPOSES = ("person", "place", "device", "picture", "account", "audit")
VERSION = b"\x01"
HEAD_BYTES = 5
OVERHEAD_BYTES = HEAD_BYTES + sm4.NONCE_BYTES + sm4.TAG_BYTES
KEY_BYTES = {"sm4": sm4.KEY_BYTES, "index": 32, "sm2": 32}
REREAD_SECONDS = 5.0  # how long another process's new key may stay unnoticed


class OpenError(ValueError):
    """A sealed text did not open: altered, moved, or its key is not in the ring. Carries no values."""


class KeyRing:
    """Seals, opens and indexes under keys of a store, unwrapped by a provider; safe to share between threads."""

    def __init__(self, provider: Provider, store: KeyStore) -> None:
        self._provider, self._store = provider, store
        self._lock = threading.RLock()
        self._clear: dict[str, bytes] = {}
        self._stored: dict[str, StoredKey] = {}
        self._current: dict[tuple[str, str], StoredKey] = {}
        self._labels: dict[str, bytes] = {}
        self._read_at = float("-inf")

    # --- sealing -----------------------------------------------------------------------------------------------------
    def seal(self, purpose: str, data: bytes, context: bytes) -> bytes:
        """Seal under the purpose's current key; the first sealing of a purpose makes the key."""
        key = self._current_key(purpose, "sm4")
        head = VERSION + bytes.fromhex(key.id)
        return head + sm4.seal(self._unwrap(key), data, head + context)

    def open(self, blob: bytes, context: bytes) -> bytes:
        """The clear bytes, or OpenError; KeyringError when the ring itself is unusable."""
        if len(blob) < OVERHEAD_BYTES or blob[:1] != VERSION:
            raise OpenError("不是本系统的密文")
        head = blob[:HEAD_BYTES]
        key = self._find(head[1:].hex())
        if key is None or key.kind != "sm4":
            raise OpenError("密文所用的密钥不在密钥环中")
        try:
            return sm4.open_sealed(self._unwrap(key), blob[HEAD_BYTES:], head + context)
        except sm4.Sm4Error:
            raise OpenError("密文无法解开：内容被改动或被移动") from None

    def is_current(self, purpose: str, blob: bytes) -> bool:
        """Whether the sealed text is under the purpose's newest key (after a renewal, the others are re-sealed)."""
        return blob[:HEAD_BYTES] == VERSION + bytes.fromhex(self._current_key(purpose, "sm4").id)

    # --- looking up without opening ------------------------------------------------------------------------------------
    def index(self, label: str, value: str) -> str:
        """HMAC-SM3 of a normalised value under the field's own key, as 64 hexadecimal digits."""
        key = self._labels.get(label)
        if key is None:
            root = self._unwrap(self._current_key("index", "index"))
            key = self._labels[label] = sm3.hmac(root, b"anju index\0" + label.encode())
        return sm3.hmac(key, value.encode()).hex()

    def sm2(self, purpose: str) -> sm2.KeyPair:
        """The purpose's SM2 key pair, made at first use."""
        key = self._current_key(purpose, "sm2")
        return sm2.KeyPair(self._unwrap(key), bytes.fromhex(key.public))

    # --- keys ----------------------------------------------------------------------------------------------------------
    def renew(self, purpose: str, kind: str = "sm4") -> str:
        """Make a new current key; texts under the old ones still open. Returns the id of the current key."""
        if "index" in (purpose, kind):
            raise KeyringError("索引密钥的更换需要重建全部索引，不能单独进行")
        with self._lock:
            old = self._current_key(purpose, kind)
            self._store.add(self._make(purpose, kind), after=old.id)
            self._read()
            return self._current[purpose, kind].id

    def stored_keys(self) -> list[StoredKey]:
        """Every key of the ring, wrapped, oldest first."""
        with self._lock:
            self._read()
            return list(self._stored.values())

    def _current_key(self, purpose: str, kind: str) -> StoredKey:
        if time.monotonic() - self._read_at > REREAD_SECONDS:
            self._read()
        key = self._current.get((purpose, kind))
        if key is not None:
            return key
        with self._lock:
            self._read()
            if (purpose, kind) not in self._current:
                self._store.add(self._make(purpose, kind), after=None)
                self._read()
            return self._current[purpose, kind]

    def _make(self, purpose: str, kind: str) -> StoredKey:
        if purpose not in (*PURPOSES, "index"):
            raise KeyringError(f"未知的密钥用途 {purpose}")
        public = ""
        clear = secrets.token_bytes(KEY_BYTES[kind])
        if kind == "sm2":
            pair = sm2.generate()
            clear, public = pair.private, pair.public.hex()
        draft = StoredKey(
            secrets.token_hex(4), purpose, kind, "", datetime.now(UTC).isoformat(timespec="seconds"), public
        )
        wrapped = self._provider.wrap(clear, draft.context).hex()
        return StoredKey(draft.id, purpose, kind, wrapped, draft.made_at, public)

    def _find(self, key_id: str) -> StoredKey | None:
        key = self._stored.get(key_id)
        if key is None and time.monotonic() - self._read_at > REREAD_SECONDS / 50:  # made by another process just now?
            self._read()
            key = self._stored.get(key_id)
        return key

    def _unwrap(self, key: StoredKey) -> bytes:
        clear = self._clear.get(key.id)
        if clear is None:
            clear = self._provider.unwrap(bytes.fromhex(key.wrapped), key.context)
            self._clear[key.id] = clear
        return clear

    def _read(self) -> None:
        with self._lock:
            keys = self._store.read()
            self._stored = {key.id: key for key in keys}
            self._current = {(key.purpose, key.kind): key for key in keys}
            self._read_at = time.monotonic()


class _Process:
    """This process's ring, made when first asked for, and what it shall be made of."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.folder: Path | None = None
        self.provider: Provider | None = None
        self.store: KeyStore | None = None
        self.ring: KeyRing | None = None


_process = _Process()


def configure(
    folder: str | os.PathLike[str] | None = None, *, provider: Provider | None = None, store: KeyStore | None = None
) -> None:
    """Say where keys live (HOME) or who keeps them instead; what is not given stays as it was. The ring is built anew."""
    with _process.lock:
        if folder is not None:
            _process.folder = Path(folder)
        _process.provider = provider or _process.provider
        _process.store = store or _process.store
        _process.ring = None


def get() -> KeyRing:
    """The key ring of this process."""
    if _process.ring is None:
        with _process.lock:
            if _process.ring is None:
                folder = _process.folder or _home()
                _process.ring = KeyRing(_process.provider or provider_at(folder), _process.store or FileStore(folder))
    return _process.ring


def _home() -> Path:
    folder = os.environ.get("ANJU_HOME")
    if not folder:
        raise KeyringError("未设置 ANJU_HOME，无法确定密钥所在的文件夹")
    return Path(folder)


__all__ = ["PURPOSES", "KeyRing", "KeyringError", "OpenError", "configure", "get"]
