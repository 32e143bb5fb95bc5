"""What a page must know to read a card: codes by name, the kinds of reader, where it may connect to."""

from typing import Any

from django.conf import settings

from residents.readers import READER_SOURCES
from standard import codes

# GA/T 2000.156-2016 is older than the residence permits of Hong Kong, Macao and Taiwan residents (2018) and has no code of
# their own for them: 154 居住证 is its row for what they are. See standard/data/codes/SOURCES.md; ask the platform.
DOCUMENTS = {"resident": "111", "hmt": "154", "foreigner2017": "553", "foreigner2023": "553"}
# Texts newer cards and readers use that GB/T 3304 has not: both are counted under 其他.
ALIASES = {"穿青人": "97", "革家人": "97", "外国血统": "98"}


def sources() -> list[str]:
    """Where the page may connect to: the usual addresses of readers and this installation's own."""
    return [*READER_SOURCES, *settings.READER_ADDRESSES]


def tables() -> dict[str, Any]:
    """For static/desk/readers/: {ethnicities: [[code, name]], aliases, documents, sources}."""
    ethnicities = [[row.code, row.name] for row in codes.table("ethnic_group").rows]
    return {"ethnicities": ethnicities, "aliases": ALIASES, "documents": DOCUMENTS, "sources": sources()}
