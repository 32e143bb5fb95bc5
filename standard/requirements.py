"""Table 1 (32 upload items), Appendix A (64 facility rows) and the figures the standard demands, as data."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@cache
def table1() -> tuple[dict[str, Any], ...]:
    """The 32 items of Table 1 with their demand at each tier."""
    return tuple(json.loads((FOLDER / "table1.json").read_text(encoding="utf-8"))["items"])


@cache
def facilities() -> tuple[dict[str, Any], ...]:
    """The 64 rows of Table A.1 with their mark for each mode and level."""
    return tuple(json.loads((FOLDER / "facilities.json").read_text(encoding="utf-8"))["rows"])


@cache
def figures() -> tuple[dict[str, str], ...]:
    """The numbers the standard demands."""
    with (FOLDER / "figures.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))
