"""`manage.py create_admin NAME`: the first administrator, once, with a password printed once."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from audit import log


class Command(BaseCommand):
    help = "Make the first administrator; refused when there is one already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(is_superuser=True).exists():
            raise CommandError("There is an administrator already.")
        password = secrets.token_urlsafe(12)
        with transaction.atomic():
            user = User.objects.create_superuser(options["username"], password=password, must_change_password=True)
            log.write("create", target=user)
        self.stdout.write(f"{user.username} {password}\nShown once: change it at the first sign-in.")
