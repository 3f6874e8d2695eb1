"""Any long table in a notebook: pages, search, filters, order, ticks that Python sees, export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.listing.columns import Column, columns_of, plain
from manager_nb.model.tables import Table
from manager_nb.widgets.grid import Grid
from manager_nb.widgets.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from manager_nb.progress import Progress
    from manager_nb.widgets.view import Node


class PagedTable(Panel):
    """Shows a table of any length; a page at a time goes to the screen.

    Args:
        rows: a :class:`Table` of a business, an Arrow table, or a pandas frame (its index is left out).
        columns: which columns, in order, by name or as `Column` values; None shows all.
        name: what the rows are; None takes the table's own name.
        language: see :class:`Panel`.
        timezone: see :class:`Panel`.

    Attributes:
        grid: the rows, the query and the ticks: ``grid.filtered`` and ``grid.selected`` are Arrow tables.
    """

    def __init__(
        self,
        rows: Table | pa.Table | pd.DataFrame,
        columns: Sequence[str | Column] | None = None,
        *,
        name: str | None = None,
        language: str | None = None,
        timezone: str | None = None,
    ) -> None:
        self._name = name or (rows.name if isinstance(rows, Table) else "")
        self._wanted = columns
        self.grid = Grid(self, "rows", ticks=True)
        super().__init__(language=language, timezone=timezone)
        if isinstance(rows, Table):
            table = rows
            self.run("Reading", lambda progress: _read(table, progress), self._show)
        else:
            with self.change():
                self._show(rows if isinstance(rows, pa.Table) else pa.Table.from_pandas(rows, preserve_index=False))

    @property
    def selection(self) -> pd.DataFrame:
        """The ticked rows, as a pandas frame with Arrow types."""
        import pandas as pd

        frame: pd.DataFrame = self.grid.selected.to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def title(self) -> str:
        """Its heading."""
        return self._name or self.text("Table")

    def subject(self) -> str:
        """What it shows, and how many rows."""
        return f"{self._name or 'Table'}, {self.grid.rows.num_rows}"

    def body(self) -> Iterable[Node | None]:
        """The rows, once they are read."""
        yield self.trouble()
        yield self.under_way("")
        if self.grid.columns:
            yield self.grid.nodes()

    def _show(self, rows: pa.Table) -> None:
        rows = rows.rename_columns(_apart(rows.column_names))
        known = {column.name: column for column in columns_of(plain(rows))}
        chosen = known.values() if self._wanted is None else [
            column if isinstance(column, Column) else known[column] for column in self._wanted
        ]  # fmt: skip
        self.grid.show(self.title(), rows, list(chosen))


def _read(table: Table, progress: Progress) -> pa.Table:
    progress.start("Reading", len(table))
    return table.to_arrow(progress=progress)


def _apart(names: Sequence[str]) -> list[str]:
    """The names of columns, those that came before with a number: a, a (2)."""
    apart: list[str] = []
    for name in names:
        number, own = 1, name
        while own in apart:
            number += 1
            own = f"{name} ({number})"
        apart.append(own)
    return apart
