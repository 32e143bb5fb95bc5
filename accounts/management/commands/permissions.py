"""The route × role table: printed, `--write` into docs/permissions.md, `--check` that it is true."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from accounts.permissions import matrix


class Command(BaseCommand):
    help = "Which role may use which route, from the roles and the table of routes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/permissions.md")
        parser.add_argument("--check", action="store_true", help="fail if docs/permissions.md says something else")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            page = matrix()
        path = settings.BASE_DIR / "docs" / "permissions.md"
        if options["write"]:
            path.write_text(page, encoding="utf-8")
        elif not options["check"]:
            self.stdout.write(page)
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            raise CommandError("docs/permissions.md is out of date: run manage.py permissions --write")
