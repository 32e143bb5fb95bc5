"""`manage.py purge [--dry-run] [--json]`: remove what has been kept long enough; the beat does it nightly."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import purging
from accounts.orphans import find_orphans
from audit import log


class Command(BaseCommand):
    help = "Remove what has been kept long enough, by the retention rules. Killed, it goes on when it is run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what would go")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            rules = purging.expected(now) | {"orphans": {"files": sum(1 for _name in find_orphans(now))}}
            facts = {"ok": True, "dry_run": True, "rules": rules, "failed": []}
        else:
            with log.acting_as("命令 purge"):
                outcome = purging.purge(now)
            facts = {"ok": outcome.ok, "dry_run": False, "rules": outcome.removed, "failed": outcome.failed}
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            for code, counts in facts["rules"].items():
                self.stdout.write(f"{code:<16}" + (", ".join(f"{k} {v}" for k, v in counts.items()) or "0"))
        if facts["failed"]:
            raise CommandError(f"these rules failed, see the log above: {', '.join(facts['failed'])}")
