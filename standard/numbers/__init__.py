"""Number rules: identity documents, telephones, plates. Small and pure; `today` is passed in."""

import re
import unicodedata


class NumberError(ValueError):
    """A number that breaks its rule. `kind` is length | character | date | check | form; `position` counts from 1."""

    def __init__(self, kind: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.position = kind, message, position


def plain(text: str) -> str:
    """Half-width, without spaces, upper case.

    >>> plain("１１０ 101x")
    '110101X'
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text))).upper()
