"""Odd files read as far as they can be read, and what is odd is listed."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from manager_nb.format.layout import TABLES, add, insert
from manager_nb.format.scalars import NIL
from manager_nb.model.business import open_business
from tests.model.small_files import TICKS, content, guid, key, record, write

if TYPE_CHECKING:
    from pathlib import Path

UPPER = "0000ABCD-0000-4000-8000-00000000000A"


def listed(path: Path) -> list[tuple[str, str | None, str | None]]:
    with open_business(path) as business:
        problems = business.problems.to_arrow().to_pylist()
    return [(problem["where"], problem["key"], problem["part"]) for problem in problems]


def test_times_that_are_none_are_listed_and_null(tmp_path: Path) -> None:
    rows = [
        record(1, "Customer", None, Name="none"),
        record(2, "Customer", -5, Name="negative"),
        record(3, "Customer", 2**62, Name="far"),
        (*record(4, "Customer", Name="text")[:3], "yesterday"),
        record(5, "Customer", TICKS, Name="sound"),
    ]
    path = write(tmp_path / "a.manager", rows)
    with open_business(path) as business:
        table = business.records("Customer").to_arrow(["Name", "time", "ticks"]).to_pylist()
        assert business.record(key(4)).ticks is None
        problems = business.problems.to_arrow().to_pylist()
    assert [row["Name"] for row in table if row["time"] is None] == ["none", "negative", "far", "text"]
    assert [row["ticks"] for row in table] == [None, -5, 2**62, None, TICKS]
    assert {(problem["key"], problem["part"]) for problem in problems} == {
        (None, "Timestamp"),
        (key(2), "Timestamp"),
        (key(3), "Timestamp"),
        (key(4), "Timestamp"),
    }
    assert any("yesterday" in problem["what"] for problem in problems)


def test_history_and_e_mails_with_odd_times_are_all_there(tmp_path: Path) -> None:
    changes = [
        (key(number), key(50), key(60), "u", ticks, NIL, guid("Customer"), None, content("Customer", Name="A"))
        for number, ticks in enumerate([None, "text", -1, TICKS, TICKS + 1])
    ]
    emails = [
        (key(number), NIL, "s", "r", "t", "b", None, None, ticks, 0, "u") for number, ticks in enumerate([None, "x", 5])
    ]
    with open_business(write(tmp_path / "a.manager", Changes=changes, Emails=emails)) as business:
        rows = business.history.to_arrow().to_pylist()
        assert len(rows) == 5
        assert {row["label"] for row in rows} == {"Customer — A"}
        assert sum(row["time"] is None for row in rows) == 3
        assert [row["change"] for row in rows if row["time"]] == [key(4), key(3)]
        assert business.history.page(1, 2).num_rows == 2
        assert business.emails.to_arrow().num_rows == 3


def test_upper_case_means_the_same_and_is_listed(tmp_path: Path) -> None:
    raw = content("Customer", Name="A")
    rows = [
        (UPPER, guid("Customer").upper(), raw, TICKS),
        record(1, "Customer", Name="B"),
        (guid("Supplier").upper(), guid("Supplier"), b"", TICKS),
    ]
    path = write(tmp_path / "a.manager", rows)
    with open_business(path) as business:
        assert business.types() == ["Customer", "Schema"]
        customers = business.records("Customer").to_arrow(["key", "Name"]).to_pylist()
        assert customers == [{"key": key(1), "Name": "B"}, {"key": UPPER, "Name": "A"}]
        assert business.record(UPPER.lower()).key == UPPER
        assert business.record(UPPER).content_type == guid("Customer").upper()
        assert (UPPER, guid("Customer").upper(), raw) in list(business.objects())
        assert dict(zip(business.summary()["type"], business.summary()["count"], strict=True))["FormDefaults"] == 1
    assert set(listed(path)) == {
        ("Objects", UPPER, "Key"),
        ("Objects", UPPER, "ContentType"),
        ("Objects", guid("Supplier").upper(), "Key"),
    }


def test_text_and_null_contents_read_as_bytes(tmp_path: Path) -> None:
    rows = [
        (key(1), guid("Customer"), "\n\x01A", TICKS),
        (key(2), guid("Customer"), None, TICKS),
        (key(3), guid("Customer"), b"", TICKS),
    ]
    path = write(tmp_path / "a.manager", rows)
    with open_business(path) as business:
        assert business.records("Customer").to_arrow()["Name"].to_pylist() == ["A", None, None]
        assert business.record(key(1)).fields == {"Name": "A"}
        assert [content for _, _, content in business.objects()][:3] == [b"\n\x01A", b"", b""]
    assert listed(path) == []


def test_text_that_is_no_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    raw = content("Attachment", Sha256=bytes(range(200, 232)), Name="x")
    path = write(tmp_path / "a.manager")
    connection = sqlite3.connect(path)
    connection.execute('INSERT INTO "Objects" VALUES (?, ?, CAST(? AS TEXT), 0)', (key(1), guid("Attachment"), raw))
    connection.commit()
    connection.close()
    with open_business(path) as business:
        assert business.record(key(1)).raw == raw
        assert (key(1), guid("Attachment"), raw) in list(business.objects())
        for table in (business.records("Attachment").page(0, 10), business.records("Attachment").to_arrow()):
            assert table["Sha256"].to_pylist() == [bytes(range(200, 232))]


def test_broken_contents_are_listed_and_hide_nothing(tmp_path: Path) -> None:
    sound = content("Customer", Name="A", Code="1")
    rows = [
        (key(1), guid("Customer"), sound, TICKS),
        (key(2), guid("Customer"), sound + b"\x12\x20", TICKS),
        (key(3), guid("Customer"), b"\x08\x01", TICKS),
        (key(4), guid("Customer"), b"\xff" * 20, TICKS),
    ]
    path = write(tmp_path / "a.manager", rows)
    with open_business(path) as business:
        assert business.records("Customer").to_arrow()["Name"].to_pylist() == ["A", "A", None, None]
        broken = business.record(key(3))
        assert [flaw.path for flaw in broken.problems] == ["Name"]
        problems = business.problems.to_arrow().to_pylist()
    assert [(problem["where"], problem["key"], problem["part"]) for problem in problems] == [
        ("Objects", key(2), "Content"),
        ("Objects", key(3), "Content: Name"),
        ("Objects", key(4), "Content"),
    ]
    assert problems[1]["data"] == b"\x08\x01"


def test_an_entry_that_stands_twice_is_listed(tmp_path: Path) -> None:
    entry = content("Customer", CustomFields={key(7): "a"})
    rows = [(key(1), guid("Customer"), entry + content("Customer", CustomFields={key(7): "b"}), TICKS)]
    path = write(tmp_path / "a.manager", rows)
    with open_business(path) as business:
        assert business.record(key(1)).fields["CustomFields"] == {key(7): "b"}
        assert business.records("Customer").to_arrow()["CustomFields"].to_pylist() == [[(key(7), "b")]]
    ((where, row, part),) = listed(path)
    assert (where, row) == ("Objects", key(1))
    assert part is not None
    assert "CustomFields" in part


def test_a_key_of_several_rows_is_listed(tmp_path: Path) -> None:
    """Manager's own tables refuse it; what another program made may have no primary key."""
    path = write(tmp_path / "a.manager", [record(1, "Customer", Name="A"), record(2, "Customer", Name="B")])
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE Bare AS SELECT * FROM Objects;
        DROP TABLE Objects;
        ALTER TABLE Bare RENAME TO Objects;
        INSERT INTO Objects SELECT * FROM Objects WHERE Key LIKE '%1';
        """
    )
    connection.close()
    assert listed(path) == [("Objects", key(1), "Key")]
    with open_business(path) as business:
        assert "2 rows" in business.problems.to_arrow()["what"][0].as_py()


def test_keys_and_types_that_are_no_guids_are_listed(tmp_path: Path) -> None:
    rows = [
        ("not a key", guid("Customer"), b"", TICKS),
        (key(1), "not a type", b"\x08\x01", TICKS),
        (key(2), None, b"\x08\x01", TICKS),
    ]
    path = write(tmp_path / "a.manager", rows)
    with open_business(path) as business:
        assert business.types() == ["Customer", "Schema", "", "not a type"]
        assert [len(business.records(name)) for name in business.types()] == [1, 1, 1, 1]
        assert business.record("not a key").type == "Customer"
        assert sum(business.summary()["count"]) == 4
    assert set(listed(path)) == {
        ("Objects", "not a key", "Key"),
        ("Objects", key(1), "ContentType"),
        ("Objects", key(2), "ContentType"),
    }


@pytest.mark.parametrize("table", ["Changes", "Emails", "Images", "Blobs"])
def test_a_missing_table_is_empty(tmp_path: Path, table: str) -> None:
    path = write(tmp_path / "a.manager", [record(1, "Customer", Name="A")], without=[table])
    with open_business(path) as business:
        tables = [business.history, business.emails, business.images, business.attachments]
        assert [len(one) for one in tables] == [0, 0, 0, 0]
        assert [one.to_arrow().num_rows for one in tables] == [0, 0, 0, 0]
        assert len(business.records("Customer")) == 1
    assert listed(path) == ([("file", None, table)] if table != "Blobs" else [])


def test_missing_columns_are_null(tmp_path: Path) -> None:
    path = write(tmp_path / "a.manager", [record(1, "Customer", Name="A")])
    connection = sqlite3.connect(path)
    connection.execute('DROP INDEX "ix_Changes_User"')
    connection.execute('ALTER TABLE "Changes" DROP COLUMN "User"')
    connection.execute('ALTER TABLE "Objects" DROP COLUMN "Timestamp"')
    connection.execute('ALTER TABLE "Emails" DROP COLUMN "Seen"')
    columns = '"Key", "Commit", "Object", "Timestamp", "ContentTypeBefore", "ContentTypeAfter", "ContentAfter"'
    connection.execute(
        f'INSERT INTO "Changes" ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)',
        (key(1), key(2), key(1), TICKS, NIL, guid("Customer"), content("Customer", Name="A")),
    )
    connection.execute('INSERT INTO "Emails" ("Key") VALUES (?)', (key(9),))
    connection.commit()
    connection.close()
    with open_business(path) as business:
        (change,) = business.history.to_arrow().to_pylist()
        (email,) = business.emails.to_arrow().to_pylist()
        assert (change["user"], change["label"], change["action"]) == (None, "Customer — A", "create")
        assert (email["seen"], email["body_text"]) == (None, None)
        assert business.record(key(1)).ticks is None
        assert business.records("Customer").to_arrow(["ticks"])["ticks"].to_pylist() == [None]
        assert business.problems.to_arrow().num_rows >= 0


def test_a_table_without_its_index_reads_the_same(tmp_path: Path) -> None:
    changes = [
        (key(number), key(50), key(60), "u", TICKS + number % 3, NIL, guid("Customer"), None, content("Customer"))
        for number in range(10)
    ]
    path = write(tmp_path / "a.manager", [record(1, "Customer", Name="A")], Changes=changes)
    with open_business(path) as business:
        before = business.history.to_arrow()
    connection = sqlite3.connect(path)
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall():
        connection.execute(f'DROP INDEX "{name}"')
    connection.commit()
    connection.close()
    with open_business(path) as business:
        assert business.history.to_arrow().equals(before)
        assert business.history.page(3, 4).equals(before.slice(3, 4))
        assert len(business.records("Customer")) == 1


def test_a_file_in_utf_16_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.manager"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA encoding = 'UTF-16'")
    for table in TABLES.values():
        add(connection, table)
    rows = [
        (key(1), guid("Customer"), content("Customer", Name="आशा"), TICKS),
        (key(2), guid("Customer"), "\n\x06आश", TICKS),
    ]
    insert(connection, "Objects", rows)
    connection.commit()
    connection.close()
    with open_business(path) as business:
        assert business.records("Customer").to_arrow()["Name"].to_pylist() == ["आशा", "आश"]
        assert business.record(key(2)).fields == {"Name": "आश"}
        assert [row[2] for row in business.objects()] == [content("Customer", Name="आशा"), "\n\x06आश".encode()]
        assert len(business.problems) == 0
