"""What a person asks of a long table, and which rows answer: words, filters, an order."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.errors import SelectionError
from manager_nb.i18n import Language, number_typed
from manager_nb.listing.columns import DATE, FLAG, MOMENT, NUMBER, TEXT, kind_of
from manager_nb.listing.shown import Shown, figures_holding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from manager_nb.listing.columns import Column

FEW = 40
"""A column of words with at most so many different ones is filtered by choosing one of them."""


NOTHING = "\u2400"
"""What :attr:`Filter.only` is for the rows that have no value (the sign for NULL)."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the values of one column have to be. Everything is text as a person types or chooses it; empty is no limit.

    Attributes:
        only: exactly this value; "yes" or "no" for a flag; `NOTHING` for none.
        contains: words in it; upper and lower case are the same.
        least: the smallest number, or the first day (``2025-07-01``).
        most: the largest number, or the last day; that whole day is in.
    """

    only: str = ""
    contains: str = ""
    least: str = ""
    most: str = ""

    def __bool__(self) -> bool:
        return bool(self.only or self.contains or self.least or self.most)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked.

    Attributes:
        search: words that some column has to contain, as the reader sees it; several words: each, in any column.
        filters: by the column's name.
        by: the column that orders the rows; nothing keeps the table's own order.
        descending: whether the largest come first. Rows without a value come last either way.
        zone: IANA name of the zone whose days the filters of moments mean.
        language: code of the language that the rows are shown in, whose words are found as well as those of the file.
    """

    search: str = ""
    filters: Mapping[str, Filter] = field(default_factory=dict)
    by: str = ""
    descending: bool = False
    zone: str = "UTC"
    language: str = "en"

    @property
    def narrows(self) -> bool:
        """Whether it leaves rows out."""
        return bool(self.search.strip()) or any(self.filters.values())

    def with_filter(self, name: str, **limits: str) -> Query:
        """The same with one column's filter changed."""
        return replace(self, filters={**self.filters, name: replace(self.filters.get(name, Filter()), **limits)})


def answer(table: pa.Table, query: Query, columns: Iterable[Column] = ()) -> pa.Array:
    """The numbers of the rows that a query asks for, in its order.

    Args:
        table: as :func:`manager_nb.listing.columns.plain` makes it.
        query: what is asked; columns that the table lacks are passed over.
        columns: how its values are shown; words are looked for, and ordered, as the reader sees them too.

    Returns:
        Numbers of rows (int64).

    Raises:
        SelectionError: a limit is no number or no day.
    """
    shown = {column.name: Shown(column, Language(query.language)) for column in columns}
    mask = _mask(table, query, shown)
    rows = pa.array(range(0), pa.int64()) if not table.num_rows else _numbers(table.num_rows)
    if mask is not None:
        rows = rows.filter(mask)
    if query.by in table.column_names and len(rows):
        values = table[query.by].take(rows)
        if kind_of(values.type) == TEXT:
            values = pc.utf8_lower(shown[query.by].told(values) if query.by in shown else values)
        order = "descending" if query.descending else "ascending"
        rows = rows.take(_stable(values, order))
    return rows


def choices(table: pa.Table, name: str) -> list[str] | None:
    """The values of a column of few different words, in order; None where there are more."""
    kind = kind_of(table.schema.field(name).type)
    if kind != TEXT:
        return None
    values = pc.unique(table[name]).to_pylist()
    return sorted(filter(None, values), key=str.casefold) if len(values) <= FEW else None


def number_in(words: str) -> Decimal:
    """The number that a person typed, see :func:`manager_nb.i18n.number_typed`.

    Raises:
        SelectionError: it is none.
    """
    number = number_typed(words)
    if number is None:
        raise SelectionError(
            "“{words}” is no number.", hint="Type digits, with a point before the decimals: 1250.50.", words=words
        )
    return number


def day_in(words: str) -> dt.date:
    """The day that was typed or chosen, ``2025-07-01``.

    Raises:
        SelectionError: it is none.
    """
    try:
        return dt.date.fromisoformat(words.strip())
    except ValueError as error:
        raise SelectionError(
            "“{words}” is no day.", hint="Write year, month and day: 2025-07-31.", words=words
        ) from error


def clock_in(words: str) -> dt.time:
    """The time of day that was typed, ``14:30``.

    Raises:
        SelectionError: it is none.
    """
    try:
        return dt.time.fromisoformat(words.strip())
    except ValueError as error:
        raise SelectionError(
            "“{words}” is no time of day.", hint="Write hours and minutes: 14:30.", words=words
        ) from error


def _numbers(count: int) -> pa.Array:
    import numpy as np

    return pa.array(np.arange(count, dtype=np.int64))


def _stable(values: pa.ChunkedArray, order: str) -> pa.Array:
    table = pa.table({"value": values, "place": _numbers(len(values))})
    return pc.sort_indices(table, sort_keys=[("value", order), ("place", "ascending")])  # nulls last


def _mask(table: pa.Table, query: Query, shown: Mapping[str, Shown]) -> pa.ChunkedArray | None:
    masks = [_searched(table, word, shown, query.zone) for word in query.search.split()]
    for name, limits in query.filters.items():
        if limits and name in table.column_names:
            masks.append(_limited(table[name], limits, query.zone, shown.get(name)))
    whole = None
    for mask in masks:
        known = pc.fill_null(mask, fill_value=False)
        whole = known if whole is None else pc.and_(whole, known)
    return whole


def _searched(table: pa.Table, word: str, shown: Mapping[str, Shown], zone: str) -> Any:
    """Whether some column that is shown holds a word: texts, figures as digits, days as they are told."""
    found = pa.repeat(pa.scalar(False), table.num_rows)
    for name in table.column_names:
        kind = kind_of(table.schema.field(name).type)
        if kind == TEXT:
            here = _contains(table[name], word, shown.get(name))
        elif kind == NUMBER:
            here = figures_holding(table[name], word)
        else:
            here = shown[name].days_holding(table[name], word, zone) if name in shown and kind != FLAG else None
        if here is not None:
            found = pc.or_(found, pc.fill_null(here, fill_value=False))
    return found


def _contains(column: pa.ChunkedArray, words: str, shown: Shown | None) -> Any:
    if not words.isascii():  # one letter may be written in several ways, with its signs apart or not
        words, column = unicodedata.normalize("NFC", words), pc.utf8_normalize(column, "NFC")
    stored = pc.match_substring(column, words, ignore_case=True)
    told = shown.holding(column, words) if shown else None
    return stored if told is None else pc.or_(stored, told)


def _limited(column: pa.ChunkedArray, limits: Filter, zone: str, shown: Shown | None) -> Any:
    kind, masks = kind_of(column.type), []
    if limits.only == NOTHING:
        masks.append(pc.is_null(column))
    elif limits.only:
        masks.append(pc.equal(column, limits.only == "yes" if kind == FLAG else limits.only))
    if limits.contains:
        masks.append(_contains(column, limits.contains, shown))
    if kind in (NUMBER, DATE, MOMENT):
        masks += _between(column, kind, limits, zone)
    whole = masks[0] if masks else pa.array([True] * len(column))
    for mask in masks[1:]:
        whole = pc.and_kleene(whole, mask)
    return whole


def _between(column: pa.ChunkedArray, kind: str, limits: Filter, zone: str) -> list[Any]:
    masks = []
    if kind == NUMBER:
        if limits.least:
            masks.append(_compared(pc.greater_equal, column, number_in(limits.least)))
        if limits.most:
            masks.append(_compared(pc.less_equal, column, number_in(limits.most)))
    elif kind == DATE:
        if limits.least:
            masks.append(pc.greater_equal(column, pa.scalar(day_in(limits.least), pa.date32())))
        if limits.most:
            masks.append(pc.less_equal(column, pa.scalar(day_in(limits.most), pa.date32())))
    else:
        if limits.least:
            masks.append(pc.greater_equal(column, _midnight(day_in(limits.least), zone, column.type)))
        if limits.most:
            masks.append(pc.less(column, _midnight(_day_after(day_in(limits.most)), zone, column.type)))
    return masks


def _compared(compare: Any, column: pa.ChunkedArray, limit: Decimal) -> Any:
    """Compare exactly: the limit in a type of as many decimals as both need; floats, which are not exact, as floats."""
    if pa.types.is_floating(column.type):
        return compare(column, pa.scalar(float(limit), column.type))
    scale = max(-int(limit.as_tuple().exponent), column.type.scale if pa.types.is_decimal(column.type) else 0, 0)
    wide = pa.decimal256(76, min(scale, 38))
    return compare(column.cast(wide), pa.scalar(limit, wide))


def _midnight(day: dt.date, zone: str, type_: pa.DataType) -> pa.Scalar:
    try:
        moment = dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)
    except OverflowError:  # at the ends of the calendar, as while a year is typed
        moment = dt.datetime.combine(day, dt.time(), dt.UTC)
    return pa.scalar(moment, type_)


def _day_after(day: dt.date) -> dt.date:
    return day if day == dt.date.max else day + dt.timedelta(days=1)
