"""`manage.py audit verify | head | export | forget-anchor`."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from audit import anchor, bundles, log, trail, verifying
from audit.models import Head


class Command(BaseCommand):
    help = "Check, show or export the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        made = {name: deeds.add_parser(name) for name in ("verify", "head", "export", "forget-anchor")}
        for deed in made.values():
            deed.add_argument("--json", action="store_true")
        export = made["export"]
        export.add_argument("--from", dest="start", required=True, metavar="yyyy-MM-dd")
        export.add_argument("--to", dest="end", required=True, metavar="yyyy-MM-dd")
        export.add_argument("--out", required=True, metavar="BUNDLE")
        made["forget-anchor"].add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        with log.acting_as("命令 audit"):
            getattr(self, "do_" + options["deed"].replace("-", "_"))(options)

    def _say(self, facts: dict[str, Any], options: dict[str, Any]) -> None:
        for name, value in facts.items():
            self.stdout.write(f"{name:<12}{value}")
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))

    def do_verify(self, options: dict[str, Any]) -> None:
        trail.seal_all(timezone.now())
        verdict = verifying.verify_and_note(timezone.now())
        self._say(asdict(verdict), options)
        if not verdict.ok:
            place = "" if verdict.position is None else f" at place {verdict.position}, entry {verdict.first_bad}"
            raise CommandError(f"the log has been altered{place}: {verdict.problem}")

    def do_head(self, options: dict[str, Any]) -> None:
        head = Head.objects.order_by("-size").first()
        if head is None:
            raise CommandError("nothing has been sealed yet")
        self._say(bundles.head_facts(head) | {"made_at": head.made_at, "key": bundles.public_keys()[-1]}, options)

    def do_export(self, options: dict[str, Any]) -> None:
        start, end = parse_date(options["start"]), parse_date(options["end"])
        if start is None or end is None or start > end:
            raise CommandError("--from and --to are days, yyyy-MM-dd, the first not after the last")
        now = timezone.now()
        log.write_now("export_log", detail={"from": str(start), "to": str(end)})
        trail.seal_all(now)
        try:
            with Path(options["out"]).open("xb") as file:
                count = bundles.of_days(file, start, end, by="命令 audit", now=now)
        except FileExistsError:
            raise CommandError(f"{options['out']} is there already") from None
        self._say({"entries": count, "file": options["out"]}, options)

    def do_forget_anchor(self, options: dict[str, Any]) -> None:
        kept = anchor.read()
        log.write_now("forget_anchor", reason=options["reason"], detail={"size": kept["size"] if kept else None})
        anchor.forget()
        self._say({"forgotten": kept["size"] if kept else None}, options)
