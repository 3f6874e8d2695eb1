"""Finds the businesses in a folder or an archive, and tells what they are called (docs/format.md §1)."""

from __future__ import annotations

import contextlib
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.errors import NotABusinessError, SeveralBusinessesError, SourceMissingError
from manager_nb.format.sources import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager_nb.format.tars import Entry

ENDING = ".manager"

COMPANION = "._"
"""What names begin with under which macOS keeps a file's attributes beside it, on foreign disks and in archives."""

USERS_LIST = "0" * 32
"""The name of the list of users and businesses in old data folders."""

_RESERVED = frozenset({USERS_LIST, "238097db79f84dc5a44a0c6f8aa04e6c"})
"""Names that Manager never lists."""

_INSIDE = frozenset({"businesses", "trash"})
_WRAPPINGS = (".gz", ".zst", ".tar", ENDING)


def business_in(folder: Path, name: str | None) -> Path:
    """The file of a business in a data folder, or in its ``Businesses``.

    Args:
        folder: the folder.
        name: which business; not needed where there is only one.

    Raises:
        NotABusinessError: the folder holds none.
        SeveralBusinessesError: it holds several and none was named.
        SourceMissingError: it holds none of that name.
        SourceUnreadableError: it may not be listed.
    """
    found = {place.stem: place for place in sorted(_business_files(folder), reverse=True)}
    if not found:
        raise NotABusinessError(
            "There is no business in the folder {name}.",
            hint="Choose a .manager file, a backup, or the data folder of Manager: it has a folder Businesses.",
            path=folder,
            name=folder.name or str(folder),
        )
    return found[choose(found, name, folder)]


def choose(found: Iterable[str], name: str | None, path: Path) -> str:
    """The name of one of several businesses, as it is spelled there.

    Upper and lower case, and the two ways of writing accents, are told apart only where two businesses need it.

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


def sort_entries(listed: Iterable[Entry]) -> tuple[dict[str, Entry], list[Entry]]:
    """The businesses of an archive by name, and its attachments; Manager ignores everything else in one.

    A second business of the same name is called ``NAME(2)``, as Manager would call it.
    """
    businesses: dict[str, Entry] = {}
    attachments = []
    for entry in listed:
        parts = entry.name.removeprefix("./").split("/")
        if parts[-1].startswith(COMPANION):
            continue
        if parts[-1].lower().endswith(ENDING) and entry.size:
            businesses[_free(business_name(parts[-1]), businesses)] = entry
        elif parts[0].lower() == "blobs" and len(parts) > 1 and not entry.missing:
            attachments.append(entry)
    return businesses, attachments


def business_name(file_name: str) -> str:
    """The name of a business by that of its file: without ``.manager`` and what packing appends."""
    name = file_name
    for ending in _WRAPPINGS:
        if name.lower().endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)]
    return name


def data_folder_of(file: Path) -> Path:
    """The folder in whose ``Blobs`` and ``Packs`` a business file has its attachments."""
    return file.parent.parent if file.parent.name.lower() in _INSIDE else file.parent


def absolute(path: Path | str) -> Path:
    """A path as the user gave it, ``~`` included, made absolute; links are kept."""
    given = Path(path)
    with contextlib.suppress(RuntimeError):  # ~somebody that this computer does not know
        given = given.expanduser()
    return given.absolute()


def is_folder(path: Path) -> bool:
    """Whether there is a folder that may be looked at."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _business_files(folder: Path) -> Iterator[Path]:
    inside = folder / "Businesses"
    try:
        for place in [*folder.iterdir(), *(inside.rglob("*") if is_folder(inside) else ())]:
            if _is_called_business(place.name) and place.is_file():
                yield place
    except OSError as error:
        raise refusal(error, folder) from error


def _is_called_business(name: str) -> bool:
    stem, dot, ending = name.lower().rpartition(".")
    return dot + ending == ENDING and stem not in _RESERVED and not name.startswith(COMPANION)


def _free(name: str, taken: Iterable[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}({number})"
    return free


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
