"""The cast, for every test that asks for it."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests import cast


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
def stranger(db: None) -> User:
    """Signs in, but nobody has posted him anywhere."""
    return cast.user("stranger")


@pytest.fixture
def as_user():
    """A browser signed in as somebody."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
