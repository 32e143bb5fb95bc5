"""The cast, for every test that asks for it."""

import importlib
import math
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.signin import sessions
from audit import anchor
from community.models import Post
from guomi import keyring
from tests import cast


@pytest.fixture(autouse=True, scope="session")
def _keys_are_read_once() -> Iterator[None]:
    """No look at the database for new keys between two counted queries: one process makes them all here."""
    usual, keyring.REREAD_SECONDS = keyring.REREAD_SECONDS, math.inf
    yield
    keyring.REREAD_SECONDS = usual


@pytest.fixture
def own_keys() -> Iterator[None]:
    """Keys a test makes go with its transaction: the ring forgets them too."""
    yield
    keyring.configure()


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits and wake-ups of one test are not those of the next."""
    cache.clear()


@pytest.fixture
def lotus(db: None) -> cast.Place:
    return cast.place("LOTUS", "幸福里", 901)


@pytest.fixture
def maple(db: None) -> cast.Place:
    return cast.place("MAPLE", "枫林苑", 903)


@pytest.fixture
def administrators(lotus: cast.Place) -> dict[str, User]:
    """The three of the installation, each posted for all communities."""
    made = {}
    for role in ("system_admin", "security_admin", "audit_admin"):
        made[role] = cast.user(role)
        Post.objects.create(user=made[role], role=role, community=None)
    return made


@pytest.fixture
def stranger(db: None) -> User:
    """Signs in, but nobody has posted him anywhere."""
    return cast.user("stranger")


@pytest.fixture
def as_user():
    """A browser signed in as somebody."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[sessions.FACTOR] = "in the test"  # as if the one-time code had been shown
        session.save()
        return client

    return sign_in


@pytest.fixture
def _log_refuses_again(django_db_setup, django_db_blocker) -> Iterator[None]:
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for statement in _log_guard().statements(connection.vendor):
            cursor.execute(statement)


@pytest.fixture
def committed(_log_refuses_again, transactional_db) -> Iterator[None]:
    """Real transactions, for threads with connections of their own; the log may be emptied when the test is over."""
    yield
    anchor.forget()
    with connection.cursor() as cursor:
        for statement in _log_guard().removals(connection.vendor):
            cursor.execute(statement)


def _log_guard():
    return importlib.import_module("audit.migrations.0003_codes_chunks_tombstones")
