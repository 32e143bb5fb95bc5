"""The command line of the sandbox, and its key."""

import argparse
import os
from pathlib import Path

from guomi import sm2
from sandbox import faults, rules
from standard import descriptors
from standard.fields import Interface


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("a share lies between 0 and 1")
    return share


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 10**9:
        raise argparse.ArgumentTypeError("seconds, 0 or more")
    return seconds


def _descriptor(path: str) -> Interface:
    try:
        return descriptors.parse(Path(path).read_bytes())
    except (OSError, descriptors.DescriptorError) as error:
        raise argparse.ArgumentTypeError(f"{path}: {error}") from None


def _home() -> Path:
    return Path(os.environ.get("ANJU_HOME") or "var")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="The upper platform of section 9 and Appendix B, played strictly."
    )
    place = parser.add_argument_group("where")
    place.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; pages and /sandbox/ stay on this machine"
    )
    place.add_argument("--port", type=int, default=8100, help="0 picks a free one")
    place.add_argument("--db", type=Path, default=_home() / "sandbox" / "sandbox.sqlite3", metavar="FILE")
    place.add_argument("--ready-file", type=Path, metavar="FILE", help="written when listening: url, public_key, pid")
    account = parser.add_argument_group("who may call")
    account.add_argument("--username", default="anju-demo")
    account.add_argument("--password", default="anju-demo")
    account.add_argument("--client-id", default="anju-demo")
    account.add_argument("--registration-code", action="append", default=[], metavar="CODE=NAME")
    account.add_argument("--token-ttl", type=_seconds, default=7200.0, metavar="S")
    account.add_argument("--time-tolerance", type=_seconds, default=0.0, metavar="S", help="0: any request time passes")
    account.add_argument(
        "--password-form", action="append", choices=rules.PASSWORD_FORMS, help="default: any; repeatable"
    )
    account.add_argument(
        "--descriptor",
        action="append",
        type=_descriptor,
        default=[],
        metavar="FILE",
        help="an interface beyond Appendix B",
    )
    cipher = parser.add_argument_group("SM2")
    key = cipher.add_mutually_exclusive_group()
    key.add_argument("--private-key", metavar="HEX")
    key.add_argument("--key-file", type=Path, metavar="FILE", help="default: beside the database, made at first use")
    cipher.add_argument("--cipher-order", choices=["C1C3C2", "C1C2C3"], default="C1C3C2")
    cipher.add_argument("--cipher-prefix", choices=["04", "none", "der"], default="04")
    cipher.add_argument("--cipher-encoding", choices=["hex", "base64"], default="hex")
    bad = parser.add_argument_group("faults on purpose")
    bad.add_argument("--faults", type=_share, default=0.0, metavar="RATE", help="share of calls that go wrong, 0 to 1")
    bad.add_argument("--faults-seed", type=int, default=1, metavar="N")
    bad.add_argument("--fault", action="append", choices=faults.KINDS, help="only this kind; repeatable")
    return parser


def read(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line as given, defaults filled in."""
    return _parser().parse_args(arguments)


def private_key(given: argparse.Namespace) -> bytes:
    """The key given, or the one kept in a file, made at first use for its owner only."""
    if given.private_key:
        return sm2.load_private_key(given.private_key)
    path = given.key_file or given.db.with_suffix(".key")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        if not path.exists():
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(sm2.generate().private.hex())
            os.link(draft, path)  # whoever comes second reads the first one's key, whole
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    return sm2.load_private_key(path.read_text(encoding="ascii"))


def upper_rules(given: argparse.Namespace) -> rules.Rules:
    """What the command line agrees on."""
    pairs = (pair.partition("=") for pair in given.registration_code)
    places = {code: name or code for code, _, name in pairs} or {"DEMO": "演示小区"}
    return rules.Rules(
        account=rules.Account(given.username, given.password, given.client_id, places),
        private_key=private_key(given),
        form=sm2.CipherForm(given.cipher_order, given.cipher_prefix, given.cipher_encoding),
        token_seconds=given.token_ttl,
        time_tolerance_seconds=given.time_tolerance,
        password_forms=tuple(given.password_form or rules.PASSWORD_FORMS),
    )
