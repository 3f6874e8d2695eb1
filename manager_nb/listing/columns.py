"""The columns of a listing: what each is called, what kind of values it holds, how a value is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.i18n import in_zone, mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.i18n import Language

TEXT, NUMBER, DATE, MOMENT, FLAG = "text", "number", "date", "moment", "flag"
"""The kinds of columns: words, numbers and money, days, moments, yes or no."""

STEP = " — "
"""Between the steps of a label."""

_YES, _NO = mark("Yes"), mark("No")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing.

    Attributes:
        name: its name in the Arrow table.
        title: its heading, an English text of the catalogue.
        words: English texts of the catalogue for values that are names of ours, e.g. "create" → "Created".
        heads: English texts of the catalogue that a value may begin with, before " — ", as the labels of records do.
        paths: whether values say where a field stands, "Lines — Tax code", several with commas between them: each step
            is an English text of the catalogue, or has one in `words`.
        hidden: not shown at first; a person can choose it.
        whole: whether long words are shown in full; else they are folded behind their beginning.
        digits: for money: how many decimals to show at least; where a value has more, they are shown too.
    """

    name: str
    title: str
    words: Mapping[str, str] = field(default_factory=dict)
    heads: frozenset[str] = frozenset()
    paths: bool = False
    hidden: bool = False
    whole: bool = False
    digits: int | None = None

    def _digits(self, value: Decimal) -> int | None:
        if self.digits is None or not value.is_finite():
            return self.digits
        with localcontext(prec=100):  # a decimal128 has 38 digits
            return max(self.digits, -int(value.normalize().as_tuple().exponent))

    def told(self, value: Any, language: Language, zone: str) -> str:
        """A value in words; nothing for null.

        Args:
            value: as Arrow gives it to Python.
            language: the reader's.
            zone: IANA name of the zone in which moments are told; the heading names it.
        """
        if value is None:
            return ""
        if isinstance(value, bool):
            return language.text(_YES if value else _NO)
        if isinstance(value, int | Decimal):
            return language.number(value, self._digits(value) if isinstance(value, Decimal) else None)
        if hasattr(value, "astimezone"):
            return language.datetime(in_zone(value, zone))
        if hasattr(value, "isoformat"):
            return language.date(value)
        words = str(value)
        if words in self.words:
            return language.text(self.words[words])
        if self.paths:
            return ", ".join(
                STEP.join(language.text(self.words.get(step, step)) for step in path.split(STEP))
                for path in words.split(", ")
            )
        head, step, rest = words.partition(STEP)
        return f"{language.text(head)}{step}{rest}" if head in self.heads else words


def kind_of(type_: pa.DataType) -> str:
    """The kind of a column of an Arrow type."""
    if pa.types.is_boolean(type_):
        return FLAG
    if pa.types.is_integer(type_) or pa.types.is_decimal(type_) or pa.types.is_floating(type_):
        return NUMBER
    if pa.types.is_date(type_):
        return DATE
    return MOMENT if pa.types.is_timestamp(type_) and type_.tz is not None else TEXT


def plain(table: pa.Table) -> pa.Table:
    """A table whose every column can be searched, sorted and told.

    Lists become words, moments get UTC, a time without a zone becomes words, since nobody can tell which moment it is;
    bytes, structures and what has no words are left out.
    """
    kept = {}
    for name in table.column_names:
        column = table[name].combine_chunks() if table[name].num_chunks != 1 else table[name].chunk(0)
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        made = _plain(column)
        if made is not None:
            kept[name] = made
    return pa.table(kept) if kept else table.select([])


def columns_of(table: pa.Table) -> tuple[Column, ...]:
    """A column for each of a table of which nothing else is known; its heading is its name in words."""
    return tuple(Column(name, name.replace("_", " ").capitalize()) for name in table.column_names)


def _plain(column: pa.Array) -> pa.Array | None:
    type_ = column.type
    if pa.types.is_timestamp(type_):
        return column.cast(pa.timestamp("us", "UTC") if type_.tz else pa.string(), safe=False)
    if kind_of(type_) != TEXT or pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return column
    if pa.types.is_list(type_) and (pa.types.is_string(type_.value_type) or pa.types.is_large_string(type_.value_type)):
        return pa.compute.binary_join(column, ", ")
    if pa.types.is_nested(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return None
    try:
        return column.cast(pa.string())
    except pa.ArrowNotImplementedError:
        return None
