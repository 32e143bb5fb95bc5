"""Encrypted pictures that no row names any more: left by a roll-back or a crash, or by a delete without signals.

A file's name says whose it is (guomi.pictures): sealed/<model>/<field>/<2>/<row>/<random>.bin.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby, islice

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction

from audit import log
from guomi.pictures import FOLDER, EncryptedPictureField

YOUNG = timedelta(hours=24)  # a file of a transaction still running, or of a form being filled in
BATCH = 500
PARTS = 6


def batches(names: Iterator[str]) -> Iterator[list[str]]:
    """A few hundred at a time."""
    while batch := list(islice(names, BATCH)):
        yield batch


def stored(folder: str = FOLDER) -> Iterator[str]:
    """Every stored file's name, folder by folder: never all of them at once."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from stored(f"{folder}/{name}")


def owner(name: str) -> tuple[str, str]:
    """(model label, field) of a file; both empty for a file that is none of ours."""
    parts = name.split("/")
    return (parts[1], parts[2]) if len(parts) == PARTS else ("", "")


def named_by_rows(label: str, field: str, names: list[str]) -> set[str]:
    """Those of the files (of one model and field) that their rows still name."""
    try:
        model = apps.get_model(label)
        if not isinstance(model._meta.get_field(field), EncryptedPictureField):
            return set(names)
        rows = model._base_manager.filter(pk__in={name.split("/")[4] for name in names})
        return set(rows.values_list(field, flat=True))
    except (LookupError, ValueError, FieldDoesNotExist, ValidationError):
        return set(names)  # not understood is not ours to remove


def find_orphans(now: datetime) -> Iterator[str]:
    """Names of files older than a day that no row names."""
    for (label, field), files in groupby(stored(), key=owner):
        for names in batches(files):
            kept = named_by_rows(label, field, names)
            for name in names:
                if name not in kept and default_storage.get_modified_time(name) < now - YOUNG:
                    yield name


def purge_orphans(now: datetime) -> int:
    """Remove them; how many. Each batch is written to the log before its files go."""
    removed = 0
    for names in batches(find_orphans(now)):
        with transaction.atomic():
            log.write("purge_pictures", detail={"files": len(names)})
        for name in names:
            default_storage.delete(name)
        removed += len(names)
    return removed
