"""A private copy is made readable without losing a row, and what is wrong with it is named as what it is."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import CancelledError, NotABusinessError
from manager_nb.format import checks
from manager_nb.format.connections import connect
from manager_nb.format.database import Database
from manager_nb.format.health import Examination
from manager_nb.progress import SILENT, Silent
from tests import hostile

if TYPE_CHECKING:
    from pathlib import Path

TICK = 10_000_000


def examined(path: Path) -> tuple[Database, list[str]]:
    found = Examination(path, path, [], SILENT)
    database = Database(found.readable())
    return database, [problem.what for problem in found.problems]


def sound(database: Database) -> bool:
    return list(database.rows("PRAGMA integrity_check")) == [("ok",)]


@pytest.fixture
def copy(himalaya: Path, tmp_path: Path) -> Path:
    return hostile.altered(himalaya, tmp_path / "x.manager")


def test_a_sound_copy_is_left_as_it_is(data: Path, tmp_path: Path) -> None:
    for path in data.rglob("*.manager"):
        if path.name not in ("Torn backup.manager", "Old format.manager"):
            copy = tmp_path / "x"
            shutil.copyfile(path, copy)
            database, told = examined(copy)
            assert (database.path, told) == (copy, [])
            assert copy.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("index", ["ix_Objects_ContentType", "ix_Changes_Timestamp", "ix_Emails_User"])
def test_an_index_that_lacks_rows_is_made_anew(
    index: str, small: bool, himalaya: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not small:
        monkeypatch.setattr(checks, "_SMALL", 0)
    path = hostile.without_index_entries(himalaya, tmp_path / "x.manager", index)
    database, told = examined(path)
    assert sound(database)
    assert index in told[0]
    assert "no sign of tampering" in told[1]


@pytest.mark.parametrize("small", [True, False])
def test_an_entry_of_an_index_that_cannot_be_read_is_noticed(
    small: bool, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flipped bit makes an entry's header longer than the entry: whoever groups or sorts by that index fails."""
    if not small:
        monkeypatch.setattr(checks, "_SMALL", 0)
    business = next((data / "small").glob("*(2025-04-22).manager"))
    path = hostile.patched(business, tmp_path / "x.manager", lambda raw: hostile.put(raw, 11909, b"\x83"))
    database, told = examined(path)
    assert sound(database)
    assert len(told) == 1
    assert "no row is lost" in told[0]
    assert len(list(database.rows('SELECT "ContentType" FROM "Objects" GROUP BY "ContentType"'))) == 6


def test_entries_of_a_large_file_that_differ_from_the_rows_are_noticed(
    himalaya: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_SMALL", 0)
    schema = "PRAGMA writable_schema = on"
    change = "UPDATE sqlite_master SET sql = replace(sql, {}) WHERE name = 'ix_Changes_User'"
    path = hostile.altered(himalaya, tmp_path / "x.manager", schema, change.format("'(\"User\")', '(\"Commit\")'"))
    hostile.altered(path, tmp_path / "y.manager", "REINDEX").replace(path)
    hostile.altered(path, tmp_path / "y.manager", schema, change.format("'(\"Commit\")', '(\"User\")'")).replace(path)
    database, told = examined(path)
    assert sound(database)
    assert "ix_Changes_User" in told[0]


def test_a_damaged_index_costs_no_row(himalaya: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(f"{himalaya.as_uri()}?mode=ro", uri=True)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_Changes_Commit'").fetchone()
    path = hostile.patched(
        himalaya, tmp_path / "x.manager", lambda raw: hostile.put(raw, (page - 1) * hostile.PAGE, bytes(hostile.PAGE))
    )
    before = path.read_bytes()
    database, told = examined(path)
    assert sound(database)
    assert (database.count("Objects"), database.count("Changes")) == (695, 794)
    assert "not its tables" in told[0]
    assert path.read_bytes() == before
    indexes = database.rows("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name")
    assert ("ix_Changes_Commit",) in list(indexes)


def test_a_damaged_table_is_salvaged(himalaya: Path, tmp_path: Path) -> None:
    path = hostile.damaged_businesses(tmp_path, himalaya)["a page of noise"]
    database, told = examined(path)
    assert sound(database)
    assert database.count("Objects") == 680
    assert "saved from it" in told[0]


def test_the_torn_backup_of_a_real_server_is_named_as_such(data: Path, tmp_path: Path) -> None:
    path = hostile.altered(data / "small" / "Torn backup.manager", tmp_path / "x.manager")
    database, told = examined(path)
    assert sound(database)
    assert database.count("Objects") == 698
    assert any("torn" in what for what in told)


def newest(path: Path) -> tuple[str, bytes, bytes]:
    """The object of the newest update, with its content before and after."""
    sql = 'SELECT "Key", "Object", "ContentBefore", "ContentAfter" FROM "Changes" WHERE "ContentBefore" IS NOT NULL AND'
    sql += ' "ContentAfter" IS NOT NULL ORDER BY "Timestamp" DESC LIMIT 1'
    change, key, before, after = next(Database(path).rows(sql))
    with hostile.changing(path) as connection:
        last = 'SELECT max("Timestamp") FROM "Changes"'
        connection.execute(f'UPDATE "Changes" SET "Timestamp" = ({last}) WHERE "Key" = ?', (change,))
    return key, before, after


def test_a_save_of_which_half_is_in_the_copy_is_named_as_such(copy: Path) -> None:
    key, before, after = newest(copy)
    with hostile.changing(copy) as connection:
        connection.execute('UPDATE "Objects" SET "Content" = ? WHERE "Key" = ?', (before, key))
    _, told = examined(copy)
    assert "1 of the last records" in told[0]
    assert "no sign of tampering" in told[0]
    with hostile.changing(copy) as connection:
        connection.execute('UPDATE "Objects" SET "Content" = ? WHERE "Key" = ?', (after, key))
    assert examined(copy)[1] == []


def test_a_record_of_which_only_the_history_is_in_the_copy_is_named_as_such(copy: Path) -> None:
    create = 'SELECT "Object" FROM "Changes" WHERE "ContentBefore" IS NULL ORDER BY "Timestamp" DESC LIMIT 1'
    (key,) = next(Database(copy).rows(create))
    with hostile.changing(copy) as connection:
        last = next(Database(copy).rows('SELECT max("Timestamp") FROM "Changes"'))[0]
        connection.execute('UPDATE "Changes" SET "Timestamp" = ? WHERE "Object" = ?', (last, key))
        connection.execute('DELETE FROM "Objects" WHERE "Key" = ?', (key,))
    assert "1 of the last records" in examined(copy)[1][0]


def test_the_last_of_several_changes_of_one_moment_counts(copy: Path) -> None:
    key, _, _ = newest(copy)
    with hostile.changing(copy) as connection:
        last = 'SELECT max("Timestamp") FROM "Changes"'
        connection.execute(f'UPDATE "Changes" SET "Timestamp" = ({last}) WHERE "Object" = ?', (key,))
    assert examined(copy)[1] == []
    (first,) = next(Database(copy).rows('SELECT "ContentAfter" FROM "Changes" WHERE "Object" = ? LIMIT 1', (key,)))
    with hostile.changing(copy) as connection:
        connection.execute('UPDATE "Objects" SET "Content" = ? WHERE "Key" = ?', (first, key))
    assert "1 of the last records" in examined(copy)[1][0]


def test_an_older_record_that_differs_is_no_mark_of_a_torn_copy(copy: Path) -> None:
    key, before, _ = newest(copy)
    with hostile.changing(copy) as connection:
        connection.execute('UPDATE "Objects" SET "Content" = ? WHERE "Key" = ?', (before, key))
        other = 'SELECT "Key" FROM "Changes" WHERE "Object" <> ? ORDER BY "Timestamp" DESC LIMIT 1'
        sql = f'UPDATE "Changes" SET "Timestamp" = "Timestamp" + ? WHERE "Key" = ({other})'
        connection.execute(sql, (86400 * TICK, key))
    assert examined(copy)[1] == []


def test_a_file_that_is_too_long_or_too_short_is_told(himalaya: Path, tmp_path: Path) -> None:
    longer = hostile.patched(himalaya, tmp_path / "longer", lambda raw: raw.extend(bytes(5000)))
    assert "5000 bytes longer" in examined(longer)[1][0]
    shorter = hostile.patched(himalaya, tmp_path / "shorter", lambda raw: raw.__delitem__(slice(-1, None)))
    assert "1 of 1064960 bytes are missing" in examined(shorter)[1][0]


def test_the_database_of_another_program_is_named(tmp_path: Path) -> None:
    other = hostile.sqlite_file(tmp_path / "Songs.db", "CREATE TABLE Songs (Title TEXT)")
    with pytest.raises(NotABusinessError, match=r"Songs\.db is a database, but not"):
        examined(other)


def test_cancel_is_heeded(copy: Path) -> None:
    class Cancelled(Silent):
        cancelled = True

    with pytest.raises(CancelledError):
        Examination(copy, copy, [], Cancelled()).readable()


def test_cancel_stops_a_check_that_takes_long(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
    looks = iter([False])

    class Later(Silent):
        @property
        def cancelled(self) -> bool:  # type: ignore[override]
            return next(looks, True)

    with contextlib.closing(connect(copy)) as connection, pytest.raises(CancelledError):
        checks._run(connection, endless, Later())
