"""The role × field table of personal data: `who_sees_what`, `--write` into docs/, `--check` that docs/ is true."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from accounts.personal import who_sees_what


class Command(BaseCommand):
    help = "Who sees what of personal data, from the roles and the table of personal fields."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/who-sees-what.md")
        parser.add_argument("--check", action="store_true", help="fail if docs/who-sees-what.md says something else")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            page = who_sees_what()
        path = settings.BASE_DIR / "docs" / "who-sees-what.md"
        if options["write"]:
            path.write_text(page, encoding="utf-8")
        elif not options["check"]:
            self.stdout.write(page)
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            raise CommandError("docs/who-sees-what.md is out of date: run manage.py who_sees_what --write")
