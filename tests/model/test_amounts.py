"""A document comes to what Manager's own lists say, and to nothing where that cannot be known."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.errors import NotFoundError
from manager_nb.format.messages import EnumValue
from manager_nb.model.amounts import amount_of
from manager_nb.model.business import open_business
from manager_nb.model.currencies import Currency
from tests.model.small_files import TICKS, content, guid, key, record, write
from tests.model.test_history import change

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.model.business import Business

LISTS = [
    ("SalesInvoice", "sales-invoices", "salesInvoices", "invoiceAmount"),
    ("PurchaseInvoice", "purchase-invoices", "purchaseInvoices", "invoiceAmount"),
    ("Receipt", "receipts", "receipts", "amount"),
    ("Payment", "payments", "payments", "amount"),
    ("JournalEntry", "journal-entries", "journalEntries", "debit"),
    ("Payslip", "payslips", "payslips", "netPay"),
    ("InterAccountTransfer", "inter-account-transfers", "interAccountTransfers", "amount"),
]
TAX, TWO_TAXES, REVERSE, PASSED, ZERO_RATE, USD, YEN, ABROAD = range(1, 9)
DAY = dt.date(2025, 4, 1)


def custom(**values: Any) -> dict[str, Any]:
    """A tax code with a rate of its own."""
    return {"TaxRate": EnumValue.of("Enums.TaxRate", 2), **values}


OBJECTS = [
    record(TAX, "TaxCode", **custom(Name="10%", Rate=Decimal(10))),
    record(
        TWO_TAXES,
        "TaxCode",
        **custom(
            Name="2 × 2.5%",
            Rate=Decimal(99),
            Type=EnumValue.of("Enums.TaxRateType", 1),
            Components=[{"ComponentRate": Decimal("2.5")}, {"ComponentRate": Decimal("2.5")}],
        ),
    ),
    record(REVERSE, "TaxCode", **custom(Rate=Decimal(20), ReverseCharged=True)),
    record(PASSED, "TaxCode", Rate=Decimal(20), TaxRate=EnumValue.of("Enums.TaxRate", 1)),
    record(ZERO_RATE, "TaxCode", Rate=Decimal(20)),
    record(USD, "ForeignCurrency", Code="USD", DecimalPlaces=2),
    record(YEN, "ForeignCurrency", Code="JPY", DecimalPlaces=0),
    record(ABROAD, "Customer", Name="Abroad", Currency=key(YEN)),
    (guid("BaseCurrency"), guid("BaseCurrency"), content("BaseCurrency", Code="INR", DecimalPlaces=2), TICKS),
]


def reckon(tmp_path: Path, type_name: str, **values: Any) -> tuple[Decimal | None, str | None, str | None]:
    """Amount, currency and reason of one document beside OBJECTS."""
    path = write(tmp_path / f"{len(list(tmp_path.iterdir()))}.manager", [*OBJECTS, record(99, type_name, **values)])
    with open_business(path) as business:
        (row,) = business.amounts(type_name).to_arrow().to_pylist()
    return row["amount"], row["currency"], row["reason"]


def line(price: str, **other: Any) -> dict[str, Any]:
    return {"SalesUnitPrice": Decimal(price), **other}


@pytest.mark.parametrize(("type_name", "page", "rows", "column"), LISTS)
def test_every_document_comes_to_what_the_program_lists(
    traders: Business, data: Path, type_name: str, page: str, rows: str, column: str
) -> None:
    told = json.loads((data / "himalaya/truth/lists.json").read_text("utf-8"), parse_float=Decimal)[page][rows]
    wanted = {row["key"]: (row[column]["value"], row[column]["currency"], None) for row in told}
    amounts = traders.amounts(type_name).to_arrow()
    assert len(wanted) > 10
    assert {row["key"]: (row["amount"], row["currency"], row["reason"]) for row in amounts.to_pylist()} == wanted
    assert amounts.schema.field("amount").type == pa.decimal128(38, 2)


def test_history_tells_what_each_document_came_to_then(traders: Business) -> None:
    rows = traders.history.to_arrow(["object", "type", "action", "amount"]).to_pylist()
    latest = {row["object"]: row["amount"] for row in reversed(rows) if row["action"] != "delete"}
    for type_name, *_ in LISTS:
        for row in traders.amounts(type_name).to_arrow(["key", "amount"]).to_pylist():
            assert latest[row["key"]] == row["amount"]
    assert {row["amount"] for row in rows if row["type"] == "Customer"} == {None}
    assert all(row["amount"] is not None for row in rows if (row["type"], row["action"]) == ("SalesInvoice", "delete"))


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ({"Lines": [line("2.5", Qty=Decimal(3)), line("4")]}, "11.50"),
        ({"Lines": [line("2.5", Qty=Decimal(0))]}, "0.00"),
        ({}, "0.00"),
        ({"Lines": [line("0.005"), line("0.005")]}, "0.02"),
        ({"Lines": [line("-0.005")]}, "-0.01"),
        ({"Lines": [line("100", TaxCode=key(TAX))]}, "110.00"),
        ({"Lines": [line("100", TaxCode=key(TAX))], "AmountsIncludeTax": True}, "100.00"),
        ({"Lines": [line("0.20", TaxCode=key(TWO_TAXES))]}, "0.22"),
        ({"Lines": [line("100", TaxCode=key(REVERSE)), line("1", TaxCode=key(PASSED))]}, "101.00"),
        ({"Lines": [line("100", TaxCode=key(ZERO_RATE))]}, "100.00"),
        ({"Lines": [line("9.99", DiscountPercentage=Decimal(50))]}, "9.99"),
        ({"Lines": [line("9.99", DiscountPercentage=Decimal(50), TaxCode=key(TAX))], "Discount": True}, "5.50"),
        (
            {
                "Lines": [line("9.99", Qty=Decimal(2), DiscountAmount=Decimal("1.98"))],
                "Discount": True,
                "DiscountType": EnumValue.of("Enums.DiscountType", 1),
            },
            "18.00",
        ),
        ({"Lines": [line("10.50")], "RoundingMethod": EnumValue.of("Enums.RoundingMethod", 1)}, "10.50"),
        (
            {"Lines": [line("10.50")], "Rounding": True, "RoundingMethod": EnumValue.of("Enums.RoundingMethod", 1)},
            "11.00",
        ),
        (
            {"Lines": [line("10.99")], "Rounding": True, "RoundingMethod": EnumValue.of("Enums.RoundingMethod", 2)},
            "10.00",
        ),
        ({"Lines": [line("10.99")], "Rounding": True}, "10.99"),
        (
            {
                "Lines": [line("100", TaxCode=key(TAX))],
                "WithholdingTax": True,
                "WithholdingTaxPercentage": Decimal(5),
            },
            "104.50",
        ),
        (
            {
                "Lines": [line("100")],
                "WithholdingTax": True,
                "WithholdingTaxType": EnumValue.of("Enums.WithholdingTaxType", 1),
                "WithholdingTaxAmount": Decimal("7.25"),
            },
            "92.75",
        ),
    ],
)
def test_a_sales_invoice_is_totalled_as_its_form_says(tmp_path: Path, values: dict[str, Any], total: str) -> None:
    amount, currency, reason = reckon(tmp_path, "SalesInvoice", IssueDate=DAY, **values)
    assert (str(amount), currency, reason) == (total, "INR", None)


@pytest.mark.parametrize("type_name", ["CreditNote", "SalesOrder", "SalesQuote"])
def test_notes_orders_and_quotes_follow_the_rules_of_invoices(tmp_path: Path, type_name: str) -> None:
    lines = [line("100", TaxCode=key(TAX), DiscountPercentage=Decimal(10))]
    assert reckon(tmp_path, type_name, Lines=lines, Discount=True)[0] == Decimal("99.00")


@pytest.mark.parametrize("type_name", ["DebitNote", "PurchaseOrder", "PurchaseQuote", "ExpenseClaim"])
def test_what_is_bought_is_totalled_by_its_purchase_prices(tmp_path: Path, type_name: str) -> None:
    lines = [{"PurchaseUnitPrice": Decimal(100), "Qty": Decimal(2), "TaxCode": key(TAX)}]
    assert reckon(tmp_path, type_name, Lines=lines)[0] == Decimal("220.00")


def test_receipts_include_tax_unless_they_say_so(tmp_path: Path) -> None:
    lines = [{"Amount": Decimal(100), "TaxCode": key(TAX)}]
    assert reckon(tmp_path, "Receipt", Lines=lines)[0] == Decimal("100.00")
    assert reckon(tmp_path, "Payment", Lines=lines, AmountsAreTaxExclusive=True)[0] == Decimal("110.00")
    fixed = {"FixedTotal": True, "FixedTotalAmount": Decimal(42)}
    assert reckon(tmp_path, "Receipt", Lines=lines, **fixed)[0] == Decimal("42.00")
    priced = [line("2.50", Qty=Decimal(3))]
    assert reckon(tmp_path, "Receipt", Lines=priced, UnitPriceColumn=True)[0] == Decimal("7.50")


def test_an_amount_is_in_the_currency_of_its_customer_with_its_decimals(tmp_path: Path) -> None:
    told = reckon(tmp_path, "SalesInvoice", Customer=key(ABROAD), Lines=[line("100.5")])
    assert told == (Decimal(101), "JPY", None)
    assert reckon(tmp_path, "JournalEntry", Currency=key(USD), Lines=[{"Debit": Decimal("1.005")}])[1] == "USD"


@pytest.mark.parametrize(
    ("type_name", "values", "reason"),
    [
        ("SalesInvoice", {"Lines": [line("1", TaxCode=key(50))]}, "a tax code is not in this file"),
        ("SalesInvoice", {"Customer": key(50)}, "not in this file"),
        ("SalesInvoice", {"Obsolete_Lines": [{"Description": "x"}]}, "an older version"),
        ("PurchaseInvoice", {"FreightIn": True, "LandedCostLines": [{"LandedCostAmount": Decimal(1)}]}, "freight-in"),
        ("CreditNote", {"Type": EnumValue.of("Enums.CreditNoteType", 1)}, "early payment"),
        ("SalesInvoice", {"Lines": [line("7" * 28, Qty=Decimal("7" * 28))]}, "more digits"),
    ],
)
def test_what_cannot_be_known_is_null_and_says_why(
    tmp_path: Path, type_name: str, values: dict[str, Any], reason: str
) -> None:
    amount, _, told = reckon(tmp_path, type_name, **values)
    assert amount is None
    assert reason in (told or "")


def test_what_has_no_total_has_no_reason(tmp_path: Path) -> None:
    assert reckon(tmp_path, "Supplier", Name="A") == (None, None, None)


def test_a_type_nobody_knows_has_no_amount_and_a_reason(traders: Business) -> None:
    assert "unknown" in (amount_of(None, b"", traders._lookup).reason or "")
    with pytest.raises(NotFoundError):
        traders.amounts("12345678-1234-4123-8123-123456789abc")


def test_history_counts_with_the_tax_code_as_it_was(tmp_path: Path) -> None:
    five, ten = (content("TaxCode", **custom(Rate=Decimal(rate))) for rate in (5, 10))
    invoice = content("SalesInvoice", IssueDate=DAY, Lines=[line("100", TaxCode=key(1))])
    tax, sale = guid("TaxCode"), guid("SalesInvoice")
    rows = [
        change(1, None, five, type_after=tax),
        change(2, None, invoice, type_after=sale, object=key(2)),
        change(3, five, ten, type_before=tax, type_after=tax),
        change(4, invoice, None, type_before=sale, object=key(2)),
        change(5, None, invoice, type_after=sale, object=sale),
    ]
    path = write(tmp_path / "a.manager", [(key(1), tax, ten, TICKS + 3)], Changes=rows)
    with open_business(path) as business:
        defaults, deleted, _, created, _ = business.history.to_arrow(["amount", "label"]).to_pylist()
    assert (created["amount"], deleted["amount"]) == (Decimal("105.00"), Decimal("110.00"))
    assert defaults["amount"] is None


def test_history_says_why_an_amount_is_not_known(tmp_path: Path) -> None:
    invoice = content("SalesInvoice", Lines=[line("100", TaxCode=key(77))])
    rows = [change(2, None, invoice, type_after=guid("SalesInvoice"))]
    with open_business(write(tmp_path / "a.manager", Changes=rows)) as business:
        (row,) = business.history.to_arrow(["amount", "problems"]).to_pylist()
    assert row == {"amount": None, "problems": ["The amount is not known: a tax code is not in this file."]}


def test_decimals_of_every_currency_fit(tmp_path: Path) -> None:
    coin = record(1, "ForeignCurrency", Code="BTC", DecimalPlaces=8)
    rows = [change(1, None, content("Customer", Name="A"))]
    with open_business(write(tmp_path / "a.manager", [coin], Changes=rows)) as business:
        assert business.history.page(0, 1).schema.field("amount").type == pa.decimal128(38, 8)


@settings(max_examples=100, deadline=None)
@given(st.decimals(-(10**18), 10**18, places=6), st.integers(0, 4))  # what Python's own - and abs() keep exact
def test_rounding_is_half_a_unit_away_from_zero(value: Decimal, places: int) -> None:
    rounded = Currency("X", places).rounded(value)
    unit = Decimal(1).scaleb(-places)
    assert -rounded == Currency("X", places).rounded(-value)
    assert abs(rounded - value) <= unit / 2
    assert abs(rounded) >= abs(value) or abs(rounded - value) < unit / 2
