"""Number rules: identity documents, telephones, plates. Small and pure; `today` is passed in."""

import unicodedata

MAX_INPUT = 64  # characters looked at; no number is longer


class NumberError(ValueError):
    """A number that breaks its rule; `message` is Chinese and never holds the number.

    `kind` is length | character | date | check | form; `position` counts from 1 in the normalised number.
    """

    def __init__(self, kind: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.position = kind, message, position


def plain(text: str) -> str:
    """Half-width, without blanks, upper case.

    >>> plain("１１０ 101x")
    '110101X'
    """
    return "".join(unicodedata.normalize("NFKC", str(text)[:MAX_INPUT]).split()).upper()
