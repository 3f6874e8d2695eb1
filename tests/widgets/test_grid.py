"""The long table in a panel, acted on as a person does."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from manager_nb.listing.columns import Column
from manager_nb.widgets import PagedTable
from tests.widgets.screen import Screen


@pytest.fixture
def table() -> PagedTable:
    rows = pa.table(
        {"label": [f"Invoice {n}" for n in range(1000)], "amount": list(range(1000)), "user": ["R", "A"] * 500}
    )
    columns = [Column("label", "Record"), Column("amount", "Amount"), Column("user", "User", words={"R": "Date"})]
    return PagedTable(rows, columns, name="Invoices", language="en", timezone="UTC")


def first_cells(screen: Screen) -> list[str]:
    return [_words(line["children"]) for line in screen.kinds("tr")]


def _words(cells: list[dict[str, object]]) -> str:
    cell = next(cell for cell in cells if cell["kind"] == "td")
    return str(cell["children"][0].get("words", cell["children"][0].get("label")))  # type: ignore[index]


def test_a_page_at_a_time_is_sent(table: PagedTable) -> None:
    screen = Screen(table)
    assert first_cells(screen) == [f"Invoice {n}" for n in range(25)]
    assert "Rows 1–25 of 1,000 · 0 ticked" in screen.all_text()
    screen.press("Next page")
    assert first_cells(screen)[0] == "Invoice 25"
    screen.send("rows-size", value="100")
    assert len(first_cells(screen)) == 100
    assert "Rows 1–100 of 1,000" in screen.all_text()
    assert screen.one("button", "Previous page")["disabled"]


def test_search_filters_and_order_are_done_in_python(table: PagedTable) -> None:
    screen = Screen(table)
    screen.fill("Search", "INVOICE 99")
    assert "Rows 1–19 of 19 (of 1,000 in all)" in screen.all_text()
    screen.press("Filters")
    screen.fill("Amount, from", "995")
    assert first_cells(screen) == [f"Invoice {n}" for n in range(995, 1000)]
    screen.send("rows-filter-user", value="R")
    assert first_cells(screen) == ["Invoice 996", "Invoice 998"]
    screen.send("rows-sort-amount")
    screen.send("rows-sort-amount")
    assert first_cells(screen) == ["Invoice 998", "Invoice 996"]
    screen.press("Clear all filters")
    assert len(first_cells(screen)) == 19
    screen.fill("Search", "nobody")
    assert "Nothing answers" in screen.all_text()


def test_a_limit_that_is_no_number_is_told_and_stays_to_be_mended(table: PagedTable) -> None:
    screen = Screen(table)
    screen.press("Filters")
    screen.fill("Amount, from", "many")
    assert [alert["message"] for alert in screen.alerts] == ["“many” is no number."]
    assert screen.one("entry", "Amount, from")["value"] == "many"
    screen.fill("Amount, from", "998")
    assert screen.alerts == []
    assert len(first_cells(screen)) == 2


def test_ticks_are_seen_by_python_and_survive_pages_and_filters(table: PagedTable) -> None:
    screen = Screen(table)
    screen.send("rows-row-3-tick", value=True)
    screen.press("Next page")
    screen.send("rows-row-25-tick", value=True)
    assert list(table.selection["label"]) == ["Invoice 3", "Invoice 25"]
    screen.fill("Search", "Invoice 77")
    screen.press("Tick all 19")
    assert len(table.selection) == 21
    assert isinstance(table.selection, pd.DataFrame)
    screen.press("Tick none")
    assert table.selection.empty


def test_columns_can_be_hidden_and_never_all(table: PagedTable) -> None:
    screen = Screen(table)
    screen.press("Columns")
    screen.tick("Amount", False)
    screen.tick("User", False)
    assert [head["label"] for head in screen.kinds("head")] == ["Record"]
    screen.tick("Record", False)
    assert [head["label"] for head in screen.kinds("head")] == ["Record"]


@pytest.mark.parametrize("kind", ["CSV", "Excel", "Parquet"])
def test_all_filtered_rows_are_exported_in_the_readers_words(
    table: PagedTable, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    screen = Screen(table)
    screen.fill("Search", "invoice 99")
    screen.press("Export")
    screen.press(kind)
    table.wait(30)
    path = table.grid.exported
    assert path is not None
    assert path.parent == tmp_path / "Manager exports"
    assert f"{path.name} is written: 19 rows" in [node.get("heading") for node in screen.kinds("section")]
    if kind == "CSV":
        lines = path.read_text("utf-8-sig").splitlines()
        assert lines[0] == "Record,Amount,User"
        assert lines[1] == "Invoice 99,99,A"
        assert lines[-2] == "Invoice 998,998,Date"
        assert lines[2] == "Invoice 199,199,A"
        assert len(lines) == 20


def test_a_long_text_is_folded_and_a_business_table_is_read_in_the_background(himalaya: Path) -> None:
    import manager_nb as mn

    with mn.open_business(himalaya) as business:
        table = PagedTable(business.history, language="hi", timezone="Asia/Kolkata")
        table.wait(30)
        assert table.grid.rows.num_rows == len(business.history)
    long = PagedTable(pa.table({"label": ["short", "word " * 100]}), language="en")
    folds = [fold["summary"] for fold in Screen(long).kinds("fold")]
    assert len(folds) == 1
    assert folds[0].endswith("word…")
    assert repr(long) == "<PagedTable: Table, 2>"


def test_rows_are_not_exported_while_a_filter_is_not_understood(
    table: PagedTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    screen = Screen(table)
    screen.press("Filters")
    screen.fill("Amount, from", "many")
    table.grid.export("csv")
    assert [alert["message"] for alert in screen.alerts] == ["“many” is no number."]
    assert table.grid.exported is None
    assert not (tmp_path / "Manager exports").exists()


def test_the_heading_tells_the_order_that_the_rows_have(table: PagedTable) -> None:
    screen = Screen(table)
    screen.send("rows-sort-amount")
    screen.press("Filters")
    screen.fill("Amount, from", "many")
    screen.send("rows-sort-amount")
    (head,) = [head for head in screen.kinds("head") if head["label"] == "Amount"]
    assert head["order"] == "ascending"
    assert first_cells(screen)[0] == "Invoice 0"


def test_a_filter_that_is_not_understood_survives_another_zone_and_language(table: PagedTable) -> None:
    screen = Screen(table)
    screen.press("Filters")
    screen.fill("Amount, from", "many")
    table.timezone, table.language = "Asia/Kolkata", "hi"
    assert screen.kinds("head")
    table.language = "en"
    assert screen.one("entry", "Amount, from")["value"] == "many"


def test_a_late_click_opens_no_row_of_other_rows() -> None:
    opened: list[int] = []
    panel = PagedTable(pa.table({"label": ["a", "b"]}), language="en")
    panel.grid._opens = opened.append
    panel.grid.show("First", pa.table({"label": ["a", "b"]}), panel.grid.columns)
    panel._draw()
    (late,) = [key for key in panel._handlers if key.endswith(".1-open")]
    panel.grid.show("Second", pa.table({"label": ["c", "d"]}), panel.grid.columns)
    panel._draw()
    panel.widget._handle_custom_msg({"key": late}, [])
    assert opened == []
    Screen(panel).send("rows-row-1-open")
    assert opened == [1]


def test_figures_that_are_not_exact_are_ordered_and_filtered_as_numbers() -> None:
    frame = pd.DataFrame({"a": [10.0, 9, 2.5, float("nan"), -1, -20, 1e300]})
    table = PagedTable(frame, language="en")
    screen = Screen(table)
    screen.send("rows-sort-a")
    assert table.grid.filtered["a"].to_pylist() == [-20, -1, 2.5, 9, 10, 1e300, None]
    assert first_cells(screen)[0] == "-20.0"
    table.grid.ask(table.grid.query.with_filter("a", least="2.5", most="10"))
    assert sorted(table.grid.filtered["a"].to_pylist()) == [2.5, 9, 10]


def test_any_frame_can_be_shown() -> None:
    odd = pa.Table.from_arrays(
        [
            pa.array([1]),
            pa.array([2]),
            pa.array([dt.timedelta(1)]),
            pa.array(["2025-07-01 10:00:00"]).cast(pa.timestamp("us")),
        ],
        names=["a", "a", "long", "naive"],
    )
    table = PagedTable(odd, language="en", timezone="Asia/Kolkata")
    assert table.error is None
    assert [head["label"] for head in Screen(table).kinds("head")] == ["A", "A (2)", "Long", "Naive"]
    assert "2025-07-01 10:00:00" in Screen(table).all_text()


def test_half_a_sign_from_the_browser_is_no_fault(table: PagedTable) -> None:
    screen = Screen(table)
    screen.fill("Search", "\ud800")
    assert table.error is None
    assert "Nothing answers" in screen.all_text()
