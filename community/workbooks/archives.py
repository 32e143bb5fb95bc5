"""A ZIP of pictures as it came: bounded before anything is unpacked, read one picture at a time, never onto a disk.

File names are identity numbers: they are told masked, and kept nowhere.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext as _

from guomi import masking, normalise
from guomi.images import MAX_INPUT_BYTES

MAX_BYTES = 600 * 1024 * 1024
MAX_UNPACKED = 900 * 1024 * 1024
MAX_ENTRIES = 5000
MAX_DIRECTORY_BYTES = MAX_ENTRIES * 600  # names of some 500 bytes each
MAX_RATIO, RATIO_FROM_BYTES = 100, 1024 * 1024
MAX_NAME = 50  # of a number
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
ARCHIVES = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".xz", ".bz2"})
LEFT_BY_SYSTEMS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
END, END_BYTES, LONG_END = b"PK\x05\x06", 22, b"PK\x06\x07"
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    ValueError,
)


class ArchiveError(ValueError):
    """The file cannot be read as a ZIP of pictures at all; the message says what to do."""


@dataclass
class Entry:
    """One file of the archive: its place among all, its name as it may be shown, the number it is named after."""

    place: int
    shown: str
    number: str
    info: zipfile.ZipInfo
    problem: str = ""


class Archive:
    """An opened ZIP. `entries` are its pictures and whatever else must be told of; folders and systems' litter are left out."""

    def __init__(self, file: BinaryIO) -> None:
        _check_directory(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except BROKEN:
            raise ArchiveError(_("不是有效的 ZIP 压缩包,请重新打包。")) from None
        infos = self._zip.infolist()
        if len(infos) > MAX_ENTRIES:
            raise ArchiveError(_("文件过多,最多 %d 个,请分成几个压缩包。") % MAX_ENTRIES)
        if sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise ArchiveError(_("文件展开后过大,不能导入。"))
        kept = [info for info in infos if not _litter(info)]
        self.entries = [_entry(place, info) for place, info in enumerate(kept, 1)]
        if not self.entries:
            raise ArchiveError(_("压缩包里没有照片。"))
        _numbers_once(self.entries)

    def read(self, entry: Entry) -> bytes:
        """A picture's bytes, at most one more than a picture may have; ArchiveError when they cannot be had."""
        try:
            with self._zip.open(entry.info) as file:
                return file.read(MAX_INPUT_BYTES + 1)
        except BROKEN:
            raise ArchiveError(_("压缩包在这里损坏,请重新打包")) from None

    def pictures(self) -> Iterator[Entry]:
        """Entries without a problem, in the order they lie in the file."""
        yield from sorted((one for one in self.entries if not one.problem), key=lambda one: one.info.header_offset)


def _check_directory(file: BinaryIO) -> None:
    """What a ZIP says of its table of contents, before a library reads all of it into memory."""
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ArchiveError(_("压缩包过大,最多 600 MB,请分成几个。"))
    file.seek(max(0, size - END_BYTES - 65_535 - END_BYTES))
    tail = file.read()
    place = tail.rfind(END)
    if place < 0 or len(tail) - place < END_BYTES:
        raise ArchiveError(_("不是有效的 ZIP 压缩包,请重新打包。"))
    count, length = struct.unpack_from("<HI", tail, place + 10)
    if LONG_END in tail[:place][-END_BYTES:] or count > MAX_ENTRIES or length > MAX_DIRECTORY_BYTES:
        raise ArchiveError(_("文件过多,最多 %d 个,请分成几个压缩包。") % MAX_ENTRIES)
    file.seek(0)


def _litter(info: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    return info.is_dir() or "__MACOSX" in parts or bool(parts and parts[-1].lower() in LEFT_BY_SYSTEMS)


def _entry(place: int, info: zipfile.ZipInfo) -> Entry:
    plain = info.filename.replace("\\", "/")
    path = PurePosixPath(plain)
    entry = Entry(place, shown(path.name), normalise.document(path.stem.strip()), info)
    kind, size = path.suffix.lower(), info.file_size
    if plain.startswith("/") or ".." in path.parts or ":" in plain:
        entry.problem = _("文件路径不安全,请重新打包")
    elif kind in ARCHIVES:
        entry.problem = _("压缩包里不能再有压缩包")
    elif kind not in PICTURES:
        entry.problem = _("只接受 .jpg .jpeg .png .bmp 照片")
    elif info.flag_bits & 0x1:
        entry.problem = _("文件加了密码,请去掉密码后重新打包")
    elif info.compress_type not in METHODS:
        entry.problem = _("压缩方式不支持,请用普通 ZIP 重新打包")
    elif size > MAX_INPUT_BYTES:
        entry.problem = _("照片超过 12 MB")
    elif size > RATIO_FROM_BYTES and size > MAX_RATIO * max(info.compress_size, 1):
        entry.problem = _("压缩比异常,不能导入")
    elif not entry.number or len(entry.number) > MAX_NAME:
        entry.problem = _("文件名应为证件号码,如 110101199003071233.jpg")
    return entry


def shown(name: str) -> str:
    """A file's name for eyes: a number or a person's name in it is masked.

    >>> shown("110101199003071233.jpg"), shown("张小三.png")
    ('110101********1233.jpg', '张*三.png')
    """
    path = PurePosixPath(name[:200])
    stem = "".join(letter for letter in path.stem if letter.isprintable())[:MAX_NAME]
    kind = "document" if any(letter.isdigit() for letter in stem) else "name"
    suffix = path.suffix[:6] if path.suffix.isprintable() else ""
    return f"{masking.mask(kind, stem)}{suffix}"


def _numbers_once(entries: list[Entry]) -> None:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.problem:
            continue
        other = first.setdefault(entry.number, entry)
        if other is not entry:
            entry.problem = _("与第 %d 个文件是同一个号码") % other.place
            other.problem = other.problem or _("与第 %d 个文件是同一个号码") % entry.place
