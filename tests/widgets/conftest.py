"""Every test of a panel has a home folder of its own, so that nobody's preferences are read or written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
import keyring.backends.fail
import pytest

from manager_nb.widgets import ServerBackupPanel, preferences
from tests.server.serving import ManagerServer, serve_manager
from tests.server.users import User
from tests.widgets.serving import PASSWORD, SHOP, TRADERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MANAGER_NB_LANGUAGE", "en")
    monkeypatch.setattr(preferences, "_SHARED", {})
    return folder


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    """Nor is anything put into anybody's keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def server(tmp_path: Path, himalaya_tar: Path, data: Path) -> Iterator[ManagerServer]:
    businesses = {TRADERS: himalaya_tar, SHOP: data / "small" / f"{SHOP}.manager.tar"}
    users = {
        "administrator": User(PASSWORD),
        "Ravi": User(PASSWORD, administrator=False, businesses={SHOP}),
        "Nobody": User(PASSWORD, administrator=False),
        "Asha": User(PASSWORD, code="123456"),
    }
    with serve_manager(tmp_path / "server", businesses, users=users) as running:
        yield running


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[ServerBackupPanel]:
    made = ServerBackupPanel(tmp_path / "Store", language="en", timezone="Asia/Kolkata")
    yield made
    made.close()
