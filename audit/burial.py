"""The end of old entries: removed by the retention rule under a tombstone, without breaking the tree.

Their leaves stay, so every proof still holds; an entry of the log tells which range went, and the verification demands it.
"""

from datetime import datetime

from django.db import connection, transaction

from audit import log, trail
from audit.models import Entry, Leaf, Tombstone

MOST = 5000


def waiting(cutoff: datetime) -> tuple[int, int]:
    """The leaves whose entries may go: from the end of the last tombstone to just before the first entry that stays."""
    grave = Tombstone.objects.order_by("-last").first()
    first = grave.last + 1 if grave else 0
    staying = Leaf.objects.filter(index__gte=first, entry_id__in=Entry.objects.filter(at__gte=cutoff).values("pk"))
    stays = staying.order_by("index").values_list("index", flat=True).first()
    newest = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    if stays is None:
        return first, first - 1 if newest is None else newest
    return first, stays - 1


def bury(cutoff: datetime, *, limit: int = MOST) -> int:
    """Remove up to `limit` entries older than the cutoff; how many. One transaction: all of it or nothing."""
    with transaction.atomic():
        trail.one_at_a_time()
        first, last = waiting(cutoff)
        last = min(last, first + limit - 1)
        if last < first:
            return 0
        detail = {"first": first, "last": last, "before": cutoff.isoformat()}
        entry = log.write("purge_log", detail=detail)
        Tombstone(first=first, last=last, entry_id=entry.pk).save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute(
                'DELETE FROM "audit_entry" WHERE "id" IN '
                '(SELECT "entry_id" FROM "audit_leaf" WHERE "index" BETWEEN %s AND %s)',
                [first, last],
            )
            return cursor.rowcount
