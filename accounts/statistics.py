"""What the database knows of its own tables: without it, SQLite sorts two hundred thousand people to show the newest fifty."""

from django.db import connection

ROWS_LOOKED_AT = 1000  # of each index: a moment's work, whatever the size


def refresh() -> None:
    """Let SQLite look at its tables again; PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}")
            cursor.execute("ANALYZE")
