"""What a person chose once and finds again everywhere: language, time zone, the files last used.

Kept in one small JSON file in the folder that the platform has for such things. Whether it can be written or read does
not matter: a panel works the same without it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from babel.dates import LOCALTZ
from traitlets import HasTraits, List, Unicode

from manager_nb.i18n import detect

_SHAPES = {"language": str, "timezone": str, "files": list, "folders": list, "data_folders": list}

#: How many files and folders are remembered.
REMEMBERED = 6


class Preferences(HasTraits):
    """The choices, observable: every panel follows a change of language at once."""

    language = Unicode(help="code of the language, e.g. 'hi'; at first the one of the operating system")
    timezone = Unicode(help="IANA name of the time zone in which times are shown")
    files = List(Unicode(), help="business files and backups, the last one first")
    folders = List(Unicode(), help="folders of backups, the last one first")
    data_folders = List(Unicode(), help="Manager's data folders, the last one first")

    def __init__(self, store: Path) -> None:
        super().__init__(language=detect(), timezone=local_timezone())
        self._store = store
        for name, value in _read(store).items():
            with contextlib.suppress(Exception):  # an entry of another version, or edited by hand
                self.set_trait(name, value)
        self.observe(self._write)

    def remember_file(self, path: Path) -> None:
        """Put a file first among those last used."""
        self.files = _first(path, self.files)

    def remember_folder(self, path: Path) -> None:
        """Put a folder first among those that backups went to."""
        self.folders = _first(path, self.folders)

    def remember_data_folder(self, path: Path) -> None:
        """Put a folder first among Manager's data folders."""
        self.data_folders = _first(path, self.data_folders)

    def _write(self, _change: object) -> None:
        chosen = {name: getattr(self, name) for name in _SHAPES}
        with contextlib.suppress(OSError, UnicodeError):
            self._store.parent.mkdir(parents=True, exist_ok=True)
            self._store.write_text(json.dumps(chosen, ensure_ascii=True, indent=1), "utf-8")


def local_timezone() -> str:
    """The IANA name of this machine's time zone, "UTC" where it has none."""
    return str(getattr(LOCALTZ, "key", "") or getattr(LOCALTZ, "zone", "") or "UTC")


def state_folder() -> Path:
    """Where this platform keeps such a file for this user."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "manager_nb"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "manager_nb"
    return Path(os.environ.get("XDG_STATE_HOME") or home / ".local" / "state") / "manager_nb"


def _first(path: Path, known: list[str]) -> list[str]:
    name = str(path)
    return [name, *(other for other in known if other != name)][:REMEMBERED]


def _read(store: Path) -> dict[str, Any]:
    try:
        kept = json.loads(store.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    known = kept if isinstance(kept, dict) else {}
    return {name: known[name] for name, shape in _SHAPES.items() if isinstance(known.get(name), shape)}


_SHARED: dict[Path, Preferences] = {}


def preferences() -> Preferences:
    """The preferences that all panels of this notebook share."""
    store = state_folder() / "preferences.json"
    if store not in _SHARED:
        _SHARED[store] = Preferences(store)
    return _SHARED[store]
