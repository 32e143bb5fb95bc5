"""A system check: how many people's faces are stored, before the law asks for more than keeping them well."""

from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connection

from residents.verification import forgetting
from residents.verification.models import FaceCheck


def faces_to_file(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """From 100,000 people on the use of face recognition must be filed; warns from 90,000. Asked with --database only."""
    if not databases or FaceCheck._meta.db_table not in connection.introspection.table_names():
        return []
    held = forgetting.faces_held()
    if held < forgetting.WARNED:
        return []
    return [
        Warning(
            f"Faces of {held:,} people are stored; from {forgetting.FILING:,} on this must be filed with the provincial CAC "
            "within 30 working days.",
            hint="Purge what is not needed (manage.py purge), or prepare the filing.",
            id="residents.W001",
        )
    ]
