"""The total of a document, as Manager's list pages show it: the one place that reckons it.

Each line is rounded to the currency's decimal places, half away from zero, and so is each component of its tax; the
total is the sum. The rules of discounts, inclusive taxes, journals, payslips and foreign currencies are those that the
program's own lists bear out; those of withholding (the list shows what is left after it, a rate applies to the total
with tax), of rounding totals and of taxes that are reverse charged or passed through follow the program's guide.

What cannot be known is no amount and a reason, never nearly right.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manager_nb.format.messages import decode
from manager_nb.format.scalars import NIL
from manager_nb.i18n import mark
from manager_nb.model.currencies import EXACT, AmountUnknownError, Currency, currency_of, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from manager_nb.format.messages import Decoded
    from manager_nb.format.schema import ContentType
    from manager_nb.model.lookup import Lookup

    Values = Mapping[str, Any]

_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)
_DIGITS = 29  # as many as Manager's own numbers have
_OLDER = frozenset(
    {
        "Obsolete_Amount",
        "Obsolete_AmountsIncludeTax",
        "Obsolete_JournalEntry",
        "Obsolete_Lines",
        "Obsolete_Lines2",
        "Obsolete_ReceiptOrPayment",
        "Obsolete_TotalRounded",
    }
)


_OLD_DOCUMENT = mark("The amount is not known: an older version of Manager wrote the document.")


@dataclass(frozen=True, slots=True)
class Amount:
    """What a document comes to.

    Attributes:
        value: the total in the document's own currency, exact; None where it is not known or there is none.
        currency: the currency's code; None where it is not known or has none.
        reason: why it is not known, a sentence; None where it is, and for records that have no total by their nature.
    """

    value: Decimal | None
    currency: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    """How documents of one type are totalled.

    Attributes:
        total: reckons the total.
        currency: the field that tells the currency; None is always the base currency.
    """

    total: Callable[[_Document], Decimal]
    currency: str | None


@dataclass(frozen=True, slots=True)
class _Document:
    """A document that is being totalled, with what it needs."""

    values: Values
    currency: Currency
    lookup: Lookup
    ticks: int | None

    def lines(self, field: str = "Lines") -> Iterable[Values]:
        lines: Iterable[Values] = self.values.get(field, ())
        return lines

    def on(self, field: str) -> bool:
        """Whether a choice of the form is ticked."""
        return bool(self.values.get(field))


def amount_of(content_type: ContentType | None, content: bytes, lookup: Lookup, ticks: int | None = None) -> Amount:
    """The total of one document.

    Args:
        content_type: its type; None where the schema does not know it.
        content: its bytes.
        lookup: finds its tax codes, currencies and parties.
        ticks: the moment whose tax codes and currencies count; None is today.
    """
    if content_type is None:
        return Amount(None, None, mark("The amount is not known: the type is unknown to this version."))
    return amount_in(content_type, decode(content_type, content) if has_amount(content_type) else None, lookup, ticks)


def amount_in(content_type: ContentType, read: Decoded | None, lookup: Lookup, ticks: int | None = None) -> Amount:
    """The total of one document that has been read already; see :func:`amount_of`.

    Args:
        content_type: its type.
        read: what was read; None only where the type has no total.
        lookup: finds its tax codes, currencies and parties.
        ticks: the moment whose tax codes and currencies count; None is today.
    """
    rule = _RULES.get(content_type.name)
    if rule is None or read is None:
        old = content_type.kind == "transaction" and content_type.obsolete
        return Amount(None, None, _OLD_DOCUMENT if old else None)
    if read.flaws:
        return Amount(None, None, mark("The amount is not known: the document cannot be read in full."))
    with decimal.localcontext(EXACT):
        try:
            return _reckoned(rule, read.values, lookup, ticks)
        except AmountUnknownError as unknown:
            return Amount(None, None, unknown.reason)


def has_amount(content_type: ContentType) -> bool:
    """Whether records of that type have a total."""
    return content_type.name in _RULES


def _reckoned(rule: _Rule, values: Values, lookup: Lookup, ticks: int | None) -> Amount:
    if _OLDER & values.keys():
        return Amount(None, None, _OLD_DOCUMENT)
    currency = currency_of(values, rule.currency, lookup, ticks)
    total = currency.rounded(rule.total(_Document(values, currency, lookup, ticks)))
    if len(total.as_tuple().digits) > _DIGITS:
        return Amount(None, currency.code, mark("The amount is not known: it has more digits than can be kept."))
    return Amount(total, currency.code)


def _priced(price: str) -> Callable[[_Document], Decimal]:
    """The total of an invoice, order or claim: quantity times price, line by line."""

    def total(document: _Document) -> Decimal:
        inclusive = document.on("AmountsIncludeTax")
        sums = [_line(document, line, _times(line, price), inclusive=inclusive) for line in document.lines()]
        return _after_withholding(document, _rounded_total(document, sum(sums, _ZERO)))

    return total


def _purchase_invoice(document: _Document) -> Decimal:
    if document.on("FreightIn") and document.values.get("LandedCostLines"):
        raise AmountUnknownError(
            mark("The amount is not known: the invoice has freight-in, whose total is not known here.")
        )
    return _priced("PurchaseUnitPrice")(document)


def _credit_note(document: _Document) -> Decimal:
    if getattr(document.values.get("Type"), "number", 0):
        raise AmountUnknownError(
            mark("The amount is not known: a credit note for early payment is told by its invoice.")
        )
    return _priced("SalesUnitPrice")(document)


def _cash(price: str) -> Callable[[_Document], Decimal]:
    """The total of a receipt or payment: its fixed total, else its lines, which include tax unless it says so."""

    def total(document: _Document) -> Decimal:
        if document.on("FixedTotal"):
            fixed: Decimal = document.values.get("FixedTotalAmount", _ZERO)
            return fixed
        inclusive = not document.on("AmountsAreTaxExclusive")
        sums = [_line(document, line, gross(document, line), inclusive=inclusive) for line in document.lines()]
        return sum(sums, _ZERO)

    def gross(document: _Document, line: Values) -> Decimal:
        priced = document.on("UnitPriceColumn") and price in line
        return _times(line, price) if priced else _number(line, "Amount")

    return total


def _times(line: Values, price: str) -> Decimal:
    """Quantity times price; no quantity is one."""
    return _number(line, "Qty", _ONE) * _number(line, price)


def _number(values: Values, field: str, default: Decimal = _ZERO) -> Decimal:
    value: Decimal | None = values.get(field)
    return default if value is None else value


def _line(document: _Document, line: Values, gross: Decimal, *, inclusive: bool) -> Decimal:
    """A line after its discount, with its tax on top where prices are without tax."""
    if document.on("Discount"):
        exact = getattr(document.values.get("DiscountType"), "number", 0) == 1
        if exact:
            gross -= _number(line, "DiscountAmount")
        else:
            gross = gross * (_HUNDRED - _number(line, "DiscountPercentage")) / _HUNDRED
    net = document.currency.rounded(gross)
    tax_code = line.get("TaxCode")
    if not tax_code or tax_code == NIL or inclusive:
        return net
    rates = _rates(document, tax_code)
    return net + sum((document.currency.rounded(net * rate / _HUNDRED) for rate in rates), _ZERO)


def _rates(document: _Document, tax_code: str) -> list[Decimal]:
    """The rates, in percent, of what a tax code adds to a price: one, or one a component.

    A tax that is passed through (the whole line is tax) or reverse charged adds nothing.
    """
    found = document.lookup.then(tax_code, document.ticks)
    if found is None or found.type.name != "TaxCode":
        raise AmountUnknownError(mark("The amount is not known: a tax code is not in this file."))
    code = found.values
    if str(code.get("TaxRate", "")) != "CustomRate" or code.get("ReverseCharged"):
        return []
    if str(code.get("Type", "")) != "MultipleRates":
        return [_number(code, "Rate")]
    components = code.get("Components", [])
    if any(component.get("Obsolete_IsCompound") for component in components):
        raise AmountUnknownError(_OLD_DOCUMENT)
    return [_number(component, "ComponentRate") for component in components]


def _rounded_total(document: _Document, total: Decimal) -> Decimal:
    if not document.on("Rounding"):
        return total
    how = {"RoundToNearest": decimal.ROUND_HALF_UP, "RoundDown": decimal.ROUND_DOWN}
    rounding = how.get(str(document.values.get("RoundingMethod", "")))
    return whole(total, rounding) if rounding else total


def _after_withholding(document: _Document, total: Decimal) -> Decimal:
    if not document.on("WithholdingTax"):
        return total
    if str(document.values.get("WithholdingTaxType", "")) == "Amount":
        return total - _number(document.values, "WithholdingTaxAmount")
    rate = _number(document.values, "WithholdingTaxPercentage") or _number(document.values, "WithholdingTaxRate")
    return total - document.currency.rounded(total * rate / _HUNDRED)


def _sum_of(field: str) -> Callable[[_Document], Decimal]:
    """The sum of one field of the lines."""
    return lambda document: sum((_number(line, field) for line in document.lines()), _ZERO)


def _field(name: str) -> Callable[[_Document], Decimal]:
    return lambda document: _number(document.values, name)


def _net_pay(document: _Document) -> Decimal:
    earned = [
        document.currency.rounded(_number(line, "Units", _ONE) * _number(line, "UnitPrice"))
        for line in document.lines("Earnings")
    ]
    return sum(earned, _ZERO) - sum((_number(line, "DeductionAmount") for line in document.lines("Deductions")), _ZERO)


def _transferred(document: _Document) -> Decimal:
    """What left the one account; where only the other side is filled in, what reached it."""
    return _number(document.values, "CreditAmount") or _number(document.values, "DebitAmount")


_RULES: dict[str, _Rule] = {
    "AmortizationEntry": _Rule(_sum_of("Amount"), None),
    "CreditNote": _Rule(_credit_note, "Customer"),
    "DebitNote": _Rule(_priced("PurchaseUnitPrice"), "Supplier"),
    "DepreciationEntry": _Rule(_sum_of("Amount"), None),
    "ExpenseClaim": _Rule(_priced("PurchaseUnitPrice"), "Currency"),
    "InterAccountTransfer": _Rule(_transferred, "PaidFrom"),
    "JournalEntry": _Rule(_sum_of("Debit"), "Currency"),
    "LatePaymentFee": _Rule(_field("Amount"), "Customer"),
    "Payment": _Rule(_cash("PurchaseUnitPrice"), "PaidFrom"),
    "Payslip": _Rule(_net_pay, "employee"),
    "PurchaseInvoice": _Rule(_purchase_invoice, "Supplier"),
    "PurchaseOrder": _Rule(_priced("PurchaseUnitPrice"), "Supplier"),
    "PurchaseQuote": _Rule(_priced("PurchaseUnitPrice"), "Supplier"),
    "Receipt": _Rule(_cash("SalesUnitPrice"), "ReceivedIn"),
    "SalesInvoice": _Rule(_priced("SalesUnitPrice"), "Customer"),
    "SalesOrder": _Rule(_priced("SalesUnitPrice"), "Customer"),
    "SalesQuote": _Rule(_priced("SalesUnitPrice"), "Customer"),
    "WithholdingTaxReceipt": _Rule(_field("Amount"), "Customer"),
}
