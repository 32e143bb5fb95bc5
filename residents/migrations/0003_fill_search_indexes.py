"""Fill the search indexes of 0002: a few hundred people a transaction, so a break loses little and a second run goes on.

Rows of the history are not searched and stay empty. No report watches the columns: nothing becomes due.
"""

from typing import Any

from django.db import migrations, transaction
from django.db.models import QuerySet

NAMES = ["surname_index", "document_last4_index", "phone_last4_index"]
BATCH = 500


def fill(apps: Any, schema_editor: Any) -> None:
    """Everybody who has no surname index yet; a name is never empty."""
    database = schema_editor.connection.alias
    waiting = QuerySet(apps.get_model("residents", "Person"), using=database).filter(surname_index__isnull=True)
    last = None
    while True:
        rows = list((waiting.filter(pk__gt=last) if last else waiting).order_by("pk")[:BATCH])
        if not rows:
            return
        with transaction.atomic(using=database):
            # The attribute of a blind index is always the index of what its source holds.
            QuerySet(rows[0].__class__, using=database).bulk_update(rows, NAMES)
        last = rows[-1].pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("residents", "0002_search_indexes")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
