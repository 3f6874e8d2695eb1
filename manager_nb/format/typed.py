"""Gives every value of a column the column's type, whatever SQLite has stored there.

SQLite stores any kind of value in any column. Here a column has one type: text (with the replacement character for
what is not UTF-8), bytes (text as UTF-8, numbers as their digits) or a whole number (null where the stored value is
none).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format import layout
from manager_nb.format.layout import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ARROW = {"TEXT": pa.string(), "BLOB": pa.binary(), "INTEGER": pa.int64()}
_SENTINEL = {"TEXT": "''", "BLOB": "x''", "INTEGER": "0"}


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """One column as it is read.

    Attributes:
        name: its name.
        kind: ``TEXT``, ``BLOB`` or ``INTEGER``.
        present: whether the file has it; otherwise it is null throughout.
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
        """SQL of a value of this type, for a row that shows the types."""
        return _SENTINEL[self.kind]

    @property
    def value(self) -> str:
        """SQL of the column's value: of this type, or NULL."""
        if not self.present:
            return "NULL"
        return self.whole if self.kind == "INTEGER" else f"CAST({quoted(self.name)} AS {self.kind})"

    @property
    def whole(self) -> str:
        """SQL of the column's value as a whole number, NULL where it is none."""
        column = quoted(self.name)
        number = f"CAST({column} AS INTEGER)"
        return (
            f"CASE typeof({column}) WHEN 'integer' THEN {column}"
            f" WHEN 'real' THEN CASE WHEN {column} = {number} THEN {number} END"
            f" ELSE CASE WHEN CAST({column} AS TEXT) = CAST({number} AS TEXT) THEN {number} END END"
        )


def typed_columns(table: str, wanted: Sequence[str], declared: Mapping[str, str]) -> list[TypedColumn]:
    """The columns that are asked for, with their types.

    Args:
        table: the table's name.
        wanted: the columns' names.
        declared: the columns that the file has, with the types that it declares; they decide only where Manager's
            own layout (:data:`manager_nb.format.layout.TABLES`) does not know the column.
    """
    known = {column.name: column.type for column in layout.TABLES[table].columns} if table in layout.TABLES else {}
    return [
        TypedColumn(name, known.get(name) or _affinity(declared.get(name, "")), name in declared) for name in wanted
    ]


def all_bytes(wanted: Sequence[str], declared: Mapping[str, str]) -> list[TypedColumn]:
    """The columns that are asked for, each as the bytes of its values."""
    return [TypedColumn(name, "BLOB", name in declared) for name in wanted]


def valid(column: pa.Array) -> pa.Array:
    """The column; of a text column that is not UTF-8, a copy with the replacement character where it is not."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.binary()).to_pylist()
        return pa.array([one if one is None else one.decode("utf-8", "replace") for one in raw], pa.string())
    return column


def _affinity(declared: str) -> str:
    """By SQLite's rules, as far as there are types for it here."""
    upper = declared.upper()
    if "INT" in upper:
        return "INTEGER"
    return "TEXT" if any(word in upper for word in ("CHAR", "CLOB", "TEXT")) else "BLOB"
