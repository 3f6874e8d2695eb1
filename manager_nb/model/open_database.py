"""The database of an open business, which says so when it was closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.errors import SourceMissingError
from manager_nb.format.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa


class OpenDatabase(Database):
    """Reads the private copy of a business as long as it is there.

    A table may be kept after the ``with`` block of its business; reading it then is a mistake that deserves plain
    words.
    """

    def rows(self, sql: str, params: Sequence[object] = ()) -> Iterator[tuple[object, ...]]:
        """The rows that a query gives.

        Raises:
            SourceMissingError: the business was closed.
            DamagedFileError: SQLite meets damage.
        """
        self._require_open()
        return super().rows(sql, params)

    def batches(
        self,
        table: str,
        columns: Sequence[str],
        *,
        where: str | None = None,
        params: Sequence[object] = (),
        order: str | None = None,
        rows: int = 10_000,
    ) -> Iterator[pa.RecordBatch]:
        """Columns of a table as a stream of Arrow batches.

        Raises:
            SourceMissingError: the business was closed.
            DamagedFileError: SQLite meets damage.
        """
        self._require_open()
        return super().batches(table, columns, where=where, params=params, order=order, rows=rows)

    def _require_open(self) -> None:
        if not self.path.exists():
            raise SourceMissingError(
                "The business was closed.",
                hint="Open it again, or read its tables before the end of the with block.",
            )
