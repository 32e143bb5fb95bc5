"""`manage.py bench NAME [--json]`: figures beside their baseline, both measured in the same run."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from demo.benches import BENCHES


class Command(BaseCommand):
    help = "Measure one thing beside its baseline, in one run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=sorted(BENCHES))
        parser.add_argument(
            "--scale", type=float, default=1.0, help="of audit, import, pages, photos and search: a share of their size"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        scaled = {"scale": options["scale"]} if options["scale"] != 1 else {}
        results = BENCHES[options["name"]](**scaled)
        for row in results:
            baseline = f"{row['baseline']} {row['baseline_value']:,.1f}"
            self.stdout.write(
                f"{row['case']:<44}{row['value']:>12,.1f} {row['unit']:<8} {baseline:<28} {row['ratio']:.1f} x"
            )
        if options["json"]:
            self.stdout.write(json.dumps({"bench": options["name"], "results": results}))
