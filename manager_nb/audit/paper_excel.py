"""A working paper as an Excel workbook: a sheet a part, every text a text, the same paper the same bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from manager_nb.format.sheets import LONGEST, MOST_ROWS, Cells, fitting, workbook
from manager_nb.i18n import visible
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xlsxwriter

    from manager_nb.audit.paper import Part, Row
    from manager_nb.i18n import Language

_NAME = 31
"""Signs of the longest name of a sheet."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]|^'|'$")
_SCALES = range(1, 11)


def write_excel(file: BinaryIO, parts: Sequence[Part], language: Language, *, progress: Progress = SILENT) -> None:
    """Write the workbook.

    Args:
        file: where its bytes go.
        parts: of the paper; one with more rows than a sheet holds goes on in further sheets.
        language: of the remark that stands where texts were cut.
        progress: told of the rows; heeded.
    """
    cut = any(isinstance(cell, str) and len(cell) > LONGEST for part in parts for row in part.rows for cell in row)
    with workbook(file) as book:
        looks = _Looks(book)
        names: set[str] = set()
        for place, part in enumerate(parts):
            remark = ""
            if cut and not place:
                remark = language.text(
                    "A cell of Excel holds 32,767 signs: longer texts end with “…”. They are whole in the business"
                    " itself, in the record that is named."
                )
            lines = [line for words in (*part.words, remark) if words for line in words.split("\n")]
            most = MOST_ROWS - len(lines)
            for first in range(0, max(len(part.rows), 1), most):
                sheet = book.add_worksheet(_free(part.title, names))
                looks.fill(sheet, part, lines, part.rows[first : first + most], progress)


class _Looks:
    """The looks of the workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._cells = Cells(book, _SCALES, wrap=True)
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._words = book.add_format({"italic": True})
        self._name = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})

    def fill(self, sheet: Any, part: Part, words: Sequence[str], rows: Sequence[Row], progress: Progress) -> None:
        for place, width in enumerate(part.widths):
            sheet.set_column(place, place, width)
        top = len(words)
        for number, line in enumerate(words):
            sheet.write_string(number, 0, fitting(visible(line)), self._words)
        for place, title in enumerate(part.heads):
            sheet.write_string(top, place, fitting(visible(title)), self._head)
        for number, row in enumerate(_heeded(rows, progress), start=top + 1):
            for place, cell in enumerate(row):
                value = visible(cell) if isinstance(cell, str) else cell
                if place == 0 and part.headed and isinstance(value, str):
                    sheet.write_string(number, 0, fitting(value), self._name)
                else:
                    self._cells.write(sheet, number, place, value)
        sheet.freeze_panes(top + 1, 0)
        sheet.autofilter(top, 0, top + max(len(rows), 1), len(part.heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)


def _heeded(rows: Sequence[Row], progress: Progress) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            check(progress)
        yield row


def _free(title: str, names: set[str]) -> str:
    """A name that a sheet can have and none has yet; Excel takes upper and lower case for the same."""
    stem = _FORBIDDEN.sub("_", visible(title)).strip() or "_"
    name, number = stem[:_NAME], 1
    while name.casefold() in names:
        number += 1
        name = f"{stem[: _NAME - 6]} ({number})"
    names.add(name.casefold())
    return name
