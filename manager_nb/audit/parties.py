"""Which changes concern a party: a customer, supplier, employee or capital account, under any name it ever had."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.errors import EncodeError
from manager_nb.format.database import Database
from manager_nb.format.scalars import guid_to_bytes
from manager_nb.model.labels import guid_of
from manager_nb.model.references import references
from manager_nb.model.sides import describe, type_guids
from manager_nb.model.stored import Rows
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from manager_nb.timeline.business import Business

PARTIES = ("CapitalAccount", "Customer", "Employee", "Supplier")
"""The types of those that a business deals with."""

_SIDES = ("Before", "After")
_IMAGES = ("ContentTypeBefore", "ContentTypeAfter", "ContentBefore", "ContentAfter")
_ROWS = 2_000

#: What may be the first half of a key: eight bytes after the tag of a GUID's first field.
_HALF = re.compile(rb"\x09(?=(.{8}))", re.DOTALL)


def changes_with_party(
    business: Business, among: Collection[str], party: str, progress: Progress = SILENT
) -> Iterator[str]:
    """The keys of the changes whose record, before or after, is a party or refers to one.

    Args:
        business: whose History.
        among: keys of changes: no others are given.
        party: words in its name, or its key.
        progress: told of the rows that are looked at; heeded.
    """
    database = Database(business.open_source.database)
    rows = Rows(database, "Changes")
    keys = _party_keys(business, database, party, progress)
    halves = {half for half in map(_half, keys) if half is not None}
    progress.start("Searching", rows.count())
    for batch in rows.read(("Key", "Object", *_IMAGES), rows=_ROWS):
        check(progress)
        guids = [type_guids(batch[f"ContentType{side}"]).to_pylist() for side in _SIDES]
        columns = [batch[name].to_pylist() for name in ("Key", "Object", "ContentBefore", "ContentAfter")]
        for change, record, before, after, *types in zip(*columns, *guids, strict=True):
            images = zip(types, (before or b"", after or b""), strict=True)
            if change in among and (
                str(record).lower() in keys or any(_names(guid, blob, halves, keys) for guid, blob in images)
            ):
                yield change
        progress.advance(batch.num_rows)
    progress.finish()


def _names(guid: str | None, blob: bytes, halves: set[bytes], keys: set[str]) -> bool:
    """Whether a record refers to one of these keys; it is only decoded where bytes of one are in it."""
    if guid is None or (b"" not in halves and halves.isdisjoint(_HALF.findall(blob))):
        return False
    return any(reference.key in keys for reference in references(guid, blob))


def _half(key: str) -> bytes | None:
    """The first half of a key as Manager writes it in a record; None for what is no key and stands in none."""
    try:
        half = guid_to_bytes(key)[:8]
    except EncodeError:
        return None
    return half if any(half) else b""  # a half of zeros is left out


def _party_keys(business: Business, database: Database, party: str, progress: Progress) -> set[str]:
    """The keys of the parties that are or ever were called so."""
    words = party.casefold()
    called = {key for key, label in _parties(business, database, progress) if words in str(label).casefold()}
    return called | {party.lower()}


def _parties(business: Business, database: Database, progress: Progress) -> Iterator[tuple[str, str | None]]:
    guids = [guid_of(name) for name in PARTIES]
    of_type = f"IN ({', '.join('?' * len(guids))})"
    where = f'lower("ContentTypeBefore") {of_type} OR lower("ContentTypeAfter") {of_type}'
    rows = Rows(database, "Changes", where=where, params=(*guids, *guids))
    for batch in rows.read(("Object", *_IMAGES), rows=_ROWS):
        check(progress)
        for side in _SIDES:
            types = type_guids(batch[f"ContentType{side}"])
            for guid in guids:
                mask = pc.fill_null(pc.equal(types, guid), False)
                labels = describe(guid, batch[f"Content{side}"].filter(mask))[0].to_pylist()
                yield from zip(_lower(batch["Object"].filter(mask)), labels, strict=True)
    for name in PARTIES:
        records = business.records(name).to_arrow(["key", "label"])
        yield from zip(_lower(records["key"]), records["label"].to_pylist(), strict=True)


def _lower(keys: pa.Array | pa.ChunkedArray) -> list[str]:
    return [str(key).lower() for key in keys.to_pylist()]
