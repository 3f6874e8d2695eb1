"""One change field by field, and the records that are gone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.fields import amounts_of_change, fields_of_change, fields_of_record
from manager_nb.audit.search import deleted_records
from manager_nb.errors import NotFoundError
from manager_nb.i18n import Language
from tests.model.small_files import content, guid, write
from tests.model.test_history import change as history_row

if TYPE_CHECKING:
    from pathlib import Path


def test_a_change_is_told_as_the_table_of_all_changes_tells_it(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        whole = business.changes.to_arrow(["change", "path", "line", "before", "after", "kind", "field"])
        by_change: dict[str, list[dict[str, object]]] = {}
        for row in whole.to_pylist():
            by_change.setdefault(row.pop("change"), []).append(row)
        assert len(by_change) > 700
        for change in list(by_change)[::7]:
            told = fields_of_change(business, change).drop_columns("of").to_pylist()
            assert told == by_change[change]


def test_a_record_is_told_as_the_change_that_left_it_so(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        history = business.history.to_arrow(["change", "object", "action", "type"]).to_pylist()
        changed = {row["object"] for row in history if row["action"] != "create"}
        made = [row for row in history if row["object"] not in changed][::40]
        assert len(made) > 10
        for row in made:
            told = fields_of_record(business, row["object"]).select(["path", "line", "field"]).to_pylist()
            assert told == fields_of_change(business, row["change"]).select(["path", "line", "field"]).to_pylist()
        with pytest.raises(NotFoundError, match="There is no record"):
            fields_of_record(business, "nothing")


def test_what_stayed_is_told_on_request(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        updates = business.history.to_arrow(["change", "action"]).to_pylist()
        change = next(row["change"] for row in updates if row["action"] == "update")
        only, whole = (fields_of_change(business, change, unchanged=full).to_pylist() for full in (False, True))
        assert whole[: len(only)] == only
        rest = whole[len(only) :]
        assert rest
        assert all(row["kind"] == "unchanged" and row["before"] == row["after"] for row in rest)


def one_change(tmp_path: Path, before: bytes, after: bytes, kind: str = "SalesInvoice") -> Path:
    row = history_row(1, before, after, type_before=guid(kind), type_after=guid(kind))
    return write(tmp_path / "a.manager", (), Changes=[row])


def test_the_before_side_is_what_it_really_was_also_in_a_line_that_changed(tmp_path: Path) -> None:
    """A line whose quantity changed is not told whole as it became, under the heading of before."""
    old = {"LineDescription": "Panel", "Qty": Decimal(9), "SalesUnitPrice": Decimal("4990.7")}
    other = {"LineDescription": "Wire", "Qty": Decimal(1)}
    lines = [old, other], [{**old, "Qty": Decimal(14)}, other]
    images = [content("SalesInvoice", Reference="1001", Lines=some) for some in lines]
    with mn.open_business(one_change(tmp_path, *images)) as business:
        (change,) = business.history.to_arrow(["change"])["change"].to_pylist()
        rows = fields_of_change(business, change, unchanged=True).to_pylist()
    told = [(row["path"], row["line"], row["of"], row["before"], row["after"], row["kind"]) for row in rows]
    assert told == [
        ("Lines — Qty", 1, "Panel", "9", "14", "changed"),
        ("Reference", None, None, "1001", "1001", "unchanged"),
        ("Lines — Line description", 1, "Panel", "Panel", "Panel", "unchanged"),
        ("Lines — Sales unit price", 1, "Panel", "4990.7", "4990.7", "unchanged"),
        ("Lines", 2, None, *["Line description: Wire; Qty: 1"] * 2, "unchanged"),
    ]


def test_a_line_that_moved_is_told_whole_as_it_stayed(tmp_path: Path) -> None:
    one, two, three = ({"LineDescription": text, "Qty": Decimal(1)} for text in "abc")
    images = [content("SalesInvoice", Lines=lines) for lines in ([one, two, three], [three, one, two])]
    with mn.open_business(one_change(tmp_path, *images)) as business:
        (change,) = business.history.to_arrow(["change"])["change"].to_pylist()
        rows = fields_of_change(business, change, unchanged=True, language=Language("hi")).to_pylist()
    assert [(row["line"], row["kind"]) for row in rows] == [
        (1, "line moved"),
        (1, "unchanged"),
        (2, "unchanged"),
        (3, "unchanged"),
    ]
    assert (rows[0]["before"], rows[0]["after"]) == ("पंक्ति 3", "पंक्ति 1")


def test_values_are_told_in_the_readers_language_by_the_type_of_their_field(tmp_path: Path) -> None:
    """A reference of digits is text and stays; amounts, days and boxes are told as the language writes them."""
    day = dt.date(2025, 4, 5)
    before = content("SalesInvoice", Reference="1001", IssueDate=day)
    lines = [{"Qty": Decimal(14), "SalesUnitPrice": Decimal("104990.7")}]
    after = content(
        "SalesInvoice", Reference="2025", IssueDate=day + dt.timedelta(1), AmountsIncludeTax=True, Lines=lines
    )
    with mn.open_business(one_change(tmp_path, before, after)) as business:
        (change,) = business.history.to_arrow(["change"])["change"].to_pylist()
        told = {
            code: {
                row["field"]: (row["before"], row["after"])
                for row in fields_of_change(business, change, language=Language(code)).to_pylist()
            }
            for code in ("en", "hi")
        }
    assert told["en"]["Reference"] == told["hi"]["Reference"] == ("1001", "2025")
    assert told["en"]["IssueDate"] == ("5 Apr 2025", "6 Apr 2025")
    assert told["hi"]["IssueDate"] == ("5 अप्रैल 2025", "6 अप्रैल 2025")
    assert told["en"]["AmountsIncludeTax"] == (None, "is checked")
    assert told["hi"]["AmountsIncludeTax"] == (None, "चुना हुआ है")
    assert told["en"]["Lines"] == (None, "Qty: 14; Sales unit price: 104,990.70")
    assert told["hi"]["Lines"][1].endswith("1,04,990.70")


def test_a_change_tells_what_the_document_came_to_before_and_after(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        history = business.history.to_arrow(["change", "object", "action", "amount", "ticks"]).to_pylist()
        updates = [row for row in history if row["action"] == "update" and row["amount"] is not None]
        assert len(updates) > 50
        for row in updates[::9]:
            before, after = amounts_of_change(business, row["change"])
            assert after.value == row["amount"]
            earlier = business.as_at(row["ticks"] - 1)
            assert before == earlier.amount(earlier.record(row["object"]))
        created = next(row for row in history if row["action"] == "create" and row["amount"] is not None)
        before, after = amounts_of_change(business, created["change"])
        assert (before.value, after.value) == (None, created["amount"])


def test_a_change_that_is_not_there_is_told(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business, pytest.raises(NotFoundError, match="no change with the key x"):
        fields_of_change(business, "x")


def test_gone_records_are_listed_once_with_their_deletion(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        gone = deleted_records(business).to_arrow().to_pylist()
        there = {key for key, _, _ in business.objects()}
        known = {row["object"] for row in business.history.to_arrow(["object"]).to_pylist()}
        whole = {row["change"]: row for row in business.history.to_arrow().to_pylist()}
    labels = [row["label"] for row in gone]
    assert gone == [whole[row["change"]] for row in gone]
    assert "Customer — TEMP - अस्थायी ग्राहक" in labels
    assert {row["object"] for row in gone} == known - there
    assert len(labels) == len({row["object"] for row in gone})
    assert [row["time"] for row in gone] == sorted((row["time"] for row in gone), reverse=True)
