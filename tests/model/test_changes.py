"""What a change did is told field by field, in words, and an inserted line is one insertion."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from manager_nb.format.messages import EnumValue
from manager_nb.model.business import open_business
from manager_nb.model.lines_matching import Pair, match_lines
from manager_nb.model.secrets import MASK
from manager_nb.model.wording import caption
from tests.model.small_files import TICKS, content, guid, key, record, write
from tests.model.test_history import change

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.model.business import Business


def told(tmp_path: Path, rows: list[tuple[object, ...]], objects: Any = ()) -> list[dict[str, Any]]:
    """The rows of the table Changes of a small file."""
    with open_business(write(tmp_path / "a.manager", objects, Changes=rows)) as business:
        found: list[dict[str, Any]] = business.changes.to_arrow().to_pylist()
        return found


def update(tmp_path: Path, type_name: str, before: dict[str, Any], after: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Path, line, before, after and kind of what one update did."""
    kind = guid(type_name)
    row = change(1, content(type_name, **before), content(type_name, **after), type_before=kind, type_after=kind)
    return [(row["path"], row["line"], row["before"], row["after"], row["kind"]) for row in told(tmp_path, [row])]


def test_everything_that_the_program_shows_as_changed_is_told(traders: Business, data: Path) -> None:
    pages = json.loads((data / "himalaya/truth/program_diffs.json").read_text("utf-8"))
    ours: dict[str, set[tuple[Any, ...]]] = {}
    for row in traders.changes.to_arrow().to_pylist():
        texts = (MASK if row["after"] == MASK else row["before"], row["after"])
        ours.setdefault(row["change"], set()).add((row["path"], row["line"], *texts))
    shown = 0
    for key_, page in pages.items():
        for field in page["changed"]:
            *lines, name = field["path"]
            path = " — ".join([*lines[:1], caption(name) if lines else name])
            before, after = (_plain(field[side]) for side in ("before", "after"))
            assert (path, int(lines[1]) if lines else None, before, after) in ours[key_], (page, ours[key_])
            shown += 1
    assert len(pages) == 794
    assert shown == 83


def _plain(text: str | None) -> str | None:
    if text is None:
        return None
    return MASK if set(text) == {"*"} else text.replace(",", "")


def test_every_change_of_the_demo_tells_something(traders: Business) -> None:
    rows = traders.changes.to_arrow(["change", "kind"]).to_pylist()
    assert {row["change"] for row in rows} == set(traders.history.to_arrow(["change"])["change"].to_pylist())
    created = {row["change"] for row in rows if row["kind"] == "created"}
    actions = {row["change"]: row["action"] for row in traders.history.to_arrow(["change", "action"]).to_pylist()}
    assert created == {found for found, action in actions.items() if action == "create"}
    assert {row["kind"] for row in rows} == {"created", "deleted", "set", "changed", "cleared"}


def test_pages_and_batches_are_the_same_rows_as_the_whole(data: Path) -> None:
    with open_business(data / "himalaya/Himalaya Traders.manager") as business:
        first = business.changes.page(0, 40)
        later = business.changes.page(2_000, 70)
        whole = business.changes.to_arrow()
        assert first.equals(whole.slice(0, 40))
        assert later.equals(whole.slice(2_000, 70))
        assert business.changes.page(4_300, 100).equals(whole.slice(4_300, 100))
        assert business.changes.page(len(whole), 5).num_rows == 0
        assert pa.Table.from_batches(list(business.changes.batches(rows=300))).equals(whole)
        assert len(business.changes) == whole.num_rows


def test_rows_are_in_the_order_of_history(traders: Business) -> None:
    keys = list(dict.fromkeys(traders.changes.to_arrow(["change"])["change"].to_pylist()))
    assert keys == traders.history.to_arrow(["change"])["change"].to_pylist()


def test_secrets_are_masked(traders: Business) -> None:
    rows = [row for row in traders.changes.to_arrow().to_pylist() if row["path"] == "Password"]
    assert [(row["type"], row["before"], row["after"], row["kind"]) for row in rows] == [
        ("EmailSettings", MASK, MASK, "changed"),
        ("EmailSettings", None, MASK, "created"),
    ]


def test_an_inserted_line_is_one_insertion(tmp_path: Path) -> None:
    one, two, three = ({"LineDescription": text, "Qty": Decimal(1)} for text in "abc")
    rows = update(tmp_path, "SalesInvoice", {"Lines": [one, two]}, {"Lines": [three, one, two]})
    assert rows == [("Lines", 1, None, "Line description: c; Qty: 1", "line added")]


def test_a_removed_and_a_changed_line_are_told_apart(tmp_path: Path) -> None:
    lines = [{"LineDescription": text, "Qty": Decimal(1)} for text in "abc"]
    after = [lines[0], {**lines[2], "Qty": Decimal("2.50")}]
    assert update(tmp_path, "SalesInvoice", {"Lines": lines}, {"Lines": after}) == [
        ("Lines", 2, "Line description: b; Qty: 1", None, "line removed"),
        ("Lines — Qty", 2, "1", "2.50", "changed"),
    ]


def test_a_moved_line_moved(tmp_path: Path) -> None:
    lines = [{"LineDescription": text} for text in "abc"]
    moved = update(tmp_path, "SalesInvoice", {"Lines": lines}, {"Lines": [*lines[1:], lines[0]]})
    assert moved == [("Lines", 3, "line 1", "line 3", "line moved")]


def test_fields_are_set_changed_and_cleared_in_words(tmp_path: Path) -> None:
    before = {"IssueDate": dt.date(2025, 6, 30), "Rounding": True, "Description": "x"}
    after = {
        "IssueDate": dt.date(2025, 7, 1),
        "RoundingMethod": EnumValue.of("Enums.RoundingMethod", 1),
        "DueDateDays": 0,
    }
    assert update(tmp_path, "SalesInvoice", before, after) == [
        ("Issue date", None, "2025-06-30", "2025-07-01", "changed"),
        ("Description", None, "x", None, "cleared"),
        ("Rounding method", None, None, "Round to nearest", "set"),
        ("Due date days", None, None, "0", "set"),
        ("Rounding", None, "is checked", None, "cleared"),
    ]


def test_custom_fields_go_by_their_names(tmp_path: Path) -> None:
    before = {"CustomFields": {key(7): "a"}}
    after = {"CustomFields": {key(7): "b"}, "CustomFields2": {"Decimals": {key(8): Decimal("1.50")}}}
    row = change(1, content("Customer", **before), content("Customer", **after))
    fields = [record(7, "TextCustomField", Name="Colour"), record(8, "NumberCustomField", Name="Weight")]
    assert [(row["path"], row["before"], row["after"], row["kind"]) for row in told(tmp_path, [row], fields)] == [
        ("Custom fields — Colour", "a", "b", "changed"),
        ("Custom fields — Weight", None, "1.50", "set"),
    ]


def test_what_is_referred_to_is_named_as_it_was(tmp_path: Path) -> None:
    old, new = content("Customer", Name="Old"), content("Customer", Name="New")
    sale = guid("SalesInvoice")
    rows = [
        change(1, None, old),
        change(2, b"", content("SalesInvoice", Customer=key(1)), type_before=sale, type_after=sale, object=key(2)),
        change(3, old, new),
    ]
    objects = [(key(1), guid("Customer"), new, TICKS)]
    found = [row for row in told(tmp_path, rows, objects) if row["path"] == "Customer"]
    assert [(row["before"], row["after"]) for row in found] == [(None, "Old (now New)")]


def test_what_was_created_and_deleted_is_told_in_full(tmp_path: Path) -> None:
    one = content("Customer", Name="A", Code="1")
    rows = told(tmp_path, [change(1, None, one), change(2, one, None)])
    assert [(row["field"], row["before"], row["after"], row["kind"]) for row in rows] == [
        ("Name", "A", None, "deleted"),
        ("Code", "1", None, "deleted"),
        ("Name", None, "A", "created"),
        ("Code", None, "1", "created"),
    ]


def test_a_record_of_another_type_is_told(tmp_path: Path) -> None:
    row = change(1, content("Customer", Name="A"), content("Supplier", Name="B"), type_after=guid("Supplier"))
    assert [(row["path"], row["before"], row["after"], row["kind"]) for row in told(tmp_path, [row])] == [
        ("Type", "Customer", "Supplier", "type"),
        ("Name", "A", None, "cleared"),
        ("Name", None, "B", "set"),
    ]


def test_what_cannot_be_read_has_a_row_and_hides_nothing(tmp_path: Path) -> None:
    one = content("Customer", Name="A")
    newer = "12345678-1234-4123-8123-123456789abc"
    rows = told(
        tmp_path,
        [
            change(1, one, content("Customer", Name="B") + b"\x12\x7f"),
            change(2, b"\x08\x01", b"", type_before=newer, type_after=newer),
            change(3, one, one + b"\xf8\x3f\x01"),
            change(4, None, None),
        ],
    )
    by_change: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_change.setdefault(row["change"], []).append(row)
    assert [row["kind"] for row in by_change[key(1)]] == ["unreadable", "changed"]
    assert [row["kind"] for row in by_change[key(2)]] == ["unreadable"]
    assert [(row["path"], row["kind"]) for row in by_change[key(3)]] == [("Field 1023", "set")]
    assert key(4) not in by_change


def test_a_business_without_history_has_no_changes(tmp_path: Path) -> None:
    assert told(tmp_path, []) == []


LINES = st.lists(st.fixed_dictionaries({"a": st.integers(0, 3), "b": st.integers(0, 3)}), max_size=7)


@settings(max_examples=100, deadline=None)
@given(LINES, LINES)
def test_matched_lines_account_for_every_line(old: list[dict[str, int]], new: list[dict[str, int]]) -> None:
    pairs = match_lines(old, new)
    olds = [pair.old for pair in pairs if pair.old is not None]
    news = [pair.new for pair in pairs if pair.new is not None]
    assert len(olds) == len(set(olds))
    assert len(news) == len(set(news))
    kept_old = [line for place, line in enumerate(old) if place not in olds]
    kept_new = [line for place, line in enumerate(new) if place not in news]
    assert kept_old == kept_new
    for one, other, moved in pairs:
        assert one is not None or other is not None
        if moved:
            assert one is not None
            assert other is not None
            assert old[one] == new[other]


def test_many_lines_are_matched_in_reasonable_time() -> None:
    old = [{"a": 1, "b": place} for place in range(3_000)]
    new = [{"a": 2, "b": -place} for place in range(3_001)]
    pairs = match_lines(old, new)
    assert pairs[0] == Pair(0, 0)
    assert pairs[-1] == Pair(None, 3_000)
