"""The rows of History as the screen lists them: with the amount before, and with whose payslip or which file it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.fields import amounts_before
from manager_nb.audit.search import commits_of
from manager_nb.audit.whose import whose
from manager_nb.model.labels import DASH
from manager_nb.model.tables import Table

if TYPE_CHECKING:
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business

CHANGES, COMMITS = "changes", "commits"
"""What a row is."""

BEFORE, NAMED = "amount_before", "named"
"""Columns that the table of History does not have: what a document came to before the change; the label with what it
lacks."""


def in_full(business: Business, progress: Progress) -> pa.Table:
    """All of History, with what each updated document came to before."""
    rows = business.history.to_arrow(progress=progress)
    before = amounts_before(business, progress)
    values = [before.get(change) for change in rows["change"].to_pylist()]
    return _named(business, rows, progress).append_column(BEFORE, pa.array(values, rows.schema.field("amount").type))


def in_order(rows: pa.Table, order: pa.Table) -> pa.Table:
    """Rows of History in the order of other rows' changes."""
    return rows.take(pc.index_in(order["change"], rows["change"].combine_chunks()).drop_null())


def quickly(business: Business, progress: Progress) -> pa.Table:
    """All of History without what takes long: the amounts, which are null, and the problems, which tell why."""
    names = [name for name in business.history.columns if name not in ("amount", "problems")]
    rows = business.history.to_arrow(names, progress=progress)
    place = business.history.columns.index("amount")
    rows = rows.add_column(place, "amount", pa.nulls(rows.num_rows, pa.decimal128(38, 2)))
    return _named(business, rows, progress)


def in_units(rows: pa.Table, unit: str, progress: Progress) -> pa.Table:
    """Rows of History, as changes or as actions."""
    return commits_of(Table.of("History", rows), progress).to_arrow() if unit == COMMITS else rows


def _named(business: Business, rows: pa.Table, progress: Progress) -> pa.Table:
    """With the labels, and behind those of payslips and attachments whose or which they were."""
    known = whose(business, progress)
    told = pa.array([known.get(change) for change in rows["change"].to_pylist()], pa.string())
    labels = rows["label"].combine_chunks()
    return rows.append_column(NAMED, pc.coalesce(pc.binary_join_element_wise(labels, told, DASH), labels))
