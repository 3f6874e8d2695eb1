"""The wire format by itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.errors import WireError
from manager_nb.format.wire import (
    FIXED32,
    FIXED64,
    GROUP,
    GROUP_END,
    VARINT,
    read_fields,
    read_sound_fields,
    read_varint,
    write_bytes,
    write_tag,
    write_varint,
)

numbers = st.integers(1, 2**29 - 1)
fields = st.one_of(
    st.builds(lambda n, v: write_tag(n, VARINT) + write_varint(v), numbers, st.integers(0, 2**64 - 1)),
    st.builds(lambda n, v: write_tag(n, FIXED64) + v, numbers, st.binary(min_size=8, max_size=8)),
    st.builds(lambda n, v: write_tag(n, FIXED32) + v, numbers, st.binary(min_size=4, max_size=4)),
    st.builds(write_bytes, numbers, st.binary(max_size=40)),
)


@settings(deadline=None)
@given(st.lists(fields, max_size=8))
def test_fields_tile_the_message_without_a_gap(parts: list[bytes]) -> None:
    message = b"".join(parts)
    read = read_fields(message)
    assert [message[field.start : field.end] for field in read] == parts


@settings(deadline=None)
@given(st.lists(fields, max_size=3), numbers)
def test_a_group_is_one_field(parts: list[bytes], number: int) -> None:
    inside = b"".join(parts)
    message = write_tag(number, GROUP) + inside + write_tag(number, GROUP_END)
    (field,) = read_fields(message)
    assert (field.number, field.wire_type, field.value, field.end) == (number, GROUP, inside, len(message))


@settings(deadline=None)
@given(st.integers(-(2**63), 2**63 - 1))
def test_a_varint_is_read_back(number: int) -> None:
    data = write_varint(number)
    assert read_varint(data, 0) == (number % 2**64, len(data))


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_up_to_the_first_fault(data: bytes) -> None:
    read, fault, end = read_sound_fields(data)
    assert [field.end for field in read[-1:]] == ([end] if read else [])
    assert (fault is None) == (end == len(data))
    assert read_fields(data[:end]) == read


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01",  # field number 0
        b"\x0e",  # wire type 6
        b"\x0c",  # the end of a group that never began
        b"\x0b\x14",  # the end of another group
        b"\x08\x80",  # a varint without an end
        b"\x08" + b"\xff" * 9 + b"\x02",  # 65 bits
        b"\x08" + b"\x80" * 10 + b"\x01",  # eleven bytes
        b"\x0a\x05abc",  # a length beyond the end
        b"\x09abc",  # half a fixed64
        b"\xff\xff\xff\xff\x7f\x01",  # a tag of more than 32 bits
        b"\x0b" * 100,  # nested without end
    ],
)
def test_broken_bytes_are_refused_with_advice(data: bytes) -> None:
    with pytest.raises(WireError) as caught:
        read_fields(data)
    assert caught.value.hint
