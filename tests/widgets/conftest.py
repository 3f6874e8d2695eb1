"""Every test of a panel has a home folder of its own, so that nobody's preferences are read or written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
import keyring.backends.fail
import pytest

from manager_nb.widgets import preferences

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
