"""Puts rows of one content type together, so that the column engine gets long columns from tables of mixed types."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROWS = 10_000
"""So many rows of a type are passed on together: more gain nothing."""

KEPT = 64 << 20
"""Bytes of rows that wait for others of their type at one time."""


def regroup(
    batches: Iterable[pa.RecordBatch], column: str, *, rows: int = ROWS, kept: int = KEPT
) -> Iterator[tuple[str | None, pa.RecordBatch]]:
    """The rows of a stream of batches, those with the same text in a column together.

    Each comes once; rows of one text stay in their order. Memory is bounded: a batch, and the rows that wait.

    Args:
        batches: batches of one schema.
        column: the name of a column of type string, such as ``ContentType``.
        rows: a group of so many rows is passed on.
        kept: the largest group is passed on when more bytes than that wait.

    Yields:
        The text (None for rows without), and rows that have it.
    """
    waiting: dict[str | None, list[pa.RecordBatch]] = {}
    lengths: Counter[str | None] = Counter()
    sizes: Counter[str | None] = Counter()
    for batch in batches:
        for text, group in _split(batch, column):
            waiting.setdefault(text, []).append(group)
            lengths[text] += len(group)
            sizes[text] += group.nbytes
        full = [text for text, length in lengths.items() if length >= rows]
        while full or sizes.total() > kept:
            text = full.pop() if full else max(sizes, key=sizes.__getitem__)
            del lengths[text], sizes[text]
            yield text, _joined(waiting.pop(text))
    for text, groups in waiting.items():
        yield text, _joined(groups)


def _split(batch: pa.RecordBatch, column: str) -> Iterator[tuple[str | None, pa.RecordBatch]]:
    """A batch's rows by text, each group a copy that does not keep the whole batch in memory."""
    encoded = batch[column].dictionary_encode()
    codes = pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy()
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(encoded.dictionary) + 1))
    for text, start, end in zip([*encoded.dictionary.to_pylist(), None], [0, *ends], ends, strict=False):
        if start < end:
            yield text, batch.take(pa.array(order[start:end]))


def _joined(groups: list[pa.RecordBatch]) -> pa.RecordBatch:
    return groups[0] if len(groups) == 1 else pa.concat_batches(groups)
