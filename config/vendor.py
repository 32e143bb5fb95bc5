"""Put libraries of other people for the browser under static/vendor/: `python -m config.vendor`, needed only to change one.

static/vendor/lock.json names each package with its version and sha512. `npm pack` brings it, the digest is checked, and the
packages of a bundle become one ES module, their licences beside it. Nobody needs npm to run the portal.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from config.home import CHECKOUT

VENDOR = CHECKOUT / "static" / "vendor"
LICENCES = ("LICENSE", "LICENCE", "LICENCE_MIT", "LICENSE.md", "NOTICE")


def unpack(package: str, integrity: str, modules: Path) -> Path:
    """Bring one package, check its digest, and put it where node looks for it; its folder."""
    name = package.rpartition("@")[0]
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, package]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 -- names of the lock file
        archive = next(Path(folder).iterdir())
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != integrity:
            raise SystemExit(f"{package}: its digest is {found}, the lock says {integrity}")
        with tarfile.open(archive) as content:
            content.extractall(folder, filter="data")
        target = modules / name
        shutil.copytree(Path(folder) / "package", target)
    return target


def build(place: str, entry: str, packages: dict[str, str], builder: dict[str, str]) -> Path:
    """Make one bundle; where it stands."""
    target = VENDOR / place
    shutil.rmtree(target.parent, ignore_errors=True)
    target.parent.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        modules = Path(folder) / "node_modules"
        for package, integrity in packages.items():
            _licence(package, unpack(package, integrity, modules), target.parent)
        ((tool, integrity),) = builder.items()
        program = unpack(tool, integrity, modules) / "bin" / "esbuild"
        source = Path(folder) / "entry.mjs"
        source.write_text(entry, encoding="utf-8")
        nothing = Path(folder) / "nothing.mjs"  # in the place of node's own modules: a browser has what they give
        nothing.write_text("export {};\n", encoding="utf-8")
        options = [
            f"--alias:crypto={nothing}",
            "--bundle",
            "--format=esm",
            "--minify",
            "--target=es2020",
            "--charset=utf8",
        ]
        subprocess.run([str(program), str(source), *options, f"--outfile={target}"], check=True, cwd=folder)  # noqa: S603
    return target


def _licence(package: str, folder: Path, target: Path) -> None:
    found = [folder / name for name in LICENCES if (folder / name).is_file()]
    if not found:
        raise SystemExit(f"{package} brings no licence")
    for path in found:
        shutil.copyfile(path, target / f"{path.name}.{package.replace('/', '-').lstrip('@')}.txt")


def main() -> int:
    """Build every bundle of the lock."""
    lock = json.loads((VENDOR / "lock.json").read_text(encoding="utf-8"))
    for place, bundle in lock["bundles"].items():
        target = build(place, bundle["entry"], bundle["packages"], lock["builder"])
        print(f"{target.relative_to(CHECKOUT)}: {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
