"""A long table on the screen: order it by an amount and send the first page.

The naive way is a pandas frame that is ordered and sent whole, as notebook grids do.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from manager_nb.listing.columns import columns_of
from manager_nb.listing.query import Query
from manager_nb.widgets import PagedTable

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 1_000_000


def prepare(path: Path) -> PagedTable:
    """A panel over a million rows."""
    del path
    amounts = np.random.default_rng(7).permutation(ROWS)
    rows = pa.table(
        {
            "label": [f"Sales Invoice — {number} — 2025-04-02" for number in range(ROWS)],
            "amount": pa.array(amounts).cast(pa.decimal128(38, 0)).cast(pa.decimal128(38, 2)),
            "user": ["Ravi Kumar", "Asha Verma"] * (ROWS // 2),
        }
    )
    return PagedTable(rows, columns_of(rows), name="Invoices", language="en", timezone="UTC")


def ours(panel: PagedTable) -> str:
    with panel.change():
        panel.grid.ask(Query(by="amount"))
    return next(str(first) for first in panel.grid.filtered.slice(0, 1)["label"].to_pylist())


def naive(panel: PagedTable) -> str:
    frame = panel.grid.rows.to_pandas().sort_values("amount", kind="stable")
    sent = json.loads(frame.astype(str).to_json(orient="values"))
    return str(sent[0][0])
