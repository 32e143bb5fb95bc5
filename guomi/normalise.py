"""One spelling for values that are looked up: what people type differently is the same value to a blind index.

Each function takes any text and returns the one spelling, "" when nothing is left to look up.
"""

import re
import unicodedata
from collections.abc import Callable

_SEPARATORS = re.compile(r"[\s\-‐-―·•・.()_]+")


def document(text: str) -> str:
    """Document numbers: full-width to half, no spaces or dashes, capital letters.

    >>> document(" １２０１０１ 19900307 123x ")
    '12010119900307123X'
    """
    return _SEPARATORS.sub("", _plain(text)).upper()


def phone(text: str) -> str:
    """Phone numbers: digits only, without the country's +86, 86 or 0086 before a mobile number.

    >>> phone("+86 138-1234-1234"), phone("022-2345 6789")
    ('13812341234', '02223456789')
    """
    digits = re.sub(r"\D", "", _plain(text))
    found = re.fullmatch(r"(?:00)?86(1\d{10})", digits)
    return found[1] if found else digits


def name(text: str) -> str:
    """Names: no spaces, one kind of middle dot, capitals.

    >>> name("张 三"), name("阿里木·买买提") == name("阿里木•买买提")
    ('张三', True)
    """
    return _SEPARATORS.sub("", _plain(text)).upper()


def plate(text: str) -> str:
    """Number plates: no dots, dashes or spaces, capitals.

    >>> plate("津a·12345")
    '津A12345'
    """
    return _SEPARATORS.sub("", _plain(text)).upper()


def phone_last4(text: str) -> str:
    """The last four digits of a phone number."""
    return phone(text)[-4:] if len(phone(text)) >= 4 else ""


def document_last4(text: str) -> str:
    """The last four characters of a document number."""
    return document(text)[-4:] if len(document(text)) >= 4 else ""


def surname(text: str) -> str:
    """The first character of a name."""
    return name(text)[:1]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip()
    if folded.isprintable():  # nothing of what is left out below
        return folded
    return "".join(letter for letter in folded if unicodedata.category(letter) not in ("Cf", "Cc") or letter.isspace())


NORMALISERS: dict[str, Callable[[str], str]] = {
    "document": document,
    "phone": phone,
    "name": name,
    "plate": plate,
    "phone_last4": phone_last4,
    "document_last4": document_last4,
    "surname": surname,
}
