"""Changed fields are told by their bytes, a column at a time, as one by one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.format.wire import read_sound_fields, write_bytes, write_tag, write_varint
from manager_nb.model.differences import differing_fields

if TYPE_CHECKING:
    from manager_nb.model.business import Business

Pairs = list[tuple[bytes | None, bytes | None]]

field = st.builds(write_bytes, st.integers(1, 40), st.binary(max_size=4)) | st.builds(
    lambda number, value: write_tag(number, 0) + write_varint(value), st.integers(1, 40), st.integers(0, 2**64 - 1)
)
message = st.none() | st.lists(field, max_size=6).map(b"".join) | st.binary(max_size=6)


def one_by_one(pairs: Pairs) -> list[tuple[int, int]]:
    found = []
    for row, (before, after) in enumerate(pairs):
        left, right = by_number(before), by_number(after)
        found += [
            (row, number) for number in sorted(left.keys() | right.keys()) if left.get(number) != right.get(number)
        ]
    return found


def by_number(data: bytes | None) -> dict[int, list[bytes]]:
    fields: dict[int, list[bytes]] = {}
    for item in read_sound_fields(data or b"")[0]:
        fields.setdefault(item.number, []).append((data or b"")[item.start : item.end])
    return fields


def at_once(pairs: Pairs) -> list[tuple[int, int]]:
    before, after = (pa.array([pair[side] for pair in pairs], pa.binary()) for side in (0, 1))
    rows, numbers = differing_fields(before, after)
    return list(zip(rows.tolist(), numbers.tolist(), strict=True))


def test_elements_and_their_order_count() -> None:
    one, two = write_bytes(3, b"1"), write_bytes(3, b"2")
    assert at_once([(one + two, two + one), (one, one + one), (one, one), (one, None), (None, None)]) == [
        (0, 3),
        (1, 3),
        (3, 3),
    ]
    assert at_once([]) == []


@given(st.lists(st.tuples(message, message), max_size=30))
@settings(max_examples=100, deadline=None)
def test_a_column_is_told_as_each_pair(pairs: Pairs) -> None:
    assert at_once(pairs) == one_by_one(pairs)


def test_real_records_against_each_other(traders: Business) -> None:
    contents = [content for _, _, content in traders.objects()]
    pairs: Pairs = list(pairwise(contents))
    assert at_once(pairs) == one_by_one(pairs)
