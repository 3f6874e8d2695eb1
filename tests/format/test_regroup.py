"""Rows of one type come together, each once, in bounded memory."""

from __future__ import annotations

import random
from collections import defaultdict

import pyarrow as pa
import pytest

from manager_nb.format.regroup import regroup


def batches(sizes: list[int], texts: list[str | None]) -> list[pa.RecordBatch]:
    chance, number, made = random.Random(1), 0, []
    for size in sizes:
        some = [chance.choice(texts) for _ in range(size)]
        numbers = list(range(number, number + size))
        columns = [pa.array(some, pa.string()), pa.array(numbers), pa.array([b"x" * 100] * size, pa.binary())]
        made.append(pa.RecordBatch.from_arrays(columns, ["type", "number", "content"]))
        number += size
    return made


@pytest.mark.parametrize(("rows", "kept"), [(10_000, 1 << 30), (50, 1 << 30), (10_000, 3000), (1, 0)])
def test_every_row_comes_once_with_others_of_its_text_in_their_order(rows: int, kept: int) -> None:
    given = batches([100, 1, 0, 300], ["a", "b", None, "c"])
    numbers: dict[str | None, list[int]] = defaultdict(list)
    for text, group in regroup(given, "type", rows=rows, kept=kept):
        assert set(group["type"].to_pylist()) == {text}
        assert set(group["content"].to_pylist()) == {b"x" * 100}
        numbers[text] += group["number"].to_pylist()
    assert sorted(number for some in numbers.values() for number in some) == list(range(401))
    assert all(some == sorted(some) for some in numbers.values())
    assert set(numbers) == {"a", "b", "c", None}


def test_large_groups_are_passed_on_and_rare_ones_wait_for_more() -> None:
    given = batches([1000] * 10, ["often"] * 99 + ["rare"])
    groups = [(text, len(group)) for text, group in regroup(given, "type", rows=1500)]
    assert [text for text, _ in groups].count("rare") == 1
    assert max(length for _, length in groups) < 2500
    assert sum(length >= 1500 for text, length in groups if text == "often") >= 4


def test_no_more_than_the_bound_waits() -> None:
    read = 0

    def counted() -> object:
        nonlocal read
        for batch in batches([100] * 50, ["a", "b", "c"]):
            read += len(batch)
            yield batch

    passed = 0
    for _, group in regroup(counted(), "type", kept=50_000):  # type: ignore[arg-type]
        passed += len(group)
        assert read - passed < 500
    assert passed == 5000
