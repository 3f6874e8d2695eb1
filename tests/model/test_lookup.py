"""Records are found as they are, and as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager_nb.format.database import Database
from manager_nb.model.lookup import Lookup
from tests.model.small_files import TICKS, content, guid, key, record, write
from tests.model.test_history import change

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = (content("Customer", Name=name) for name in "ABC")


def name(lookup: Lookup, number: int, ticks: int | None) -> str | None:
    found = lookup.then(key(number), ticks)
    return found.values["Name"] if found else None


@pytest.fixture
def lookup(tmp_path: Path) -> Lookup:
    """Customer 1: created, changed, deleted; customer 2: without History; customer 3: its beginning was trimmed."""
    rows = [
        change(1, None, A),
        change(5, A, B),
        change(9, B, None),
        change(6, A, C, object=key(3)),
    ]
    objects = [record(2, "Customer", Name="Today"), (key(3), guid("Customer"), C, TICKS)]
    return Lookup(Database(write(tmp_path / "a.manager", objects, Changes=rows)))


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [(0, "A"), (1, "A"), (4, "A"), (5, "B"), (8, "B"), (9, "B"), (99, "B")],
)
def test_a_record_is_found_as_it_was_after_all_that_was_done_by_then(lookup: Lookup, ticks: int, expected: str) -> None:
    assert name(lookup, 1, TICKS + ticks) == expected


def test_today_a_deleted_record_is_gone(lookup: Lookup) -> None:
    assert lookup.now(key(1)) is None
    assert name(lookup, 1, None) is None


def test_a_record_without_history_is_as_today(lookup: Lookup) -> None:
    assert name(lookup, 2, TICKS) == "Today"


def test_what_was_before_the_first_change_is_its_before_image(lookup: Lookup) -> None:
    assert [name(lookup, 3, TICKS + ticks) for ticks in (1, 6)] == ["A", "C"]


def test_a_key_that_nobody_knows_is_not_found(lookup: Lookup) -> None:
    assert lookup.then(key(50), TICKS) is None


def test_a_file_without_history_still_has_today(tmp_path: Path) -> None:
    path = write(tmp_path / "b.manager", [record(1, "Customer", Name="A")], without=["Changes"])
    assert name(Lookup(Database(path)), 1, TICKS) == "A"
