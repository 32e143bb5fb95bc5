"""A page with the reader adapters, and a serial reader."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.readers import vendors
from tests.readers.emulator import Emulator


@pytest.fixture
def reader() -> Iterator[Emulator]:
    emulator = Emulator()
    yield emulator
    emulator.close()


@pytest.fixture
def portal() -> Iterator[vendors.Page]:
    """A page with the adapters, from a server of the test's own."""
    served = vendors.Page(settings.BASE_DIR / "static", "<!doctype html><title>desk</title>")
    yield served
    served.close()


@pytest.fixture
def page(chromium: object, portal: vendors.Page) -> Iterator[object]:
    context = chromium.new_context()
    opened = context.new_page()
    opened.goto(portal.url)
    yield opened
    context.close()
