"""The values of a column as the reader sees them, where those are not the file's: found and ordered by those words."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.i18n import number_typed
from manager_nb.listing.columns import STEP

if TYPE_CHECKING:
    from manager_nb.i18n import Language
    from manager_nb.listing.columns import Column


@dataclass(frozen=True, slots=True)
class Shown:
    """How the words of one column are told.

    Attributes:
        column: the column.
        language: the reader's.
    """

    column: Column
    language: Language

    def holding(self, values: pa.ChunkedArray, words: str) -> pa.ChunkedArray | None:
        """Whether each value is told with these words; None where it is told as it is stored.

        Args:
            values: text.
            words: upper and lower case are the same.
        """
        wanted = _folded(words)
        if self.column.words or self.column.paths:
            different = pc.unique(values).drop_null()
            told = [value for value in different.to_pylist() if wanted in _folded(self._word(value))]
            return pc.is_in(values, pa.array(told, values.type))
        heads = [(head, self.language.text(head)) for head in sorted(self.column.heads)]
        found = [re.escape(head) for head, told in heads if told != head and wanted in _folded(told)]
        return pc.match_substring_regex(values, f"^({'|'.join(found)})({STEP}|$)") if found else None

    def days_holding(self, values: pa.ChunkedArray, words: str, zone: str) -> pa.ChunkedArray:
        """Whether a word of each day, or of each moment's day in a zone, begins so: 27, Sep, 2025; 2025-09-27.

        Args:
            values: days, or moments.
            words: upper and lower case are the same.
            zone: IANA name of the zone in which moments are told.
        """
        days = values
        if pa.types.is_timestamp(values.type):
            local = pc.local_timestamp(values.cast(pa.timestamp("us", zone)))
            days = pc.floor_temporal(local, unit="day").cast(pa.date32())
        wanted, last = _folded(words), pa.scalar(dt.date.max, pa.date32())
        different = pc.unique(pc.min_element_wise(days, last, skip_nulls=False)).drop_null().to_pylist()
        told = [
            day
            for day in different
            if any(part.startswith(wanted) for part in (*_folded(self.language.date(day)).split(), day.isoformat()))
        ]
        return pc.is_in(days, pa.array(told, pa.date32()))

    def told(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """The values as they are told; labels, whose type alone is translated, stay as they are stored."""
        if not self.column.words and not self.column.paths:
            return values
        coded = values.combine_chunks().dictionary_encode()
        words = pa.array([value and self._word(value) for value in coded.dictionary.to_pylist()], values.type)
        return pa.chunked_array([words.take(coded.indices)])

    def _word(self, value: str) -> str:
        return self.column.told(value, self.language, "UTC")


def figures_holding(values: pa.ChunkedArray, words: str) -> pa.ChunkedArray | None:
    """Whether each figure is this one, with or without its decimals; None where the word is no figure."""
    number = number_typed(words)
    if number is None:
        return None
    whole = number == number.to_integral_value()
    pattern = rf"^-?{abs(number):.0f}(\.\d*)?$" if whole else rf"^-?{re.escape(f'{abs(number).normalize():f}')}0*$"
    return pc.match_substring_regex(values.cast(pa.string()), pattern)


def _folded(words: str) -> str:
    return unicodedata.normalize("NFC", words).lower()
