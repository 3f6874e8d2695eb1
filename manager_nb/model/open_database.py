"""The database of an open business, which says so when it was closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.errors import SourceMissingError
from manager_nb.format.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class OpenDatabase(Database):
    """Reads the private copy of a business as long as it is there.

    A table may be kept after the ``with`` block of its business; reading it then is a mistake that deserves plain
    words.
    """

    def tables(self) -> frozenset[str]:
        """The names of the real tables.

        Raises:
            SourceMissingError: the business was closed.
        """
        self._require_open()
        return super().tables()

    def columns(self, table: str) -> tuple[str, ...]:
        """The names of a table's columns.

        Raises:
            SourceMissingError: the business was closed.
        """
        self._require_open()
        return super().columns(table)

    def rows(self, sql: str, params: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query.

        Raises:
            SourceMissingError: the business was closed.
            DamagedFileError: SQLite meets damage.
        """
        self._require_open()
        return super().rows(sql, params)

    def _require_open(self) -> None:
        if not self.path.exists():
            raise SourceMissingError(
                "The business was closed.",
                hint="Open it again, or read its tables before the end of the with block.",
            )
