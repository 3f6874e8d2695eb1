"""What a person chose once and finds again everywhere: language, time zone, the files last used.

Kept in one small JSON file in the folder that the platform has for such things. Whether it can be written or read does
not matter: a panel works the same without it. Every open page has a program of its own that shares the file: it writes
only what was changed, on top of what the file has by then, and reads it anew before it is shown.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from babel.dates import LOCALTZ
from traitlets import Bunch, Dict, HasTraits, List, Unicode

from manager_nb.demo import demonstration
from manager_nb.i18n import detect

_TEXTS = ("business", "language", "timezone", "server", "server_user", "server_certificate")
_LISTS = ("files", "folders", "data_folders", "stores")
_SHAPES = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_LISTS, list), "audits": dict}

#: Other names of UTC, which tell people nothing.
_UTC = frozenset({"Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu"})

#: How many files and folders are remembered.
REMEMBERED = 6

#: Of how many businesses the settings of an audit are remembered.
AUDITS = 30


class Preferences(HasTraits):
    """The choices, observable: every panel follows a change of language at once."""

    language = Unicode(help="code of the language, e.g. 'hi'; at first the one of the operating system")
    timezone = Unicode(help="IANA name of the time zone in which times are shown")
    business = Unicode(help="the business file that was opened last, for the other pages; empty: none yet")
    files = List(Unicode(), help="business files and backups, the last one first")
    folders = List(Unicode(), help="folders of backups, the last one first")
    data_folders = List(Unicode(), help="Manager's data folders, the last one first")
    audits = Dict(help="by the path of a business: tests, settings and earlier backup of its audit, the last one first")
    stores = List(Unicode(), help="stores of backups, the last one first")
    server = Unicode(help="address of the Manager server that was signed in to last; no password is ever here")
    server_user = Unicode(help="who signed in there")
    server_certificate = Unicode(help="the certificate file by which it is known; empty: none")

    def __init__(self, store: Path) -> None:
        super().__init__(language=detect(), timezone=local_timezone())
        self._store = store
        self._reading = False
        self._unsaved: set[str] = set()
        self.refresh()
        self.observe(self._write)

    def refresh(self) -> None:
        """Take what the file has now: another page may have written it. What could not be written stays as it is."""
        self._reading = True
        try:
            for name, value in _known(_read(self._store)).items():
                if name not in self._unsaved:
                    with contextlib.suppress(Exception):  # an entry of another version, or edited by hand
                        self.set_trait(name, value)
        finally:
            self._reading = False

    def choose(self, name: str, value: str) -> None:
        """Make a choice that counts even where it is already made here: another page may have made another one."""
        self.refresh()
        if getattr(self, name) == value:
            self._write(Bunch(name=name))
        else:
            self.set_trait(name, value)

    def remember_file(self, path: Path) -> None:
        """Put a file first among those last used."""
        self.refresh()
        self.files = _first(path, self.files)

    def remember_folder(self, path: Path) -> None:
        """Put a folder first among those that backups went to."""
        self.refresh()
        self.folders = _first(path, self.folders)

    def remember_data_folder(self, path: Path) -> None:
        """Put a folder first among Manager's data folders."""
        self.refresh()
        self.data_folders = _first(path, self.data_folders)

    def remember_audit(self, path: Path, chosen: dict[str, Any]) -> None:
        """Keep what was chosen for the audit of a business; nothing keeps nothing."""
        self.refresh()
        name = str(path)
        others = {other: kept for other, kept in self.audits.items() if other != name}
        first = {name: chosen} if chosen else {}
        self.audits = dict(list((first | others).items())[:AUDITS])

    def audit_of(self, path: Path) -> dict[str, Any]:
        """What was chosen last for the audit of a business."""
        self.refresh()
        kept = self.audits.get(str(path))
        return dict(kept) if isinstance(kept, dict) else {}

    def remember_store(self, path: Path) -> None:
        """Put a folder first among the stores of backups."""
        self.refresh()
        self.stores = _first(path, self.stores)

    def remember_server(self, address: str, user: str, certificate: str) -> None:
        """Keep which server was signed in to, and as whom; the password is no part of it."""
        for name, value in {"server": address, "server_user": user, "server_certificate": certificate}.items():
            self.choose(name, value)

    def _write(self, change: Bunch) -> None:
        if self._reading:
            return
        self._unsaved.add(change.name)
        with contextlib.suppress(OSError, UnicodeError):
            chosen = _read(self._store) | {name: getattr(self, name) for name in self._unsaved}
            self._store.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._store, json.dumps(chosen, ensure_ascii=True, indent=1))
            self._unsaved.clear()


def chosen_business() -> Path:
    """The business that was opened last on any page, at first, and where its file is gone, the demonstration."""
    kept = preferences()
    kept.refresh()
    path = Path(kept.business)
    try:
        return path if kept.business and path.exists() else demonstration()
    except OSError:
        return demonstration()


def local_timezone() -> str:
    """The IANA name of this machine's time zone, "UTC" where it has none."""
    zone = str(getattr(LOCALTZ, "key", "") or getattr(LOCALTZ, "zone", "") or "UTC")
    return "UTC" if zone in _UTC else zone


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
    """All that the file has, also what another version put there."""
    try:
        kept = json.loads(store.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _known(kept: dict[str, Any]) -> dict[str, Any]:
    known = {name: kept[name] for name, shape in _SHAPES.items() if isinstance(kept.get(name), shape)}
    if known.get("timezone", "UTC") not in _zones():
        del known["timezone"]  # of another machine, or edited by hand: no panel could show a time in it
    return known


@functools.cache
def _zones() -> frozenset[str]:
    """The zones that this machine knows: to list them takes milliseconds, and preferences are read at every click."""
    return frozenset(available_timezones())


def _replace(store: Path, text: str) -> None:
    """Write it in one go, so that no other page ever reads half of it."""
    handle, name = tempfile.mkstemp(dir=store.parent, prefix=f".{store.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle, no path
            file.write(text)
        Path(name).replace(store)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


_SHARED: dict[Path, Preferences] = {}


def preferences() -> Preferences:
    """The preferences that all panels of this notebook share."""
    store = state_folder() / "preferences.json"
    if store not in _SHARED:
        _SHARED[store] = Preferences(store)
    return _SHARED[store]
