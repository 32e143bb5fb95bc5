"""Compile the message catalogues (.po to .mo) that are newer than what was compiled from them: `python -m config.catalogues`.

Done with polib, so a machine without GNU gettext can run the portal in both languages.
"""

from pathlib import Path

import polib

from config.home import CHECKOUT


def sources() -> list[Path]:
    """Every catalogue of the project, the environment's own left out."""
    return [path for path in sorted(CHECKOUT.glob("**/locale/*/LC_MESSAGES/*.po")) if ".venv" not in path.parts]


def compile_stale() -> int:
    """Compile what is stale; the number of catalogues written."""
    written = 0
    for source in sources():
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            written += 1
    return written


if __name__ == "__main__":
    compile_stale()
