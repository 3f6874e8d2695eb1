"""Which top-level fields differ between two versions of many records, told by their bytes alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.format.scan_tape import Bytes, Spans, read_tape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

_NUMBER_BITS = 29
"""Field numbers on the wire are below 2 to this power."""

_PLACE_BITS = 32
"""A record has fewer fields than 2 to this power."""


class Differences(NamedTuple):
    """The fields that differ: each row and field number once, ascending."""

    rows: Numbers
    numbers: Numbers


def differing_fields(before: pa.BinaryArray, after: pa.BinaryArray) -> Differences:
    """Compare two columns of messages row by row; null is an empty message.

    A repeated field differs where any of its elements does, or their order. What stands behind a fault is not compared.
    """
    old, new = _read(before), _read(after)
    groups, positions = np.unique(np.concatenate([old.groups, new.groups]), return_inverse=True)
    old_keys = positions[: len(old.groups)] << _PLACE_BITS | old.places
    new_keys = positions[len(old.groups) :] << _PLACE_BITS | new.places
    both, left, right = np.intersect1d(old_keys, new_keys, assume_unique=True, return_indices=True)
    equal = pc.equal(old.texts.take(pa.array(left)), new.texts.take(pa.array(right)))
    unequal = both[~equal.to_numpy(zero_copy_only=False)]
    only_one = np.setxor1d(old_keys, new_keys, assume_unique=True)
    differing = groups[np.unique(np.concatenate([unequal, only_one]) >> _PLACE_BITS)]
    return Differences(differing >> _NUMBER_BITS, differing & (1 << _NUMBER_BITS) - 1)


class _Fields(NamedTuple):
    """All fields of a column of messages: row and number in one, which of its kind it is, and its bytes."""

    groups: Numbers
    places: Numbers
    texts: pa.BinaryArray


def _read(blobs: pa.BinaryArray) -> _Fields:
    source = Bytes(blobs)
    tape = read_tape(source, Spans(np.arange(len(blobs)), source.starts, source.ends))
    groups = tape.rows << _NUMBER_BITS | tape.numbers
    order = np.argsort(groups, kind="stable")
    _, firsts, counts = np.unique(groups[order], return_index=True, return_counts=True)
    places = np.empty(len(groups), np.int64)
    places[order] = np.arange(len(groups)) - np.repeat(firsts, counts)
    return _Fields(groups, places, source.texts(tape.starts, tape.ends))
