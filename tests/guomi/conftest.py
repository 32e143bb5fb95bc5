import io
from importlib import import_module

import pytest
from django.apps import AppConfig, apps
from django.db import connection
from PIL import Image

from guomi import keyring
from tests.guomi.models import Neighbour


@pytest.fixture(scope="session")
def trial_tables(django_db_setup, django_db_blocker):
    """The tables of tests/guomi/models.py, made outside any transaction."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(Neighbour)
        editor.create_model(Neighbour.history.model)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Neighbour.history.model)
        editor.delete_model(Neighbour)


@pytest.fixture
def trial(trial_tables, db, settings, tmp_path):
    """A database with the trial tables and a media folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def trial_app():
    """Django copies and unpickles instances of installed apps only: for one test the trial is one."""
    config = AppConfig("tests.guomi", import_module("tests.guomi"))
    config.apps, config.label, config.models = apps, "guomi_trial", apps.all_models["guomi_trial"]
    apps.app_configs["guomi_trial"] = config
    yield
    del apps.app_configs["guomi_trial"]


@pytest.fixture
def zhang(trial):
    return Neighbour.objects.create(name="张小三", phone="13812341234", number="12010119900307123X", extra={"a": [1]})


@pytest.fixture
def ring(tmp_path):
    return keyring.KeyRing(keyring.provider_at(tmp_path), keyring.FileStore(tmp_path))


@pytest.fixture
def photo():
    """A function that draws a picture: size and format in, encoded bytes out."""

    def draw(size=(400, 300), kind="PNG", colour="teal", **options) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", size, colour).save(out, kind, **options)
        return out.getvalue()

    return draw
