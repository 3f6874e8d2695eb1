"""Reads everything once and lists what is wrong with it, so that one bad row never hides the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.layout import quoted
from manager_nb.format.problems import REMARK, Problem
from manager_nb.format.scalars import MAX_TICKS
from manager_nb.format.schema import REVISION, SCHEMA
from manager_nb.model.columns import read_flaws
from manager_nb.model.contents import ALTERED, MISSING, PRESENT
from manager_nb.model.damage import Damage, summed
from manager_nb.model.secrets import MASK, has_secrets
from manager_nb.model.sides import type_guids
from manager_nb.model.tables import ROWS, FixedTypes
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from manager_nb.format.containers import OpenSource
    from manager_nb.format.database import Database
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

_HEX = "[0-9a-f]"
_GUID = "-".join(_HEX * length for length in (8, 4, 4, 4, 12))
_EXPECTED = ("Objects", "Changes", "Emails", "Images")


class ProblemsReader(FixedTypes):
    """The rows of ``Business.problems``, found at the first look and kept.

    Args:
        find: finds them.
    """

    def __init__(self, find: Callable[[Progress], Iterator[Problem]]) -> None:
        super().__init__(SCHEMA_OF_PROBLEMS)
        self._find = find
        self._rows: pa.Table | None = None
        self._damage = Damage()

    def find(self, progress: Progress = SILENT) -> pa.Table:
        """All problems, found once."""
        if self._rows is None:
            problems = list(self._find(progress))
            found = [(problem.where, problem.key, problem.part, problem.what, problem.data) for problem in problems]
            self._damage = summed(problems)
            told = [dict(zip(SCHEMA_OF_PROBLEMS.names, row, strict=True)) for row in found]
            self._rows = pa.Table.from_pylist(told, SCHEMA_OF_PROBLEMS)
        return self._rows

    def damage(self, progress: Progress = SILENT) -> Damage:
        """What they mean for the books."""
        self.find(progress)
        return self._damage

    def count(self) -> int:
        """How many there are."""
        return int(self.find().num_rows)

    def read(self, columns: Sequence[str], offset: int, limit: int | None, rows: int) -> Iterator[pa.RecordBatch]:
        """Problems in the order in which they were met."""
        yield from self.find().select(list(columns)).slice(offset, limit).to_batches(max_chunksize=rows)


def find_problems(
    opened: OpenSource, database: Database, attachments: Table, revision: int | None, progress: Progress = SILENT
) -> Iterator[Problem]:
    """Everything that is wrong with a business, decoding each record and both images of each change once.

    What counts: what was met while opening; a newer schema; a missing table; a key or content type that is no GUID in
    lower case, or a key that several rows have; a time that is none; bytes that do not read as the schema says; a
    change without sides; an attachment whose content is altered, or missing from a copy that has attachments. What does
    not: types and fields that are unknown here (a newer Manager's, kept as they are), and a copy made without
    attachments.

    Raises:
        CancelledError: the user cancelled.
    """
    yield from (met := list(opened.problems))
    if revision is not None and revision > REVISION:
        what = f"A newer Manager wrote this file (schema revision {revision}); what is unknown here is kept as it is."
        yield Problem("file", None, None, what, effect=REMARK)
    for table in _EXPECTED:
        check(progress)
        if table not in database.tables():
            yield Problem("file", None, table, f"The table {table} is missing.")
        else:
            yield from _bad_keys(database, table)
            yield from _shared_keys(database, table)
            yield from _bad_times(database, table)
    yield from bad_objects(database, progress)
    yield from _bad_changes(database, progress)
    yield from _bad_attachments(opened, attachments, progress)
    yield from opened.problems[len(met) :]  # folders of attachments that may not be read are met by looking there


def _bad_keys(database: Database, table: str) -> Iterator[Problem]:
    columns = [column for column in ("Key", "ContentType") if column in database.columns(table)]
    if table == "Images" and "ContentType" in columns:
        columns.remove("ContentType")  # a MIME type there
    for column in columns:
        sql = f"SELECT {quoted('Key')}, {quoted(column)} FROM {quoted(table)} WHERE {quoted(column)} NOT GLOB ?"  # noqa: S608
        sql += f" OR {quoted(column)} IS NULL"
        for key, value in database.rows(sql, (_GUID,)):
            yield Problem(table, _shown(key), column, _wrong_guid(value), str(value).encode() if value else None)


def _shared_keys(database: Database, table: str) -> Iterator[Problem]:
    """Keys of several rows: Manager's own tables cannot have any, one that another program made can."""
    if "Key" not in database.columns(table):
        return
    key, name = quoted("Key"), quoted(table)
    # ordered by the key itself as the table is, so that no sorting is needed where there is no fault
    sql = f"SELECT {key}, COUNT(*) FROM {name} WHERE {key} IS NOT NULL GROUP BY {key} HAVING COUNT(*) > 1"  # noqa: S608
    for shared, count in database.rows(sql):
        yield Problem(table, _shown(shared), "Key", f"{count} rows have this key; Manager knows one of them.")


def _wrong_guid(value: object) -> str:
    if value is None:
        return "The row has none."
    text = str(value)
    lower = text.lower()
    if text != lower and _is_guid(lower):
        return f"{text} is in upper case; Manager itself cannot find it."
    return f"{text!r} is not a GUID."


def _is_guid(text: str) -> bool:
    parts = [8, 4, 4, 4, 12]
    return [len(part) for part in text.split("-")] == parts and set(text) <= set("0123456789abcdef-")


def _bad_times(database: Database, table: str) -> Iterator[Problem]:
    if not {"Key", "Timestamp"} <= set(database.columns(table)):
        return
    time, name = quoted("Timestamp"), quoted(table)
    (untimed,) = next(database.rows(f"SELECT COUNT(*) FROM {name} WHERE {time} IS NULL"))  # noqa: S608 - quoted
    if untimed:
        yield Problem(table, None, "Timestamp", f"{untimed} rows have no time.")
    sql = f"SELECT {quoted('Key')}, CAST({time} AS TEXT) FROM {name} WHERE {time} < 0 OR {time} > ?"  # noqa: S608 - quoted
    for key, value in database.rows(sql, (MAX_TICKS,)):  # a text is greater than any number, so it is found too
        yield Problem(table, _shown(key), "Timestamp", f"{value} is not a time.", None)


def bad_objects(database: Database, progress: Progress = SILENT) -> Iterator[Problem]:
    """What is wrong with the contents of the objects of known types.

    Raises:
        CancelledError: the user cancelled.
    """
    progress.start("Checking records", database.count("Objects") if "Objects" in database.tables() else 0)
    for batch in _batches(database, "Objects", ["Key", "ContentType", "Content"]):
        check(progress)
        guids = type_guids(batch["ContentType"])
        yield from _flaws("Objects", "Content", batch["Key"], guids, batch["Content"])
        progress.advance(batch.num_rows)
    progress.finish()


def _bad_changes(database: Database, progress: Progress) -> Iterator[Problem]:
    if {"Key", "Object"} <= set(database.columns("Changes")):
        for (key,) in database.rows('SELECT "Key" FROM "Changes" WHERE "Object" IS NULL OR "Object" = \'\''):
            yield Problem("Changes", _shown(key), "Object", "The row does not say which record it is about.")
    progress.start("Checking History", database.count("Changes") if "Changes" in database.tables() else 0)
    columns = ["Key", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore", "ContentAfter"]
    for batch in _batches(database, "Changes", columns):
        check(progress)
        before, after = type_guids(batch["ContentTypeBefore"]), type_guids(batch["ContentTypeAfter"])
        for key in batch["Key"].filter(pc.and_(pc.is_null(before), pc.is_null(after))).to_pylist():
            yield Problem("Changes", key, None, "The row says neither what was there before nor what is there after.")
        yield from _flaws("Changes", "ContentBefore", batch["Key"], before, batch["ContentBefore"])
        yield from _flaws("Changes", "ContentAfter", batch["Key"], after, batch["ContentAfter"])
        progress.advance(batch.num_rows)
    progress.finish()


def _batches(database: Database, table: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    if table in database.tables():
        yield from database.batches(table, columns, rows=ROWS)


def _flaws(where: str, part: str, keys: pa.Array, guids: pa.Array, blobs: pa.Array) -> Iterator[Problem]:
    """The flaws of a column of records of mixed types."""
    for guid in guids.unique().to_pylist():
        known = SCHEMA.type_of(guid) if guid else None
        if known is None:
            continue
        rows = pc.indices_nonzero(pc.equal(guids, guid))
        some = keys.take(rows)
        for flaw in read_flaws(known, blobs.take(rows)).to_pylist():
            here = f"{part}: {flaw['path']}" if flaw["path"] else part
            data = MASK.encode() if has_secrets(known.name) else flaw["data"]
            yield Problem(where, some[flaw["row"]].as_py(), here, flaw["what"], data)


def _bad_attachments(opened: OpenSource, attachments: Table, progress: Progress) -> Iterator[Problem]:
    wrong: list[Problem] = []
    some_there = next(iter(opened.blobs.hashes()), None) is not None
    for batch in attachments.batches(ROWS, progress, columns=["attachment", "name", "state"]):
        for key, name, state in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            some_there |= state == PRESENT
            if state == MISSING:
                wrong.append(Problem("attachments", key, "Content", f"The content of {name} is missing."))
            elif state == ALTERED:
                some_there = True
                wrong.append(Problem("attachments", key, "Content", f"The content of {name} is not what was attached."))
    if some_there:
        yield from wrong


def _shown(key: object) -> str | None:
    return None if key is None else str(key)
