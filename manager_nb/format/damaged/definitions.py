"""What tables a damaged SQLite file has, from its own schema as far as that can be read, and what their rows look like.

The SQL of a schema is read by SQLite itself, in an empty database in memory: it knows in which order a record holds
the columns, whatever ``ALTER TABLE`` added.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format import layout
from manager_nb.format.scalars import MAX_TICKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from manager_nb.format.damaged.record import Value

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_CANONICAL = {name.lower(): name for name in layout.TABLES}
KINDS = ("table", "index", "view", "trigger")
"""What a schema lists."""

_LONGEST_SQL = 1 << 20
_MOST_STEPS = 100_000
"""Instructions of SQLite's machine; a table needs a few hundred."""


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index of a table.

    Attributes:
        name: its name.
        root: its root page.
        columns: what its records hold, the table's key at the end.
        sql: how it was made, None for one that SQLite made by itself.
    """

    name: str
    root: int
    columns: tuple[str, ...]
    sql: str | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A table.

    Attributes:
        name: its name.
        root: its root page, 0 where that is not known.
        columns: what its records hold, in their order.
        types: their declared types.
        number: the column that is the row's number and stands empty in the record, None where there is none.
        by_number: whether rows are kept by number, not by key.
        indexes: its indexes.
        sql: how it was made.
    """

    name: str
    root: int
    columns: tuple[str, ...]
    types: tuple[str, ...]
    number: str | None
    by_number: bool
    indexes: tuple[IndexDefinition, ...]
    sql: str

    @property
    def known(self) -> bool:
        """Whether it is one of Manager's tables and has its key."""
        return self.name in layout.TABLES and layout.TABLES[self.name].key in self.columns

    @property
    def key(self) -> int:
        """Where a record of a known table holds the key."""
        return self.columns.index(layout.TABLES[self.name].key)

    def padded(self, values: Sequence[Value]) -> tuple[Value, ...]:
        """The values of all columns: a row that is older than a column has NULL there."""
        return (*values, *(None,) * (len(self.columns) - len(values)))


@dataclass(frozen=True, slots=True)
class SchemaRow:
    """A row of ``sqlite_master``."""

    type: str
    name: str
    table: str
    root: int
    sql: str | None


def schema_row(values: Sequence[Value]) -> SchemaRow | None:
    """A row of ``sqlite_master``, None where the values cannot be one."""
    if len(values) != 5:
        return None
    kind, name, table, root, sql = values
    kind = next((known for known in KINDS if nearly_equal(str(kind), known)), kind)
    if not (isinstance(kind, str) and isinstance(name, str) and isinstance(table, str)):
        return None
    if kind not in KINDS or not isinstance(root, int | None):
        return None
    return SchemaRow(kind, name, table, root or 0, sql) if isinstance(sql, str | None) else None


def define(rows: Sequence[SchemaRow]) -> list[Definition]:
    """The tables that a schema describes; those that SQLite cannot make are left out."""
    found = []
    for row in rows:
        if row.type == "table" and row.sql and not row.name.startswith("sqlite_"):
            indexes = [index for index in rows if index.type == "index" and index.table == row.name]
            definition = _define(row, row.sql, indexes)
            if definition is not None:
                found.append(definition)
    return found


def current() -> list[Definition]:
    """Manager's tables as :mod:`manager_nb.format.layout` has them; their roots are not known."""
    rows = []
    for table in layout.TABLES.values():
        made, *indexes = table.statements()
        rows.append(SchemaRow("table", table.name, table.name, 0, made))
        rows += [
            SchemaRow("index", f"ix_{table.name}_{column}", table.name, 0, sql)
            for column, sql in zip(table.indexed, indexes, strict=True)
        ]
    return define(rows)


def is_guid(value: Value) -> bool:
    """Whether a value is a GUID, in small letters as Manager writes it or in capitals."""
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def looks_right(definition: Definition, values: Sequence[Value]) -> bool:
    """Whether values look like a row of that known table, and of no other."""
    least = min(3, len(layout.TABLES[definition.name].columns))
    return least <= len(values) <= len(definition.columns) and all(
        _check(definition.name, column)(value)
        for column, value in zip(definition.columns, definition.padded(values), strict=True)
    )


def column_fits(table: str, column: str, value: Value) -> bool:
    """Whether a value looks like one of that column of a known table."""
    return _check(table, column)(value)


def could_be(definition: Definition, values: Sequence[Value]) -> bool:
    """Whether values can stand in that table at all, though they may look odd."""
    if not 1 <= len(values) <= len(definition.columns):
        return False
    return not definition.known or isinstance(values[definition.key], bytes if definition.name == "Blobs2" else str)


def _check(table: str, column: str) -> Callable[[Value], bool]:
    special = _SPECIAL.get((table, column))
    if special is not None:
        return special
    kinds = {known.name: known.type for known in layout.TABLES[table].columns}
    return _BY_TYPE[kinds[column]] if column in kinds else lambda _: True


def _optional_guid(value: Value) -> bool:
    return value is None or is_guid(value)


def _mime(value: Value) -> bool:
    return isinstance(value, str) and "/" in value


_BY_TYPE: dict[str, Callable[[Value], bool]] = {
    "TEXT": lambda value: value is None or isinstance(value, str),
    "BLOB": lambda value: value is None or isinstance(value, bytes | str),
    "INTEGER": lambda value: value is None or (isinstance(value, int) and 0 <= value <= MAX_TICKS),
}

_SPECIAL: dict[tuple[str, str], Callable[[Value], bool]] = {
    **{(name, "Key"): is_guid for name in layout.TABLES},
    ("Objects", "ContentType"): is_guid,
    **{("Changes", name): _optional_guid for name in ("Commit", "Object", "ContentTypeBefore", "ContentTypeAfter")},
    ("Emails", "Object"): _optional_guid,
    ("Images", "ContentType"): _mime,
    ("Blobs", "ContentType"): lambda value: value is None or (isinstance(value, str) and not is_guid(value)),
    ("Blobs2", "Hash"): lambda value: isinstance(value, bytes) and len(value) == 32,
    ("Blobs2", "Content"): lambda value: isinstance(value, bytes),
}
"""What is more than its type tells; Objects and Images have the same columns, and only these tell them apart."""


def _spelled(table: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the columns; one that differs in a single letter from one that Manager's table lacks is that one."""
    layout_names = layout.TABLES[table].names if table in layout.TABLES else ()
    absent = [name for name in layout_names if name not in names]
    return tuple(
        name if name in layout_names else next((known for known in absent if nearly_equal(known, name)), name)
        for name in names
    )


def nearly_equal(one: str, other: str) -> bool:
    """Whether two texts differ in one letter."""
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _define(row: SchemaRow, sql: str, indexes: Sequence[SchemaRow]) -> Definition | None:
    with contextlib.closing(sqlite3.connect(":memory:")) as memory:
        memory.set_progress_handler(lambda: 1, _MOST_STEPS)
        try:
            _run(memory, sql, "CREATE TABLE")
            return _described(memory, row, sql, indexes)
        except (sqlite3.Error, sqlite3.Warning, ValueError):
            return None


def _described(memory: sqlite3.Connection, row: SchemaRow, sql: str, indexes: Sequence[SchemaRow]) -> Definition | None:
    described = memory.execute("SELECT name, type, pk, hidden, cid FROM pragma_table_xinfo(?)", [row.name]).fetchall()
    if not described or any(hidden for _, _, _, hidden, _ in described):
        return None
    by_number = _has_rowid(memory, row.name)
    types = {name: kind for name, kind, _, _, _ in described}
    names = tuple(types)
    keys = [name for name, _, pk, _, _ in described if pk]
    number = keys[0] if by_number and len(keys) == 1 and types[keys[0]].upper() == "INTEGER" else None
    if not by_number:
        (own,) = memory.execute("SELECT name FROM pragma_index_list(?) WHERE origin = 'pk'", [row.name]).fetchone()
        names = _index_columns(memory, own)
    found = []
    for index in indexes:
        with contextlib.suppress(sqlite3.Error, ValueError):
            if index.sql:
                _run(memory, index.sql, "CREATE INDEX")
                found.append((index, _index_columns(memory, _newest_index(memory))))
    kinds = tuple(types[name] for name in names)
    name = _CANONICAL.get(row.name.lower(), row.name)
    spelled = dict(zip(names, _spelled(name, names), strict=True))
    defined = tuple(
        IndexDefinition(index.name, index.root, tuple(spelled.get(column, column) for column in columns), index.sql)
        for index, columns in found
    )
    return Definition(name, row.root, tuple(spelled.values()), kinds, number, by_number, defined, sql)


def _run(memory: sqlite3.Connection, sql: str, beginning: str) -> None:
    if len(sql) > _LONGEST_SQL or not sql.upper().startswith(beginning):
        raise ValueError(beginning)
    memory.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_SELECT else sqlite3.SQLITE_OK
    )
    memory.execute(sql)
    memory.set_authorizer(None)


def _has_rowid(memory: sqlite3.Connection, table: str) -> bool:
    try:
        memory.execute(f"SELECT _rowid_ FROM {layout.quoted(table)} LIMIT 0")  # noqa: S608 - quoted
    except sqlite3.OperationalError:
        return False
    return True


def _newest_index(memory: sqlite3.Connection) -> str:
    """The index that was made last: a damaged schema may list it by another name than its SQL has."""
    (name,) = memory.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY rowid DESC").fetchone()
    return str(name)


def _index_columns(memory: sqlite3.Connection, index: str) -> tuple[str, ...]:
    rows = memory.execute("SELECT name FROM pragma_index_xinfo(?) ORDER BY seqno", [index])
    return tuple(name or "" for (name,) in rows)
