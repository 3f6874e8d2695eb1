"""A file written anew holds the same rows, nothing that was left out, and is what Manager accepts."""

from __future__ import annotations

import io
import sqlite3
import tarfile
from typing import TYPE_CHECKING

import pytest
import zstandard

from manager_nb.errors import CancelledError, DamagedFileError
from manager_nb.format.digests import digest_tables, schema_of
from manager_nb.format.writer import Sink, TarWriter, compressed, copy_into, tar_size, write_compact
from tests.evidence import untouched

if TYPE_CHECKING:
    from pathlib import Path

FILES = [
    "himalaya/Himalaya Traders.manager",
    "small/Desktop.manager",
    "small/Empty.manager",
    "small/आरोही स्टोर्स (2025-04-22).manager",
    "upgraded/Revision 370 after the upgrade.manager",
]
CHOICES = ("Changes", "Emails", "Blobs", "Blobs2")


def settings_of(path: Path) -> dict[str, object]:
    connection = sqlite3.connect(path)
    wanted = ("page_size", "auto_vacuum", "journal_mode", "encoding", "user_version", "application_id")
    found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    connection.close()
    return found


def compact(source: Path, target: Path, *empty: str) -> Path:
    write_compact(source, target, scratch=target.parent, empty=empty)
    return target


def peculiar(path: Path) -> Path:
    """A business with tables, columns and triggers of another version, and statistics with samples of its rows."""
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        ALTER TABLE "Objects" ADD COLUMN "Later" REAL;
        CREATE TABLE "Of a ""newer"" Manager" (a, b TEXT, c BLOB);
        CREATE TABLE keyed (k BLOB PRIMARY KEY, v) WITHOUT ROWID;
        CREATE TABLE kept (Subject TEXT);
        CREATE TRIGGER spy AFTER DELETE ON "Emails" BEGIN INSERT INTO kept VALUES (old."Subject"); END;
        CREATE VIEW look AS SELECT * FROM "Objects";
        UPDATE "Objects" SET "Later" = 0.1;
        ANALYZE;
        """
    )
    rows = [(None, "अ", b"\x00\xff"), (2**62, 1.5, 0.1 + 0.2), (b"a", "a", -1)]
    connection.executemany('INSERT INTO "Of a ""newer"" Manager" VALUES (?, ?, ?)', rows)
    connection.executemany("INSERT INTO keyed VALUES (?, ?)", [(b"\x02", 1), (b"\x01", "x")])
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_compact_copy_holds_the_same(data: Path, tmp_path: Path, name: str) -> None:
    source = data / name
    with untouched(source):
        copy = compact(source, tmp_path / "copy")
    assert digest_tables(copy) == digest_tables(source)
    assert schema_of(copy) == schema_of(source)
    assert settings_of(copy) == {**settings_of(source), "journal_mode": "delete"}
    assert copy.stat().st_size <= source.stat().st_size


def test_unknown_tables_and_columns_triggers_and_views_are_kept(himalaya: Path, tmp_path: Path) -> None:
    source = peculiar(compact(himalaya, tmp_path / "source"))
    copy = compact(source, tmp_path / "copy")
    before = digest_tables(source)
    assert digest_tables(copy) == before
    assert before['Of a "newer" Manager'].rows == 3
    assert schema_of(copy) == schema_of(source)


def test_a_digest_tells_any_difference(himalaya: Path, tmp_path: Path) -> None:
    source = peculiar(compact(himalaya, tmp_path / "source"))
    before = digest_tables(source)
    for change, table in (
        ('UPDATE "Objects" SET "Later" = 0.1000000000000001 WHERE "Key" < \'1\'', "Objects"),
        ("UPDATE keyed SET v = '1' WHERE v = 1", "keyed"),
        ("UPDATE keyed SET v = CAST(v AS BLOB) WHERE v = 'x'", "keyed"),
        ('UPDATE "Of a ""newer"" Manager" SET a = x\'\' WHERE a IS NULL', 'Of a "newer" Manager'),
        ('UPDATE "Changes" SET "ContentBefore" = "ContentAfter", "ContentAfter" = "ContentBefore"', "Changes"),
        ('DELETE FROM "Emails" WHERE "Key" = (SELECT MAX("Key") FROM "Emails")', "Emails"),
    ):  # fmt: skip
        connection = sqlite3.connect(source)
        connection.execute(change)
        connection.commit()
        connection.close()
        after = digest_tables(source)
        assert after[table].sha256 != before[table].sha256, change
        before = after


def test_what_is_left_out_is_nowhere_in_the_file(himalaya: Path, tmp_path: Path) -> None:
    source = peculiar(compact(himalaya, tmp_path / "source"))
    connection = sqlite3.connect(source)
    connection.execute('CREATE TABLE IF NOT EXISTS "Blobs2" ("Hash" BLOB PRIMARY KEY, "Content" BLOB) WITHOUT ROWID')
    connection.execute('INSERT INTO "Blobs2" VALUES (?, ?)', (b"\x01" * 32, b"a scanned receipt " * 1000))
    connection.execute('INSERT INTO "Blobs" VALUES (?, ?, ?, ?)', ("key", "old.txt", "text/plain", b"an old receipt"))
    connection.commit()
    subject, body = connection.execute('SELECT "Subject", "Body" FROM "Emails" ORDER BY "Key"').fetchone()
    (commit,) = connection.execute('SELECT "Commit" FROM "Changes" ORDER BY "Key" LIMIT 1').fetchone()
    connection.close()
    gone = [subject.encode(), body[:60].encode(), commit.encode(), b"a scanned receipt", b"an old receipt"]
    assert all(text in source.read_bytes() for text in gone)

    copy = compact(source, tmp_path / "copy", *CHOICES)

    assert [text for text in gone if text in copy.read_bytes()] == []
    before, after = digest_tables(source), digest_tables(copy)
    assert {name: after[name].rows for name in CHOICES} == dict.fromkeys(CHOICES, 0)
    assert after["kept"].rows == 0, "the file's own trigger ran"
    assert {name: after[name] for name in after if name not in CHOICES} == {
        name: before[name] for name in before if name not in CHOICES
    }
    assert schema_of(copy) == schema_of(source)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "source"]


def test_a_table_that_the_file_does_not_have_is_passed_over(data: Path, tmp_path: Path) -> None:
    assert digest_tables(compact(data / "small/Empty.manager", tmp_path / "copy", "Blobs2", "Nowhere"))


def test_the_rows_of_a_journal_that_was_not_merged_are_there(himalaya: Path, tmp_path: Path) -> None:
    source = compact(himalaya, tmp_path / "source")
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute('DELETE FROM "Emails"')
    connection.commit()
    for empty in ((), ("Changes",)):
        copy = compact(source, tmp_path / f"copy{len(empty)}", *empty)
        assert digest_tables(copy)["Emails"].rows == 0
        assert settings_of(copy)["journal_mode"] == "delete"
    connection.close()


def test_a_file_that_sqlite_cannot_read_is_refused_and_nothing_left(data: Path, tmp_path: Path) -> None:
    torn = data / "small/Torn backup.manager"
    torn_in_two = tmp_path / "torn"
    torn_in_two.write_bytes(torn.read_bytes()[:300_000])
    with pytest.raises(DamagedFileError) as caught:
        compact(torn_in_two, tmp_path / "copy")
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["torn"]


class Impatient:
    """Cancels after some looks."""

    def __init__(self, patience: int) -> None:
        self.patience = patience

    @property
    def cancelled(self) -> bool:
        self.patience -= 1
        return self.patience < 0

    def start(self, step: str, total: int | None = None) -> None: ...
    def advance(self, amount: int = 1) -> None: ...
    def finish(self) -> None: ...


@pytest.mark.parametrize("patience", [0, 1, 2, 3])
def test_cancel_is_heeded_inside_the_database_too(himalaya: Path, tmp_path: Path, patience: int) -> None:
    with pytest.raises(CancelledError):
        write_compact(himalaya, tmp_path / "copy", scratch=tmp_path, empty=("Emails",), progress=Impatient(patience))
    assert list(tmp_path.iterdir()) == []


def written(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    writer = TarWriter(Sink(out), 1_774_620_224)
    for name, content in entries.items():
        writer.add(name, len(content), io.BytesIO(content))
    writer.close()
    return out.getvalue()


def test_a_tar_has_managers_layout() -> None:
    long = "अ" * 75 + ".manager"
    entries = {long: b"x" * 1000, "Blobs/ab/" + "ab" * 32: b"", "Blobs/cd/" + "cd" * 32: b"y" * 512}
    raw = written(entries)
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        members = tar.getmembers()
        read = {member.name: tar.extractfile(member).read() for member in members}
    assert read == entries
    assert [member.name for member in members] == list(entries)
    assert {(member.mode, member.uid, member.gid, member.uname, member.isreg()) for member in members} == {
        (0o644, 0, 0, "", True)
    }
    assert raw.endswith(bytes(1024))
    assert not raw.endswith(bytes(2048))
    assert len(raw) == tar_size([(name, len(content)) for name, content in entries.items()], 1_774_620_224)


@pytest.mark.parametrize("size", [999, 1001])
def test_a_file_whose_size_changed_while_it_was_copied_is_refused(size: int) -> None:
    with pytest.raises(DamagedFileError, match="changed while"):
        TarWriter(Sink(io.BytesIO()), 0).add("Blobs/ab/x", size, io.BytesIO(b"x" * 1000))


def test_compressed_bytes_come_back_and_tell_their_size() -> None:
    content = b"the same words again " * 10_000
    out = io.BytesIO()
    sink = Sink(out)
    with compressed(sink, len(content)) as inner:
        copy_into(inner, io.BytesIO(content))
    packed = out.getvalue()
    assert sink.size == len(packed) < 1000
    assert zstandard.get_frame_parameters(packed).content_size == len(content)
    assert zstandard.ZstdDecompressor().decompress(packed) == content
