"""A bundle: part of the log with all that is needed to check it off line, and the program that does (audit/standalone).

It is a zip written as a stream: entries are never all in memory.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.template.loader import render_to_string
from django.utils import timezone

from audit import canonical, words
from audit.models import Countersignature, Entry, Head, Leaf, Tombstone
from audit.proofs import Tree
from guomi import keyring, sm2, sm3

PROGRAM = Path(__file__).parent / "standalone" / "anju_audit.py"
FORMAT = "anju-audit-2"
FETCH = 2000
MOST_READABLE = 5000  # rows of the readable page
MOST_SELECTED = 5000


class NothingSealed(Exception):
    """There is no signed head yet."""


class _Hashed:
    """A member of the zip that is hashed while it is written."""

    def __init__(self, file: Any) -> None:
        self._file, self._parts = file, sm3.Streaming()

    def line(self, value: Any) -> None:
        data = (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
        self._parts.update(data)
        self._file.write(data)

    def hexdigest(self) -> str:
        return self._parts.digest().hex()


class Writer:
    """Writes members and remembers their digests for the manifest."""

    def __init__(self, target: BinaryIO) -> None:
        self.zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self.files: dict[str, str] = {}

    @contextmanager
    def lines(self, name: str) -> Iterator[_Hashed]:
        """A member of JSON lines."""
        with self.zip.open(name, "w", force_zip64=True) as file:
            hashed = _Hashed(file)
            yield hashed
        self.files[name] = hashed.hexdigest()

    def member(self, name: str, data: bytes) -> None:
        """A whole member."""
        self.zip.writestr(name, data)
        self.files[name] = sm3.digest(data).hex()

    def finish(self, manifest: dict[str, Any]) -> None:
        """The manifest, signed, and the checking program (which is not part of what is signed: it is code, not evidence)."""
        pair = keyring.get().sm2("audit")
        text = json.dumps({**manifest, "files": self.files}, ensure_ascii=False, indent=1).encode()
        self.zip.writestr("manifest.json", text)
        self.zip.writestr("manifest.sig", sm2.sign(pair.private, text).hex())
        self.zip.writestr("verify.py", PROGRAM.read_bytes())
        self.zip.close()


def head_facts(head: Head) -> dict[str, Any]:
    """A head as it is told outside: {size, root, made_at (seconds), previous, signature}."""
    return {
        "size": head.size, "root": head.root, "made_at": int(head.made_at.timestamp()), "previous": head.previous,
        "signature": head.signature,
    }  # fmt: skip


def public_keys() -> list[str]:
    """The keys that may have signed heads, the current one last."""
    return [key.public for key in keyring.get().stored_keys() if key.purpose == "audit" and key.kind == "sm2"]


def newest() -> Head:
    """The newest head; NothingSealed."""
    head = Head.objects.order_by("-size").first()
    if head is None:
        raise NothingSealed
    return head


def of_days(target: BinaryIO, start: date, end: date, *, by: str, now: datetime) -> int:
    """Everything sealed from the first to the last of these days (Beijing); how many entries."""
    day = timezone.get_default_timezone()
    begins = datetime.combine(start, time.min, day)
    ends = datetime.combine(end + timedelta(days=1), time.min, day)
    inside = Leaf.objects.filter(entry_id__in=Entry.objects.filter(at__gte=begins, at__lt=ends).values("pk"))
    places = inside.order_by("index").values_list("index", flat=True)
    first, last = places.first(), places.last()
    if first is None or last is None:
        first, last = 0, -1
    return of_range(target, first, last + 1, by=by, now=now, title=f"{start} — {end}")


def of_range(target: BinaryIO, first: int, end: int, *, by: str, now: datetime, title: str = "") -> int:
    """The leaves [first, end) with their entries, the heads over them, and the way to the newest head."""
    top = newest()
    covering = Head.objects.filter(size__gte=max(end, 1)).order_by("size").first() or top
    earlier = Head.objects.filter(size__lte=first).order_by("-size").first()
    begin = earlier.size if earlier else 0  # heads are checked from a head on, so the range begins there
    tree, writer = Tree(top), Writer(target)
    graves = list(Tombstone.objects.filter(last__gte=begin, first__lt=covering.size).order_by("first"))
    with writer.lines("entries.jsonl") as file:
        count = 0
        for line in _entry_lines(begin, max(end, begin)):
            file.line(line)
            count += 1
        for entry in _foreign():
            file.line({"index": None, "entry_id": entry.pk, "foreign": True})
    with writer.lines("tail.jsonl") as file:
        for leaf in tree.leaves(max(end, begin), covering.size):
            file.line(leaf.hex())
    heads = Head.objects.filter(size__gt=begin, size__lte=covering.size).order_by("size")
    with writer.lines("heads.jsonl") as file:
        for head in heads.iterator(chunk_size=FETCH):
            file.line(head_facts(head))
    with writer.lines("announcements.jsonl") as file:
        for line in _announcements(tree, graves):
            file.line(line)
    _marks(writer)
    shown = Entry.objects.filter(pk__in=Leaf.objects.filter(index__gte=begin, index__lt=end).values("entry_id"))
    _readable(writer, shown.order_by("pk"), top, title, by, now)
    writer.finish(
        _manifest("range", top, by, now)
        | {
            "first": begin, "before": begin, "left_peaks": [one.hex() for one in tree.peaks(begin)],
            "tombstones": [[one.first, one.last, one.entry_id] for one in graves],
            "consistency": [one.hex() for one in tree.consistency(covering.size)],
        }
    )  # fmt: skip
    return count


def of_entries(
    target: BinaryIO, entries: Iterable[Entry], *, by: str, now: datetime, title: str = "", notes: str = ""
) -> int:
    """Single entries, each with its own proof: a case folder. Entries not sealed yet are left out; how many went in."""
    top = newest()
    tree, writer = Tree(top), Writer(target)
    chosen = {entry.pk: entry for entry in entries}
    places = dict(Leaf.objects.filter(entry_id__in=list(chosen), index__lt=top.size).values_list("entry_id", "index"))
    with writer.lines("proofs.jsonl") as file:
        for pk, index in sorted(places.items(), key=lambda pair: pair[1]):
            path = [one.hex() for one in tree.inclusion(index)]
            file.line({"index": index, "text": canonical.text_of(chosen[pk].values()).decode(), "path": path})
    with writer.lines("heads.jsonl") as file:
        file.line(head_facts(top))
    _marks(writer)
    _readable(writer, Entry.objects.filter(pk__in=places).order_by("pk"), top, title, by, now, notes)
    empty = {"first": 0, "before": 0, "left_peaks": [], "tombstones": [], "consistency": []}
    writer.finish(_manifest("selection", top, by, now) | empty)
    return len(places)


def _manifest(kind: str, top: Head, by: str, now: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT, "kind": kind, "made_at": timezone.localtime(now).isoformat(), "by": by, "keys": public_keys(),
        "newest": head_facts(top),
    }  # fmt: skip


def _entry_lines(first: int, end: int) -> Iterator[dict[str, Any]]:
    rows = Leaf.objects.filter(index__gte=first, index__lt=end).order_by("index").iterator(chunk_size=FETCH)
    batch: list[Leaf] = []
    for leaf in rows:
        batch.append(leaf)
        if len(batch) == FETCH:
            yield from _lines(batch)
            batch = []
    yield from _lines(batch)


def _lines(batch: list[Leaf]) -> Iterator[dict[str, Any]]:
    entries = Entry.objects.in_bulk([leaf.entry_id for leaf in batch])
    for leaf in batch:
        entry = entries.get(leaf.entry_id)
        text = None if entry is None else canonical.text_of(entry.values()).decode()
        yield {"index": leaf.index, "entry_id": leaf.entry_id, "leaf": leaf.hash, "text": text}


def _foreign() -> Iterator[Entry]:
    """Entries that have no place in the tree after everything was sealed: this portal did not write them."""
    fresh = Entry.objects.exclude(pk__in=Leaf.objects.values("entry_id")).order_by("pk")
    return (entry for entry in fresh.iterator(chunk_size=FETCH) if entry.mac != entry.own_mac())


def _announcements(tree: Tree, graves: list[Tombstone]) -> Iterator[dict[str, Any]]:
    """The entries that tell of the removals, each proved: they stand later in the log than what was removed."""
    for grave in graves:
        entry = Entry.objects.filter(pk=grave.entry_id).first()
        index = Leaf.objects.filter(entry_id=grave.entry_id).values_list("index", flat=True).first()
        if entry is not None and index is not None and index < tree.size:
            path = [one.hex() for one in tree.inclusion(index)]
            yield {"index": index, "text": canonical.text_of(entry.values()).decode(), "path": path}


def _marks(writer: Writer) -> None:
    with writer.lines("countersignatures.jsonl") as file:
        for one in Countersignature.objects.order_by("size").iterator(chunk_size=FETCH):
            names = ("witness", "size", "root", "seen_at", "signature")
            file.line({name: getattr(one, name) for name in names})


def _readable(writer: Writer, entries: Any, top: Head, title: str, by: str, now: datetime, notes: str = "") -> None:
    rows = [(entry, words.sentence(entry)) for entry in entries[: MOST_READABLE + 1]]
    context = {
        "rows": rows[:MOST_READABLE], "more": len(rows) > MOST_READABLE, "head": top, "title": title, "by": by,
        "now": now, "notes": notes, "key": public_keys()[-1],
    }  # fmt: skip
    writer.member("index.html", render_to_string("audit/bundle.html", context).encode())


def as_bytes(write: Any) -> bytes:
    """A small bundle in memory: `write(target)`."""
    target = io.BytesIO()
    write(target)
    return target.getvalue()
