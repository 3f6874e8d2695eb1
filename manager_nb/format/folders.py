"""Finds the businesses in a folder (docs/format.md §1)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from manager_nb.errors import NotABusinessError, SeveralBusinessesError, SourceMissingError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ENDING = ".manager"

USERS_LIST = "0" * 32
"""The name of the list of users and businesses in old data folders."""

_RESERVED = frozenset({USERS_LIST, "238097db79f84dc5a44a0c6f8aa04e6c"})
_INSIDE = frozenset({"businesses", "trash"})
_PACKED = (".gz", ".zst")


def business_in(folder: Path, name: str | None) -> Path:
    """The file of a business in a data folder, or in its ``Businesses``.

    Args:
        folder: the folder.
        name: which business; not needed where there is only one.

    Raises:
        NotABusinessError: the folder holds none.
        SeveralBusinessesError: it holds several and none was named.
        SourceMissingError: it holds none of that name.
    """
    inside = folder / "Businesses"
    places = [*folder.glob("*"), *(inside.rglob("*") if inside.is_dir() else ())]
    found = {
        place.stem: place
        for place in sorted(places, reverse=True)
        if place.suffix.lower() == ENDING and place.stem.lower() not in _RESERVED and place.is_file()
    }
    if not found:
        raise NotABusinessError(
            "There is no business in the folder {name}.",
            hint="Choose a .manager file, a backup, or the data folder of Manager (the one that has a folder Businesses).",
            path=folder,
            name=folder.name or str(folder),
        )
    return found[choose(found, name, folder)]


def choose(found: Iterable[str], name: str | None, path: Path) -> str:
    """The name of one of several businesses as it is spelled there.

    Raises:
        SeveralBusinessesError: there are several and none was named.
        SourceMissingError: there is none of that name.
    """
    names = sorted(found)
    if name is None:
        if len(names) == 1:
            return names[0]
        raise SeveralBusinessesError(
            "{name} holds {count} businesses.",
            hint="Name the one to open: {names}.",
            path=path,
            name=path.name or str(path),
            count=len(names),
            names=", ".join(names),
        )
    alike = [one for one in names if one == name] or [one for one in names if _folded(one) == _folded(name)]
    if len(alike) != 1:
        raise SourceMissingError(
            "There is no business called {wanted} in {name}.",
            hint="What is there: {names}.",
            path=path,
            wanted=name,
            name=path.name or str(path),
            names=", ".join(names),
        )
    return alike[0]


def data_folder_of(path: Path) -> Path:
    """The folder beside whose ``Blobs`` and ``Packs`` a business file lies."""
    return path.parent.parent if path.parent.name.lower() in _INSIDE else path.parent


def business_name(file_name: str) -> str:
    """The name of a business by that of its file: without ``.manager`` and what packing appends."""
    name = file_name
    for ending in (*_PACKED, ".tar", ENDING):
        if name.lower().endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)]
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
