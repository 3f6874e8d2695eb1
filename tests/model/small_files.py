"""Business files made row by row, for what the real program does not write."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from manager_nb.format.encoding import encode
from manager_nb.format.layout import create, insert, quoted
from manager_nb.format.schema import SCHEMA, SCHEMA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

TICKS = 638_800_000_000_000_000
"""A moment in April 2025."""


def key(number: int) -> str:
    """A key."""
    return f"00000000-0000-4000-8000-{number:012x}"


def content(type_name: str, **values: Any) -> bytes:
    """The bytes of a record."""
    content_type = SCHEMA.named(type_name)
    assert content_type is not None
    return encode(content_type, values)


def guid(type_name: str) -> str:
    """The GUID of a type."""
    content_type = SCHEMA.named(type_name)
    assert content_type is not None
    return content_type.guid


def record(number: int, type_name: str, ticks: int | None = TICKS, **values: Any) -> tuple[object, ...]:
    """A row of Objects."""
    return key(number), guid(type_name), content(type_name, **values), ticks


def write(
    path: Path,
    objects: Iterable[Sequence[object]] = (),
    *,
    revision: int = 419,
    without: Sequence[str] = (),
    also: Sequence[str] = (),
    **tables: Iterable[Sequence[object]],
) -> Path:
    """Write a business file with these rows of Objects and of other tables; `without` drops whole tables."""
    with contextlib.closing(create(path, also=also)) as connection:
        connection.execute("BEGIN")
        schema = (SCHEMA_TYPE, SCHEMA_TYPE, content("Schema", Version=revision), 0)
        insert(connection, "Objects", [schema, *objects])
        for table, rows in tables.items():
            insert(connection, table, rows)
        for table in without:
            connection.execute(f"DROP TABLE {quoted(table)}")
        connection.execute("COMMIT")
    return path
