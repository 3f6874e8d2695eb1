"""Reads everything once and lists what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.model.tables import Table

SCHEMA_OF_PROBLEMS = pa.schema(
    [
        ("where", pa.string()),
        ("key", pa.string()),
        ("part", pa.string()),
        ("what", pa.string()),
        ("data", pa.binary()),
    ]
)


def problems_table(opened, database, attachments, revision):
    return Table.of("Problems", pa.Table.from_pylist([], SCHEMA_OF_PROBLEMS))
