"""The journals that SQLite keeps beside a file, and how a private copy is put together with them.

A rollback journal (``-journal``) holds what a transaction overwrote; a program that died in the middle left it "hot",
and it has to be played back. A write-ahead log (``-wal``) holds what was committed and is not in the file yet. Both
come from a stranger's folder: what a journal could make SQLite do outside the private folder is refused first.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

from manager_nb.format.problems import Problem
from manager_nb.format.sources import reading, require_room, writing_privately

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = ("-journal", "-wal")
_NAMES_ANOTHER_FILE = bytes.fromhex("d9d505f920a163d7")
"""At the end of a journal that is one of several: SQLite would look for, and delete, a file of the name before it."""

_WAL = 2
_ROLLBACK = 1
_VERSIONS = slice(18, 20)

HEAD = _VERSIONS.stop
"""Bytes from the beginning of a file that tell whether it is in WAL mode."""

_ORIGINAL_PAGES, _PAGE_SIZE = slice(16, 20), slice(24, 28)
_SLACK = 1 << 20


def journal(path: Path) -> Path:
    """Where the rollback journal of a file is."""
    return path.with_name(f"{path.name}-journal")


def uses_wal(head: bytes) -> bool:
    """Whether a file that begins with these bytes is in WAL mode."""
    return _WAL in head[_VERSIONS]


def beside(path: Path) -> list[Path]:
    """The journals that lie beside a file and hold something."""
    found = []
    for suffix in _SUFFIXES:
        place = path.with_name(path.name + suffix)
        with contextlib.suppress(OSError):
            if place.stat().st_size:
                found.append(place)
    return found


def copy_beside(path: Path, target: Path) -> list[Path]:
    """Copy the journals of a file to the same places beside its copy; those of an earlier attempt are removed.

    Raises:
        SourceError: one cannot be read.
        DiskFullError: they do not fit.
    """
    _remove(target)
    found = beside(path)
    for place in found:
        copied = target.with_name(target.name + place.name.removeprefix(path.name))
        with reading(place) as source:
            require_room(target.parent, place.stat().st_size)
            with writing_privately(copied.parent), copied.open("wb") as output:
                shutil.copyfileobj(source, output)
    return found


def settle(target: Path) -> tuple[Problem, ...]:
    """Put a private copy and its journals together: afterwards it is a file in rollback mode, without journals."""
    problems = []
    own = journal(target)
    if own.exists() and (reason := _refused(target, own)):
        problems.append(Problem("file", None, None, reason))
        own.unlink()
    if beside(target) or _is_wal(target):
        with (
            contextlib.suppress(sqlite3.DatabaseError),  # a damaged file is looked at later
            contextlib.closing(sqlite3.connect(target, isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA trusted_schema = off")
            connection.execute("PRAGMA journal_mode = delete").fetchall()
            connection.execute("PRAGMA schema_version").fetchall()
        _remove(target)
        _forget_wal(target)
    return tuple(problems)


def _refused(target: Path, own: Path) -> str | None:
    """Why a journal must not be played back, None if it may."""
    with own.open("rb") as file:
        head = file.read(28)
        size = file.seek(0, 2)
        file.seek(-min(size, len(_NAMES_ANOTHER_FILE)), 2)
        end = file.read()
    if end == _NAMES_ANOTHER_FILE:
        return (
            "The journal beside the file belongs to several files. It was left out: the last change may be half there."
        )
    pages, page_size = (int.from_bytes(head[part], "big") for part in (_ORIGINAL_PAGES, _PAGE_SIZE))
    if pages * page_size > target.stat().st_size + size + _SLACK:
        return "The journal beside the file is damaged. It was left out: the last change may be half there."
    return None


def _is_wal(target: Path) -> bool:
    with target.open("rb") as file:
        return uses_wal(file.read(HEAD))


def _forget_wal(target: Path) -> None:
    """Mark a file that SQLite could not take out of WAL mode as one without a log."""
    if _is_wal(target):
        with target.open("rb+") as file:
            file.seek(_VERSIONS.start)
            file.write(bytes([_ROLLBACK, _ROLLBACK]))


def _remove(target: Path) -> None:
    for suffix in (*_SUFFIXES, "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
