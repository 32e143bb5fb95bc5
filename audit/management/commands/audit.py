"""`manage.py audit verify | head | export`."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from audit import log, trail
from audit.models import Entry, Head, Leaf
from guomi import keyring


class Command(BaseCommand):
    help = "Check, show or export the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        for name in ("verify", "head", "export"):
            deed = deeds.add_parser(name)
            deed.add_argument("--json", action="store_true")
        deed.add_argument("--from", dest="start", required=True, metavar="yyyy-MM-dd")
        deed.add_argument("--to", dest="end", required=True, metavar="yyyy-MM-dd")
        deed.add_argument("--out", required=True, metavar="BUNDLE")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, "do_" + options["deed"])(options)

    def _say(self, facts: dict[str, Any], options: dict[str, Any]) -> None:
        for name, value in facts.items():
            self.stdout.write(f"{name:<12}{value}")
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))

    def do_verify(self, options: dict[str, Any]) -> None:
        trail.seal_all(timezone.now())
        verdict = trail.verify()
        log.write_now("verify_log", outcome="done" if verdict.ok else "failed", detail={"entries": verdict.entries})
        self._say(asdict(verdict), options)
        if not verdict.ok:
            raise CommandError(f"the log has been altered at entry {verdict.first_bad}: {verdict.problem}")

    def do_head(self, options: dict[str, Any]) -> None:
        head = Head.objects.order_by("-size").first()
        if head is None:
            raise CommandError("nothing has been sealed yet")
        self._say({"size": head.size, "root": head.root, "made_at": head.made_at, "signature": head.signature}, options)

    def do_export(self, options: dict[str, Any]) -> None:
        start, end = parse_date(options["start"]), parse_date(options["end"])
        if start is None or end is None or start > end:
            raise CommandError("--from and --to are days, yyyy-MM-dd, the first not after the last")
        rows = Entry.objects.filter(at__date__gte=start, at__date__lte=end).order_by("pk")
        count = 0
        with transaction.atomic(), Path(options["out"]).open("x", encoding="utf-8") as file:
            public = keyring.get().sm2("audit").public.hex()
            file.write(json.dumps({"format": "anju-audit", "public_key": public}) + "\n")
            hashes = dict(Leaf.objects.filter(entry_id__in=rows.values("pk")).values_list("entry_id", "hash"))
            for entry in rows.iterator():
                values = {field.attname: getattr(entry, field.attname) for field in Entry._meta.concrete_fields}
                file.write(json.dumps(values | {"leaf": hashes.get(entry.pk)}, ensure_ascii=False, default=str) + "\n")
                count += 1
            for head in Head.objects.order_by("size").values("size", "root", "made_at", "signature"):
                file.write(json.dumps({"head": head}, default=str) + "\n")
            log.write("export_log", detail={"from": str(start), "to": str(end), "entries": count})
        self._say({"entries": count, "file": options["out"]}, options)
