"""A reader, and a bridge to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.readers import bridging
from tests.readers.emulator import Emulator


@pytest.fixture
def reader() -> Iterator[Emulator]:
    emulator = Emulator()
    yield emulator
    emulator.close()


@pytest.fixture
def bridge(reader: Emulator, tmp_path: Path) -> Iterator[bridging.Bridge]:
    with bridging.running(tmp_path, reader.port) as running:
        yield running
