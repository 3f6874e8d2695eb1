"""What documents came to before and after changes, in sentences: exact, with the currency, or that it is not known."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from manager_nb.format.schema import SCHEMA
from manager_nb.model.amounts import Amount, amount_of, has_amount
from manager_nb.model.currencies import EXACT
from manager_nb.model.said import Said, listed, said
from manager_nb.model.sides import type_guids
from manager_nb.progress import check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.audit.books import Books, Entry

_AT_ONCE = 1_000
_SIDES = ["Key", "ContentTypeBefore", "ContentTypeAfter", "ContentBefore", "ContentAfter"]


class Amounts(NamedTuple):
    """What a document came to before a change and after it; None where it was not there, or has no total at all."""

    before: Amount | None
    after: Amount | None


def amounts_of(books: Books, entries: Iterable[Entry]) -> dict[str, Amounts]:
    """What the documents of some changes came to, by the key of the change, with the tax codes of that moment."""
    times = {entry.change: (entry.ticks, entry.object) for entry in entries}
    wanted, found = list(times), {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        where = f'"Key" IN ({", ".join("?" * len(some))})'
        for batch in books.database.batches("Changes", _SIDES, where=where, params=some):
            check(books.progress)
            types = [type_guids(batch[side]).to_pylist() for side in _SIDES[1:3]]
            contents = [batch[side].to_pylist() for side in _SIDES[3:]]
            for key, *row in zip(batch["Key"].to_pylist(), *types, *contents, strict=True):
                ticks, record = times[key]
                earlier = None if ticks is None else ticks - 1
                found[key] = Amounts(
                    _amount(books, record, row[0], row[2], earlier), _amount(books, record, row[1], row[3], ticks)
                )
    return found


def _amount(books: Books, record: str, guid: str | None, content: bytes | None, ticks: int | None) -> Amount | None:
    known = SCHEMA.type_of(guid) if guid else None
    if known is None or not has_amount(known) or record == known.guid:
        return None
    return amount_of(known, content or b"", books.lookup, ticks)


def money(amount: Amount) -> Said:
    """An amount in words, with its currency."""
    if amount.value is None:
        return said("amount not known")
    return said("{amount}{currency}", amount=amount.value, currency=f" {amount.currency}" if amount.currency else "")


def amounts_said(amounts: Amounts | None) -> Said | str:
    """What a document came to, as an addition to its name: ", 5,000.00 INR → 7,500.00 INR"; "" without any total."""
    before, after = amounts or (None, None)
    if before is None and after is None:
        return ""
    if before is None or after is None:
        return said(", {amount}", amount=money(before or after or Amount(None)))
    if before.value is None and after.value is None:
        return said(", amount not known")
    if (before.value, before.currency) == (after.value, after.currency):
        return said(", {amount} before and after", amount=money(after))
    return said(", {before} → {after}", before=money(before), after=money(after))


def totals_said(amounts: Iterable[Amounts | None]) -> Said | str:
    """What several documents came to together, by currency; how many are not known. "" without any total."""
    before, after = _Sum(), _Sum()
    for one in amounts:
        sides = one or (None, None)
        before.add(sides[0])
        after.add(sides[1])
    if not (before.totals or after.totals or before.unknown or after.unknown):
        return ""
    if before.told() == after.told():
        return said(" Together they came to {amount} before and after.", amount=after.said())
    return said(" Together they came to {before} before and {after} after.", before=before.said(), after=after.said())


class _Sum:
    def __init__(self) -> None:
        self.totals: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.unknown = 0

    def add(self, amount: Amount | None) -> None:
        if amount is not None and amount.value is not None:
            code = amount.currency or ""
            self.totals[code] = EXACT.add(self.totals[code], amount.value)
        self.unknown += amount is not None and amount.value is None

    def told(self) -> tuple[dict[str, Decimal], int]:
        return dict(self.totals), self.unknown

    def said(self) -> Said:
        sums = [money(Amount(self.totals[code], code or None)) for code in sorted(self.totals)]
        if self.unknown:
            sums.append(said("{count} whose amount is not known", count=self.unknown))
        return said("{amounts}", amounts=listed(sums) if sums else said("nothing"))
