"""Which currency a document is in, and how money is rounded in it."""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import decode
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.format.database import Database
    from manager_nb.model.lookup import Lookup

PLACES = 2
"""The decimal places of a currency that does not say how many it has."""

MOST_PLACES = 9
"""More decimal places than currencies have; what a file asks for beyond is not believed."""

EXACT = decimal.Context(prec=150, rounding=decimal.ROUND_HALF_UP, traps=[decimal.Inexact, decimal.InvalidOperation])
"""Where money is reckoned: wide enough for every product of a few of Manager's numbers, and never inexact."""

_ROUNDING = decimal.Context(prec=150, rounding=decimal.ROUND_HALF_UP)
_CURRENCIES = ("BaseCurrency", "ForeignCurrency")


class AmountUnknownError(Exception):
    """An amount cannot be known. It stays inside ``model``: the amount is null, and this is the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency at a moment.

    Attributes:
        code: "INR"; None where it has none.
        places: its decimal places.
    """

    code: str | None
    places: int = PLACES

    def rounded(self, value: Decimal) -> Decimal:
        """Money in this currency, half a unit away from zero."""
        return value.quantize(Decimal(1).scaleb(-self.places), context=_ROUNDING)


def whole(value: Decimal, rounding: str) -> Decimal:
    """Money without decimals, rounded in one of the ways of :mod:`decimal`."""
    return value.quantize(Decimal(1), rounding, _ROUNDING)


def currency_of(values: Mapping[str, Any], field: str | None, lookup: Lookup, ticks: int | None) -> Currency:
    """The currency of what a field points to: a currency itself, or a party or account that has one.

    Where it points to nothing, or to something without a currency of its own, the base currency.

    Raises:
        AmountUnknownError: what it points to is not in the file.
    """
    for step in (field, "Currency"):
        key = values.get(step or "")
        if not key or key == NIL:
            break
        found = lookup.then(key, ticks)
        if found is None:
            reason = mark("The amount is not known: its customer, supplier, account or currency is not in this file.")
            raise AmountUnknownError(reason)
        if found.type.name == "ForeignCurrency":
            return _currency(found.values)
        values = found.values
    return base_currency(lookup, ticks)


def base_currency(lookup: Lookup, ticks: int | None = None) -> Currency:
    """The currency of the business's books."""
    found = lookup.then(_guid("BaseCurrency"), ticks)
    return _currency(found.values if found else {})


def most_places(database: Database) -> int:
    """The most decimal places that a currency of the business has or ever had, at least :data:`PLACES`."""
    return max([PLACES, *(_currency(values).places for values in _all_currencies(database))])


def _all_currencies(database: Database) -> Iterator[Mapping[str, Any]]:
    for name in _CURRENCIES:
        kind = SCHEMA.message(name)
        guids = (_guid(name), _guid(name).upper())
        for table, side in (("Objects", ""), ("Changes", "Before"), ("Changes", "After")):
            if {f"ContentType{side}", f"Content{side}"} <= set(database.columns(table)):
                where = f'"ContentType{side}" IN (?, ?)'
                for batch in database.batches(table, [f"Content{side}"], where=where, params=guids):
                    yield from (decode(kind, blob or b"").values for blob in batch.column(0).to_pylist())


def _currency(values: Mapping[str, Any]) -> Currency:
    places = values.get("DecimalPlaces")
    return Currency(values.get("Code") or None, min(max(PLACES if places is None else places, 0), MOST_PLACES))


def _guid(name: str) -> str:
    known = SCHEMA.named(name)
    assert known is not None  # noqa: S101 - currencies are types of the schema
    return known.guid
