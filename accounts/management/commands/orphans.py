"""Encrypted pictures that no row names: `orphans` counts them, `--purge` removes those older than a day."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.orphans import find_orphans, purge_orphans
from audit import log


class Command(BaseCommand):
    help = "Find (and with --purge remove) encrypted pictures that no row names."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--purge", action="store_true", help="remove them, audited")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["purge"]:
            with log.acting_as("orphans"):
                counts = {"removed": purge_orphans(now)}
        else:
            counts = {"orphans": sum(1 for _name in find_orphans(now))}
        self.stdout.write(json.dumps(counts) if options["json"] else ", ".join(f"{k} {v}" for k, v in counts.items()))
