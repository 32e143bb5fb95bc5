import io

import pytest
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
