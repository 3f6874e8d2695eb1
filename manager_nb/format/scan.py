"""Decode a column of protobuf messages at once: the engine of every table (docs/format.md §3).

The meaning is that of :func:`manager_nb.format.messages.decode`, record by record; a test holds the two equal. The way
is another: all messages are read in lock-step in numpy (``scan_tape.py``), then each field as a column
(``scan_scalars.py``, ``scan_arrow.py``), then the messages inside (``scan_nesting.py``). What is wrong with a record is
only noticed here; the exact reader then tells it in its own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from manager_nb.format.messages import decode
from manager_nb.format.scan_nesting import Nesting
from manager_nb.format.scan_tape import Bytes

if TYPE_CHECKING:
    from collections.abc import Collection

    from manager_nb.format.schema import MessageType

UNKNOWN = pa.schema(
    [
        ("row", pa.int64()),
        ("path", pa.string()),
        ("number", pa.int64()),
        ("wire_type", pa.int8()),
        ("data", pa.binary()),
    ]
)
PROBLEMS = pa.schema([("row", pa.int64()), ("path", pa.string()), ("what", pa.string()), ("data", pa.binary())])


@dataclass(frozen=True, slots=True)
class Scanned:
    """A column of records that was read.

    Attributes:
        struct: one child a field, in the order of their numbers.

            ========  =============================================================================================
            bool      ``bool``; absent: false, or null where the field is nullable
            int32/64  ``int32``, ``int64``; absent: 0, or null where nullable
            enum      ``string``, the value's name or its number as text; absent: the name of 0, or null where nullable
            string    ``string``, null where absent; bytes that are no UTF-8 become U+FFFD
            bytes     ``binary``, null where absent
            guid      ``string`` of 36 characters; nil is null unless the field is nullable
            decimal   ``decimal128(38, s)``: s at least 2 and enough for every value of the column, or
                      ``decimal256(76, 28)`` where 38 digits do not suffice; absent: 0, or null where nullable
            datetime  ``date32`` where all values of the column are whole days, else ``timestamp("us")`` (the tick's
                      last digit is cut off); 0001-01-01 is null unless the field is nullable
            map       ``map``; null where it has no entries
            message   ``struct``; null where absent
            repeated  ``list``; null where it has no elements
            ========  =============================================================================================

            A message of a type that it stands in itself is ``binary``: its bytes, for ``messages.decode``.
        unknown: the fields that the schema does not know: ``row`` (of the column), ``path`` (of the message they
            stand in), ``number``, ``wire_type``, ``data`` (bytes, tag included); in the order of the file.
        problems: what could not be read: ``row``, ``path``, ``what`` (a sentence), ``data`` (the bytes).
        used: the fields that hold more than their default in some row.
    """

    struct: pa.StructArray
    unknown: pa.Table
    problems: pa.Table
    used: frozenset[str]


def scan(
    message_type: MessageType,
    blobs: pa.BinaryArray | pa.ChunkedArray,
    *,
    fields: Collection[str] | None = None,
    keep_unused_obsolete: bool = True,
) -> Scanned:
    """Decode a column of messages of one type. It never fails on what the bytes hold.

    Args:
        message_type: the type of all of them.
        blobs: the messages, a binary column of less than 2 GiB; null is the same as empty. Some ten thousand at a time
            are fast and need little memory.
        fields: decode only these fields of the records; nothing is said about the insides of the others.
        keep_unused_obsolete: whether fields of older versions are columns even where no row has more than their
            default, at every level.
    """
    if isinstance(blobs, pa.ChunkedArray):
        blobs = pa.concat_arrays(blobs.chunks) if blobs.num_chunks else pa.array([], pa.binary())
    if blobs.type != pa.binary():
        blobs = blobs.cast(pa.binary())
    source = Bytes(blobs)
    nesting = Nesting(source, keep_unused=keep_unused_obsolete)
    struct = nesting.records(message_type, fields)
    flawed = np.flatnonzero(nesting.notes.flawed).tolist()
    told = [(row, decode(message_type, blobs[row].as_py() or b"")) for row in flawed]
    unknown = [
        *nesting.notes.unknown(source),
        *(
            (row, field.path, field.number, field.wire_type, field.data)
            for row, decoded in told
            for field in decoded.unknown
        ),
    ]
    unknown.sort(key=lambda field: field[0])
    problems = [(row, flaw.path, flaw.what, flaw.data) for row, decoded in told for flaw in decoded.flaws]
    return Scanned(
        struct, _table(UNKNOWN, unknown, fields), _table(PROBLEMS, problems, fields), frozenset(nesting.used)
    )


def _table(schema: pa.Schema, rows: list[tuple[Any, ...]], fields: Collection[str] | None) -> pa.Table:
    """The rows whose path begins with one of the fields, or is that of the record itself."""
    kept = [row for row in rows if fields is None or not row[1] or re.split(r"[.[]", row[1], maxsplit=1)[0] in fields]
    columns = zip(*kept, strict=True) if kept else ([] for _ in schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
