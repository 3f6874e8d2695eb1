"""Columns of messages in messages: each field that holds messages is the next level (docs/format.md §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from manager_nb.format.messages import NUMBERS
from manager_nb.format.scan_arrow import Place, bitmap, build, mask_of, offsets_of
from manager_nb.format.scan_level import Level, Notes
from manager_nb.format.scan_scalars import read_values, unpack
from manager_nb.format.scan_tape import Bytes, Spans, Tape, read_loose
from manager_nb.format.scan_types import Blanks, is_endless
from manager_nb.format.schema import SCHEMA, FieldType, MessageType
from manager_nb.format.wire import BYTES, read_sound_fields

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from manager_nb.format.scan_tape import Numbers


class Nesting:
    """Reads the levels of one column of records.

    Attributes:
        notes: flaws and unknown fields of all levels.
        used: the fields of the records that hold more than their default somewhere.
    """

    def __init__(self, source: Bytes, *, keep_unused: bool) -> None:
        self.notes = Notes(len(source.starts))
        self.used: set[str] = set()
        self._source = source
        self._blanks = Blanks()
        self._keep_unused = keep_unused

    def records(self, message_type: MessageType, fields: Collection[str] | None) -> pa.StructArray:
        """The records themselves; only some of their fields, if told so."""
        count = len(self._source.starts)
        spans = Spans(np.arange(count), self._source.starts, self._source.ends)
        wanted = [kind for kind in message_type.fields.values() if fields is None or kind.name in fields]
        return self._messages(message_type, spans, count, Level((message_type.name,)), wanted=wanted)

    def _messages(
        self,
        message_type: MessageType,
        spans: Spans,
        count: int,
        level: Level,
        *,
        wanted: list[FieldType] | None = None,
        present: NDArray[np.bool_] | None = None,
    ) -> pa.StructArray:
        tapes = self._sorted(message_type, spans, level)
        columns: dict[str, pa.Array] = {}
        for kind in message_type.fields.values() if wanted is None else wanted:
            column, used = self._field(kind, tapes.get(kind.number), count, level)
            if used and level.above is None:
                self.used.add(kind.name)
            if used or self._keep_unused or not kind.obsolete:
                columns[kind.name] = column
        form = pa.struct([pa.field(name, column.type) for name, column in columns.items()])
        return pa.Array.from_buffers(form, count, [bitmap(present)], children=list(columns.values()))

    def _sorted(self, message_type: MessageType, spans: Spans, level: Level) -> dict[int, Tape]:
        """The fields of a level's messages, by number; those that the schema does not know are set aside."""
        loose = read_loose(self._source, spans)
        self.notes.flag(level, loose.broken)
        if not len(loose.tape):
            return {}
        numbers = list(message_type.fields)
        shelf_of = np.zeros(max(numbers, default=0) + 2, np.uint8)  # 0: unknown
        shelf_of[numbers] = np.arange(1, len(numbers) + 1)
        order = loose.order()
        shelves = shelf_of[np.minimum(loose.tape.numbers, len(shelf_of) - 1)][order]
        tape = loose.tape.take(order[np.argsort(shelves, kind="stable")])
        ends = np.cumsum(np.bincount(shelves, minlength=len(numbers) + 1)).tolist()
        if ends[0]:
            self.notes.unread(level, tape.take(slice(0, ends[0])))
        return {
            number: tape.take(slice(start, end))
            for number, start, end in zip(numbers, ends, ends[1:], strict=False)
            if start < end
        }

    def _field(self, kind: FieldType, tape: Tape | None, count: int, level: Level) -> tuple[pa.Array, bool]:
        """A field's column, and whether a row has more than its default."""
        blank = self._blanks.column(kind, count, level.within)
        if tape is None:
            return blank, False
        if kind.type == "map":
            column = self._map(kind, tape, count, level)
        elif kind.repeated:
            column = self._list(kind, tape, count, level)
        elif is_endless(kind, level.within):
            column = self._joined(tape, count, level)
        elif kind.type == "message":
            spans = self._contents(tape, level).contents()
            message_type = SCHEMA.message(kind.message or "")
            present = mask_of(spans.rows, count)
            column = self._messages(message_type, spans, count, level.inside(kind), present=present)
        else:
            column = self._scalar(kind, Place.FIELD, tape, count, level, level.inside(kind))
        return column, column.null_count < count and (kind.nullable or not column.equals(blank))

    def _scalar(self, kind: FieldType, place: Place, tape: Tape, count: int, level: Level, inside: Level) -> pa.Array:
        """A column of single values; the last one of each row wins."""
        read = read_values(self._source, kind.type, tape)
        if read.unknown is not None:
            self.notes.unread(inside, read.unknown.on_rows(tape.rows[read.unknown.rows]))
        places = np.flatnonzero(read.sound)
        if len(places) < len(tape):
            self.notes.flag(level, tape.rows[~read.sound])
        rows = tape.rows[places]
        last = np.ones(len(rows), np.bool_)
        last[:-1] = rows[1:] != rows[:-1]
        if not last.all():
            places, rows = places[last], rows[last]
        return build(self._source, kind, place, rows, tuple(part[places] for part in read.parts), count)

    def _list(self, kind: FieldType, tape: Tape, count: int, level: Level) -> pa.Array:
        if kind.type == "message":
            tape = self._contents(tape, level)
            rows = tape.rows
            spans = tape.contents()._replace(rows=np.arange(len(rows)))
            if is_endless(kind, level.within):
                self.notes.flag(level, rows)
                elements = self._source.texts(spans.starts, spans.ends)
            else:
                inside = level.inside(kind, rows, listed=True)
                elements = self._messages(SCHEMA.message(kind.message or ""), spans, len(rows), inside)
        else:
            rows, elements = self._elements(kind, tape, level, level.inside(kind, tape.rows, listed=True))
        offsets = offsets_of(rows, count)
        present = bitmap(offsets[1:] > offsets[:-1])
        form = pa.list_(elements.type)
        return pa.Array.from_buffers(form, count, [present, pa.py_buffer(offsets)], children=[elements])

    def _elements(self, kind: FieldType, tape: Tape, level: Level, inside: Level) -> tuple[Numbers, pa.Array]:
        """The rows of a list's single values, and the values; a packed list with one bad value is left out."""
        origins = np.arange(len(tape))
        if kind.type in NUMBERS:
            rows = tape.rows
            tape, origins, torn = unpack(self._source, tape)
            self.notes.flag(level, rows[torn])
        read = read_values(self._source, kind.type, tape)
        if read.unknown is not None:
            self.notes.unread(inside, read.unknown)
        bad = np.isin(origins, origins[~read.sound])
        self.notes.flag(level, tape.rows[bad])
        chosen = np.flatnonzero(~bad)
        parts = tuple(part[chosen] for part in read.parts)
        every = np.arange(len(chosen))
        return tape.rows[chosen], build(self._source, kind, Place.ELEMENT, every, parts, len(chosen))

    def _map(self, kind: FieldType, tape: Tape, count: int, level: Level) -> pa.Array:
        assert kind.key is not None and kind.value is not None  # noqa: S101, PT018 - a map has both, by the schema
        tape = self._contents(tape, level)
        inside = level.inside(kind, tape.rows)
        spans = tape.contents()._replace(rows=np.arange(len(tape)))
        sides = self._sorted(MessageType(kind.name, {1: kind.key, 2: kind.value}), spans, inside)
        keys = self._side(kind.key, sides.get(1), len(tape), inside)
        values = self._side(kind.value, sides.get(2), len(tape), inside)
        firsts, lasts = _each_key_once(tape.rows, keys)
        if len(firsts) < len(tape):
            if kind.key.type == "guid":
                self.notes.flag(inside, np.setdiff1d(np.arange(len(tape)), firsts))
            keys, values = keys.take(pa.array(firsts)), values.take(pa.array(lasts))
        form = pa.map_(keys.type, values.type)
        offsets = offsets_of(tape.rows[firsts], count)
        entries = pa.struct([form.key_field, form.item_field])
        return pa.Array.from_buffers(
            form,
            count,
            [bitmap(offsets[1:] > offsets[:-1]), pa.py_buffer(offsets)],
            children=[pa.Array.from_buffers(entries, len(keys), [None], children=[keys, values])],
        )

    def _side(self, kind: FieldType, tape: Tape | None, count: int, level: Level) -> pa.Array:
        """The keys or the values of a map's entries."""
        tape = Tape.empty() if tape is None else tape
        if not kind.repeated:
            return self._scalar(kind, Place.SIDE, tape, count, level, level)
        rows, elements = self._elements(kind, tape, level, level)
        offsets = pa.py_buffer(offsets_of(rows, count))
        return pa.Array.from_buffers(pa.list_(elements.type), count, [None, offsets], children=[elements])

    def _joined(self, tape: Tape, count: int, level: Level) -> pa.Array:
        """A message of a type that contains itself, as bytes; to put several behind one another is to merge them."""
        tape = self._contents(tape, level)
        self.notes.flag(level, tape.rows)
        joined: dict[int, bytes] = {}
        for row, start, end in zip(*(side.tolist() for side in tape.contents()), strict=True):
            data = self._source.slice(start, end)
            before = joined.get(row, b"")
            joined[row] = before[: read_sound_fields(before)[2]] + data
        return pa.array([joined.get(row) for row in range(count)], pa.binary())

    def _contents(self, tape: Tape, level: Level) -> Tape:
        """Those fields that can hold a message."""
        sound = tape.wires == BYTES
        if sound.all():
            return tape
        self.notes.flag(level, tape.rows[~sound])
        return tape.take(sound)


def _each_key_once(rows: Numbers, keys: pa.Array) -> tuple[Numbers, Numbers]:
    """Of entries with the same row and key, where the first ones stand, in their order, and where the last ones."""
    every = np.arange(len(rows))
    if (rows[1:] != rows[:-1]).all():
        return every, every
    codes = keys.dictionary_encode().indices.to_numpy()
    pairs = rows * len(rows) + codes
    _, firsts = np.unique(pairs, return_index=True)
    if len(firsts) == len(rows):
        return every, every
    _, lasts = np.unique(pairs[::-1], return_index=True)
    order = np.argsort(firsts)
    return firsts[order], (len(rows) - 1 - lasts)[order]
