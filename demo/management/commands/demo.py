"""`manage.py demo --check | --load | --first-start`."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo.check import Outcome, check
from demo.comings import lively
from demo.firststart import first_start
from demo.generator import BEIJING
from demo.loading import load
from demo.throwaway import StepFailed
from demo.truth import write


class Command(BaseCommand):
    help = "The demo register: load it, or prove the main job with it, end to end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deed = parser.add_mutually_exclusive_group(required=True)
        deed.add_argument(
            "--check", action="store_true", help="deliver it to a sandbox and compare, on a throw-away portal"
        )
        deed.add_argument("--load", action="store_true", help="only load it into this portal")
        deed.add_argument("--first-start", action="store_true", help="load it with accounts if this portal is empty")
        parser.add_argument(
            "--truth", metavar="FILE", help="with --load: write what was generated, a JSON object a line"
        )
        parser.add_argument(
            "--upper", metavar="URL", help="with --first-start: where the demo's upper platform listens"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--scale", type=float, default=1.0)
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["scale"] <= 50:
            raise CommandError("--scale must lie above 0 and at most 50.")
        if options["check"]:
            self.check_all(options)
        elif options["load"]:
            self.load_only(options)
        else:
            first_start(home=settings.HOME, upper_url=options["upper"], now=timezone.now(), say=self.stdout.write)

    def load_only(self, options: dict[str, Any]) -> None:
        """--load, with the truth written before the models see anything."""
        now: datetime = timezone.now()
        places = lively(seed=options["seed"], scale=options["scale"], today=now.astimezone(BEIJING).date())
        if options["truth"]:
            with Path(options["truth"]).open("w", encoding="utf-8") as file:
                write(places, file)
        counts = load(places, now=now)
        self.report(counts, options)

    def check_all(self, options: dict[str, Any]) -> None:
        """--check; the exit status tells."""
        try:
            outcome = check(seed=options["seed"], scale=options["scale"], say=self.stderr.write)
        except StepFailed as error:
            if options["json"]:
                self.stdout.write(json.dumps({"passed": False, "error": str(error)}, ensure_ascii=False))
            raise CommandError(str(error)) from error
        self.table(outcome)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False))
        if not outcome.passed:
            raise CommandError("not everything arrived as generated: see the table above")

    def table(self, outcome: Outcome) -> None:
        """The outcome for a person."""
        rows = asdict(outcome)
        differences = rows.pop("differences")
        for name, value in rows.items():
            self.stdout.write(f"{name:<12}{value:>10}")
        for difference in differences:
            where = f"{difference['interface']} {'/'.join(difference['key'])}"
            self.stdout.write(f"  {difference['problem']}: {where} {', '.join(difference['fields'])}")

    def report(self, counts: dict[str, int], options: dict[str, Any]) -> None:
        """Counts for a person or a program."""
        for name, count in counts.items():
            self.stdout.write(f"{name:<12}{count:>10}")
        if options["json"]:
            self.stdout.write(json.dumps(counts))
