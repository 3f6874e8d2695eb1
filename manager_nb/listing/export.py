"""A listing as a file: CSV for any program, Excel, or Parquet for those who compute.

Values stay values: money exact in CSV and Parquet, days as days, moments with their zone named in the heading.
Nothing that a business holds can act: in Excel every text is written as text, and in CSV a text that a spreadsheet
would take for a formula gets an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from manager_nb.backup.names import file_name
from manager_nb.errors import ManagerNbError, SelectionError
from manager_nb.format.businesses import absolute
from manager_nb.format.placing import Partial, partial, writing
from manager_nb.format.sheets import MOST_ROWS, Cells, bare, fitting, workbook
from manager_nb.i18n import in_zone
from manager_nb.listing.columns import MOMENT, kind_of
from manager_nb.listing.saving import place_free
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

FORMATS = ("csv", "xlsx", "parquet")

_ACTING = ("=", "+", "-", "@", "\t", "\r")
_ROWS = 5_000

_SEEN = 500
_NARROWEST, _WIDEST = 8, 60


def export_table(
    rows: pa.Table,
    folder: Path | str,
    name: str,
    kind: str,
    *,
    titles: Sequence[str] | None = None,
    zone: str = "UTC",
    progress: Progress = SILENT,
) -> Path:
    """Write all rows of a table to a new file.

    Args:
        rows: an Arrow table of words, numbers, money, days, moments and flags.
        folder: where; made if it is not there.
        name: what the file is called, without an ending; if the name is taken it becomes ``NAME(2)``, ``NAME(3)`` …
        kind: "csv", "xlsx" or "parquet".
        titles: the headings; None takes the names of the columns. Parquet always has those.
        zone: IANA name of the zone in which CSV and Excel tell moments; the heading names it, and CSV has the distance
            from UTC with each. Parquet always has UTC.
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
    if kind != "parquet":
        pairs = zip(headings, rows.schema.types, strict=True)
        headings = [f"{title} ({zone})" if kind_of(type_) == MOMENT else title for title, type_ in pairs]
    target = place / f"{stem}.{kind}"
    with writing(target):
        place.mkdir(parents=True, exist_ok=True)
    with partial(place, target.name) as made:
        progress.start("Exporting", rows.num_rows)
        with writing(target):
            write(made, rows, headings, zone, progress)
        progress.finish()
        return place_free(made, place, stem, f".{kind}")


def _csv(made: Partial, rows: pa.Table, headings: list[str], zone: str, progress: Progress) -> None:
    made.file.write("\ufeff".encode())  # Excel takes a CSV for the system's old code page without it
    words = io.TextIOWrapper(made.file, "utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(words)
        writer.writerow([_harmless(title) for title in headings])
        for row in _lines(rows, zone, progress):
            writer.writerow([_word(value) for value in row])
    finally:
        words.detach()


def _parquet(made: Partial, rows: pa.Table, headings: list[str], zone: str, progress: Progress) -> None:
    del headings, zone
    check(progress)
    pq.write_table(rows, made.file)
    progress.advance(rows.num_rows)


def _xlsx(made: Partial, rows: pa.Table, headings: list[str], zone: str, progress: Progress) -> None:
    with workbook(made.file) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bottom": 1})
        cells = Cells(book, _scales(rows))
        widths = _widths(rows, headings)
        for place, title in enumerate(headings):
            sheet.write_string(0, place, fitting(title), bold)
            sheet.set_column(place, place, widths[place])
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(_lines(rows, zone, progress), start=1):
            for place, value in enumerate(row):
                cells.write(sheet, number, place, value)
        if rows.num_columns:
            sheet.autofilter(0, 0, rows.num_rows, rows.num_columns - 1)


def _lines(rows: pa.Table, zone: str, progress: Progress) -> Iterator[Iterable[Any]]:
    for batch in rows.to_batches(_ROWS):
        check(progress)
        yield from zip(*(_values(column, zone) for column in batch.columns), strict=True)
        progress.advance(batch.num_rows)


def _values(column: pa.Array, zone: str) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if kind_of(column.type) != MOMENT:  # which moment that is, nobody can tell
        return values
    return [None if moment is None else in_zone(moment, zone) for moment in values]


def _widths(rows: pa.Table, headings: list[str]) -> list[int]:
    """How wide the columns are, in signs: enough for what stands in the first rows."""
    first = [column.to_pylist() for column in rows.slice(0, _SEEN).columns]
    pairs = zip(headings, first, strict=True)
    longest = [max(map(len, (title, *map(_word, values)))) for title, values in pairs]
    return [min(max(signs + 2, _NARROWEST), _WIDEST) for signs in longest]


def _scales(rows: pa.Table) -> set[int]:
    types = [field.type for field in rows.schema]
    return {scale for type_ in types if pa.types.is_decimal(type_) for scale in range(1, type_.scale + 1)}


def _word(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return bare(value) if str(value.tzinfo or "UTC") == "UTC" else value.isoformat(" ")
    if isinstance(value, str):
        return _harmless(value)
    return "" if value is None else bare(value)


def _harmless(words: str) -> str:
    return f"'{words}" if words.startswith(_ACTING) else words
