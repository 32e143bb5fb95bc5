"""`python -m sandbox`: play the upper platform on this machine."""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from guomi import sm2
from sandbox import options
from sandbox.faults import USUAL, Faults
from sandbox.judge import Judge
from sandbox.server import Server
from sandbox.store import Store, StoreError
from standard import descriptors


def _announce(server: Server, ready: Path | None) -> None:
    facts = {
        "url": server.url,
        "public_key": "04" + sm2.public_of(server.judge.rules.private_key).hex(),
        "pid": os.getpid(),
    }
    if ready:
        draft = ready.with_name(ready.name + ".draft")
        draft.write_text(json.dumps(facts), encoding="ascii")
        draft.replace(ready)
    print(f"sandbox on {facts['url']} public key {facts['public_key']}", flush=True)


def main() -> int:
    """Serve until SIGTERM or Ctrl+C."""
    given = options.read()
    descriptors.load(given.descriptor)
    try:
        rules, store = options.upper_rules(given), Store(given.db)
        server = Server((given.host, given.port), Judge(rules, store), _faults(given))
    except (OSError, ValueError, StoreError) as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)
        return 1
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    _announce(server, given.ready_file)
    server.serve_forever(poll_interval=0.1)
    server.finish()
    store.close()
    return 0


def _faults(given: options.argparse.Namespace) -> Faults:
    return Faults(given.faults, given.faults_seed, tuple(given.fault or USUAL))


if __name__ == "__main__":
    sys.exit(main())
