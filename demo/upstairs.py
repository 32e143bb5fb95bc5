"""The upper platform of the demo: the bundled sandbox with the demo's account, key and communities.

`python -m demo.upstairs --port 8100` replaces itself with `python -m sandbox ...`; its data lives under ANJU_HOME.
"""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from demo import invented
from guomi import sm2

USERNAME = "anju-demo"
CLIENT_ID = "anju-demo"


@dataclass(frozen=True, slots=True)
class Upstairs:
    """Where the demo's upper platform keeps its things and how to sign in to it."""

    folder: Path
    password: str
    private_key: bytes

    @property
    def public_key(self) -> str:
        """The key to encrypt for it, 130 hex digits."""
        return "04" + sm2.public_of(self.private_key).hex()

    def command(self, *extra: str) -> list[str]:
        """The sandbox's command line."""
        codes = [f"--registration-code={code}={name}" for code, name, *_ in invented.COMMUNITIES]
        account = ["--username", USERNAME, "--password", self.password, "--client-id", CLIENT_ID]
        places = ["--db", str(self.folder / "sandbox.sqlite3"), "--key-file", str(self.folder / "key")]
        return [sys.executable, "-m", "sandbox", *account, *places, *codes, *extra]


def _kept(path: Path, value: str) -> str:
    """The file's text; made with the value, for the owner only, when it is not there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(value)
    return value


def upstairs(home: Path) -> Upstairs:
    """The demo's upper platform under this home; key and password are made at first use."""
    folder = home / "sandbox"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = bytes.fromhex(_kept(folder / "key", sm2.generate().private.hex()))
    return Upstairs(folder, _kept(folder / "password", os.urandom(12).hex()), private)


def main() -> None:
    """Become the sandbox."""
    parser = argparse.ArgumentParser(prog="python -m demo.upstairs")
    parser.add_argument("--port", type=int, default=8100)
    port = parser.parse_args().port
    home = Path(os.environ.get("ANJU_HOME") or Path(__file__).resolve().parent.parent / "var").resolve()
    command = upstairs(home).command("--port", str(port))
    os.execv(command[0], command)  # noqa: S606 -- our own command, no shell


if __name__ == "__main__":
    main()
