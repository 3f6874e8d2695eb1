"""A listing as a file: CSV for any program, Excel, or Parquet for those who compute.

Values stay values: money exact in CSV and Parquet, days as days, moments in UTC with the zone named in the heading.
Nothing that a business holds can act: in Excel every text is written as text, and in CSV a text that a spreadsheet
would take for a formula gets an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from manager_nb.backup.names import file_name
from manager_nb.errors import ManagerNbError, SelectionError
from manager_nb.format.businesses import absolute
from manager_nb.format.placing import Partial, partial, writing
from manager_nb.format.sheets import MOST_ROWS, Cells, bare, fitting, workbook
from manager_nb.listing.saving import place_free
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

FORMATS = ("csv", "xlsx", "parquet")

_ACTING = ("=", "+", "-", "@", "\t", "\r")
_ROWS = 5_000


def export_table(
    rows: pa.Table,
    folder: Path | str,
    name: str,
    kind: str,
    *,
    titles: Sequence[str] | None = None,
    progress: Progress = SILENT,
) -> Path:
    """Write all rows of a table to a new file.

    Args:
        rows: an Arrow table of words, numbers, money, days, moments and flags.
        folder: where; made if it is not there.
        name: what the file is called, without an ending; if the name is taken it becomes ``NAME(2)``, ``NAME(3)`` …
        kind: "csv", "xlsx" or "parquet".
        titles: the headings; None takes the names of the columns. Parquet always has those.
        progress: told of the rows; heeded.

    Returns:
        The new file.

    Raises:
        ManagerNbError: there is no such kind.
        SelectionError: Excel cannot hold so many rows.
        BusinessNameError: no file can have the name.
        TargetError: the folder cannot be written.
        CancelledError: the user cancelled; nothing stays.
    """
    if kind not in FORMATS:
        raise ManagerNbError(
            "There is no export to {kind}.", hint="The kinds are: {kinds}.", kind=kind, kinds=", ".join(FORMATS)
        )
    if kind == "xlsx" and rows.num_rows > MOST_ROWS:
        raise SelectionError(
            "A sheet of Excel holds {most} rows, and these are {count}.",
            hint="Narrow them with a filter, or export to CSV or Parquet, which have no such limit.",
            most=MOST_ROWS,
            count=rows.num_rows,
        )
    place = absolute(folder)
    stem = file_name(name, longest=200).text
    headings = list(titles) if titles is not None else rows.column_names
    write = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}[kind]
    target = place / f"{stem}.{kind}"
    with writing(target):
        place.mkdir(parents=True, exist_ok=True)
    with partial(place, target.name) as made:
        progress.start("Exporting", rows.num_rows)
        with writing(target):
            write(made, rows, headings, progress)
        progress.finish()
        return place_free(made, place, stem, f".{kind}")


def _csv(made: Partial, rows: pa.Table, headings: list[str], progress: Progress) -> None:
    made.file.write("\ufeff".encode())  # Excel takes a CSV for the system's old code page without it
    words = io.TextIOWrapper(made.file, "utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(words)
        writer.writerow([_harmless(title) for title in _with_zone(headings, rows)])
        for row in _lines(rows, progress):
            writer.writerow([_word(value) for value in row])
    finally:
        words.detach()


def _parquet(made: Partial, rows: pa.Table, headings: list[str], progress: Progress) -> None:
    del headings
    check(progress)
    pq.write_table(rows, made.file)
    progress.advance(rows.num_rows)


def _xlsx(made: Partial, rows: pa.Table, headings: list[str], progress: Progress) -> None:
    with workbook(made.file) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bottom": 1})
        cells = Cells(book, _scales(rows))
        for place, title in enumerate(_with_zone(headings, rows)):
            sheet.write_string(0, place, fitting(title), bold)
            sheet.set_column(place, place, 18)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(_lines(rows, progress), start=1):
            for place, value in enumerate(row):
                cells.write(sheet, number, place, value)
        if rows.num_columns:
            sheet.autofilter(0, 0, rows.num_rows, rows.num_columns - 1)


def _lines(rows: pa.Table, progress: Progress) -> Iterator[Iterable[Any]]:
    for batch in rows.to_batches(_ROWS):
        check(progress)
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
        progress.advance(batch.num_rows)


def _scales(rows: pa.Table) -> set[int]:
    types = [field.type for field in rows.schema]
    return {scale for type_ in types if pa.types.is_decimal(type_) for scale in range(1, type_.scale + 1)}


def _with_zone(headings: list[str], rows: pa.Table) -> list[str]:
    """The headings, with the zone in those of moments."""
    types = [field.type for field in rows.schema]
    return [
        f"{title} (UTC)" if pa.types.is_timestamp(type_) else title
        for title, type_ in zip(headings, types, strict=True)
    ]


def _word(value: Any) -> str:
    if isinstance(value, str):
        return _harmless(value)
    return "" if value is None else bare(value)


def _harmless(words: str) -> str:
    return f"'{words}" if words.startswith(_ACTING) else words
