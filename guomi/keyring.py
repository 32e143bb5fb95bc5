"""The key ring: data keys per purpose, each kept wrapped under the key-encryption key; what is sealed names its key.

A sealed text is: version (1 byte, 1) | key id (4) | nonce (12) | ciphertext | tag (16), bound to the caller's context.
"""

import base64
import os
import secrets
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from guomi import sm2, sm3, sm4
from guomi.keyfiles import FileProvider, FileStore, KeyStore, Provider, provider_at
from guomi.stored import KeyringError, StoredKey

CREDENTIALS = ("account", "device")  # purposes whose values serve machines: nobody is ever shown them
PURPOSES = ("person", "place", "device", "picture", "account", "audit")
VERSION = b"\x01"
HEAD_BYTES = 5
OVERHEAD_BYTES = HEAD_BYTES + sm4.NONCE_BYTES + sm4.TAG_BYTES
KEY_BYTES = {"sm4": sm4.KEY_BYTES, "index": 32, "sm2": 32}
REREAD_SECONDS = 5.0  # how long another process's new key may stay unnoticed
MISS_SECONDS = 0.1  # how often an unknown key may be asked for
ESSENTIAL = (*((purpose, "sm4") for purpose in PURPOSES), ("index", "index"), ("audit", "sm2"), ("person", "sm2"))
PREFIX_DIGITS = 7  # of a key's id: what the first six Base64 characters of a sealed text tell of it


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

    def prefix(self, purpose: str) -> str:
        """The first six Base64 characters of what is sealed under the purpose's current key, and of nothing else."""
        return base64.b64encode(VERSION + bytes.fromhex(self._current_key(purpose, "sm4").id))[:6].decode("ascii")

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

    def sm2_id(self, purpose: str) -> str:
        """The id of the purpose's current SM2 key pair, for who has to name it."""
        return self._current_key(purpose, "sm2").id

    def sm2_named(self, purpose: str, key_id: str) -> sm2.KeyPair:
        """The SM2 key pair of that id, also one that is not current any more; OpenError when the purpose has none such."""
        key = self._find(key_id)
        if key is None or (key.purpose, key.kind) != (purpose, "sm2"):
            raise OpenError("密文所用的密钥不在密钥环中")
        return self._pair(key)

    def _pair(self, key: StoredKey) -> sm2.KeyPair:
        return sm2.KeyPair(self._unwrap(key), bytes.fromhex(key.public))

    def sm2(self, purpose: str) -> sm2.KeyPair:
        """The purpose's SM2 key pair, made at first use."""
        return self._pair(self._current_key(purpose, "sm2"))

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

    def make_missing(self) -> int:
        """Make the essential keys that are missing, so that none is made in the middle of a caller's transaction."""
        with self._lock:
            self._read()
            missing = [one for one in ESSENTIAL if one not in self._current]
            for purpose, kind in missing:
                self._store.add(self._make(purpose, kind), after=None)
            self._read()
            return len(missing)

    def stored_keys(self) -> list[StoredKey]:
        """Every key of the ring, wrapped, oldest first."""
        with self._lock:
            self._read()
            return list(self._stored.values())

    def superseded(self) -> list[StoredKey]:
        """Keys that are not current any more and not retired yet: texts may still be under them."""
        with self._lock:
            keys = self.stored_keys()
            current = {key.id for key in self._current.values()}
            return [key for key in keys if key.id not in current and not key.retired_at]

    def retire(self, key_ids: list[str], now: datetime) -> None:
        """Note that nothing is under these keys any more; they go on opening what backups hold."""
        with self._lock:
            keys = [key for key in self.stored_keys() if key.id in key_ids]
            self._store.replace([replace(key, retired_at=now.isoformat(timespec="seconds")) for key in keys])
            self._read()

    def rewrap(self) -> tuple[int, Path | None]:
        """Wrap every key anew: under a new key-encryption key if a file of ours holds it, else as the provider does now.

        Returns how many, and where the old file was put. Killed at any moment it can be run again.
        """
        with self._lock:
            own = self._provider if isinstance(self._provider, FileProvider) else None
            if own:
                own.change()
            keys = [replace(key, wrapped=self._wrapped(self._unwrap(key), key)) for key in self.stored_keys()]
            self._store.replace(keys)
            self._clear.clear()
            if self.unusable():
                raise KeyringError("更换主密钥后有密钥无法解开：旧主密钥保留未动，请勿删除，检查后重试")
            return len(keys), own.settle() if own else None

    def unusable(self) -> list[str]:
        """Ids of the keys the provider does not unwrap, asked anew."""
        bad = []
        for key in self.stored_keys():
            try:
                self._provider.unwrap(bytes.fromhex(key.wrapped), key.context)
            except (KeyringError, ValueError):
                bad.append(key.id)
        return bad

    def _wrapped(self, clear: bytes, key: StoredKey) -> str:
        return self._provider.wrap(clear, key.context).hex()

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
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        draft = StoredKey(self._new_id(), purpose, kind, "", made_at, public)
        return replace(draft, wrapped=self._wrapped(clear, draft))

    def _new_id(self) -> str:
        """One whose beginning no other key has: a column is searched for texts of old keys by it."""
        taken = {key_id[:PREFIX_DIGITS] for key_id in self._stored}
        while (key_id := secrets.token_hex(4))[:PREFIX_DIGITS] in taken:
            pass
        return key_id

    def _find(self, key_id: str) -> StoredKey | None:
        key = self._stored.get(key_id)
        if key is None and time.monotonic() - self._read_at > MISS_SECONDS:  # made by another process just now?
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
                store = _process.store or FileStore(folder)
                _process.ring = KeyRing(_process.provider or provider_at(folder, store), store)
    return _process.ring


def _home() -> Path:
    folder = os.environ.get("ANJU_HOME")
    if not folder:
        raise KeyringError("未设置 ANJU_HOME，无法确定密钥所在的文件夹")
    return Path(folder)


__all__ = ["PURPOSES", "KeyRing", "KeyringError", "OpenError", "configure", "get"]
