"""Finds the values that a table cannot show as they are, because they are not of their column's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format import layout
from manager_nb.format.layout import quoted
from manager_nb.format.problems import Problem
from manager_nb.format.typed import TypedColumn, typed_columns
from manager_nb.progress import SILENT, check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.format.database import Database
    from manager_nb.progress import Progress


def untyped(database: Database, progress: Progress = SILENT) -> Iterator[Problem]:
    """The values in Manager's tables that are shown as null or with replacement characters, with their bytes.

    Raises:
        DamagedFileError: SQLite meets damage.
        CancelledError: the user cancelled.
    """
    for table in layout.TABLES.values():
        there = database.columns(table.name)
        for column in typed_columns(table.name, table.names, dict.fromkeys(there, "")):
            check(progress)
            if column.present and column.kind == "INTEGER":
                yield from _no_numbers(database, table, column)
            elif column.present and column.kind == "TEXT" and database.is_utf8:
                yield from _no_texts(database, table, column, progress)


def _no_numbers(database: Database, table: layout.TableLayout, column: TypedColumn) -> Iterator[Problem]:
    key = f"CAST({quoted(table.key)} AS TEXT)" if table.key in database.columns(table.name) else "NULL"
    name = quoted(column.name)
    sql = f"SELECT {key}, CAST({name} AS BLOB) FROM {quoted(table.name)} NOT INDEXED"  # noqa: S608 - quoted
    for row, data in database.rows(f"{sql} WHERE {name} IS NOT NULL AND {column.whole} IS NULL"):
        yield Problem(table.name, row, column.name, "The value is not a whole number; it is shown as empty.", data)


def _no_texts(
    database: Database, table: layout.TableLayout, column: TypedColumn, progress: Progress
) -> Iterator[Problem]:
    for batch in database.batches(table.name, [table.key, column.name], as_bytes=True):
        check(progress)
        keys, texts = batch.columns
        try:
            texts.cast(pa.string())
        except pa.ArrowInvalid:
            yield from _not_utf8(table.name, column.name, keys.to_pylist(), texts.to_pylist())


def _not_utf8(table: str, column: str, keys: list[bytes | None], texts: list[bytes | None]) -> Iterator[Problem]:
    for key, text in zip(keys, texts, strict=True):
        try:
            (text or b"").decode()
        except UnicodeDecodeError:
            shown = None if key is None else key.decode("utf-8", "replace")
            yield Problem(table, shown, column, "The text has bytes that are no text; they are shown as �.", text)
