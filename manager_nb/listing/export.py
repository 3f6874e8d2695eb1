"""A listing as a file: CSV for any program, Excel, or Parquet for those who compute.

Values stay values: money exact in CSV and Parquet, days as days, moments in UTC with the zone named in the heading.
Nothing that a business holds can act: in Excel every text is written as text, and in CSV a text that a spreadsheet
would take for a formula gets an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from manager_nb.backup.names import file_name
from manager_nb.errors import ManagerNbError, SelectionError
from manager_nb.format.businesses import absolute
from manager_nb.format.placing import Partial, partial, writing
from manager_nb.format.private import PrivateFolder
from manager_nb.listing.saving import place_free
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

FORMATS = ("csv", "xlsx", "parquet")

MOST_IN_EXCEL = 1_048_575
"""Rows that an Excel sheet holds below its heading."""

_EXACT = 15
"""Digits that Excel keeps of a number; one with more is written as text, so that none is lost."""

_LONGEST = 32_767
"""Signs that a cell of Excel holds; a longer text is cut and ends with "…"."""

_ACTING = ("=", "+", "-", "@", "\t", "\r")
_ROWS = 5_000
_NO_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no zones
_FIRST_DAY = dt.date(1900, 3, 1)
"""Excel's calendar is wrong before it (it knows a 29 February 1900)."""


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
    if kind == "xlsx" and rows.num_rows > MOST_IN_EXCEL:
        raise SelectionError(
            "A sheet of Excel holds {most} rows, and these are {count}.",
            hint="Narrow them with a filter, or export to CSV or Parquet, which have no such limit.",
            most=MOST_IN_EXCEL,
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
    with contextlib.closing(PrivateFolder()) as private:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": private.path,
        }
        with contextlib.closing(xlsxwriter.Workbook(made.file, options)) as book:
            # the same rows make the same bytes: no time of writing in the file
            book.set_properties({"created": _NO_TIME})
            _fill(book, rows, headings, progress)


def _fill(book: xlsxwriter.Workbook, rows: pa.Table, headings: list[str], progress: Progress) -> None:
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1})
    looks = _Looks(book, rows)
    for place, title in enumerate(_with_zone(headings, rows)):
        sheet.write_string(0, place, _fitting(title), bold)
        sheet.set_column(place, place, 18)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(_lines(rows, progress), start=1):
        for place, value in enumerate(row):
            looks.write(sheet, number, place, value)
    if rows.num_columns:
        sheet.autofilter(0, 0, rows.num_rows, rows.num_columns - 1)


class _Looks:
    """How values look in cells: days, moments, whole numbers, money by its decimals."""

    def __init__(self, book: xlsxwriter.Workbook, rows: pa.Table) -> None:
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._whole = book.add_format({"num_format": "0"})
        self._money = {scale: book.add_format({"num_format": "#,##0." + "0" * scale}) for scale in _scales(rows)}

    def write(self, sheet: Any, row: int, place: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, Decimal | int) and len(Decimal(value).as_tuple().digits) <= _EXACT:
            scale = -int(Decimal(value).as_tuple().exponent)
            sheet.write_number(row, place, value, self._money.get(scale, self._whole))
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(row, place, value.replace(tzinfo=None), self._moment)
        elif isinstance(value, dt.date) and value >= _FIRST_DAY:
            sheet.write_datetime(row, place, value, self._day)
        else:
            sheet.write_string(row, place, _fitting(_bare(value)))


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
    return "" if value is None else _bare(value)


def _bare(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _harmless(words: str) -> str:
    return f"'{words}" if words.startswith(_ACTING) else words


def _fitting(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
