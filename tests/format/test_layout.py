"""The empty file that we make is the empty file that Manager makes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import TargetExistsError
from manager_nb.format import layout

if TYPE_CHECKING:
    from pathlib import Path

COUNTERS = {*range(24, 28), *range(92, 100)}
"""Where SQLite's header counts changes and names its own version."""


def schema(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master").fetchall()
    finally:
        connection.close()


def test_an_empty_file_is_the_programs_byte_by_byte_but_for_sqlites_counters(data: Path, tmp_path: Path) -> None:
    layout.create(tmp_path / "new.manager").close()
    ours = (tmp_path / "new.manager").read_bytes()
    programs = (data / "small" / "Empty.manager").read_bytes()
    assert len(ours) == len(programs)
    assert {at for at, (a, b) in enumerate(zip(ours, programs, strict=True)) if a != b} <= COUNTERS


def test_blobs2_is_made_only_where_it_is_needed(data: Path, tmp_path: Path) -> None:
    layout.create(tmp_path / "new.manager", also=["Blobs2"]).close()
    upgraded = schema(data / "upgraded" / "Revision 370 after the upgrade.manager")
    assert schema(tmp_path / "new.manager") == upgraded


def test_rows_go_in_with_all_columns_or_some(tmp_path: Path) -> None:
    connection = layout.create(tmp_path / "new.manager")
    assert layout.insert(connection, "Objects", [("a", "b", b"c", 1), ("d", "e", None, None)]) == 2
    assert layout.insert(connection, "Emails", [("me", "k")], ["User", "Key"]) == 1
    assert connection.execute("SELECT * FROM Objects").fetchall() == [("a", "b", b"c", 1), ("d", "e", None, None)]
    assert connection.execute("SELECT Key, User FROM Emails").fetchall() == [("k", "me")]
    with pytest.raises(sqlite3.IntegrityError):
        layout.insert(connection, "Objects", [("a", "b", b"c", 1)])
    connection.close()


def test_a_file_that_exists_is_refused_and_stays(tmp_path: Path) -> None:
    there = tmp_path / "there.manager"
    there.write_bytes(b"mine")
    with pytest.raises(TargetExistsError):
        layout.create(there)
    assert there.read_bytes() == b"mine"


def test_a_name_with_quotes_stays_a_name() -> None:
    assert layout.quoted('a"; DROP TABLE "b') == '"a""; DROP TABLE ""b"'


def test_a_file_that_could_not_be_filled_is_not_there(tmp_path: Path) -> None:
    target = tmp_path / "new.manager"
    row = ("a", "b", b"c", 1)
    with pytest.raises(sqlite3.IntegrityError), layout.filling(target) as connection:
        layout.insert(connection, "Objects", [row, row])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_filled_has_its_rows(tmp_path: Path) -> None:
    target = tmp_path / "new.manager"
    with layout.filling(target, also=["Blobs2"]) as connection:
        layout.insert(connection, "Blobs2", [(b"hash", b"content")])
    connection = sqlite3.connect(target)
    assert connection.execute("SELECT * FROM Blobs2").fetchall() == [(b"hash", b"content")]
    connection.close()
