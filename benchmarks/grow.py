"""Grow the demonstration business to a given size: ``python -m benchmarks.grow TARGET --size 500`` (megabytes).

The objects, changes, e-mails and images of a file that the real program wrote are repeated, each copy under fresh keys
and a week later than the one before. References follow, commits stay together, every change's Before equals the last
After. Settings, whose key is their type's, exist once; so do their changes.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import sqlite3
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from manager_nb.demo import demonstration

if TYPE_CHECKING:
    from collections.abc import Iterator

WEEK = 7 * 86_400
GUID_ON_WIRE = re.compile(rb"\x09(?=.{8}\x11.{8})", re.DOTALL)
TABLES = ("Objects", "Changes", "Emails", "Images")
KEYS = ("Key", "Commit", "Object")
CONTENTS = ("Content", "ContentBefore", "ContentAfter")


class Row(NamedTuple):
    """A row to repeat: keys as places in the list of keys, contents cut where a key stands."""

    key: int
    values: tuple[object, ...]


class Content(NamedTuple):
    """Bytes with keys between them."""

    pieces: tuple[bytes, ...]
    keys: tuple[int, ...]


class Original:
    """The business that is repeated."""

    def __init__(self, path: Path) -> None:
        with contextlib.closing(sqlite3.connect(path)) as database:
            self.statements = [sql for (sql,) in database.execute("SELECT sql FROM sqlite_master ORDER BY rowid")]
            self.columns = {
                table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")] for table in TABLES
            }
            rows = {table: database.execute(f"SELECT * FROM {table} ORDER BY Key").fetchall() for table in TABLES}
        self.size = path.stat().st_size
        self.keys: list[str] = []
        self._places: dict[str, int] = {}
        self._find_keys(rows)
        self._by_wire = {on_wire(key): place for place, key in enumerate(self.keys)}
        self.rows = {table: [self._cut(table, row) for row in rows[table]] for table in TABLES}

    def _find_keys(self, rows: dict[str, list[tuple[object, ...]]]) -> None:
        """Keys that a copy has anew: all but those of settings."""
        types = {row[self.columns["Objects"].index("ContentType")] for row in rows["Objects"]}
        for table in TABLES:
            for name in KEYS:
                if name not in self.columns[table]:
                    continue
                for row in rows[table]:
                    key = row[self.columns[table].index(name)]
                    if isinstance(key, str) and key not in types and key.strip("0-") and key not in self._places:
                        self._places[key] = len(self.keys)
                        self.keys.append(key)

    def _cut(self, table: str, row: tuple[object, ...]) -> Row | None:
        """A row with its keys told apart; None for a setting."""
        named = dict(zip(self.columns[table], row, strict=True))
        known = self._places.get(str(named["Object" if table == "Changes" else "Key"]))
        if known is None:
            return None
        values: list[object] = []
        for name, value in named.items():
            if name in KEYS and value in self._places:
                values.append(self._places[value])
            elif name in CONTENTS and isinstance(value, bytes) and table in ("Objects", "Changes"):
                values.append(self._content(value))
            else:
                values.append(value)
        return Row(self._places[str(named["Key"])], tuple(values))

    def _content(self, data: bytes) -> Content:
        pieces, keys, done = [], [], 0
        for match in GUID_ON_WIRE.finditer(data):
            place = self._by_wire.get(data[match.start() : match.start() + 18])
            if place is not None and match.start() >= done:
                pieces.append(data[done : match.start()])
                keys.append(place)
                done = match.start() + 18
        return Content((*pieces, data[done:]), tuple(keys))


def on_wire(key: str) -> bytes:
    """A GUID as it stands in contents."""
    data = bytes.fromhex(key.replace("-", ""))
    return b"\x09" + data[3::-1] + data[5:3:-1] + data[7:5:-1] + b"\x11" + data[8:]


def fresh(key: str, later: int, chance: random.Random) -> str:
    """Another key of the same version; its time, if it tells one, is so many milliseconds later."""
    digits = f"{chance.getrandbits(128):032x}"
    if key[14] == "7":
        digits = f"{int(key[:8] + key[9:13], 16) + later:012x}{digits[12:]}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-{key[14]}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def copies(original: Original, table: str, keys: list[list[str]]) -> Iterator[tuple[object, ...]]:
    """The rows of a table, in the order of their keys, as Manager would have written them over the years."""
    columns = original.columns[table]
    keyed = [name in KEYS for name in columns]
    time = columns.index("Timestamp")
    order = [
        (keys[copy][row.key], copy, row)
        for copy in range(1, len(keys))
        for row in original.rows[table]
        if row is not None
    ]
    order.sort(key=lambda entry: entry[0])
    for _, copy, row in order:
        known = keys[copy]
        values = [
            known[value]
            if is_key and isinstance(value, int)
            else b"".join(_woven(value, known))
            if isinstance(value, Content)
            else value
            for is_key, value in zip(keyed, row.values, strict=True)
        ]
        if isinstance(values[time], int):
            values[time] = row.values[time] + copy * WEEK * 10_000_000  # type: ignore[operator]
        yield tuple(values)


def _woven(content: Content, keys: list[str]) -> Iterator[bytes]:
    for piece, place in zip(content.pieces, content.keys, strict=False):
        yield piece
        yield on_wire(keys[place])
    yield content.pieces[-1]


def grow(source: Path, target: Path, size: int) -> int:
    """Write a business of about so many bytes; returns how often the original is in it."""
    original = Original(source)
    number = max(1, round(size / (original.size - 65_536)))  # an empty business has 16 pages
    chance = random.Random(number)
    keys = [original.keys]
    keys += [[fresh(key, copy * WEEK * 1000, chance) for key in original.keys] for copy in range(1, number)]
    with contextlib.closing(sqlite3.connect(target)) as database:
        database.execute("PRAGMA auto_vacuum = 2")
        database.execute("PRAGMA journal_mode = off")
        database.execute("PRAGMA synchronous = off")
        database.execute("PRAGMA cache_size = -262144")
        tables = [sql for sql in original.statements if sql and sql.startswith("CREATE TABLE")]
        for sql in tables:
            database.execute(sql)
        database.execute("ATTACH ? AS original", (str(source),))
        for table in TABLES:
            marks = ", ".join("?" * len(original.columns[table]))
            database.execute(f"INSERT INTO main.{table} SELECT * FROM original.{table}")
            database.executemany(f"INSERT INTO main.{table} VALUES ({marks})", copies(original, table, keys))
        for sql in original.statements:
            if sql and sql not in tables:
                database.execute(sql)
        database.commit()
        database.execute("PRAGMA main.journal_mode = delete")
    return number


@contextlib.contextmanager
def fixture() -> Iterator[Path]:
    """The demonstration business's own file."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(demonstration()) as archive:
        entry = next(entry for entry in archive if entry.name.endswith(".manager"))
        path = Path(folder) / "original.manager"
        content = archive.extractfile(entry)
        assert content is not None
        path.write_bytes(content.read())
        yield path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--size", type=int, default=500, help="megabytes")
    given = parser.parse_args()
    if given.target.exists():
        parser.error(f"{given.target} exists")
    with fixture() as source:
        repeated = grow(source, given.target, given.size * 1_000_000)
    print(f"{given.target}: {given.target.stat().st_size / 1e6:.0f} MB, {repeated} times the original")
