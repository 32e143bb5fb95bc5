"""Which interface an address belongs to."""

from standard import interfaces

PREFIX = "/openapi"


def _bare(path: str) -> str:
    """Lower case, without the prefix, written once or twice (9.4.1 beside Appendix B: quirk G-11).

    >>> _bare("/OpenApi/openapi/login/auth/"), _bare("/openapi/login/auth"), _bare("/login/auth")
    ('/login/auth', '/login/auth', '/login/auth')
    """
    plain = path.rstrip("/").lower()
    for _ in range(2):
        if plain.startswith(PREFIX + "/"):
            plain = plain[len(PREFIX) :]
    return plain


_BY_PATH: dict[str, interfaces.Interface] = {}


def interface_at(path: str) -> interfaces.Interface | None:
    """The interface of a path in any case, with or without /OpenApi; None if there is none."""
    if len(_BY_PATH) != len(interfaces.every()):
        _BY_PATH.update({_bare(one.path): one for one in interfaces.every()})
    return _BY_PATH.get(_bare(path))
