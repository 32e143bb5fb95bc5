"""Where keys are kept when no database or security module does it: two files under HOME/keys, made race-free."""

import base64
import binascii
import fcntl
import importlib
import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from guomi import sm4
from guomi.stored import KeyringError, StoredKey

BACK_UP = "【安居】已在 {folder} 生成主密钥，请立即离线备份该文件夹：密钥丢失后，已加密的数据将无法恢复。"
MAX_RING_BYTES = 4_000_000


class Provider(Protocol):
    """Holds the key-encryption key: a file, an environment value, or a security module that never gives it out."""

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key, or KeyringError when it was wrapped by another provider, altered, or for another context."""
        ...


class KeyStore(Protocol):
    """Keeps wrapped data keys; the last of a purpose and kind is its current one."""

    def read(self) -> list[StoredKey]: ...

    def add(self, key: StoredKey, *, after: str | None) -> StoredKey:
        """Append, if `after` (a key id, None: no key yet) is still the current one of this purpose and kind.

        Returns the current key afterwards: another process's, if it was faster.
        """
        ...

    def replace(self, keys: list[StoredKey]) -> None:
        """Put these in the place of those with the same ids (wrapped anew, retired): all of them or none."""
        ...


class ValueProvider:
    """A key-encryption key that this process holds in memory; `older` ones still unwrap what is not wrapped anew yet."""

    def __init__(self, key: bytes, *older: bytes) -> None:
        self._keys = (key, *older)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        return sm4.seal(self._keys[0], key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        for key in self._keys:
            with suppress(sm4.Sm4Error):
                return sm4.open_sealed(key, wrapped, context)
        raise KeyringError("主密钥与密钥环不符，或密钥环被改动：请检查 ANJU_KEK 或恢复 keys 文件夹的备份")


class FileProvider(ValueProvider):
    """HOME/keys/kek, and while it is being changed HOME/keys/kek.old; notices when another process changes it."""

    def __init__(self, keys: Path) -> None:
        self.path, self.old = keys / "kek", keys / "kek.old"
        super().__init__(*self._read())

    def _read(self) -> list[bytes]:
        texts = [self.path.read_text("ascii")]
        with suppress(FileNotFoundError):
            texts.append(self.old.read_text("ascii"))
        return [parse_kek(text, "keys/kek") for text in texts]

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return super().unwrap(wrapped, context)
        except KeyringError:
            self._keys = tuple(self._read())
            return super().unwrap(wrapped, context)

    def change(self) -> None:
        """A new key in the file, the old one beside it; goes on where a killed change stopped."""
        with _locked(self.path.parent):
            if not self.old.exists():
                os.link(self.path, self.old)
            if self.path.read_bytes() == self.old.read_bytes():
                _write(self.path, secrets.token_hex(sm4.KEY_BYTES).encode("ascii") + b"\n", replace=True)
            self._keys = tuple(self._read())

    def settle(self) -> Path | None:
        """Everything is wrapped anew: put the old key aside, for the backups that still need it. Its new place."""
        with _locked(self.path.parent):
            if not self.old.exists():
                return None
            aside = self.path.with_name(f"kek.until-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            os.replace(self.old, aside)
            self._keys = tuple(self._read())
            return aside


def provider_named(path: str, folder: Path) -> Provider:
    """What stands at "module.name", called with HOME: a class or function that gives a provider (a security module)."""
    module, _, name = path.rpartition(".")
    try:
        provider = getattr(importlib.import_module(module), name)(folder)
    except (ImportError, AttributeError, ValueError, TypeError):
        raise KeyringError("ANJU_KEY_PROVIDER 所指的密钥提供者无法载入：须为“模块.名称”，以 HOME 为参数") from None
    if not all(callable(getattr(provider, verb, None)) for verb in ("wrap", "unwrap")):
        raise KeyringError("ANJU_KEY_PROVIDER 所指的密钥提供者缺少 wrap 或 unwrap")
    return provider


def provider_given(folder: Path) -> Provider | None:
    """What the environment names: ANJU_KEY_PROVIDER, else ANJU_KEK, else ANJU_KEK_FILE; None when it names nothing.

    With the last two, ANJU_KEK_OLD may hold the key before, until `rotate_keys --kek` has run.
    """
    older = [parse_kek(text, "ANJU_KEK_OLD") for text in filter(None, [os.environ.get("ANJU_KEK_OLD")])]
    if path := os.environ.get("ANJU_KEY_PROVIDER"):
        return provider_named(path, folder)
    if value := os.environ.get("ANJU_KEK"):
        return ValueProvider(parse_kek(value, "ANJU_KEK"), *older)
    if name := os.environ.get("ANJU_KEK_FILE"):
        try:
            return ValueProvider(parse_kek(Path(name).read_text("ascii"), "ANJU_KEK_FILE"), *older)
        except (OSError, UnicodeDecodeError):
            raise KeyringError("无法读取 ANJU_KEK_FILE 所指的主密钥文件") from None
    return None


def provider_at(folder: Path, store: KeyStore | None = None) -> Provider:
    """The provider the environment names, else HOME/keys/kek, made at first use.

    No key is made while `store` (HOME/keys/ring.json unless given) holds keys wrapped by a lost one.
    """
    if given := provider_given(folder):
        return given
    keys = _folder(folder)
    with _locked(keys):
        path = keys / "kek"
        if not path.exists():
            if (store or FileStore(folder)).read():
                raise KeyringError("密钥环存在而主密钥 keys/kek 丢失：请恢复备份，切勿新建主密钥")
            _write(path, secrets.token_hex(sm4.KEY_BYTES).encode("ascii") + b"\n", replace=False)
            print(BACK_UP.format(folder=keys), file=sys.stderr)
    return FileProvider(keys)


def parse_kek(text: str, source: str) -> bytes:
    """16 bytes from 32 hexadecimal digits or Base64."""
    bare = text.strip()
    try:
        key = bytes.fromhex(bare) if len(bare) == 2 * sm4.KEY_BYTES else base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != sm4.KEY_BYTES:
        raise KeyringError(f"{source} 不是有效的主密钥：须为 16 字节，写作 32 位十六进制或 Base64")
    return key


class FileStore:
    """The ring in HOME/keys/ring.json: each change is a whole new file put in place of the old one, under a lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def path(self) -> Path:
        return self.folder / "keys" / "ring.json"

    def read(self) -> list[StoredKey]:
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_RING_BYTES + 1)
        except FileNotFoundError:
            return []
        try:
            return [StoredKey(**entry) for entry in json.loads(data)["keys"]]
        except (ValueError, KeyError, TypeError):
            raise KeyringError("密钥环文件 keys/ring.json 已损坏：请恢复备份") from None

    def add(self, key: StoredKey, *, after: str | None) -> StoredKey:
        with _locked(_folder(self.folder)):
            keys = self.read()
            same = [other for other in keys if (other.purpose, other.kind) == (key.purpose, key.kind)]
            if (same[-1].id if same else None) != after:
                return same[-1] if same else key
            if any(other.id == key.id for other in keys):
                raise KeyringError("密钥编号重复，请重试")
            self._put([*keys, key])
            return key

    def replace(self, keys: list[StoredKey]) -> None:
        with _locked(_folder(self.folder)):
            new = {key.id: key for key in keys}
            self._put([new.get(key.id, key) for key in self.read()])

    def set_aside(self) -> None:
        """Another store has taken the keys over: the file gets another name, and is read no more."""
        os.replace(self.path, self.path.with_name("ring.json.moved"))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """No other process changes the file meanwhile."""
        with _locked(_folder(self.folder)):
            yield

    def _put(self, keys: list[StoredKey]) -> None:
        ring = {"version": 1, "keys": [key.as_dict() for key in keys]}
        _write(self.path, json.dumps(ring, indent=1).encode("ascii"), replace=True)


def _folder(home: Path) -> Path:
    keys = home / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    return keys


@contextmanager
def _locked(keys: Path) -> Iterator[None]:
    """One process at a time; the kernel lets go when the holder dies."""
    descriptor = os.open(keys / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, data: bytes, *, replace: bool) -> None:
    """A whole file of mode 0600 or none, on the disk before the name points to it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(draft, path)
        else:
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
