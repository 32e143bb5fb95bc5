"""`manage.py import_register FILE.xlsx --community CODE [--dry-run] [--json]`; `--template OUT.xlsx` writes an empty workbook.

`--photos FILE.zip` instead of a workbook takes portraits, each named by its person's document number; `--papers PLACE` declares
that written consents of those without one on record are kept there.
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import statistics
from accounts.models import User
from audit import log
from community.models import Community
from community.workbooks import photos, reading, receiving, running, writing
from community.workbooks.archives import ArchiveError
from community.workbooks.models import Import


class Command(BaseCommand):
    help = (
        "Import houses, people, residencies, vehicles, devices and organisations from a workbook: all of it or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?")
        parser.add_argument("--community", metavar="CODE")
        parser.add_argument("--user", metavar="NAME", help="in whose name; the first administrator if not told")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--template", metavar="OUT")
        parser.add_argument("--photos", metavar="ZIP")
        parser.add_argument(
            "--papers", metavar="PLACE", default="", help="where written consents to the photos are kept"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["template"]:
            Path(options["template"]).write_bytes(writing.template())
            return
        community = Community.objects.filter(registration_code=options["community"] or "").first()
        if community is None or bool(options["file"]) == bool(options["photos"]):
            raise CommandError(
                "name a FILE or --photos ZIP and, with --community, the registration code of a community"
            )
        with log.acting_as("命令 import_register"):
            (self._import_photos if options["photos"] else self._import)(options, community)

    def _import(self, options: dict[str, Any], community: Community) -> None:
        try:
            with running.without_collector():
                plan = running.examine(Path(options["file"]).read_bytes(), community)
        except (OSError, reading.WorkbookError) as error:
            raise CommandError(str(error)) from None
        saved = not options["dry_run"] and not plan.errors
        if saved:
            run = Import(
                community=community,
                file_name=Path(options["file"]).name[:100],
                made_by=self._user(options),
                for_real=True,
            )
            run.save()
            with running.without_collector():
                running.save(plan, run, timezone.now)
            statistics.refresh()
        self._say(plan, saved, options)

    def _import_photos(self, options: dict[str, Any], community: Community) -> None:
        now, real = timezone.now(), not options["dry_run"]
        user = self._user(options) if real else None
        try:
            papers = receiving.papers_of(options["papers"]) if options["papers"] else ""
            with open(options["photos"], "rb") as file:
                plan = photos.examine(file, community, written=bool(papers), now=now, keep=real)
            if saved := real and not plan.errors:
                run = Import(kind=Import.Kind.PHOTOS, community=community, made_by=user, for_real=True, papers=papers)
                run.save()
                photos.save(plan, run, now)
        except (OSError, ArchiveError) as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self._say(plan, saved, options)

    def _user(self, options: dict[str, Any]) -> User:
        """In whose name it is imported."""
        named = User.objects.filter(username=options["user"]) if options["user"] else None
        user = (User.objects.order_by("-is_superuser", "pk") if named is None else named).first()
        if user is None:
            raise CommandError("there is no such user: make one with create_admin, or name one with --user")
        return user

    def _say(self, plan: running.Plan | photos.Plan, saved: bool, options: dict[str, Any]) -> None:
        for title, counts in plan.counts.items():
            self.stdout.write(f"{title}: {counts}")
        for title, lines in plan.errors.items():
            for number, told in list(lines.items())[:50]:
                self.stdout.write(f"{title} {number}: {'；'.join(f'{name} {said}' for name, said in told.items())}")
        if options["json"]:
            facts = {"ok": not plan.errors, "saved": saved, "counts": plan.counts, "errors": plan.errors}
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        if plan.errors:
            raise CommandError("nothing was imported: put the lines named above right and try again")
