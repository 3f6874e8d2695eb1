"""Records read as the program reads them, one by one and as tables."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from manager_nb.errors import NotFoundError
from manager_nb.format.schema import SCHEMA
from manager_nb.model.business import open_business
from manager_nb.model.secrets import mask
from tests.model.comparison import row_of, same
from tests.model.conftest import SHOP
from tests.model.small_files import TICKS, content, key, record, write
from tests.truth import read_lines, values_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager_nb.model.business import Business

DECODED = {
    "himalaya/Himalaya Traders.manager": "himalaya/truth/Himalaya Traders.decoded.jsonl",
    "small/Desktop.manager": "small/truth/Desktop.decoded.jsonl",
    SHOP: "small/truth/आरोही स्टोर्स (2025-04-22).decoded.jsonl",
}


def truth(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Type to key to values, of all objects."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in read_lines(path):
        if row["table"] == "Objects":
            content_type = SCHEMA.named(row["type"])
            assert content_type is not None
            found.setdefault(row["type"], {})[row["key"]] = values_of(content_type, row["value"])
    return found


@pytest.mark.parametrize("name", DECODED)
def test_every_record_reads_as_the_program_reads_it(opened: Callable[[str], Business], data: Path, name: str) -> None:
    business = opened(name)
    for type_name, expected in truth(data / DECODED[name]).items():
        records = {key: business.record(key, unmask=True) for key in expected}
        assert {key: record.fields for key, record in records.items()} == expected
        assert {record.type for record in records.values()} == {type_name}
        assert not any(record.problems or record.unknown for record in records.values())


@pytest.mark.parametrize("name", DECODED)
def test_every_table_of_records_shows_the_same_values(opened: Callable[[str], Business], data: Path, name: str) -> None:
    business = opened(name)
    for type_name, expected in truth(data / DECODED[name]).items():
        content_type = SCHEMA.named(type_name)
        assert content_type is not None
        expected = {
            key: values for key, values in expected.items() if key != content_type.guid or content_type.singleton
        }
        table = business.records(type_name).to_arrow()
        fields = [column for column in table.column_names if column not in ("key", "label", "time", "ticks")]
        assert {field for values in expected.values() for field in values} <= set(fields)
        rows = {row["key"]: row for row in table.to_pylist()}
        assert list(rows) == sorted(expected)
        for record_key, values in expected.items():
            shown = row_of(content_type, mask(content_type, values), fields)
            assert same(rows[record_key], shown), (type_name, record_key, rows[record_key], shown)


def test_counts_are_those_of_the_file(traders: Business, data: Path) -> None:
    told = json.loads((data / "himalaya/truth/counts.json").read_text("utf-8"))
    summary = traders.summary()
    assert list(summary.columns) == ["type", "label", "count"]
    counts = dict(zip(summary["type"], summary["count"], strict=True))
    assert counts.pop("FormDefaults") == 1
    assert sum(counts.values()) + 1 == told["tables"]["Objects"]
    by_type = {SCHEMA.type_of(guid).name: count for guid, count in told["objects_by_type"].items()}  # type: ignore[union-attr]
    by_type["SalesInvoice"] -= 1
    assert counts == by_type
    assert list(counts) == traders.types()
    assert {name: len(traders.records(name)) for name in counts} == counts


def test_the_template_of_a_form_is_no_record(traders: Business) -> None:
    invoices = SCHEMA.named("SalesInvoice")
    assert invoices is not None
    assert invoices.guid in {key for key, _, _ in traders.objects()}
    assert invoices.guid not in traders.records("SalesInvoice").to_arrow(["key"])["key"].to_pylist()


@pytest.mark.parametrize(
    "name", ["SalesInvoice", "Sales Invoice", "sales invoice", "ad12b60b-23bf-4421-94df-8be79cef533e"]
)
def test_a_type_is_found_by_name_title_and_guid(traders: Business, name: str) -> None:
    assert repr(traders.records(name)) == "<Sales Invoice: 190 rows>"


def test_a_known_type_without_records_is_an_empty_table(traders: Business) -> None:
    table = traders.records("CreditNote")
    assert len(table) == 0
    arrow = table.to_arrow()
    assert arrow.num_rows == 0
    assert {"key", "label", "time", "ticks", "IssueDate", "Lines"} <= set(arrow.column_names)
    assert not any(name.startswith("Obsolete_") for name in arrow.column_names)


def test_an_unknown_type_name_is_refused_with_the_nearest(traders: Business) -> None:
    with pytest.raises(NotFoundError) as refused:
        traders.records("SalesInvoic")
    assert "SalesInvoice" in refused.value.hint
    with pytest.raises(NotFoundError) as refused:
        traders.records("????")
    assert "Customer" in refused.value.hint


def test_money_and_dates_of_a_table_are_exact(traders: Business) -> None:
    table = traders.records("JournalEntry").lines().to_arrow(["record", "line", "Debit", "Credit"])
    assert pa.types.is_decimal(table.schema.field("Debit").type)
    biggest = max(table["Debit"].to_pylist())
    assert biggest == Decimal("9999999999.99")
    dates = traders.records("SalesInvoice").to_arrow(["IssueDate"])
    assert dates.schema.field(0).type == pa.date32()
    assert max(dates["IssueDate"].to_pylist()) == dt.date(2026, 3, 27)


def test_every_table_of_records_becomes_a_frame(traders: Business) -> None:
    for name in traders.types():
        frame = traders.records(name).to_pandas()
        assert len(frame) == len(traders.records(name))
        assert all(isinstance(kind, pd.ArrowDtype) for kind in frame.dtypes)


def test_lines_are_numbered_from_one_in_their_order(traders: Business) -> None:
    lines = traders.records("SalesInvoice").lines()
    rows = lines.to_arrow().to_pylist()
    expected = [
        (record_key, number, line.get("Qty"))
        for record_key in traders.records("SalesInvoice").to_arrow(["key"])["key"].to_pylist()
        for number, line in enumerate(traders.record(record_key).fields["Lines"], 1)
    ]
    assert [(row["record"], row["line"], row["Qty"]) for row in rows] == expected
    assert len(lines) == len(expected) > 190
    page = lines.page(len(expected) - 3, 10, ["record", "line"]).to_pylist()
    assert [(row["record"], row["line"]) for row in page] == [row[:2] for row in expected[-3:]]


def test_lines_of_another_field_are_asked_for_by_name(traders: Business) -> None:
    assert repr(traders.records("Payslip").lines("Earnings")) == "<Payslip Earnings: 48 rows>"
    with pytest.raises(NotFoundError) as refused:
        traders.records("Payslip").lines("Lines")
    assert "Earnings" in refused.value.hint


def test_a_page_is_the_same_rows_as_the_whole(traders: Business) -> None:
    table = traders.records("SalesInvoice")
    whole = table.to_arrow(["key", "label", "Reference", "IssueDate"])
    assert table.page(10, 5, ["key", "label", "Reference", "IssueDate"]).equals(whole.slice(10, 5))
    assert table.page(189, 5).num_rows == 1
    assert table.page(500, 5).num_rows == 0


def test_chunks_of_different_shape_become_one_table(tmp_path: Path) -> None:
    when = dt.datetime(2025, 4, 1, 10, 30)  # noqa: DTZ001 - dates of documents have no zone
    rows = [
        record(1, "SalesInvoice", IssueDate=dt.date(2025, 4, 1), Lines=[{"SalesUnitPrice": Decimal("1.25")}]),
        record(2, "SalesInvoice", IssueDate=when, Lines=[{"SalesUnitPrice": Decimal("0.123456")}]),
        record(3, "SalesInvoice", IssueDate=dt.date(2025, 4, 3), Obsolete_Lines=[{"Obsolete_Amount": Decimal(5)}]),
    ]
    with open_business(write(tmp_path / "a.manager", rows)) as business:
        table = business.records("SalesInvoice")
        together = table.to_arrow()
        batches = list(table.batches(rows=1))
        lines = table.lines().to_arrow(["record", "SalesUnitPrice"]).to_pylist()
    assert len(batches) == 3
    assert pa.Table.from_batches(batches).equals(together)
    assert [row["IssueDate"].day for row in together.to_pylist()] == [1, 1, 3]
    assert together["IssueDate"][1].as_py() == when
    assert "Obsolete_Lines" in together.column_names
    assert [line["SalesUnitPrice"] for line in lines] == [Decimal("1.25"), Decimal("0.123456")]


def test_a_type_of_a_newer_manager_is_a_table_of_its_bytes(tmp_path: Path) -> None:
    newer = "12345678-1234-4123-8123-123456789abc"
    rows = [(key(1), newer, b"\x0a\x01a", TICKS), record(2, "Customer", Name="A"), (newer, newer, b"", TICKS)]
    with open_business(write(tmp_path / "a.manager", rows)) as business:
        assert business.types() == ["Customer", "Schema", newer]
        assert dict(zip(business.summary()["type"], business.summary()["count"], strict=True))[newer] == 2
        table = business.records(newer.upper())
        assert table.columns == ("key", "label", "time", "ticks", "raw")
        assert table.to_arrow()["raw"].to_pylist() == [b"\x0a\x01a", b""]
        one = business.record(key(1))
        assert (one.type, one.label, one.fields, one.raw) == (newer, newer, {}, b"\x0a\x01a")
        assert len(business.problems) == 0


def test_fields_of_a_newer_manager_are_kept(tmp_path: Path) -> None:
    raw = content("Customer", Name="A") + b"\xba\x3e\x03new"
    with open_business(write(tmp_path / "a.manager", [(key(1), record(1, "Customer")[1], raw, TICKS)])) as business:
        one = business.record(key(1))
        assert one.fields == {"Name": "A"}
        assert [(field.number, field.data) for field in one.unknown] == [(999, b"\xba\x3e\x03new")]
        assert one.raw == raw


def test_a_missing_record_is_refused(traders: Business) -> None:
    with pytest.raises(NotFoundError) as refused:
        traders.record(key(1))
    assert "History" in refused.value.hint


def test_a_record_shows_what_it_is_and_not_its_bytes(traders: Business) -> None:
    customer = traders.records("Customer").page(0, 1, ["key", "label"]).to_pylist()[0]
    shown = repr(traders.record(customer["key"]))
    assert customer["label"] in shown
    assert "raw" not in shown
    assert len(shown) < 300


def test_times_are_those_of_the_last_change(traders: Business) -> None:
    rows = traders.records("Customer").to_arrow(["key", "time", "ticks"]).to_pylist()
    for row in rows:
        assert row["ticks"] == traders.record(row["key"]).ticks
        assert row["time"] == dt.datetime(1, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=row["ticks"] // 10)
