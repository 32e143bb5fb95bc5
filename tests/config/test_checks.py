"""Bad values of the environment are named, each with what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


def complaints(home: Path, **values: str) -> str:
    """What `manage.py check` says with these values in its environment."""
    environment = os.environ | {"ANJU_HOME": str(home)} | values
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"UPLOADS_LEASE_SECONDS": "0"}, "anju.E001"),
        ({"TRUSTED_PROXIES": "front-door"}, "anju.E004"),
        ({"DEBUG": "true", "ALLOWED_HOSTS": "portal.example"}, "anju.E005"),
        ({"ALLOWED_HOSTS": "*"}, "anju.E006"),
        ({"ANJU_KEK": "short"}, "accounts.E001"),
        ({"ANJU_KEK": "00" * 16, "ANJU_KEK_OLD": "short"}, "accounts.E001"),
        ({"ANJU_KEY_PROVIDER": "nowhere.Module"}, "accounts.E001"),
        ({"READER_ADDRESSES": "https://evil.example"}, "anju.E020"),
        ({"READER_ADDRESSES": "http://127.0.0.1:8990,http://127.0.0.1.evil.example:80"}, "anju.E020"),
        ({"ALLOWED_HOSTS": "portal.example"}, "anju.W001"),
        ({"ANJU_S3_BUCKET": "b", "ANJU_S3_ENDPOINT": "store:9000"}, "anju.E007"),
        ({"ANJU_S3_ENDPOINT": "https://store.example"}, "anju.E008"),
        ({"ANJU_S3_BUCKET": "b", "ANJU_S3_ENDPOINT": "http://store.example"}, "anju.W002"),
    ],
)
def test_a_bad_value_is_named(tmp_path: Path, values: dict[str, str], expected: str) -> None:
    assert expected in complaints(tmp_path, **values)


def test_the_defaults_have_no_complaint(tmp_path: Path) -> None:
    assert "no issues" in complaints(tmp_path)


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    assert "anju.E003" in complaints(tmp_path)


def test_two_processes_starting_at_once_agree_on_a_secret(tmp_path: Path) -> None:
    script = "from config.home import secret; print(secret('django-secret'))"
    environment = os.environ | {"ANJU_HOME": str(tmp_path)}
    command = [sys.executable, "-c", script]
    running = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = {process.communicate()[0].strip() for process in running}
    assert len(said) == 1
    assert len(said.pop()) > 40
    assert (tmp_path / "keys" / "django-secret").stat().st_mode & 0o077 == 0
