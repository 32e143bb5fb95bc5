"""Values sealed anew under another key are the same values: nothing becomes due by it (guomi.rotation)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from guomi import rotation
from uploads.models import Resealing


@contextmanager
def making_nothing_due() -> Iterator[None]:
    """Inside the transaction of one batch. The mark goes before the commit, and with a roll-back."""
    mark = Resealing.objects.create(transaction=_number())
    yield
    mark.delete()


def _number() -> int | None:
    """PostgreSQL's number of the running transaction, which the triggers compare; SQLite has one writer at a time."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT txid_current()")
        return cursor.fetchone()[0]


def connect() -> None:
    if making_nothing_due not in rotation.quietly:
        rotation.quietly.append(making_nothing_due)
