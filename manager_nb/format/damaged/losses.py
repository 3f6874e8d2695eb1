"""What salvage has to tell, in sentences for an accountant."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from manager_nb.format.problems import FAULT, LOST, REMARK, Problem
from manager_nb.format.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.format.damaged.record import Value
    from manager_nb.format.damaged.trees import Entry

_MOST = 10_000
"""Problems of one kind in one table that are listed one by one; the others are counted."""

_KEPT = 1 << 20
"""So many of a row's bytes are kept."""

_RUNS = 50

_GONE = "An index names this row, but it is not in the file any more: it is lost."


class Losses:
    """Collects the problems of one file."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    def problems(self) -> list[Problem]:
        """All of them, in the order in which they were met."""
        more = [
            Problem(
                table,
                None,
                None,
                f"{count - _MOST} more of these: {what}",
                effect=LOST if what == _GONE else FAULT,
                rows=count - _MOST if what == _GONE else 0,
            )
            for (table, what), count in self._counts.items()
            if count > _MOST
        ]
        return self._problems + more

    def tell(self, where: str, what: str, effect: str = REMARK, rows: int = 0) -> None:
        """Something about a table or the file as a whole; what it means for the books, see `Problem`."""
        self._problems.append(Problem(where, None, None, what, effect=effect, rows=rows))

    def damaged_row(self, table: str, key: Value, entry: Entry) -> None:
        """A row that cannot be right."""
        what = "This row is damaged and was left out."
        self._row(table, key, what, entry.payload.data, f" It is on page {entry.cell.page} of the file.")

    def contested_row(self, table: str, key: Value, entry: Entry) -> None:
        """A row whose content lies on pages that other rows use too."""
        what = "Parts of this row have been overwritten by other data. It was left out."
        self._row(table, key, what, entry.payload.data)

    def stale_row(self, table: str, key: Value, entry: Entry) -> None:
        """A row on a page that is no longer in use, and that nothing else knows of."""
        what = "An unused page of the file still holds this row. It was deleted or moved and was left out."
        self._row(table, key, what, entry.payload.data)

    def older_row(self, table: str, key: Value, entry: Entry) -> None:
        """A second row of a key."""
        what = "The file holds this row twice, with different values. This one was left out."
        self._row(table, key, what, entry.payload.data)

    def odd_row(self, table: str, key: Value) -> None:
        """A row that does not look like the others."""
        self._row(table, key, "This row is unusual, perhaps by damage. It was kept as it is.", None)

    def unindexed_row(self, table: str, key: Value) -> None:
        """A row that no index knows."""
        what = "This row is missing in an index of its table: the file was copied or damaged in the middle of a save."
        self._row(table, key, what, None)

    def disputed_key(self, table: str, key: Value, other: Value) -> None:
        """A row that an index knows by another key."""
        what = "An index knows this row by a key that differs in one letter: one of the two is damaged."
        self._row(table, key, what, str(other).encode())

    def disputed_value(self, table: str, key: Value, column: str, *, dropped: Entry | None = None) -> None:
        """A row with a value that differs from the one in an index."""
        what = f"The {column} of this row differs from the one in the table's index: one of the two is damaged."
        if dropped is None:
            self._row(table, key, what, None, " The row was kept as it is.")
        else:
            self._row(table, key, what, dropped.payload.data, " The row was left out.")

    def garbled_text(self, table: str, key: Value, column: str, entry: Entry) -> None:
        """A row with text that is no text."""
        what = f"The {column} of this row has letters that cannot be read; they are shown as \N{REPLACEMENT CHARACTER}."
        self._row(table, key, what, entry.payload.data)

    def lost_row(self, table: str, key: Value, value: Value) -> None:
        """A row that only an index still knows."""
        content_type = SCHEMA.type_of(value) if table == "Objects" and isinstance(value, str) else None
        kind = f" ({spaced(content_type.name)})" if content_type else ""
        self._row(table, key, _GONE, None, kind)

    def _row(self, table: str, key: Value, what: str, data: bytes | None, more: str = "") -> None:
        self._counts[table, what] += 1
        if self._counts[table, what] <= _MOST:
            text = key.hex() if isinstance(key, bytes) else key
            kept = data[:_KEPT] if data is not None else None
            effect, rows = (LOST, 1) if what == _GONE else (FAULT, 0)
            shown = None if text is None else str(text)
            self._problems.append(Problem(table, shown, None, what + more, kept, effect=effect, rows=rows))


def spaced(name: str) -> str:
    """A type's name in words: SalesInvoice becomes Sales Invoice."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def page_list(numbers: Iterable[int]) -> str:
    """Page numbers as a reader writes them: 3, 7–12; long lists are cut."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    texts = ["–".join(str(end) for end in run) for run in runs]
    return ", ".join(texts[:_RUNS] + (["…"] if len(texts) > _RUNS else []))
