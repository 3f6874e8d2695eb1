"""What two businesses tell side by side: the reckoning by hand, and odd files."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.audit import side_by_side
from manager_nb.audit.compare import compare
from manager_nb.audit.extension import extension
from manager_nb.audit.side_by_side import (
    changes_between,
    count_by_type,
    differing_records,
    newest_tick,
    related,
    rows_told,
    totals_side_by_side,
)
from manager_nb.model.held import Held, held
from tests.model.small_files import TICKS, content, guid, key, record, write

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 10_000_000
NOTHING = "00000000-0000-0000-0000-000000000000"


def receipt(number: int, *amounts: str) -> tuple[object, ...]:
    return record(number, "Receipt", Lines=[{"Amount": Decimal(amount)} for amount in amounts])


def change(number: int, owner: int, ticks: int | None, user: str | None = "ravi") -> tuple[object, ...]:
    image = content("Customer", Name=str(number))
    return key(number), key(number + 500), key(owner), user, ticks, NOTHING, guid("Customer"), None, image


def sides(left: mn.Business, right: mn.Business) -> tuple[dict[str, Held], dict[str, Held]]:
    return held(left.objects()), held(right.objects())


@pytest.fixture
def pair(tmp_path: Path) -> tuple[mn.Business, mn.Business]:
    left = [record(1, "Customer", Name="A"), record(2, "Customer", Name="B"), receipt(3, "10.10", "5"), receipt(4, "1")]
    right = [record(1, "Customer", Name="A"), record(2, "Customer", Name="C"), receipt(3, "10.10", "4.9"), receipt(5)]
    return (
        mn.open_business(write(tmp_path / "left.manager", left, Changes=[change(9001, 1, TICKS)])),
        mn.open_business(
            write(
                tmp_path / "right.manager",
                right,
                Changes=[
                    change(9001, 1, TICKS),
                    change(9002, 2, TICKS + SECOND, "asha"),
                    change(9003, 2, TICKS + 2 * SECOND),
                    change(9004, 7, None, None),
                    change(9005, 1, TICKS - SECOND),
                ],
            )
        ),
    )


def test_counts_and_totals_are_those_reckoned_by_hand(pair: tuple[mn.Business, mn.Business]) -> None:
    left, right = sides(*pair)
    counts = {row.pop("type"): tuple(row.values()) for row in count_by_type(left, right).to_pylist()}
    assert counts == {"Customer": (0, 0, 1, 1), "Receipt": (1, 1, 1, 0), "Schema": (0, 0, 0, 1)}
    (row,) = totals_side_by_side(left, right).to_pylist()
    told = [row[name] for name in ("count_before", "count_after", "count_difference")]
    assert told == [2, 2, 0]
    assert [row[name] for name in ("sum_before", "sum_after", "sum_difference")] == [
        Decimal("16.1"),
        Decimal(15),
        Decimal("-1.1"),
    ]


def test_the_changes_in_between_are_the_new_rows_that_the_left_history_could_have_had(
    pair: tuple[mn.Business, mn.Business],
) -> None:
    left, right = pair
    between = changes_between(left, right)
    assert set(between["change"].to_pylist()) == {key(9002), key(9003), key(9004)}  # 9005 is from before it begins
    rows = differing_records(compare(left, right), between, *sides(left, right)).to_pylist()
    by_key = {row["key"]: row for row in rows}
    customer = by_key[key(2)]
    assert (customer["fields"], customer["changes"], customer["user"]) == ("Name", 2, "ravi")
    amounts = {one: (by_key[key(one)]["amount_left"], by_key[key(one)]["amount_right"]) for one in (3, 4, 5)}
    assert amounts == {
        3: (Decimal("15.1"), Decimal(15)),
        4: (Decimal(1), None),
        5: (None, Decimal(0)),
    }
    assert by_key[key(4)]["fields"] is None


def test_many_changes_are_read_at_once_with_the_same_result(
    pair: tuple[mn.Business, mn.Business], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_keys = changes_between(*pair)
    monkeypatch.setattr(side_by_side, "_MANY", 1)
    assert changes_between(*pair).equals(by_keys)


def test_two_businesses_are_related_by_a_record_and_not_by_settings() -> None:
    setting = guid("BusinessDetails")
    details = {setting: Held(setting, setting, b"")}

    def customer(number: int) -> dict[str, Held]:
        return {key(number): Held(key(number), guid("Customer"), b"")}

    assert not related({**details, **customer(1)}, {**details, **customer(2)})
    assert related({**details, **customer(1)}, {**details, **customer(1)})
    assert related(details, customer(1))
    assert related({}, {})


@pytest.mark.parametrize("without", [("Changes",), ("Changes", "Emails", "Images")])
def test_files_without_history_tables_times_or_records_are_compared(without: tuple[str, ...], tmp_path: Path) -> None:
    rows: list[Any] = [(key(1), guid("Receipt"), b"\xff\xff", None), (key(2), "not-a-type", None, None)]
    bare = mn.open_business(write(tmp_path / "bare.manager", rows, without=without))
    empty = mn.open_business(write(tmp_path / "empty.manager", without=without))
    for left, right in ((bare, empty), (empty, bare), (bare, bare)):
        between = changes_between(left, right)
        assert between.num_rows == 0
        objects = sides(left, right)
        found = differing_records(compare(left, right), between, *objects)
        assert found.num_rows == (0 if left is right else 2)
        assert sum(totals_side_by_side(*objects)["unknown"].to_pylist()) == (0 if bare not in (left, right) else 1)
    assert newest_tick(empty) == 0
    assert newest_tick(bare) == 0


def test_without_history_on_the_left_what_is_later_than_its_records_is_in_between(
    pair: tuple[mn.Business, mn.Business], tmp_path: Path
) -> None:
    left = mn.open_business(write(tmp_path / "bare.manager", [record(1, "Customer", TICKS, Name="A")]))
    assert set(changes_between(left, pair[1])["change"].to_pylist()) == {key(9002), key(9003), key(9004)}


def test_every_row_that_is_lost_is_told_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [change(9000 + number, number, TICKS + number * SECOND) for number in range(1, 12)]
    left = mn.open_business(write(tmp_path / "left.manager", Changes=[(str(row[0]).upper(), *row[1:]) for row in rows]))
    right = mn.open_business(write(tmp_path / "right.manager", Changes=[rows[0], change(9500, 3, TICKS + 99 * SECOND)]))
    found = extension(left, right)
    monkeypatch.setattr(side_by_side, "_MANY", 3)
    told = rows_told(left, found)
    assert sorted(one.lower() for one in told["change"].to_pylist()) == sorted(row.key for row in found.changed)
    assert told.num_rows == 10
    assert set(told["became"].to_pylist()) <= {"missing", "as undone"}
    assert rows_told(left, extension(left, left)).num_rows == 0
