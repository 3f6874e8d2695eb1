"""Decode every field of both images of every change: to Arrow by the column engine, and to dictionaries naively."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.naive import Reader
from manager_nb.format.database import Database
from manager_nb.format.regroup import regroup
from manager_nb.format.scan import scan
from manager_nb.format.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIDES = ("ContentTypeBefore", "ContentBefore", "ContentTypeAfter", "ContentAfter")


def ours(path: Path) -> int:
    """Returns how many images there were."""
    count = 0
    for guid, batch in regroup(images(Database(path)), "type"):
        content_type = SCHEMA.type_of(guid or "")
        if content_type is not None:
            count += len(scan(content_type, batch["content"]).struct)
    return count


def images(database: Database) -> Iterator[pa.RecordBatch]:
    """Type and content of the images of all changes, in no particular order."""
    for batch in database.batches("Changes", SIDES, rows=20_000):
        sides = [batch.select(SIDES[:2]), batch.select(SIDES[2:])]
        both = pa.concat_batches([side.rename_columns(["type", "content"]) for side in sides])
        yield both.filter(pc.is_valid(both["content"]))


def naive(path: Path) -> int:
    """Returns how many images there were."""
    reader, count = Reader(), 0
    with contextlib.closing(sqlite3.connect(path)) as database:
        for row in database.execute(f"SELECT {', '.join(SIDES)} FROM Changes"):
            for guid, content in (row[:2], row[2:]):
                if content is not None and guid in reader.types:
                    reader.message(reader.types[guid], content)
                    count += 1
    return count
