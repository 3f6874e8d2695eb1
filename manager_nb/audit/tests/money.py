"""What the tests of amounts share: amounts held together by currency, and told in words."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from manager_nb.format.schema import SCHEMA
from manager_nb.model.labels import title
from manager_nb.model.said import Said, said
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from manager_nb.audit.books import Books, Document
    from manager_nb.model.amounts import Amount

OUTGOING = ("ExpenseClaim", "JournalEntry", "Payment", "PurchaseInvoice", "PurchaseOrder")
"""What is approved before it is paid or posted."""


def there_now(books: Books, types: Collection[str] | None = None) -> list[Document]:
    """The documents that are there now, of some types or of all, in the order of their keys."""
    every = books.documents
    keys = heeded(sorted(every), books.progress)
    return [every[key] for key in keys if every[key].there and (types is None or every[key].type in types)]


def known(documents: Iterable[Document]) -> tuple[list[tuple[Document, Decimal]], tuple[Said, ...]]:
    """Those documents whose amount is known and above zero, and notes that count the others.

    What has no amount by its nature, a delivery note for example, is not among the others.
    """
    found, unknown, none = [], 0, 0
    for document in documents:
        value = document.amount.value
        if value is not None and value > 0:
            found.append((document, value))
        elif value is not None:
            none += 1
        elif document.amount.reason is not None:
            unknown += 1
    notes = []
    if unknown:
        notes.append(said("{count} documents whose amount is not known were left out.", count=unknown))
    if none:
        notes.append(said("{count} documents whose amount is zero or less were left out.", count=none))
    return found, tuple(notes)


def together(
    documents: Iterable[tuple[Document, Decimal]],
) -> Mapping[tuple[str, str], list[tuple[Document, Decimal]]]:
    """The documents by type and currency: amounts of different currencies are never compared."""
    found: dict[tuple[str, str], list[tuple[Document, Decimal]]] = defaultdict(list)
    for document, value in documents:
        found[document.type, document.amount.currency or ""].append((document, value))
    return dict(sorted(found.items()))


def told(amount: Amount) -> Said | Decimal:
    """An amount that is known, with its currency where that has a code."""
    value = amount.value if amount.value is not None else Decimal(0)
    if amount.currency is None:
        return value
    return said("{amount} {currency}", amount=value, currency=amount.currency)


def type_title(name: str) -> Said:
    """What Manager calls a type; its GUID where it is unknown."""
    content_type = SCHEMA.named(name)
    return Said(name if content_type is None else title(content_type))


def standing(books: Books, documents: Iterable[Document], often: int | None) -> frozenset[str]:
    """The keys of documents that come again and again: same type, party, accounts and amount, so often or oftener.

    Args:
        books: whose progress is heeded.
        documents: the documents.
        often: how often; None or 0 leaves none out.
    """
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for one in heeded(documents, books.progress):
        accounts = () if one.party else tuple(sorted(one.accounts))
        alike[one.type, one.party, accounts, one.amount.value, one.amount.currency].append(one.key)
    return frozenset(key for keys in alike.values() if often and len(keys) >= often for key in keys)
