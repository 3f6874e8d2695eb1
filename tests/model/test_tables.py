"""A table gives pages, streams and frames of the same rows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

from manager_nb.errors import CancelledError, NotFoundError
from manager_nb.model.tables import Table
from manager_nb.progress import Silent

if TYPE_CHECKING:
    from manager_nb.model.business import Business

ROWS = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"], "c": pa.array([Decimal("0.10"), None, Decimal("1.23")])})


class Counting(Silent):
    """Notes what it is told, and is cancelled after so many rows."""

    def __init__(self, limit: int = 10**9) -> None:
        self.told: list[object] = []
        self.rows = 0
        self._limit = limit

    @property
    def cancelled(self) -> bool:  # type: ignore[override]
        return self.rows >= self._limit

    def start(self, step: str, total: int | None = None) -> None:
        self.told.append((step, total))

    def advance(self, amount: int = 1) -> None:
        self.rows += amount

    def finish(self) -> None:
        self.told.append("finished")


@pytest.fixture
def table() -> Table:
    return Table.of("Things", ROWS)


def test_it_says_what_it_is(table: Table) -> None:
    assert repr(table) == "<Things: 3 rows>"
    assert repr(Table.of("Things", ROWS.slice(0, 1))) == "<Things: 1 row>"
    assert table.columns == ("a", "b", "c")
    assert table.schema == ROWS.schema
    assert len(table) == 3


def test_pages_are_slices(table: Table) -> None:
    assert table.page(1, 1).equals(ROWS.slice(1, 1))
    assert table.page(2, 10, ["c", "a"]).equals(ROWS.select(["c", "a"]).slice(2))
    assert table.page(0, 0).num_rows == table.page(7, 5).num_rows == 0
    assert table.page(0, 0).schema == ROWS.schema
    assert table.page(-5, 2).equals(ROWS.slice(0, 2))


def test_a_frame_keeps_arrow_types(table: Table) -> None:
    frame = table.to_pandas()
    assert all(isinstance(kind, pd.ArrowDtype) for kind in frame.dtypes)
    assert frame["c"].sum() == Decimal("1.33")
    assert frame["a"].tolist() == [1, 2, 3]


def test_an_unknown_column_is_refused_with_those_there_are(table: Table) -> None:
    for call in (table.to_arrow, table.to_pandas, lambda names: table.page(0, 1, names)):
        with pytest.raises(NotFoundError) as refused:
            call(["a", "nothing"])
        assert "a, b, c" in refused.value.hint
    with pytest.raises(NotFoundError):
        list(table.batches(columns=["nothing"]))


def test_a_stream_tells_how_far_it_is(traders: Business) -> None:
    progress = Counting()
    batches = list(traders.history.batches(rows=200, progress=progress, columns=["change"]))
    assert all(0 < batch.num_rows <= 200 for batch in batches)
    assert progress.told == [("Reading", 794), "finished"]
    assert progress.rows == 794


def test_cancel_is_heeded_between_chunks(traders: Business) -> None:
    progress = Counting(limit=200)
    with pytest.raises(CancelledError):
        list(traders.history.batches(rows=100, progress=progress, columns=["change"]))
    assert 200 <= progress.rows < 794


def test_tables_of_nothing_have_their_columns(traders: Business) -> None:
    empty = traders.records("CreditNote")
    assert empty.page(0, 10).column_names == list(empty.columns)
    assert empty.lines().to_arrow().num_rows == 0
    assert list(empty.batches()) == []
    assert len(empty.to_pandas()) == 0
