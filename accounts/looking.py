"""Looking is a deed: lists and searches of personal records leave an entry, with what was asked masked."""

import re
from typing import Any

from django.db import models
from django.http import HttpRequest

from accounts import access
from audit import log
from guomi import masking

MOST_WORDS = 5


def masked_query(text: str) -> str:
    """What was searched for, as the log may keep it: numbers and names masked, at most five words.

    >>> masked_query("张小三 13812341234")
    '张*三 138****1234'
    """
    words = text.split()[:MOST_WORDS]
    return " ".join(_masked(word[:40]) for word in words)


def _masked(word: str) -> str:
    if re.fullmatch(r"1\d{10}", word):
        return masking.mask("phone", word)
    return masking.mask("document" if any(letter.isdigit() for letter in word) else "name", word)


def only_community(user: Any, verb: str) -> int | None:
    """The community the user looks into, if it can be but one."""
    if access.holds_everywhere(user, verb):
        return None
    found = list(access.community_ids(user, verb)[:2])
    return found[0]["community"] if len(found) == 1 else None


def looked(request: HttpRequest, model: type[models.Model], verb: str, query: str, filters: list[str]) -> None:
    """One entry for a list somebody looked at, or searched."""
    detail: dict[str, Any] = {"filters": sorted(filters)[:20]} if filters else {}
    if query:
        detail["query"] = masked_query(query)
    log.write_now(
        "search" if query else "list", target=(model._meta.label_lower, ""),
        community_id=only_community(request.user, verb), detail=detail, request=request,
    )  # fmt: skip
