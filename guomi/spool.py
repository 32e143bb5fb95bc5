"""A large file on its way: sealed part by part as it comes in, read at any place without ever lying open on a disk.

Each part of 4 MB is a file of its own in the default storage, sealed with SM4-GCM and bound to its name: parts cannot be
left out, swapped or taken from another file. Memory: one part while writing, two while reading.
"""

import io
from collections import OrderedDict
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from guomi import keyring
from guomi.pictures import context_of
from guomi.sealed import EncryptedFieldError

PART_BYTES = 4 * 1024 * 1024
KEPT_PARTS = 2
FOLDER, PURPOSE = "spool", "picture"


def _name(key: str, number: int) -> str:
    return f"{FOLDER}/{key}/{number:05}.bin"


class Writer:
    """Takes bytes in order. `close` says how many there were; `discard` removes what was written."""

    def __init__(self, key: str) -> None:
        self.key, self.size, self._parts, self._waiting = key, 0, 0, bytearray()

    def write(self, data: bytes) -> None:
        """Take some more; whole parts are sealed and stored."""
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) >= PART_BYTES:
            self._put(bytes(self._waiting[:PART_BYTES]))
            del self._waiting[:PART_BYTES]

    def close(self) -> int:
        """Store the rest; bytes in all."""
        if self._waiting:
            self._put(bytes(self._waiting))
            self._waiting.clear()
        return self.size

    def discard(self) -> None:
        """Forget all of it."""
        self._waiting.clear()
        remove(self.key)

    def _put(self, data: bytes) -> None:
        name = _name(self.key, self._parts)
        saved = default_storage.save(name, ContentFile(keyring.get().seal(PURPOSE, data, context_of(name))))
        if saved != name:
            default_storage.delete(saved)
            raise EncryptedFieldError("存储改动了文件名")
        self._parts += 1


class Reader(io.RawIOBase):
    """The bytes of a file of `size`, to be read and sought in like any other file."""

    def __init__(self, key: str, size: int) -> None:
        super().__init__()
        self.key, self.size, self._at = key, size, 0
        self._open: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, target: bytearray) -> int:
        """Within one part at a time, as raw files may."""
        if self._at >= self.size:
            return 0
        number, start = divmod(self._at, PART_BYTES)
        piece = self._part(number)[start : start + len(target)]
        target[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _part(self, number: int) -> bytes:
        if number not in self._open:
            name = _name(self.key, number)
            with default_storage.open(name, "rb") as file:
                self._open[number] = keyring.get().open(file.read(), context_of(name))
            while len(self._open) > KEPT_PARTS:
                self._open.popitem(last=False)
        return self._open[number]


def remove(key: str) -> None:
    """Remove a file; nothing happens where there is none."""
    for name in _listed(f"{FOLDER}/{key}")[1]:
        default_storage.delete(f"{FOLDER}/{key}/{name}")
    if hasattr(default_storage, "directory_permissions_mode") and default_storage.exists(f"{FOLDER}/{key}"):
        default_storage.delete(f"{FOLDER}/{key}")  # an empty folder; an object store has none


def kept() -> list[str]:
    """The keys of all files that are there."""
    return sorted(_listed(FOLDER)[0])


def begun_at(key: str) -> datetime | None:
    """When its first part was stored; None while it has none."""
    name = _name(key, 0)
    return default_storage.get_modified_time(name) if default_storage.exists(name) else None


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
