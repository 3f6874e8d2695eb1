"""The records of a type as a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.errors import CancelledError
from manager_nb.listing import records
from manager_nb.listing.records import lined_fields, list_lines, list_records
from manager_nb.progress import Silent
from tests.model.small_files import key, record, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


def test_a_document_shows_its_date_amount_and_party_and_keeps_the_rest_to_be_chosen(demo: mn.Business) -> None:
    listing = list_records(demo, "SalesInvoice")
    shown = [column.title for column in listing.columns if not column.hidden]
    assert shown == ["Record", "Date", "Amount", "Currency", "Customer"]
    hidden = {column.title for column in listing.columns if column.hidden}
    assert {"Reference", "Description", "Due date days", "Last saved"} <= hidden
    amounts = demo.amounts("SalesInvoice").to_arrow()
    assert listing.rows["amount"].to_pylist() == amounts["amount"].to_pylist()
    assert listing.rows["key"].to_pylist() == amounts["key"].to_pylist()


def test_a_currency_that_all_have_is_not_shown_at_first(demo: mn.Business) -> None:
    columns = {column.name: column for column in list_records(demo, "PurchaseInvoice").columns}
    assert columns["currency"].hidden
    assert not columns["Supplier"].hidden


def test_keys_are_told_by_name_and_custom_fields_are_columns(demo: mn.Business) -> None:
    listing = list_records(demo, "Customer")
    titles = {column.title: column.name for column in listing.columns}
    assert {"GST number", "KYC date"} <= titles.keys()
    for row in listing.rows.to_pylist():
        fields = demo.record(row["key"]).fields
        strings = fields.get("CustomFields2", {}).get("Strings", {})
        assert row[titles["GST number"]] == next(iter(strings.values()), None)
        if "Currency" in fields:
            assert row["Currency"] == "USD - US dollar"


@pytest.mark.parametrize("type_name", ["SalesInvoice", "Receipt", "Payment", "PurchaseInvoice", "TextCustomField"])
def test_names_are_the_same_looked_up_one_by_one_or_read_all_at_once(
    demo: mn.Business, type_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    singly = list_records(demo, type_name).rows
    monkeypatch.setattr(records, "_MANY", 0)
    assert list_records(demo, type_name).rows.equals(singly)


def test_what_no_record_has_is_no_column(demo: mn.Business) -> None:
    names = {column.name for column in list_records(demo, "SalesInvoice").columns}
    assert not {"EarlyPaymentDiscountRate", "DiscountType", "RoundingMethod"} & names


def test_a_secret_is_no_column(demo: mn.Business) -> None:
    listing = list_records(demo, "EmailSettings")
    assert "Password" not in {column.name for column in listing.columns}
    assert "Password" not in listing.rows.column_names


def test_lines_are_listed_with_their_record_and_names(demo: mn.Business) -> None:
    assert lined_fields(demo, "SalesInvoice") == ("Lines",)
    assert lined_fields(demo, "Payslip") == ("Earnings", "Deductions")
    assert lined_fields(demo, "Customer") == ()
    listing = list_lines(demo, "SalesInvoice", "Lines")
    assert listing.rows.num_rows == len(demo.records("SalesInvoice").lines())  # type: ignore[attr-defined]
    first = listing.rows.slice(0, 1).to_pylist()[0]
    assert first["name"].startswith("1001")
    assert first["line.TaxCode"] == "CGST+SGST 12%"
    lines = demo.record(first["key"]).fields["Lines"]
    assert first["line.Qty"] == lines[0]["Qty"]


def test_an_unknown_type_is_listed_by_its_times(tmp_path: Path) -> None:
    file = write(tmp_path / "A.manager", [(key(1), key(99), b"\x0a\x01x", 638_800_000_000_000_000)])
    with mn.open_business(file) as business:
        listing = list_records(business, key(99))
    assert listing.rows["key"].to_pylist() == [key(1)]
    assert [column.title for column in listing.columns] == ["Record", "Last saved"]


def test_a_key_of_nothing_stays_a_key(tmp_path: Path) -> None:
    file = write(tmp_path / "A.manager", [record(1, "SalesInvoice", Reference="1", Customer=key(7))])
    with mn.open_business(file) as business:
        assert list_records(business, "SalesInvoice").rows["Customer"].to_pylist() == [key(7)]


def test_a_cancel_is_heeded(demo: mn.Business) -> None:
    class Cancelled(Silent):
        cancelled = True

    with pytest.raises(CancelledError):
        list_records(demo, "SalesInvoice", Cancelled())
