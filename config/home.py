"""The one folder that a running portal writes to, and the secrets made in it at first start."""

import os
import secrets
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The folder named by ANJU_HOME (default: var/ in the checkout), made when missing, readable by its owner only."""
    folder = Path(os.environ.get("ANJU_HOME") or CHECKOUT / "var").resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret(name: str, *, length: int = 50) -> str:
    """Read the secret kept in HOME/keys/name, making it first if need be.

    Two processes may start at once: the loser of the exclusive link reads what the winner wrote, never half of it.
    """
    path = home() / "keys" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(length))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
