"""Samples: drawn again by anybody, every item with its reason, nothing silently left out."""

from __future__ import annotations

import hashlib
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import manager_nb as mn
from manager_nb.audit.lots import CERTAIN, HIT, NEGATIVE, UNKNOWN, ZERO
from manager_nb.audit.repeating import sample_call
from manager_nb.errors import CancelledError, NotFoundError, SelectionError
from manager_nb.progress import Silent

if TYPE_CHECKING:
    from pathlib import Path

MONEY = pa.decimal128(38, 2)
amounts = st.one_of(st.none(), st.integers(-100_000, 1_000_000).map(lambda units: Decimal(units) / 100))


def table(values: list[Decimal | None], **more: list[Any]) -> pa.Table:
    keys = [f"k{number:05}" for number in range(len(values))]
    return pa.table({"key": keys, "amount": pa.array(values, MONEY), **more})


def keys_of(sample: mn.Sample) -> list[str]:
    return [str(key) for key in sample.items.to_arrow()["key"].to_pylist()]


@given(st.lists(st.text(max_size=9), unique=True, max_size=40), st.text(max_size=5), st.integers(1, 50))
def test_a_random_sample_is_the_smallest_lots_whatever_the_order(keys: list[str], seed: str, size: int) -> None:
    rows = pa.table({"key": pa.array(keys, pa.string())})
    by_hand = sorted(keys, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).hexdigest())[:size]
    assert keys_of(mn.draw_sample(rows, seed=seed, size=size)) == by_hand
    assert (
        keys_of(mn.draw_sample(pa.table({"key": pa.array(keys[::-1], pa.string())}), seed=seed, size=size)) == by_hand
    )


def test_the_lots_are_those_of_sha256sum() -> None:
    sample = mn.draw_sample(pa.table({"key": ["a", "b", "c"]}), seed=2026, size=1)
    # printf '2026:c' | sha256sum
    lots = {key: hashlib.sha256(f"2026:{key}".encode()).hexdigest() for key in "abc"}
    row = sample.items.to_arrow().to_pylist()[0]
    assert (row["key"], row["lot"]) == min(lots.items(), key=lambda pair: pair[1])


@given(st.lists(amounts, max_size=60), st.integers(1, 30), st.integers(0, 3))
def test_a_monetary_unit_sample_takes_what_the_points_hit(values: list[Decimal | None], size: int, seed: int) -> None:
    sample = mn.draw_sample(table(values), seed=seed, size=size, method="monetary unit")
    step, start = (Decimal(sample.parameters[name]) for name in ("interval", "start"))
    assert Decimal("0.01") <= start <= step
    positive = [(f"k{n:05}", value) for n, value in enumerate(values) if value is not None and value > 0]
    certain = [key for key, value in positive if value >= step]
    rest = [(key, value) for key, value in positive if value < step]
    hit, running = [], Decimal()
    for key, value in rest:
        if any(running < start + step * number <= running + value for number in range(len(rest) + 1)):
            hit.append(key)
        running += value
    rows = sample.items.to_arrow().to_pylist()
    assert [row["key"] for row in rows if row["why"] == CERTAIN] == certain
    assert [row["key"] for row in rows if row["why"] == HIT] == hit
    assert len(rows) == len(certain) + len(hit)
    left = sample.left_out.to_arrow().to_pylist()
    told = {row["key"]: row["why"] for row in left}
    expected = {
        f"k{n:05}": UNKNOWN if value is None else ZERO if value == 0 else NEGATIVE
        for n, value in enumerate(values)
        if value is None or value <= 0
    }
    assert told == expected
    assert len(left) + len(positive) == sample.population == len(values)


def test_a_monetary_unit_sample_reckoned_by_hand() -> None:
    rows = table([Decimal(100), Decimal(900), Decimal(50), Decimal(-5), None, Decimal(0), Decimal(250)])
    sample = mn.draw_sample(rows, seed="x", interval=300, method="monetary unit")
    units = int(hashlib.sha256(b"x:start").hexdigest(), 16) % 30_000 + 1
    start = Decimal(units) / 100
    assert sample.parameters["start"] == str(start)
    # 900 is taken without drawing; the others run 100, 150, 400
    runs = {"k00000": (0, 100), "k00002": (100, 150), "k00006": (150, 400)}
    points = [start, start + 300]
    hit = [key for key, (low, high) in runs.items() if any(low < point <= high for point in points)]
    assert keys_of(sample) == ["k00001", *hit]
    assert "1 negative amounts, 1 zero, 1 not known" in sample.describe()[-1]


def test_every_unit_of_finer_money_can_be_drawn() -> None:
    rows = pd.DataFrame({"key": ["k00000", "k00001"], "amount": [Decimal("0.004"), Decimal("0.006")]})
    drawn = [keys_of(mn.draw_sample(rows, seed=n, interval="0.01", method="monetary unit")) for n in range(200)]
    assert 50 < drawn.count(["k00000"]) < 110  # four of ten units are its own
    assert drawn.count(["k00000"]) + drawn.count(["k00001"]) == 200


def test_a_large_monetary_population_is_drawn_in_one_pass() -> None:
    rows = table([Decimal(n % 977) for n in range(60_000)])
    began = time.process_time()
    sample = mn.draw_sample(rows, seed=1, size=100, method="monetary unit")
    assert time.process_time() - began < 20  # by the square of their number it were minutes
    assert len(sample) == 100


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=50), st.integers(1, 60))
def test_a_stratified_sample_is_divided_in_proportion(groups: list[str], size: int) -> None:
    rows = table([Decimal(1)] * len(groups), group=groups)
    sample = mn.draw_sample(rows, seed=1, size=size, method="stratified", by="group")
    drawn = sample.items.to_arrow()["stratum"].to_pylist()
    assert len(drawn) == min(size, len(groups))
    for name in set(groups):
        exact = min(size, len(groups)) * groups.count(name) / len(groups)
        assert int(exact) <= drawn.count(name) <= int(exact) + 1
        mine = [f"k{n:05}" for n, one in enumerate(groups) if one == name]
        mine.sort(key=lambda key: hashlib.sha256(f"1:{key}".encode()).hexdigest())
        assert [key for key, one in zip(keys_of(sample), drawn, strict=True) if one == name] == mine[
            : drawn.count(name)
        ]


def test_bands_and_a_given_allocation() -> None:
    rows = table([Decimal(value) for value in (1, 99, 100, -500, 1000, 2000)] + [None])
    sample = mn.draw_sample(
        rows,
        seed=1,
        method="stratified",
        bands=[100, "1000"],
        allocation={"≥ 1000": 2, "< 100": 1, UNKNOWN: 1},
    )
    strata = sample.items.to_arrow()["stratum"].to_pylist()
    assert sorted(strata) == sorted(["≥ 1000", "≥ 1000", "< 100", UNKNOWN])
    assert any(one == "Stratum 100 – 1000: 0 of 2 items." for one in sample.describe())


def test_a_frame_an_arrow_table_and_a_table_of_the_business_give_the_same(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        amounts = business.amounts("PurchaseInvoice")
        samples = [mn.draw_sample(rows, seed=3, size=10) for rows in (amounts, amounts.to_arrow(), amounts.to_pandas())]
    assert len({tuple(keys_of(sample)) for sample in samples}) == 1
    assert isinstance(samples[0].items.to_pandas(), pd.DataFrame)
    assert list(samples[0].items.columns)[-3:] == ["stratum", "why", "lot"]


def test_an_empty_population_gives_an_empty_sample() -> None:
    for method in ("random", "monetary unit"):
        assert len(mn.draw_sample(table([]), seed=1, size=5, method=method)) == 0
    assert len(mn.draw_sample(table([], g=[]), seed=1, size=5, method="stratified", by="g")) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0},
        {"size": None},
        {"size": 3, "method": "haphazard"},
        {"size": 3, "method": "stratified"},
        {"method": "stratified", "by": "key", "allocation": {"nobody": 1}},
        {"method": "monetary unit", "interval": 0},
        {"method": "monetary unit", "interval": 1.5},
        {"size": 3, "key": "amount"},
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SelectionError):
        mn.draw_sample(table([Decimal(1), Decimal(1)]), seed=1, **wrong)


def test_several_currencies_are_no_monetary_population_and_a_column_must_be_there() -> None:
    rows = table([Decimal(1), Decimal(2)], currency=["INR", "USD"])
    with pytest.raises(SelectionError, match="INR, USD"):
        mn.draw_sample(rows, seed=1, size=1, method="monetary unit")
    with pytest.raises(SelectionError, match="INR, USD"):
        mn.draw_sample(rows, seed=1, size=1, method="stratified", bands=[1])
    with pytest.raises(NotFoundError):
        mn.draw_sample(rows, seed=1, size=1, method="stratified", by="nothing")


def test_a_sample_says_from_what_it_was_drawn_and_the_call_that_is_told_draws_it_again(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        rows = business.amounts("PurchaseInvoice")
        ways: list[dict[str, Any]] = [
            {"size": 4, "currency": "inr"},
            {"size": 4, "method": "monetary unit"},
            {"size": 4, "method": "stratified", "bands": [1000, Decimal("20000.50")]},
        ]
        for given in ways:
            sample = mn.draw_sample(rows, seed="a'b", **given)
            assert sample.describe()[0] == f"Population: all Purchase Invoice, {sample.population} documents."
            names: dict[str, Any] = {}
            exec(sample_call(sample, str(himalaya)), names)
            again = names["sample"]
            assert again.items.to_arrow().equals(sample.items.to_arrow())
            assert again.describe() == sample.describe()
    assert mn.draw_sample(pa.table({"key": ["a"], "currency": ["USD"]}), seed=1, size=1, currency="INR").population == 0
    told = mn.draw_sample(table([Decimal(1)]), seed=1, size=1)
    assert told.describe()[0] == "Population: –, 1 items."
    assert "# rows: the same population" in sample_call(told, "x")
    with pytest.raises(NotFoundError):
        mn.draw_sample(table([Decimal(1)]), seed=1, size=1, currency="INR")


@pytest.mark.parametrize("method", ["random", "stratified", "monetary unit"])
def test_a_cancel_is_heard_while_it_is_drawn(method: str) -> None:
    class Late(Silent):
        """Cancelled once the rows are there."""

        checks = 0

        @property
        def cancelled(self) -> bool:  # type: ignore[override]
            self.checks += 1
            return self.checks > 2

    rows = table([Decimal(number) for number in range(50_000)])
    with pytest.raises(CancelledError):
        mn.draw_sample(
            rows, seed=1, size=5, method=method, bands=[10] if method == "stratified" else None, progress=Late()
        )
