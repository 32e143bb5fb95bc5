"""`python -m sandbox`: play the upper platform on this machine."""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from guomi import sm2
from sandbox.faults import Faults
from sandbox.judge import Account, Judge
from sandbox.server import Server
from sandbox.store import Store


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="The upper platform of Appendix B, played strictly."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 picks a free one")
    parser.add_argument("--db", type=Path, default=Path("sandbox.sqlite3"))
    parser.add_argument(
        "--faults", type=float, default=0.0, metavar="RATE", help="share of requests that go wrong, 0 to 1"
    )
    parser.add_argument("--token-ttl", type=float, default=7200.0, metavar="S")
    parser.add_argument("--username", default="anju-demo")
    parser.add_argument("--password", default="anju-demo")
    parser.add_argument("--client-id", default="anju-demo")
    parser.add_argument("--registration-code", action="append", default=[], metavar="CODE=NAME")
    key = parser.add_mutually_exclusive_group()
    key.add_argument("--private-key", metavar="HEX")
    key.add_argument("--key-file", type=Path)
    parser.add_argument("--cipher-order", choices=["C1C3C2", "C1C2C3"], default="C1C3C2")
    parser.add_argument("--cipher-prefix", choices=["04", "none", "der"], default="04")
    parser.add_argument("--cipher-encoding", choices=["hex", "base64"], default="hex")
    parser.add_argument("--ready-file", type=Path)
    return parser.parse_args(arguments)


def private_key(given: argparse.Namespace) -> bytes:
    """The key given, or the one kept beside the database, made at first use for its owner only."""
    if given.private_key:
        return sm2.load_private_key(given.private_key)
    path = given.key_file or given.db.with_suffix(".key")
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(sm2.generate().private.hex())
    return sm2.load_private_key(path.read_text(encoding="ascii").strip())


def main() -> int:
    """Serve until SIGTERM or Ctrl+C."""
    given = options()
    places = dict(pair.split("=", 1) if "=" in pair else (pair, pair) for pair in given.registration_code) or {
        "DEMO": "演示小区"
    }
    account = Account(given.username, given.password, given.client_id, places)
    form = sm2.CipherForm(given.cipher_order, given.cipher_prefix, given.cipher_encoding)
    key = private_key(given)
    judge = Judge(account, key, Store(given.db), form, given.token_ttl)
    server = Server((given.host, given.port), judge, Faults(given.faults))
    facts = {
        "url": f"http://{given.host}:{server.server_port}",
        "public_key": "04" + sm2.public_of(key).hex(),
        "pid": os.getpid(),
    }
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    if given.ready_file:
        draft = given.ready_file.with_suffix(".draft")
        draft.write_text(json.dumps(facts), encoding="ascii")
        draft.replace(given.ready_file)
    print(f"sandbox on {facts['url']} public key {facts['public_key']}", flush=True)
    server.serve_forever()
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
