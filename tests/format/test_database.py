"""The private copy is read as it is: typed columns whatever is stored, in bounded batches, by real tables only."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from manager_nb.errors import DamagedFileError
from manager_nb.format import batches
from manager_nb.format.database import Database
from manager_nb.format.untyped import untyped
from tests import hostile

if TYPE_CHECKING:
    from pathlib import Path

CHANGES = ["Key", "Timestamp", "User", "ContentBefore", "ContentAfter"]


@pytest.fixture
def database(himalaya: Path) -> Database:
    return Database(himalaya)


def stored(
    path: Path, *values: str, table: str = '"Objects" ("Key", "ContentType", "Content", "Timestamp")'
) -> Database:
    """A database whose one row of a table has these values, as SQL."""
    sql = f"INSERT INTO {table} VALUES ({', '.join(values)})"
    objects = 'CREATE TABLE "Objects" ("Key" TEXT PRIMARY KEY, "ContentType" TEXT, "Content" BLOB, "Timestamp" INTEGER)'
    return Database(hostile.sqlite_file(path, objects, sql))


def read(database: Database, *columns: str, **options: object) -> pa.Table:
    found = list(database.batches("Objects", columns, **options))  # type: ignore[arg-type]
    return pa.Table.from_batches(found)


def test_what_is_there_is_told(database: Database) -> None:
    assert database.tables() == {"Objects", "Changes", "Emails", "Images", "Blobs"}
    assert database.columns("Objects") == ("Key", "ContentType", "Content", "Timestamp")
    assert database.columns("Blobs2") == ()
    assert (database.count("Changes"), database.count("Blobs2")) == (794, 0)
    assert database.schema_revision() == 419
    assert database.impostors() == []


def test_names_are_told_as_manager_spells_them(tmp_path: Path) -> None:
    path = hostile.sqlite_file(
        tmp_path / "x", 'CREATE TABLE objects (KEY TEXT, contenttype TEXT, "CONTENT" BLOB, "more" TEXT)'
    )
    database = Database(path)
    assert database.tables() == {"Objects"}
    assert database.columns("Objects") == ("Key", "ContentType", "Content", "more")


def test_batches_hold_what_the_rows_hold(database: Database) -> None:
    table = pa.Table.from_batches(list(database.batches("Changes", CHANGES, rows=100)))
    assert table.schema.types == [pa.string(), pa.int64(), pa.string(), pa.binary(), pa.binary()]
    sql = f"SELECT {', '.join(CHANGES)} FROM Changes"
    assert list(zip(*(column.to_pylist() for column in table.columns), strict=True)) == list(database.rows(sql))


def test_batches_have_at_most_as_many_rows_as_were_asked_for(database: Database) -> None:
    sizes = [batch.num_rows for batch in database.batches("Changes", ["Key"], rows=100)]
    assert sum(sizes) == 794
    assert max(sizes) == 100


def test_batches_come_chosen_and_in_order(database: Database) -> None:
    newest = '"Key" IN (SELECT "Key" FROM "Changes" ORDER BY "Timestamp" DESC, "Key" DESC LIMIT ?)'
    found = database.batches(
        "Changes", ["Key", "Timestamp"], where=newest, params=(7,), order='"Timestamp" DESC, "Key" DESC', rows=3
    )
    keys = [key for batch in found for key in batch["Key"].to_pylist()]
    sql = "SELECT Key FROM Changes ORDER BY Timestamp DESC, Key DESC LIMIT 7"
    assert keys == [key for (key,) in database.rows(sql)]


def test_order_is_kept_over_many_batches(database: Database) -> None:
    found = database.batches("Changes", ["Timestamp", "ContentAfter"], order='"Timestamp" DESC, "Key"', rows=10)
    times = [time for batch in found for time in batch["Timestamp"].to_pylist()]
    assert len(times) == 794
    assert times == sorted(times, reverse=True)


def test_a_column_that_is_null_at_first_has_its_type_all_the_same(tmp_path: Path) -> None:
    rows = ", ".join(f"('{number:04}', NULL, NULL, NULL)" for number in range(3000))
    database = stored(tmp_path / "x", "'z'", "'type'", "x'01'", "5")
    with hostile.changing(database.path) as connection:
        connection.execute(f'INSERT INTO "Objects" VALUES {rows}')
    table = read(database, "ContentType", "Content", "Timestamp", order='"Key"', rows=100)
    assert table.slice(0, 3000).to_pylist() == [{"ContentType": None, "Content": None, "Timestamp": None}] * 3000
    assert table.slice(3000).to_pylist() == [{"ContentType": "type", "Content": b"\1", "Timestamp": 5}]


@pytest.mark.parametrize(
    ("column", "sql", "value"),
    [
        ("Content", "'हिमालय'", "हिमालय".encode()),
        ("Content", "17", b"17"),
        ("Content", "x''", b""),
        ("Content", "NULL", None),
        ("Timestamp", "'yesterday'", None),
        ("Timestamp", "x'3137'", 17),
        ("Timestamp", "x'ff'", None),
        ("Timestamp", "17.0", 17),
        ("Timestamp", "17.5", None),
        ("Timestamp", "1e30", None),
        ("Timestamp", "-9223372036854775808", -(2**63)),
        ("ContentType", "x'414243'", "ABC"),
        ("ContentType", "CAST(x'41ff42' AS TEXT)", "A�B"),
        ("ContentType", "'nul' || char(0) || 'inside'", "nul\0inside"),
        ("ContentType", "5", "5"),
    ],
)
def test_a_value_of_any_kind_is_of_its_columns_type(column: str, sql: str, value: object, tmp_path: Path) -> None:
    values = {"Key": "'k'", "ContentType": "NULL", "Content": "NULL", "Timestamp": "NULL"} | {column: sql}
    database = stored(tmp_path / "x", *values.values())
    assert read(database, "Key", column).to_pylist() == [{"Key": "k", column: value}]


def test_a_column_that_is_missing_is_null_and_a_table_that_is_missing_has_no_rows(database: Database) -> None:
    (batch,) = database.batches("Images", ["Key", "Name", "Timestamp", "Later"])
    assert batch["Name"].null_count == batch["Later"].null_count == batch.num_rows == 4
    assert list(database.batches("Blobs2", ["Hash"])) == []


def test_a_file_in_utf16_gives_the_same_batches(tmp_path: Path, himalaya: Path, database: Database) -> None:
    other = Database(hostile.odd_businesses(tmp_path, himalaya)["UTF-16"])
    for table, columns in (("Changes", CHANGES), ("Emails", ["Key", "Subject", "Body", "Timestamp", "Seen"])):
        ours, theirs = (
            pa.Table.from_batches(list(one.batches(table, columns, order='"Key"'))) for one in (database, other)
        )
        assert ours.equals(theirs)


def test_large_rows_come_in_batches_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 100_000)
    monkeypatch.setattr(batches, "_ANY_ROWS_FIT", 0)
    database = stored(tmp_path / "x", "'k'", "NULL", "x''", "1")
    with hostile.changing(database.path) as connection:
        for number in range(50):
            connection.execute('INSERT INTO "Objects" VALUES (?, NULL, ?, 1)', (str(number), bytes([number]) * 20_000))
    found = list(database.batches("Objects", ["Key", "Content"]))
    assert max(batch.nbytes for batch in found) < 150_000
    contents = pa.Table.from_batches(found).to_pydict()
    assert contents["Content"][contents["Key"].index("49")] == b"1" * 20_000
    assert len(contents["Key"]) == 51


def test_rows_that_are_missing_in_an_index_are_read(tmp_path: Path, himalaya: Path) -> None:
    database = Database(hostile.without_index_entries(himalaya, tmp_path / "x", "ix_Objects_ContentType"))
    assert database.count("Objects") == 695
    assert sum(batch.num_rows for batch in database.batches("Objects", ["ContentType"])) == 695


def test_damage_is_told(tmp_path: Path, himalaya: Path) -> None:
    path = hostile.damaged_businesses(tmp_path, himalaya)["a page of noise"]
    database = Database(path)
    for reading in (database.batches("Objects", ["Content"]), database.rows('SELECT "Content" FROM "Objects"')):
        with pytest.raises(DamagedFileError, match="fresh copy"):
            list(reading)


def test_text_that_is_none_does_not_stop_a_query(tmp_path: Path) -> None:
    database = stored(tmp_path / "x", "CAST(x'6bff' AS TEXT)", "NULL", "NULL", "NULL")
    assert list(database.rows('SELECT "Key" FROM "Objects"')) == [("k�",)]


def test_a_query_cannot_write(tmp_path: Path, himalaya: Path) -> None:
    path = hostile.altered(himalaya, tmp_path / "x")
    for sql in ('DELETE FROM "Objects"', "CREATE TABLE t (x)", "VACUUM"):
        with pytest.raises(sqlite3.OperationalError):
            list(Database(path).rows(sql))
    assert path.read_bytes() == himalaya.read_bytes()


def test_a_query_begun_in_one_thread_may_end_in_another(database: Database) -> None:
    rows = database.rows('SELECT "Key" FROM "Objects"')
    next(rows)
    worker = threading.Thread(target=rows.close)
    worker.start()
    worker.join()
    with pytest.raises(StopIteration):
        next(rows)


def test_values_that_cannot_be_shown_are_listed_with_their_bytes(tmp_path: Path, database: Database) -> None:
    assert list(untyped(database)) == []
    odd = stored(tmp_path / "x", "'k'", "CAST(x'41ff' AS TEXT)", "'text is fine'", "'yesterday'")
    found = [(one.where, one.key, one.part, one.data) for one in untyped(odd)]
    assert found == [("Objects", "k", "ContentType", b"A\xff"), ("Objects", "k", "Timestamp", b"yesterday")]


@pytest.mark.parametrize(
    ("content", "revision"),
    [
        ("x'08a303'", 419),
        ("x'08ffffffffffffffffff01'", -1),
        ("x'08'", None),
        ("NULL", None),
        ("'text'", None),
        ("x'1001'", None),
    ],
)
def test_the_schema_revision_is_read_or_not_told(content: str, revision: int | None, tmp_path: Path) -> None:
    key = "'a9a71e47-82b3-49db-8aec-898adb460a80'"
    assert stored(tmp_path / "x", key, key, content, "0").schema_revision() == revision
    assert stored(tmp_path / "y", f"upper({key})", key, content, "0").schema_revision() == revision
    assert stored(tmp_path / "z", "'other'", key, content, "0").schema_revision() is None


def test_generated_columns_are_not_read(tmp_path: Path) -> None:
    path = hostile.sqlite_file(
        tmp_path / "x", "CREATE TABLE Objects (Key TEXT, ContentType TEXT, Content BLOB AS (zeroblob(900000000)))"
    )
    with hostile.changing(path) as connection:
        connection.execute("INSERT INTO Objects (Key) VALUES ('k')")
    database = Database(path)
    assert database.columns("Objects") == ("Key", "ContentType")
    assert read(database, "Key", "Content").to_pylist() == [{"Key": "k", "Content": None}]
