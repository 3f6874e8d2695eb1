"""Files that are wrong, odd or hostile, made by code: a function fills a folder and says which file is what."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import random
import shutil
import sqlite3
import tarfile
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PAGE = 4096
BUSINESS_NAME = "X.manager"
SECRET = b"outside the archive"


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes without a pattern, the same every time."""
    return random.Random(seed).randbytes(size)


def wrong_files(folder: Path) -> dict[str, Path]:
    """Files that are no business, all called as if they were."""
    zipped = BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("Business.manager", b"SQLite format 3\0")
    contents = {
        "empty": b"",
        "zeros": bytes(3 * PAGE),
        "text": "Ledger of Himalaya Traders\r\nहिमालय\r\n".encode(),
        "text in UTF-16": "Ledger of Himalaya Traders".encode("utf-16"),
        "json": json.dumps({"ec37c11e-2b67-49c6-8a58-6eccb7dd75ee": {}}).encode(),
        "login page": b"\r\n<!DOCTYPE html><html><title>Login</title></html>",
        "script": b"<script>window.location.href = '/businesses';</script>",
        "zip": zipped.getvalue(),
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + noise(500),
        "office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise(500),
        "picture": b"\x89PNG\r\n\x1a\n" + noise(500),
        "encrypted": noise(16 * PAGE),
        "companion": b"\0\x05\x16\x07\0\2\0\0Mac OS X        " + bytes(100),
        "unknown": b"\0\1\2\3 something" + bytes(100) + noise(200),
        "compressed twice": gzip.compress(gzip.compress(b"SQLite format 3\0")),
        "compressed text": gzip.compress(b"nothing to see here"),
        "compressed nothing": gzip.compress(b""),
        "broken gzip": b"\x1f\x8b\x08\0" + noise(100),
        "broken zstd": b"\x28\xb5\x2f\xfd" + noise(100),
        "archive without a business": archive_of(("readme.txt", b"hello")),
        "archive with a text": archive_of((BUSINESS_NAME, b"not a database")),
        "empty archive": bytes(20 * 512),
    }
    return {what: _written(folder / f"{what}.manager", content) for what, content in contents.items()} | {
        "empty database": sqlite_file(folder / "empty database.manager"),
        "other database": sqlite_file(folder / "other database.manager", "CREATE TABLE Songs (Title TEXT)"),
        "other Objects": sqlite_file(folder / "other Objects.manager", "CREATE TABLE Objects (Id INTEGER, Shape TEXT)"),
    }


def sqlite_file(path: Path, *statements: str) -> Path:
    """A new SQLite file."""
    path.unlink(missing_ok=True)
    with changing(path) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("DROP TABLE t")
        for statement in statements:
            connection.execute(statement)
    return path


@contextlib.contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that is committed and closed at the end."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


def altered(business: Path, target: Path, *statements: str) -> Path:
    """A copy of a business after some SQL."""
    shutil.copyfile(business, target)
    with changing(target) as connection:
        for statement in statements:
            connection.execute(statement)
    return target


def patched(business: Path, target: Path, patch: Callable[[bytearray], None]) -> Path:
    """A copy of a business with other bytes."""
    content = bytearray(business.read_bytes())
    patch(content)
    return _written(target, bytes(content))


def odd_businesses(folder: Path, business: Path) -> dict[str, Path]:
    """Files that Manager reads all the same, and so do we: each has the objects of `business` in some odd shape."""
    wide = '"Timestamp" INTEGER, "Content" BLOB, "Extra" TEXT, "ContentType" TEXT, "Key" TEXT PRIMARY KEY'
    rowid = 'CREATE TABLE objects ("key" TEXT, "contenttype" TEXT, "content" BLOB, "timestamp" INTEGER)'
    four = "Key, ContentType, Content, Timestamp"
    moved = (
        'ALTER TABLE "Objects" RENAME TO "Old"',
        "{make}",
        f"INSERT INTO Objects ({four}) SELECT {four} FROM Old",
        'DROP TABLE "Old"',
    )
    changes: dict[str, tuple[str, ...]] = {
        "upper case keys": ('UPDATE "Objects" SET "Key" = upper("Key"), "ContentType" = upper("ContentType")',),
        "content as text": ('UPDATE "Objects" SET "Content" = CAST("Content" AS TEXT)',),
        "no times": ('UPDATE "Objects" SET "Timestamp" = NULL',),
        "odd times": ('UPDATE "Objects" SET "Timestamp" = \'yesterday\'',),
        "huge times": ('UPDATE "Objects" SET "Timestamp" = 1e30',),
        "no indexes": tuple(
            f'DROP INDEX "ix_{name}"'
            for name in ("Objects_ContentType", "Changes_Commit", "Changes_Object", "Changes_User", "Changes_Timestamp")
        ),
        "extra table": ('CREATE TABLE "Later" ("Key" TEXT)', "INSERT INTO \"Later\" VALUES ('kept')"),
        "extra column": ('ALTER TABLE "Objects" ADD COLUMN "Later" TEXT NOT NULL DEFAULT \'kept\'',),
        "other order of columns": tuple(
            step.format(make=f'CREATE TABLE "Objects" ({wide}) WITHOUT ROWID') for step in moved
        ),
        "rowid table in lower case": tuple(step.format(make=rowid) for step in moved),
        "no times column": ('ALTER TABLE "Objects" DROP COLUMN "Timestamp"',),
        "no Changes": ('DROP TABLE "Changes"', 'DROP TABLE "Emails"', 'DROP TABLE "Images"', 'DROP TABLE "Blobs"'),
        "view and trigger": (
            'CREATE VIEW "Songs" AS SELECT * FROM "Objects"',
            'CREATE TRIGGER "Later" AFTER INSERT ON "Objects" BEGIN DELETE FROM "Objects"; END',
        ),
    }
    made = {what: altered(business, folder / f"{what}.manager", *sql) for what, sql in changes.items()}
    return made | {
        "UTF-16": _in_utf16(business, folder / "UTF-16.manager"),
        "page size 1024": _with_pages(business, folder / "page size 1024.manager", 1024),
        "page size 65536": _with_pages(business, folder / "page size 65536.manager", 65536),
        "trailing zeros": patched(business, folder / "trailing zeros.manager", lambda raw: raw.extend(bytes(PAGE))),
        "WAL without its log": patched(business, folder / "WAL.manager", mark_as_wal),
        "गोदाम #1 50% ?x=1&y": _written(folder / "गोदाम #1 50% ?x=1&y.manager", business.read_bytes()),
    }


def damaged_businesses(folder: Path, business: Path) -> dict[str, Path]:
    """Files that SQLite cannot read throughout, but of which most rows are left."""
    size = business.stat().st_size
    patches: dict[str, Callable[[bytearray], None]] = {
        "first page zeroed": lambda raw: put(raw, 0, bytes(PAGE)),
        "beginning lost": lambda raw: put(raw, 0, bytes(20 * PAGE)),
        "magic flipped": lambda raw: put(raw, 3, b"\xff"),
        "page count too high": lambda raw: put(raw, 28, (size // PAGE * 2).to_bytes(4, "big")),
        "cut in half": lambda raw: _cut(raw, size // 2),
        "one byte short": lambda raw: _cut(raw, size - 1),
        "a page of noise": lambda raw: put(raw, size // PAGE // 2 * PAGE, noise(PAGE)),
        "freelist beyond the end": lambda raw: put(raw, 32, (size // PAGE + 50).to_bytes(4, "big") + b"\0\0\0\5"),
        "schema of noise": lambda raw: put(raw, 100, noise(300)),
    }
    return {what: patched(business, folder / f"{what}.manager", patch) for what, patch in patches.items()}


def without_index_entries(business: Path, target: Path, index: str) -> Path:
    """A copy of which an index has no entries at all."""
    schema = "PRAGMA writable_schema = on"
    change = f"UPDATE sqlite_master SET sql = {{}} WHERE name = '{index}'"
    altered(business, target, schema, change.format("sql || ' WHERE 0'"))
    altered(target, target.with_suffix(".empty"), "REINDEX").replace(target)
    altered(target, target.with_suffix(".full"), schema, change.format("replace(sql, ' WHERE 0', '')")).replace(target)
    return target


def hostile_schemas(folder: Path, business: Path) -> dict[str, Path]:
    """Files whose schema tries to have other things read in place of Manager's tables."""
    view = 'CREATE VIEW "{0}" AS SELECT * FROM "{0} behind"'
    return {
        "Objects is a view": altered(
            business,
            folder / "Objects view.manager",
            'ALTER TABLE "Objects" RENAME TO "Objects behind"',
            view.format("Objects"),
        ),
        "Changes is a view": altered(
            business,
            folder / "Changes view.manager",
            'ALTER TABLE "Changes" RENAME TO "Changes behind"',
            view.format("Changes"),
        ),
        "Changes is virtual": altered(
            business,
            folder / "Changes virtual.manager",
            'DROP TABLE "Changes"',
            'CREATE VIRTUAL TABLE "Changes" USING fts5("Key", "Content")',
        ),
        "Objects is a list of pragmas": altered(
            business,
            folder / "pragmas.manager",
            'DROP TABLE "Objects"',
            'CREATE VIEW "Objects" AS SELECT name AS "Key", file AS "Content" FROM pragma_database_list',
        ),
    }


def archive_of(*entries: tuple[str | tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of these entries; a TarInfo makes a link, a folder or whatever it says."""
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form, encoding="utf-8") as tar:
        for entry, content in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            info.size = len(content)
            tar.addfile(info, BytesIO(content))
    return stream.getvalue()


def without_end(archive: bytes) -> bytes:
    """An archive without the empty blocks at its end."""
    content = archive.rstrip(b"\0")
    return content + bytes(-len(content) % 512)


def entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """The head of an entry that is no file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def blob(content: bytes, name: str = "Blobs/{hash:.2}/{hash}") -> tuple[str, bytes]:
    """An attachment as an entry of an archive."""
    return name.format(hash=hashlib.sha256(content).hexdigest()), content


def raw_header(name: str, size: bytes, kind: bytes = b"0", magic: bytes = b"ustar\00000") -> bytes:
    """A header of an archive with any size field, and the right checksum."""
    head = bytearray(512)
    head[: len(name)] = name.encode()
    head[100:108] = b"0000644\0"
    head[124:136] = size.ljust(12, b"\0")
    head[156:157] = kind
    head[257 : 257 + len(magic)] = magic
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def _old_entry(name: str, content: bytes) -> bytes:
    """An entry as tar wrote it before there was ustar."""
    head = raw_header(name, b"%011o" % len(content), kind=b"\0", magic=b"")
    return head + content + bytes(-len(content) % 512)


def hostile_archives(folder: Path, business: Path) -> dict[str, Path]:
    """Archives that try to reach outside or to trip the reader; each has the business X, and the attachment b"bill"."""
    database = business.read_bytes()
    x, bill = (BUSINESS_NAME, database), blob(b"bill")
    (folder / "secret").write_bytes(SECRET)
    whole = archive_of(x, bill)
    unended = without_end(whole)
    contents = {
        "names that climb": archive_of(("../../X.manager", database), ("../evil", b"1"), ("/etc/evil", b"2"), bill),
        "links": archive_of(
            (entry("a", tarfile.SYMTYPE, "../secret"), b""),
            (entry("Blobs/aa/link", tarfile.LNKTYPE, "/etc/passwd"), b""),
            (entry("pipe", tarfile.FIFOTYPE), b""),
            (entry("Blobs", tarfile.DIRTYPE), b""),
            x,
            bill,
        ),
        "leading dot": archive_of(("./X.manager", database), blob(b"bill", "./Blobs/{hash:.2}/{hash}")),
        "companions of macOS": archive_of(("._X.manager", b"\0\x05\x16\x07"), x, ("Blobs/62/._623", b"no"), bill),
        "upper case": archive_of(("X.MANAGER", database), blob(b"bill", "BLOBS/{hash:.2}/{hash}")),
        "blobs first": archive_of(bill, ("notes.txt", b"ignored"), x),
        "in a folder": archive_of(("old/2025/X.manager", database), bill),
        "old tar": _old_entry(*x) + _old_entry(*bill) + bytes(1024),
        "no end": unended,
        "wrong checksum": whole.replace(b"0000644\0", b"0000666\0"),
        "rubbish in between": without_end(archive_of(x)) + noise(5 * 512) + archive_of(bill),
        "size beyond all bounds": unended + raw_header("Blobs/ff/huge", b"\x80" + (1 << 80).to_bytes(11, "big")),
        "negative size": unended + raw_header("Blobs/ff/less", b"\xff" * 12),
        "endless pax": raw_header("pax", b"%011o" % 20, b"x")
        + b"0 path=evil\n0 path=x".ljust(512, b"\0")
        + archive_of(x, bill),
        "GNU long names": archive_of((f"{'long ' * 60}/X.manager", database), bill, form=tarfile.GNU_FORMAT),
    }
    return {what: _written(folder / f"{what}.tar", content) for what, content in contents.items()}


def bomb(size: int, *, packed: str) -> bytes:
    """A small file that unpacks to `size` bytes which begin like a business."""
    content = b"SQLite format 3\0" + bytes(size)
    return gzip.compress(content) if packed == "gz" else zstandard.compress(content)


def hot_journal(business: Path, target: Path) -> Path:
    """A business as a program leaves it that died in the middle of a save, with its journal beside it."""
    work = target.with_suffix(".work")
    shutil.copyfile(business, work)
    with contextlib.closing(sqlite3.connect(work, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute('UPDATE "Objects" SET "Content" = randomblob(500)')
        connection.execute('DELETE FROM "Changes"')
        shutil.copyfile(work, target)
        shutil.copyfile(f"{work}-journal", f"{target}-journal")
        connection.execute("ROLLBACK")
    work.unlink()
    return target


def with_wal(business: Path, target: Path, *statements: str) -> Path:
    """A business in WAL mode whose last saves are in the log beside it only."""
    work = target.with_suffix(".work")
    shutil.copyfile(business, work)
    with contextlib.closing(sqlite3.connect(work, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        for statement in statements:
            connection.execute(statement)
        shutil.copyfile(work, target)
        shutil.copyfile(f"{work}-wal", f"{target}-wal")
    work.unlink()
    return target


def _in_utf16(business: Path, target: Path) -> Path:
    with contextlib.closing(sqlite3.connect(business)) as source, changing(target) as connection:
        connection.execute("PRAGMA encoding = 'UTF-16le'")
        tables = source.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        for name, sql in tables:
            connection.execute(sql)
            rows = source.execute(f'SELECT * FROM "{name}"').fetchall()
            if rows:
                connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
    return target


def _with_pages(business: Path, target: Path, size: int) -> Path:
    shutil.copyfile(business, target)
    with changing(target) as connection:
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("VACUUM")
    return target


def mark_as_wal(raw: bytearray) -> None:
    """Have the header say that the file is in WAL mode."""
    raw[18:20] = b"\2\2"


def put(raw: bytearray, start: int, content: bytes) -> None:
    """Write over some bytes."""
    raw[start : start + len(content)] = content


def _cut(raw: bytearray, size: int) -> None:
    del raw[size:]


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
