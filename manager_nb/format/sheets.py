"""Sheets of Excel in which nothing can act: texts are texts, figures exact, the same rows make the same bytes.

Shared by what writes tables for people: exported listings and working papers.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from manager_nb.format.private import PrivateFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its heading."""

LONGEST = 32_767
"""Signs that a cell holds; a longer text is cut and ends with "…"."""

_EXACT = 15
"""Digits that Excel keeps of a number; one with more is written as text, so that none is lost."""

_NO_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no zones
_FIRST_DAY = dt.date(1900, 3, 1)
"""Excel's calendar is wrong before it (it knows a 29 February 1900)."""


@contextlib.contextmanager
def workbook(file: BinaryIO) -> Iterator[xlsxwriter.Workbook]:
    """Begin a workbook, written row by row and finished when the block ends.

    Args:
        file: where its bytes go.
    """
    with contextlib.closing(PrivateFolder()) as private:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": private.path,
        }
        packed = io.BytesIO()  # what is left half written, when the disk is full, then lies in memory
        try:
            with contextlib.closing(xlsxwriter.Workbook(packed, options)) as book:
                # the same rows make the same bytes: no time of writing in the file
                book.set_properties({"created": _NO_TIME})
                yield book
        except FileCreateError as error:  # what the system said is inside
            told = error.args[0] if error.args else error
            raise (told if isinstance(told, OSError) else OSError(str(told))) from error
        file.write(packed.getbuffer())


class Cells:
    """Writes values into cells: days, moments, whole numbers, money by its decimals, texts as texts.

    Args:
        book: the workbook.
        scales: how many decimals money has there.
        wrap: whether long texts are broken into lines.
    """

    def __init__(self, book: xlsxwriter.Workbook, scales: Iterable[int] = (), *, wrap: bool = False) -> None:
        look = {"text_wrap": True, "valign": "top"} if wrap else {}
        self._text = book.add_format(look) if wrap else None
        self._day = book.add_format({**look, "num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({**look, "num_format": "yyyy-mm-dd hh:mm:ss"})
        self._whole = book.add_format({**look, "num_format": "0"})
        self._money = {
            scale: book.add_format({**look, "num_format": "#,##0." + "0" * scale}) for scale in sorted(set(scales))
        }

    def write(self, sheet: Any, row: int, place: int, value: Any) -> None:
        """Write a value; nothing for None.

        Args:
            sheet: of the workbook.
            row: from 0.
            place: the column, from 0.
            value: a text, a number, a day, a moment (as its own zone has it), a flag.
        """
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, float) and math.isfinite(value):
            sheet.write_number(row, place, value)
        elif isinstance(value, Decimal | int) and len(Decimal(value).as_tuple().digits) <= _EXACT:
            scale = -int(Decimal(value).as_tuple().exponent)
            sheet.write_number(row, place, value, self._money.get(scale, self._whole))
        elif isinstance(value, dt.datetime) and value.date() >= _FIRST_DAY:
            sheet.write_datetime(row, place, value.replace(tzinfo=None), self._moment)
        elif isinstance(value, dt.date) and not isinstance(value, dt.datetime) and value >= _FIRST_DAY:
            sheet.write_datetime(row, place, value, self._day)
        else:
            sheet.write_string(row, place, fitting(bare(value)), self._text)


def bare(value: Any) -> str:
    """A value as a text without any look of a language: 118.50, 2025-07-31, a moment as its own zone has it."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def fitting(words: str) -> str:
    """A text as far as a cell holds it, counted as Excel counts: in units of UTF-16."""
    if 2 * len(words) <= LONGEST:
        return words
    units = words.encode("utf-16-le", "replace")
    return words if len(units) <= 2 * LONGEST else units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"
