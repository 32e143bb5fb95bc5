"""`manage.py upper configure | check | push | pull | doctor | status | bench`."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import log
from guomi.sm2 import Sm2Error
from uploads import bench, configuring, delivery, doctor, places, probing, pulling, status
from uploads.models import UpperPlatform

FORMS = {
    "--wire-profile": ("wire_profile", ["table", "likely"]),
    "--cipher-order": ("cipher_order", ["C1C3C2", "C1C2C3"]),
    "--cipher-prefix": ("cipher_prefix", ["04", "none", "der"]),
    "--cipher-encoding": ("cipher_encoding", ["hex", "base64"]),
    "--password-wrap": ("password_wrap", UpperPlatform.PasswordWrap.values),
}


class Command(BaseCommand):
    help = "The upper platform: make it known, try it, deliver to it, see how delivery stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        configure = deeds.add_parser("configure")
        for name in ("--base-url", "--client-id", "--username", "--password", "--public-key"):
            configure.add_argument(name, required=True)
        configure.add_argument("--registration-code", metavar="PTZCM")
        for option, (destination, choices) in FORMS.items():
            configure.add_argument(option, dest=destination, choices=choices)
        push = deeds.add_parser("push")
        push.add_argument("--until-empty", action="store_true")
        doctor = deeds.add_parser("doctor")
        doctor.add_argument("--sample", metavar="TEXT", help="a test ciphertext; without it the platform is asked")
        doctor.add_argument("--private-key", metavar="HEX", help="the test key of the sample; - reads it from stdin")
        doctor.add_argument("--save", action="store_true", help="make the form found the platform's own")
        for deed in (
            configure,
            push,
            doctor,
            *(deeds.add_parser(name) for name in ("check", "status", "bench", "pull")),
        ):
            deed.add_argument("--community", metavar="CODE", required=deed is configure)
            deed.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with log.acting_as("命令 upper"):
            getattr(self, "do_" + options["deed"])(options)

    def _community(self, options: dict[str, Any]) -> int | None:
        if not options["community"]:
            return None
        found = places.directory().by_code(options["community"])
        if found is None:
            raise CommandError(f"no community has the registration code {options['community']}")
        return found

    def _say(self, facts: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))

    def do_configure(self, options: dict[str, Any]) -> None:
        key = options["public_key"]
        if len(key) < 1000 and Path(key).is_file():
            key = Path(key).read_text(encoding="ascii")
        values = {name: options[name] for name in ("base_url", "client_id", "username", "password")}
        values |= {name: options[name] for name, _ in FORMS.values() if options[name]}
        if values["password"] == "-":  # noqa: S105 -- kept out of the list of processes and the shell's history
            values["password"] = sys.stdin.readline().rstrip("\r\n")
        code = options["registration_code"] or options["community"]
        try:
            platform = configuring.configure(self._community(options), code, public_key=key, **values)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"{platform.registration_code} -> {platform.base_url}")
        self._say({"configured": platform.registration_code}, options)

    def do_check(self, options: dict[str, Any]) -> None:
        steps = []
        for platform in self._platforms(options):
            steps.append({"community": platform.registration_code, **asdict(probing.probe(platform))})
        for step in steps:
            self.stdout.write(f"{step['community']}: {step['problem'] or 'ok'} {', '.join(step['registration_codes'])}")
        ok = bool(steps) and not any(step["problem"] for step in steps)
        self._say({"ok": ok, "platforms": steps}, options)
        if not ok:
            raise CommandError(
                "the upper platform is not reachable as configured" if steps else "no upper platform is configured"
            )

    def do_push(self, options: dict[str, Any]) -> None:
        community = self._community(options)
        if options["until_empty"]:
            tally = delivery.deliver_until_empty(community_id=community, patience=30)
        else:
            tally = delivery.deliver(community_id=community)
        facts = {**tally.as_dict(), "left": delivery.left(community)}
        for name, value in facts.items():
            self.stdout.write(f"{name:<12}{value}")
        # A throttle or an outage that is over is no failure when everything went up in the end.
        ok = not facts["left"] if options["until_empty"] else not tally.problems
        self._say({"ok": ok, **facts}, options)
        if not ok:
            raise CommandError("; ".join(tally.problems) or f"{facts['left']} records could not go up yet")

    def do_doctor(self, options: dict[str, Any]) -> None:
        if options["sample"] is None:
            self._ask_platforms(options)
            return
        key = sys.stdin.readline().strip() if options["private_key"] == "-" else options["private_key"] or ""
        try:
            found = doctor.diagnose(options["sample"], key)
        except Sm2Error as error:
            raise CommandError(str(error)) from error
        for line in found.says:
            self.stdout.write(line)
        forms = [asdict(form) for form in found.forms]
        self.stdout.write(", ".join(f"{form.order} {form.prefix} {form.encoding}" for form in found.forms) or "—")
        if found.ok and options["save"] and (platform := self._platforms(options).first()):
            doctor.adopt(platform, found.forms[0])
        self._say({"ok": found.ok, "forms": forms, "says": found.says, "profile": forms[0] if forms else None}, options)
        if not found.ok:
            raise CommandError("no form opens this sample")

    def _ask_platforms(self, options: dict[str, Any]) -> None:
        found = []
        for platform in self._platforms(options):
            trial = doctor.ask(platform, now=timezone.now())
            for attempt in trial.attempts:
                form = attempt.form
                self.stdout.write(f"{form.order} {form.prefix:<5}{form.encoding:<7}{attempt.kind:<9}{attempt.message}")
            if trial.found and options["save"]:
                doctor.adopt(platform, trial.found)
            found.append(
                {"community": platform.registration_code, "found": asdict(trial.found) if trial.found else None,
                 "tried": len(trial.attempts), "problem": trial.problem}
            )  # fmt: skip
        ok = bool(found) and all(one["found"] for one in found)
        self._say({"ok": ok, "platforms": found}, options)
        if not ok:
            raise CommandError("; ".join(one["problem"] for one in found) or "no upper platform is configured")

    def _platforms(self, options: dict[str, Any]) -> Any:
        wanted, found = self._community(options), UpperPlatform.objects.filter(enabled=True)
        return found if wanted is None else found.filter(community_id=wanted)

    def do_pull(self, options: dict[str, Any]) -> None:
        found: list[pulling.Outcome] = []
        for platform in self._platforms(options):
            found += pulling.pull(platform, now=timezone.now(), force=True)
        for one in found:
            self.stdout.write(
                f"{one.community} {one.clause:<6}{one.title:<14} pages {one.pages:<4} records {one.records:<6} "
                f"new {one.new:<6} matched {one.matched:<6} differing {one.differing:<5} {one.problem}"
            )
        ok = bool(found) and not any(one.problem for one in found)
        self._say({"ok": ok, "interfaces": [asdict(one) for one in found]}, options)
        if not ok:
            raise CommandError("not everything could be read" if found else "no upper platform is configured")

    def do_bench(self, options: dict[str, Any]) -> None:
        results = bench.push_cases()
        for row in results:
            self.stdout.write(f"{row['case']}: {row['value']} {row['unit']}, {row['baseline']} {row['baseline_value']}")
        self._say({"bench": "push", "results": results}, options)

    def do_status(self, options: dict[str, Any]) -> None:
        community = self._community(options)
        rows = status.of_communities(None if community is None else [community], timezone.now())
        for row in rows:
            self.stdout.write(
                f"{row['interface']:<7}{row['title']:<10} due {row['due']:<6} delivered {row['delivered']:<7} "
                f"retrying {row['retrying']:<6} held {row['held']:<6} oldest {row['oldest'] or '-'}"
            )
            for reason in row["reasons"]:
                self.stdout.write(f"       held: {reason['reason']} x {reason['count']}")
        self._say({"interfaces": rows, **status.totals(rows)}, options)
