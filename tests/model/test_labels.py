"""Titles and labels are the program's own."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA, ContentType
from manager_nb.model import labels
from manager_nb.model.columns import read_columns

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.model.business import Business


def named(name: str) -> ContentType:
    content_type = SCHEMA.named(name)
    assert content_type is not None
    return content_type


def told(path: Path, listing: str) -> list[dict[str, Any]]:
    (rows,) = [rows for rows in json.loads(path.read_text("utf-8"))[listing].values() if isinstance(rows, list)]
    return rows


def shown(description: str) -> str:
    """What History shows of a change: where the label changed, the program strikes the old one out."""
    return description.rsplit("<br />", 1)[-1]


def test_every_line_of_history_reads_as_in_the_program(traders: Business, data: Path) -> None:
    listed = told(data / "himalaya/truth/lists.json", "history")
    ours = traders.history.to_arrow(["label", "user", "action", "time"]).to_pylist()
    assert len(listed) == 794
    assert [(row["label"], row["user"], row["action"].capitalize(), f"{row['time']:%M:%S}") for row in ours] == [
        (shown(row["description"]), row["user"], row["action"], row["timestamp"][14:19]) for row in listed
    ]


def test_the_label_before_a_change_is_what_the_program_strikes_out(traders: Business, data: Path) -> None:
    listed = told(data / "himalaya/truth/lists.json", "history")
    struck = {row["description"].split("</s>")[0][3:] for row in listed if row["description"].startswith("<s>")}
    assert "Customer — C005 - Esha & Sons" in struck
    customer = {"Code": "C005", "Name": "Esha & Sons"}
    assert labels.label(named("Customer"), customer) == "Customer — C005 - Esha & Sons"


def test_history_of_the_shop_reads_as_in_the_program(shop: Business, data: Path) -> None:
    listed = json.loads((data / "small/truth/store.json").read_text("utf-8"))["history"]
    ours = [row for row in shop.history.to_arrow(["label", "user", "action"]).to_pylist() if row["user"] is not None]
    assert [(row["label"], row["user"], row["action"].capitalize()) for row in ours] == [
        (shown(row["description"]), row["user"], row["action"]) for row in listed
    ]


def test_titles_are_those_of_the_pages_of_changes(traders: Business, data: Path) -> None:
    pages = json.loads((data / "himalaya/truth/program_diffs.json").read_text("utf-8"))
    types = {row["change"]: row["type"] for row in traders.history.to_arrow(["change", "type"]).to_pylist()}
    assert {change: labels.title(named(types[change])) for change in pages} == {
        change: page["title"] for change, page in pages.items()
    }


@pytest.mark.parametrize(
    ("listing", "type_name", "column", "field"),
    [
        ("sales-invoices", "SalesInvoice", "customer", "Customer"),
        ("purchase-invoices", "PurchaseInvoice", "supplier", "Supplier"),
        ("payments", "Payment", "paidFrom", "PaidFrom"),
        ("payslips", "Payslip", "employee", "employee"),
        ("inter-account-transfers", "InterAccountTransfer", "receivedIn", "ReceivedIn"),
        ("exchange-rates", "ExchangeRate", "currency", "Currency"),
    ],
)
def test_records_are_named_in_others_as_in_the_program_s_lists(
    traders: Business, data: Path, listing: str, type_name: str, column: str, field: str
) -> None:
    listed = {row["key"]: row[column] for row in told(data / "himalaya/truth/lists.json", listing)}
    fields = dict(
        zip(*(part.to_pylist() for part in traders.records(type_name).to_arrow(["key", field]).columns), strict=True)
    )
    named_here = {}
    for key, other in fields.items():
        record = traders.record(other)
        named_here[key] = labels.name(named(record.type), record.fields)
    assert named_here == listed


def test_a_form_template_is_named_with_the_date_that_is_not_set() -> None:
    assert labels.label(named("SalesInvoice"), {"DueDateDays": 30}) == "Sales Invoice — 0001-01-01"


def test_labels_of_a_column_are_those_of_each_record(traders: Business) -> None:
    by_type: dict[str, list[bytes]] = {}
    for _, guid, content in traders.objects():
        by_type.setdefault(guid, []).append(content)
    for guid, contents in by_type.items():
        content_type = SCHEMA.type_of(guid)
        assert content_type is not None
        blobs = pa.array([*contents, b"", None], pa.binary())
        columns = read_columns(content_type, blobs, labels.rule_of(content_type).fields).values
        singly = [labels.label(content_type, decode(content_type, blob or b"").values) for blob in blobs.to_pylist()]
        assert labels.labels(content_type, columns, len(blobs)).to_pylist() == singly


def test_every_type_has_a_title_of_its_own() -> None:
    titles = [labels.title(content_type) for content_type in SCHEMA.types()]
    assert len(set(titles)) == len(titles)
    assert all(labels.titled(labels.title(content_type)) is content_type for content_type in SCHEMA.types())


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ProfitAndLossStatementActualVsBudget", "Profit and Loss Statement Actual vs Budget"),
        ("CreditNote", "Credit Note"),
        ("ReportTransformation2", "Report Transformation 2"),
        ("Obsolete.Obsolete72.StartDate", "Start Date (obsolete 72)"),
        ("Obsolete.Obsolete02.SalesInvoice02", "Sales Invoice (obsolete 02)"),
        ("Obsolete.ObsoleteSingleton", "Obsolete Singleton (obsolete)"),
    ],
)
def test_titles_of_other_types_are_their_words(name: str, title: str) -> None:
    assert labels.title(named(name)) == title


def test_types_that_the_fixtures_lack_follow_the_general_rule() -> None:
    day = dt.date(2026, 3, 1)
    note = {"IssueDate": day, "Reference": "7", "Description": "back"}
    assert labels.label(named("CreditNote"), note) == "Credit Note — 7 — 2026-03-01 — back"
    assert labels.label(named("FixedAsset"), {"ItemCode": "F1", "ItemName": "Van"}) == "Fixed Asset — F1 - Van"
    claim = {"Date": day, "Reference": "9", "Description": ""}
    assert labels.label(named("ExpenseClaim"), claim) == "Expense Claim — 9"
    assert labels.label(named("InventoryUnitCost"), {"Date": day}) == "Inventory Unit Cost — 2026-03-01"
    assert labels.label(named("Summary"), {}) == "Summary"


def test_the_date_of_a_document_is_its_issue_date_before_any_other() -> None:
    fields = {name: labels.date_field(named(name)) for name in ("SalesInvoice", "Receipt", "DeliveryNote", "Customer")}
    assert fields == {
        "SalesInvoice": "IssueDate",
        "Receipt": "Date",
        "DeliveryNote": "DeliveryDate",
        "Customer": None,
    }
