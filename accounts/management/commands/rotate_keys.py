"""`manage.py rotate_keys [--check | --kek | --leftovers] [--json]`."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import rotating
from audit import log
from guomi import keyring, rotation


class Command(BaseCommand):
    help = "Make new data keys and seal everything anew under them, on line. Killed, it goes on when it is run again."

    def add_arguments(self, parser: CommandParser) -> None:
        deed = parser.add_mutually_exclusive_group()
        deed.add_argument(
            "--check", action="store_true", help="only count what stands under old keys, and try every key"
        )
        deed.add_argument("--kek", action="store_true", help="wrap the data keys under a new key-encryption key")
        deed.add_argument(
            "--leftovers", action="store_true", help="seal anew what stands under old keys; make no new ones"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        with log.acting_as("命令 rotate_keys"):
            facts = self._deed(options)
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            for name, value in facts.items():
                self.stdout.write(f"{name:<10}{value}")
        if not facts["ok"]:
            raise CommandError("not everything could be sealed anew: see what is left and what is broken above")

    def _deed(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["check"]:
            left, unusable = rotation.count_old(), keyring.get().unusable()
            return {"ok": not left and not unusable, "left": left, "unusable_keys": unusable}
        if options["kek"]:
            count, aside = rotating.rewrap()
            if aside:
                self.stderr.write(
                    f"旧主密钥已移至 {aside}：旧备份仍需要它。请与旧备份一起离线保存，并从本机删除；新主密钥请重新备份。"
                )
            return {"ok": True, "keys": count}
        deed = rotating.reseal if options["leftovers"] else rotating.rotate
        outcome = deed(timezone.now(), tell=self._tell)
        if sys.stderr.isatty():
            self.stderr.write("")
        return {
            "ok": outcome.ok, "resumed": outcome.resumed, "rows": outcome.rows, "files": outcome.files,
            "retired": outcome.retired, "left": outcome.left, "broken": outcome.broken[:100],
        }  # fmt: skip

    def _tell(self, label: str, rows: int) -> None:
        """One line on a terminal that rewrites itself; elsewhere a line a batch."""
        ending = "" if sys.stderr.isatty() else "\n"
        self.stderr.write(("\r" if not ending else "") + f"{label} {rows}", ending=ending)
        self.stderr.flush()
