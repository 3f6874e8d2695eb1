"""The items of a population: their keys, lots, strata and amounts, each read in one place."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.errors import NotFoundError, SelectionError
from manager_nb.i18n import mark
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT, Progress, heeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from manager_nb.model.said import Said

LOT = mark("drawn by lot")
CERTAIN = mark("at least the interval")
HIT = mark("hit by a selection point")
ZERO = mark("amount is zero")
NEGATIVE = mark("amount is negative")
UNKNOWN = mark("amount is not known")

REASONS = frozenset({LOT, CERTAIN, HIT, ZERO, NEGATIVE, UNKNOWN})
"""Why an item was taken, or could not be drawn."""


def lot(seed: str, key: str) -> str:
    """The lot of an item: the SHA-256 of ``SEED:KEY`` in hexadecimal digits."""
    return hashlib.sha256(f"{seed}:{key}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one way of drawing gave.

    Attributes:
        chosen: the places of the items that were taken, in their order.
        why: of each of them the reason, and what decided.
        parameters: what is needed to draw them again.
        told: how they were drawn, in sentences.
        strata: the stratum of each item.
        apart: why other items could not be drawn so.
    """

    chosen: Sequence[int]
    why: Mapping[int, tuple[str, str]]
    parameters: Mapping[str, Any]
    told: tuple[Said, ...]
    strata: Mapping[int, str] = field(default_factory=dict)
    apart: Mapping[int, str] = field(default_factory=dict)


class Items:
    """The population, its keys and lots.

    Args:
        rows: the population.
        key: the column that names an item.
        seed: gives the lots.
        progress: heeded.

    Raises:
        NotFoundError: there is no such column.
        SelectionError: two items have the same name.
    """

    def __init__(self, rows: pa.Table, key: str, seed: str, progress: Progress = SILENT) -> None:
        self.rows = rows
        values = self.column(key)
        self.keys = ["" if value is None else _word(value) for value in values]
        if len(set(self.keys)) < len(self.keys):
            raise SelectionError(
                "The column {column} has the same value twice.",
                hint="Name a column whose values differ: an item is known by it.",
                column=key,
            )
        self.lots = [lot(seed, one) for one in heeded(self.keys, progress)]
        self.order = sorted(range(len(self.keys)), key=lambda place: self.lots[place])

    def column(self, name: str) -> list[Any]:
        """The values of a column."""
        return list(_column(self.rows, name).to_pylist())

    def amounts(self, name: str) -> list[Decimal | None]:
        """The amounts, exact; None where one is not known."""
        return [_money(value) for value in self.column(name)]

    def strata(self, by: str | None, bands: Sequence[Any] | None, amount: str) -> list[str]:
        """The stratum of each item."""
        if (by is None) == (not bands):
            raise SelectionError(
                "A stratified sample needs either a column or bands of amounts.",
                hint="Name the column whose values are the strata, or write the amounts at which a new one begins.",
            )
        if by is not None:
            return ["" if value is None else _word(value) for value in self.column(by)]
        limits = sorted({exact(band) for band in bands or ()})
        return [_band(value, limits) for value in self.amounts(amount)]

    def taken(self, places: Iterable[int], strata: Mapping[int, str], why: Mapping[int, tuple[str, str]]) -> pa.Table:
        """Some items with what decided."""
        chosen = list(places)
        taken = self.rows.take(pa.array(chosen, pa.int64()))
        own = [name for name in taken.column_names if name not in ("stratum", "why", "lot")]
        taken = taken.select(own)
        for name, values in (
            ("stratum", [strata.get(place, "") for place in chosen]),
            ("why", [why[place][0] for place in chosen]),
            ("lot", [why[place][1] for place in chosen]),
        ):
            taken = taken.append_column(name, pa.array(values, pa.string()))
        return taken


def one_currency(items: Items) -> None:
    """Refuse amounts of several currencies: a unit of money is of one, and so is a band of amounts.

    Raises:
        SelectionError: there are several.
    """
    if "currency" not in items.rows.column_names:
        return
    codes = sorted({code for code in items.column("currency") if code})
    if len(codes) > 1:
        raise SelectionError(
            "The amounts are in several currencies: {currencies}.",
            hint="Amounts can be compared in one currency only: name one of them, and draw a sample of each by itself.",
            currencies=", ".join(codes),
        )


def rows_of(
    population: Table | pa.Table | pd.DataFrame, currency: str | None = None, progress: Progress = SILENT
) -> pa.Table:
    """A population as an Arrow table, all of it or what is in one currency."""
    if isinstance(population, Table):
        rows = population.to_arrow(progress=progress)
    elif isinstance(population, pd.DataFrame):
        rows = pa.Table.from_pandas(population, preserve_index=False)
    else:
        rows = population
    if currency:
        rows = rows.filter(pc.fill_null(pc.equal(_column(rows, "currency"), currency), False))
    return rows


def _column(rows: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in rows.column_names:
        raise NotFoundError(
            "The table {table} has no column {column}.",
            hint="Its columns are: {columns}.",
            table="population",
            column=name,
            columns=", ".join(rows.column_names),
        )
    return rows[name]


def whole(size: object) -> int:
    """A number of items.

    Raises:
        SelectionError: it is none.
    """
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise SelectionError("It is not said how many items the sample has.", hint="Give size= a number of at least 1.")
    return size


def _band(amount: Decimal | None, limits: Sequence[Decimal]) -> str:
    if amount is None:
        return UNKNOWN
    size = abs(amount)
    lower = [limit for limit in limits if limit <= size]
    upper = [limit for limit in limits if limit > size]
    if not lower:
        return f"< {upper[0]:f}"
    return f"{lower[-1]:f} – {upper[0]:f}" if upper else f"≥ {lower[-1]:f}"


def _money(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value) if isinstance(value, float) else value)  # type: ignore[arg-type]
    except (InvalidOperation, TypeError, ValueError):
        return None
    return number if number.is_finite() else None


def exact(value: object) -> Decimal:
    """An amount that somebody gave; a float is none, since it is not exact.

    Raises:
        SelectionError: it is none.
    """
    number = None if isinstance(value, float) else _money(value)
    if number is None:
        raise SelectionError(
            "{value} is no exact amount.", hint="Give a Decimal, a whole number or text, no float.", value=repr(value)
        )
    return number


def _word(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
