"""The files of the real program, unpacked once for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
import pytest

from tests.data.refresh import PACK, unpack
from tests.keyrings import Ring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything in the pack, for reading only: copy what is to be changed to `tmp_path`."""
    folder = tmp_path_factory.mktemp("data")
    unpack(PACK, folder)
    return folder


@pytest.fixture(scope="session")
def himalaya(data: Path) -> Path:
    """Himalaya Traders at its end: 695 objects, 794 changes, 74 e-mails, 4 images, no attachments' bytes."""
    return data / "himalaya" / "Himalaya Traders.manager"


@pytest.fixture(scope="session")
def himalaya_tar(data: Path) -> Path:
    """The same moment with the attachments."""
    return data / "himalaya" / "Himalaya Traders (2026-03-27).manager.tar"


@pytest.fixture
def ring() -> Iterator[Ring]:
    """The keyring of the process, empty at first."""
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)
