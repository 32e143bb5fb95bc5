"""How often somebody may try to sign in: by account whatever the address, by address whatever the account.

Axes locks the pair of account and address after five; this stops who changes one of the two.
"""

import hashlib

from django.core.cache import cache

SECONDS = 900
BY_ACCOUNT, BY_ADDRESS = 20, 60


def _key(kind: str, value: str) -> str:
    return f"signin.{kind}.{hashlib.sha256(value.encode()).hexdigest()[:32]}"


def too_many(username: str, address: str) -> bool:
    """Whether the next try must wait."""
    counts = cache.get_many([_key("account", username.lower()), _key("address", address)])
    return (
        counts.get(_key("account", username.lower()), 0) >= BY_ACCOUNT
        or counts.get(_key("address", address), 0) >= BY_ADDRESS
    )


def failed(username: str, address: str) -> None:
    """Count a try that failed."""
    for key in (_key("account", username.lower()), _key("address", address)):
        cache.add(key, 0, timeout=SECONDS)
        cache.incr(key)


def forgive(username: str) -> None:
    """After a sign-in, or by the security administrator."""
    cache.delete(_key("account", username.lower()))
