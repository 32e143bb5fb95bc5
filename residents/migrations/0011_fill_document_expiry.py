"""Fill the day documents run out: a few hundred people a transaction, so a break loses little and a second run goes on.

The column follows the words of the validity: no report watches it, so nothing becomes due; versions of the past and the
log are left as they are. Undoing leaves the column to 0010_document_expiry, which drops it.
"""

from typing import Any

from django.db import migrations, transaction
from django.db.models import QuerySet

from residents.expiry import expires

BATCH = 500


def fill(apps: Any, schema_editor: Any) -> None:
    """Everybody whose document says until when and who has no day yet."""
    database = schema_editor.connection.alias
    people = QuerySet(apps.get_model("residents", "Person"), using=database)
    waiting = (
        people.filter(document_expires=None).exclude(document_validity="").order_by("pk").only("document_validity")
    )
    last = None
    while True:
        rows = list((waiting.filter(pk__gt=last) if last else waiting)[:BATCH])
        if not rows:
            return
        for row in rows:
            row.document_expires = expires(row.document_validity)
        with transaction.atomic(using=database):
            people.bulk_update([row for row in rows if row.document_expires], ["document_expires"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("residents", "0010_document_expiry")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
