"""History lists every change, newest first, and tells what each did."""

from __future__ import annotations

import collections
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from manager_nb.format.scalars import NIL
from manager_nb.model.business import open_business
from tests.model.small_files import TICKS, content, guid, key, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager_nb.model.business import Business

CUSTOMER = guid("Customer")


def change(number: int, before: bytes | None, after: bytes | None, **other: Any) -> tuple[object, ...]:
    """A row of Changes of a customer, made at TICKS + number."""
    row = {
        "commit": key(100 + number),
        "object": key(1),
        "user": "u",
        "ticks": TICKS + number,
        "type_before": NIL if before is None else CUSTOMER,
        "type_after": NIL if after is None else CUSTOMER,
        **other,
    }
    beginning = (row["commit"], row["object"], row["user"], row["ticks"], row["type_before"], row["type_after"])
    return (key(number), *beginning, before, after)


def test_counts_are_those_of_the_file(traders: Business, data: Path) -> None:
    told = json.loads((data / "himalaya/truth/counts.json").read_text("utf-8"))
    rows = traders.history.to_arrow(["commit", "user"])
    assert len(traders.history) == rows.num_rows == told["tables"]["Changes"]
    assert collections.Counter(rows["user"].to_pylist()) == told["changes_by_user"]
    assert len(set(rows["commit"].to_pylist())) == told["commits"]


def test_rows_are_newest_first_and_of_one_moment_by_key(traders: Business) -> None:
    rows = [(row["ticks"], row["change"]) for row in traders.history.to_arrow(["ticks", "change"]).to_pylist()]
    assert rows == sorted(rows, reverse=True)


def test_a_page_is_the_same_rows_as_the_whole(traders: Business) -> None:
    whole = traders.history.to_arrow()
    for offset in (0, 400, 790):
        assert traders.history.page(offset, 50).equals(whole.slice(offset, 50))
    assert pa.Table.from_batches(list(traders.history.batches(rows=100))).equals(whole)


def test_actions_are_those_of_the_program(traders: Business, data: Path) -> None:
    pages = json.loads((data / "himalaya/truth/program_diffs.json").read_text("utf-8"))
    actions = {row["change"]: row["action"] for row in traders.history.to_arrow(["change", "action"]).to_pylist()}
    assert actions == {change: (page["status"] or "Update").lower() for change, page in pages.items()}
    assert set(actions.values()) == {"create", "update", "delete"}


def test_changed_fields_are_those_whose_bytes_differ(traders: Business, data: Path) -> None:
    images: dict[str, dict[str, Any]] = {}
    for line in (data / "himalaya/truth/Himalaya Traders.decoded.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["table"] != "Objects":
            images.setdefault(row["key"], {})[row["table"]] = row["value"]
    rows = traders.history.to_arrow(["change", "action", "fields_changed"]).to_pylist()
    assert {row["change"] for row in rows if row["fields_changed"] is not None} == {
        row["change"] for row in rows if row["action"] == "update"
    }
    for row in rows:
        if row["action"] == "update":
            before, after = images[row["change"]]["Changes.Before"], images[row["change"]]["Changes.After"]
            told = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
            assert set(row["fields_changed"]) == told, row


def test_the_date_is_the_document_s_own(traders: Business) -> None:
    rows = traders.history.to_arrow(["object", "type", "action", "date"]).to_pylist()
    dated = {row["object"]: row["date"] for row in reversed(rows) if row["action"] != "delete"}
    for type_name, field in (("SalesInvoice", "IssueDate"), ("Receipt", "Date"), ("Payslip", "Date")):
        dates = traders.records(type_name).to_arrow(["key", field]).to_pylist()
        assert [dated.get(row["key"], row[field]) for row in dates] == [row[field] for row in dates]
    assert {row["date"] for row in rows if row["type"] == "Customer"} == {None}


def test_times_keep_their_ticks(shop: Business) -> None:
    for row in shop.history.to_arrow(["time", "ticks"]).to_pylist():
        assert row["time"] == dt.datetime(1, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=row["ticks"] // 10)


def test_what_the_program_did_itself_has_no_user(shop: Business) -> None:
    users = shop.history.to_arrow(["user"])["user"].to_pylist()
    assert users.count(None) == 3
    assert len(users) == 9


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("small/Empty.manager", 0),
        ("small/Desktop.manager", 2),
        ("small/Restored by appending.manager", 796),
        ("small/Old format.manager", 0),
        ("upgraded/Revision 370.manager", 794),
        ("upgraded/Revision 370 after the upgrade.manager", 794),
    ],
)
def test_every_fixture_s_history_reads_in_full(opened: Callable[[str], Business], name: str, rows: int) -> None:
    history = opened(name).history.to_arrow()
    assert history.num_rows == rows
    assert history["label"].null_count == 0
    assert not any(history["problems"].to_pylist())


def test_a_restored_record_is_listed_under_who_restored_it(opened: Callable[[str], Business]) -> None:
    newest = opened("small/Restored by appending.manager").history.page(0, 2, ["user", "action", "commit"]).to_pylist()
    assert {row["user"] for row in newest} == {"Auditor — restore by manager_nb"}
    assert {row["action"] for row in newest} == {"create"}
    assert len({row["commit"] for row in newest}) == 1


def test_sides_are_told_apart_by_nil_and_by_null(tmp_path: Path) -> None:
    one, two = content("Customer", Name="A"), content("Customer", Name="B", Code="1")
    newer = "12345678-1234-4123-8123-123456789abc"
    rows = [
        change(1, None, one),
        change(2, one, two),
        change(3, two, None, type_after=None),
        change(4, None, None),
        change(5, None, one, type_before=""),
        change(6, one, b"", type_before=newer, type_after=newer),
        change(7, two, one, type_before=guid("Supplier"), type_after=CUSTOMER.upper()),
    ]
    with open_business(write(tmp_path / "a.manager", Changes=rows)) as business:
        seven, six, five, four, three, second, first = business.history.to_arrow().to_pylist()
        assert len(business.problems) > 0
    assert [row["action"] for row in (first, second, three, four, five)] == [
        "create",
        "update",
        "delete",
        None,
        "create",
    ]
    assert [row["label"] for row in (first, second, three)] == ["Customer — A", "Customer — 1 - B", "Customer — 1 - B"]
    assert [row["fields_changed"] for row in (first, second, three)] == [None, ["Name", "Code"], None]
    assert (four["type"], four["label"]) == (None, None)
    assert "neither" in four["problems"][0]
    assert (six["type"], six["label"], six["fields_changed"]) == (newer, newer, ["1"])
    assert (seven["type"], seven["action"], seven["fields_changed"]) == ("Customer", "update", ["Name", "Code"])


def test_a_broken_image_is_listed_and_hides_nothing(tmp_path: Path) -> None:
    broken = content("Customer", Name="A") + b"\x12\x7f"
    with open_business(write(tmp_path / "a.manager", Changes=[change(1, None, broken)])) as business:
        (row,) = business.history.to_arrow().to_pylist()
        (problem,) = [found for found in business.problems.to_arrow().to_pylist() if found["where"] != "file"]
    assert row["label"] == "Customer — A"
    assert len(row["problems"]) == 1
    assert (problem["where"], problem["key"], problem["part"]) == ("Changes", key(1), "ContentAfter")
    assert problem["data"] == b"\x12\x7f"


def test_labels_of_deleted_records_are_those_before(traders: Business) -> None:
    deleted = [row for row in traders.history.to_arrow().to_pylist() if row["action"] == "delete"]
    assert deleted
    assert all(" — " in row["label"] for row in deleted)


def test_a_deleted_invoice_keeps_its_label_and_date(shop: Business) -> None:
    (newest,) = shop.history.page(0, 1).to_pylist()
    assert (newest["action"], newest["label"]) == ("delete", "Sales Invoice — क-1 — 2025-05-02")
    assert newest["date"] == dt.date(2025, 5, 2)
