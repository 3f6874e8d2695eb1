"""The Arrow types of a business's columns, and the SQL that gives every stored value its column's type.

SQLite stores any kind of value in any column. What is read here has one type a column: text (invalid UTF-8 shown with
the replacement character), bytes (text as its UTF-8, numbers as their digits) or a whole number (null where the stored
value is none); :meth:`manager_nb.format.database.Database.oddities` lists what was not of its column's type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format import layout
from manager_nb.format.layout import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

_ARROW = {"TEXT": pa.string(), "BLOB": pa.binary(), "INTEGER": pa.int64()}
_SENTINEL = {"TEXT": "''", "BLOB": "x''", "INTEGER": "0"}
_ABSENT = "NULL"


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """One column as it is read.

    Attributes:
        name: its name.
        kind: ``TEXT``, ``BLOB`` or ``INTEGER``.
        present: whether the file has it; otherwise it is all null.
    """

    name: str
    kind: str
    present: bool

    @property
    def type(self) -> pa.DataType:
        """The Arrow type."""
        return _ARROW[self.kind]

    @property
    def sentinel(self) -> str:
        """SQL of a value of this type, for the row that shows the types."""
        return _SENTINEL[self.kind]

    @property
    def value(self) -> str:
        """SQL of the column's value, of this type or NULL."""
        if not self.present:
            return _ABSENT
        column = quoted(self.name)
        if self.kind != "INTEGER":
            return f"CAST({column} AS {self.kind})"
        whole = f"CAST({column} AS INTEGER)"
        return (
            f"CASE typeof({column}) WHEN 'integer' THEN {column}"
            f" WHEN 'real' THEN CASE WHEN {column} = {whole} THEN {whole} END"
            f" WHEN 'null' THEN NULL ELSE CASE WHEN CAST({column} AS TEXT) = CAST({whole} AS TEXT) THEN {whole} END END"
        )

    @property
    def is_odd(self) -> str:
        """SQL that is true where the stored value is not of this type."""
        own = self.kind.lower()
        return f"typeof({quoted(self.name)}) NOT IN ('{own}', 'null')" if self.present else "0"


def typed_columns(table: str, wanted: Sequence[str], declared: dict[str, str]) -> list[TypedColumn]:
    """The columns that are asked for, with their types.

    Args:
        table: the table's name.
        wanted: the columns' names.
        declared: the columns that the file has, with their declared types; they decide where the layout of Manager
            (:data:`manager_nb.format.layout.TABLES`) does not know the column.
    """
    known = {column.name: column.type for column in layout.TABLES[table].columns} if table in layout.TABLES else {}
    return [
        TypedColumn(name, known.get(name) or _affinity(declared.get(name, "")), name in declared) for name in wanted
    ]


def _affinity(declared: str) -> str:
    """By SQLite's rules, as far as there are types for it here."""
    upper = declared.upper()
    if "INT" in upper:
        return "INTEGER"
    return "TEXT" if any(word in upper for word in ("CHAR", "CLOB", "TEXT")) else "BLOB"


def valid_text(column: pa.Array) -> pa.Array:
    """The column itself if it is valid UTF-8, else with the replacement character in place of what is not."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.binary()).to_pylist()
        return pa.array([None if one is None else one.decode("utf-8", "replace") for one in raw], pa.string())
    return column
