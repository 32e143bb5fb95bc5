"""Another keeper of the key-encryption key is named by ANJU_KEY_PROVIDER; callers do not notice."""

from pathlib import Path

import pytest

from guomi import keyring
from guomi.keyfiles import FileStore, ValueProvider, provider_at


class Module(ValueProvider):
    """Stands for a security module."""

    def __init__(self, home: Path) -> None:
        super().__init__(bytes(range(16)))


def test_named_provider_wraps_the_ring(tmp_path, monkeypatch):
    monkeypatch.setenv("ANJU_KEY_PROVIDER", f"{__name__}.Module")
    ring = keyring.KeyRing(provider_at(tmp_path), FileStore(tmp_path))
    blob = ring.seal("person", b"x", b"")
    assert not (tmp_path / "keys" / "kek").exists()
    assert keyring.KeyRing(Module(tmp_path), FileStore(tmp_path)).open(blob, b"") == b"x"


@pytest.mark.parametrize("path", ["Module", "no.such.Module", f"{__name__}.Missing", "pathlib.Path"])
def test_bad_provider_is_named(tmp_path, monkeypatch, path):
    monkeypatch.setenv("ANJU_KEY_PROVIDER", path)
    with pytest.raises(keyring.KeyringError, match="ANJU_KEY_PROVIDER"):
        provider_at(tmp_path)
