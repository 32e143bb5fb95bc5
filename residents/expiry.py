"""When a document runs out: read off the words of its validity, whoever wrote them and by whichever way they came in."""

import re
import unicodedata
from datetime import date
from typing import Any

from django.db import models

DAY = r"(?:\d{8}|\d{4}[.\-/年]\d{1,2}[.\-/月]\d{1,2}日?)"
PERIOD = re.compile(rf"(?:({DAY})?(?:[.\-/—–~～]|至|到)?)?({DAY})")
MOST_CHARS = 60


def expires(validity: str | None) -> date | None:
    """The last day of a document, from its 有效期限 as cards and offices write it; None for 长期 and for what says no day.

    >>> expires("20110330-20210330"), expires("2011.03.30-2021.03.30")
    (datetime.date(2021, 3, 30), datetime.date(2021, 3, 30))
    >>> expires("2011-03-30至2021-03-30"), expires("2011年3月30日至2021年3月30日")
    (datetime.date(2021, 3, 30), datetime.date(2021, 3, 30))
    >>> expires("2011033020210330"), expires(" ２０１１.０３.３０ － ２０２１.０３.３０ "), expires("2021/3/30")
    (datetime.date(2021, 3, 30), datetime.date(2021, 3, 30), datetime.date(2021, 3, 30))
    >>> [expires(text) for text in ("", None, "长期", "20110330-长期", "20110330-", "有效", "20210230", "123456789")]
    [None, None, None, None, None, None, None, None]

    A document that ends before it begins was misread, and says nothing:

    >>> expires("20210330-20110330") is expires("00010101-20210330") is None
    True
    """
    words = re.sub(r"\s+", "", unicodedata.normalize("NFKC", validity or "")[:MOST_CHARS])
    if (found := PERIOD.fullmatch(words)) is None:
        return None
    begins, ends = (_day(part) for part in found.groups())
    return None if ends is None or (found[1] and (begins is None or begins >= ends)) else ends


def _day(words: str | None) -> date | None:
    numbers = re.findall(r"\d+", words or "")
    if len(numbers) == 1:
        numbers = [numbers[0][:4], numbers[0][4:6], numbers[0][6:]]
    try:
        day = date(*map(int, numbers))
    except (TypeError, ValueError):
        return None
    return day if day.year >= 1900 else None


class ExpiryField(models.DateField):
    """The last day of the document whose validity stands in `of`: filled at every save and bulk write, never by hand.

    Like a blind index it follows its source: no report watches it, no entry of the log tells of it.
    """

    of = "document_validity"

    def deconstruct(self) -> tuple:
        """To a migration it is a day like any other."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = expires(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value
