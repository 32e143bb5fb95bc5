"""The last signed head, kept in a file beside the keys, outside the database.

Who cuts the end off the log in the database, or puts an old copy of it back, meets a head that is no longer there.
"""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from audit.models import Head


def path() -> Path:
    """The file; one for each home of a portal."""
    return Path(settings.HOME) / "audit-head.json"


def remember(head: Head) -> None:
    """Keep the head, unless a later one of the same log is kept already."""
    kept = read()
    if kept is not None and kept["size"] > head.size:
        return
    put({"size": head.size, "root": head.root, "signature": head.signature})


def put(facts: dict[str, Any]) -> None:
    """Write the file as a whole, for its owner only, and see it onto the disk."""
    target = path()
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(json.dumps(facts))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def read() -> dict[str, Any] | None:
    """{size, root, signature} of the last head known; None when there is no file. ValueError for one that is not ours."""
    try:
        text = path().read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    facts = json.loads(text)
    if not isinstance(facts, dict) or not isinstance(facts.get("size"), int):
        raise ValueError("audit-head.json is damaged")
    return facts


def forget() -> None:
    """After a backup was put back on purpose: what the database says counts again. The caller writes it into the log."""
    path().unlink(missing_ok=True)
