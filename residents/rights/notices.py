"""The notices a portal starts with, one of each kind; a community publishes its own wording as a new version."""

import json
from pathlib import Path
from typing import Any

from residents.rights.models import Notice

FILE = Path(__file__).parent.parent / "data" / "notices.json"


def ensure_notices(**_facts: Any) -> None:
    """After each migrate: the notices that come with the portal, where there is none of the kind."""
    for notice in json.loads(FILE.read_text(encoding="utf-8")):
        if not Notice.objects.filter(kind=notice["kind"], community=None).exists():
            Notice(**notice).save()
