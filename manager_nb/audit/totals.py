"""Control totals: counts and sums before and after, or of two businesses, reckoned twice over all documents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.amounts import amount_of, has_amount
from manager_nb.model.currencies import EXACT, MOST_PLACES
from manager_nb.model.lookup import ObjectsLookup
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT, Progress, heeded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from manager_nb.format.schema import ContentType
    from manager_nb.model.held import Held

TYPE, BANK_ACCOUNT = "type", "bank account"

TOTALS = pa.schema(
    [
        ("group", pa.string()),
        ("name", pa.string()),
        ("currency", pa.string()),
        ("count_before", pa.int64()),
        ("count_after", pa.int64()),
        ("sum_before", pa.decimal128(38, MOST_PLACES)),
        ("sum_after", pa.decimal128(38, MOST_PLACES)),
        ("unknown", pa.int64()),
    ]
)
"""The columns of :func:`control_totals`."""

_CASH = {"Receipt": ("ReceivedIn", 1), "Payment": ("PaidFrom", -1)}
_TRANSFER = "InterAccountTransfer"

_Line = tuple[str, str, str | None]
"""A line of the totals: group, name, currency."""


@dataclass(slots=True)
class _Sum:
    count: int = 0
    value: Decimal | None = None
    unknown: int = 0

    def add(self, value: Decimal | None, *, unknown: bool = False) -> None:
        self.count += 1
        self.unknown += unknown
        if value is not None:
            self.value = EXACT.add(self.value or Decimal(0), value)


_Sums = defaultdict[_Line, _Sum]


def control_totals(
    before: Mapping[str, Held], after: Mapping[str, Held], touched: Collection[str], *, progress: Progress = SILENT
) -> Table:
    """What changes in counts and sums.

    Columns: ``group`` ("type" or "bank account"), ``name`` (the type's title, the account's name), ``currency`` (of the
    sums; null for records without amounts), ``count_before``, ``count_after``, ``sum_before``, ``sum_after``
    (decimal128(38, 9), never a float), ``unknown`` (documents whose amount cannot be known, which the sums lack, before
    or after, whichever are more). Of types: the touched ones, their documents' totals as Manager's lists show them. Of
    bank accounts, where receipts, payments or transfers are touched: receipts less payments, and transfers; starting
    balances are not in it.

    Args:
        before: the objects as they are, by key in lower case.
        after: as they become.
        touched: the GUIDs of the types of which something changes.
        progress: told in records; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    progress.start("Reckoning the totals", len(before) + len(after))
    old, new = _reckon(before, touched, progress), _reckon(after, touched, progress)
    progress.finish()
    rows = []
    for line in sorted(old.keys() | new.keys(), key=lambda line: (line[0] != TYPE, line[1], line[2] or "")):
        was, becomes = old.get(line, _Sum()), new.get(line, _Sum())
        summed = line[2] is not None
        rows.append(
            {
                "group": line[0],
                "name": line[1],
                "currency": line[2],
                "count_before": was.count,
                "count_after": becomes.count,
                "sum_before": kept(was.value) if summed else None,
                "sum_after": kept(becomes.value) if summed else None,
                "unknown": max(was.unknown, becomes.unknown),
            }
        )
    return Table.of("Control totals", pa.Table.from_pylist(rows, TOTALS))


def kept(value: Decimal | None) -> Decimal | None:
    """Zero where nothing was summed; null where it has more digits than can be kept."""
    value = value or Decimal(0)
    return value if value.adjusted() < 38 - MOST_PLACES else None


def _reckon(objects: Mapping[str, Held], touched: Collection[str], progress: Progress) -> dict[_Line, _Sum]:
    lookup = ObjectsLookup(objects)
    sums: _Sums = defaultdict(_Sum)
    cash = any(known.name in {*_CASH, _TRANSFER} for guid in touched if (known := SCHEMA.type_of(guid)))
    for key, one in heeded(objects.items(), progress):
        progress.advance()
        known = SCHEMA.type_of(one.content_type)
        if key == one.content_type and known is not None and not known.singleton:
            continue  # a form default is no record
        if one.content_type in touched:
            _add_document(sums, known, one, lookup)
        if cash and known is not None and known.name in {*_CASH, _TRANSFER}:
            _add_cash(sums, known, one, lookup)
    return sums


def _add_document(sums: _Sums, known: ContentType | None, one: Held, lookup: ObjectsLookup) -> None:
    title = labels.title(known) if known else one.type
    if known is None or not has_amount(known):
        sums[TYPE, title, None].add(None)
        return
    amount = amount_of(known, one.content, lookup)
    sums[TYPE, title, amount.currency or ""].add(amount.value, unknown=amount.value is None)


def _add_cash(sums: _Sums, known: ContentType, one: Held, lookup: ObjectsLookup) -> None:
    amount, values = amount_of(known, one.content, lookup), decode(known, one.content).values
    if known.name != _TRANSFER:
        account, sign = _CASH[known.name]
        _add_to(sums, lookup, values.get(account), amount.value, sign)
        return
    received = values.get("DebitAmount")
    _add_to(sums, lookup, values.get("PaidFrom"), amount.value, -1)
    _add_to(sums, lookup, values.get("ReceivedIn"), amount.value if received is None else received, 1)


def _add_to(sums: _Sums, lookup: ObjectsLookup, key: str | None, value: Decimal | None, sign: int) -> None:
    account = lookup.now(key) if key else None
    if account is None:
        return
    currency = lookup.now(str(account.values.get("Currency") or "")) or lookup.now(_base_currency())
    code = str(currency.values.get("Code") or "") if currency else ""
    line = (BANK_ACCOUNT, labels.name(account.type, account.values), code)
    sums[line].add(None if value is None else value * sign, unknown=value is None)


def _base_currency() -> str:
    known = SCHEMA.named("BaseCurrency")
    return known.guid if known else ""
