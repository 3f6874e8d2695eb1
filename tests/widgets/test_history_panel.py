"""History by clicking, without a browser."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pytest

import manager_nb as mn
from manager_nb.errors import CancelledError
from manager_nb.i18n import Language
from manager_nb.widgets import HistoryPanel, history_panel
from tests.restore.test_plan import BATCH
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def business(himalaya: Path) -> mn.Business:
    return mn.open_business(himalaya)


@pytest.fixture
def panel(business: mn.Business) -> HistoryPanel:
    panel = HistoryPanel(business, language="en", timezone="UTC")
    panel.wait(60)
    return panel


def test_every_change_is_there_and_the_newest_first(panel: HistoryPanel, business: mn.Business) -> None:
    assert panel.changes.to_arrow().equals(business.history.to_arrow())
    assert "Rows 1–25 of 794" in Screen(panel).all_text()
    assert panel.selection.empty


def test_the_amount_before_a_change_stands_beside_the_one_after(panel: HistoryPanel) -> None:
    rows = panel.grid.rows
    told = dict(zip(rows["change"].to_pylist(), rows["amount_before"].to_pylist(), strict=True))
    (found,) = (
        mn.find_changes(
            panel.current, users="Ravi Kumar", types="SalesInvoice", actions="update", text="1003", field="Qty"
        )
        .to_arrow()
        .to_pylist()
    )
    assert told[found["change"]] == Decimal("55316.99")
    assert all(told[key] is None for key in rows.filter(pc.equal(rows["action"], "create"))["change"].to_pylist())
    heads = [head["label"] for head in Screen(panel).kinds("head")]
    assert heads[heads.index("Amount before") + 1] == "Amount"


def test_party_and_words_are_asked_of_the_engine(panel: HistoryPanel, business: mn.Business) -> None:
    screen = Screen(panel)
    screen.fill("Customer, supplier or employee", "अस्थायी", enter=True)
    panel.wait(60)
    expected = mn.find_changes(business, party="अस्थायी").to_arrow()
    assert panel.changes.to_arrow().equals(expected)
    assert 0 < expected.num_rows < 20
    screen.fill("Words in what was changed", "1111", enter=True)
    panel.wait(60)
    both = mn.find_changes(business, party="अस्थायी", text="1111").to_arrow()
    assert panel.changes.to_arrow().equals(both)
    screen.send("unit", value="commits")
    panel.wait(60)
    assert panel.changes.to_arrow().equals(mn.commits_of(mn.Table.of("", both)).to_arrow())
    screen.send("unit", value="changes")
    panel.wait(60)
    assert panel.changes.to_arrow().equals(both)
    screen.press("Show all")
    panel.wait(60)
    assert len(panel.changes) == 794


def test_the_chart_narrows_to_the_days_that_are_chosen(panel: HistoryPanel, business: mn.Business) -> None:
    screen = Screen(panel)
    (chart,) = screen.kinds("chart")
    place = next(n for n, bar in enumerate(chart["bars"]) if bar["name"].startswith("22 Sept 2025 to 28 Sept 2025"))
    screen.send("chart", value=f"{place}:{place + 1}")
    days = dt.date(2025, 9, 22), dt.date(2025, 10, 5)
    assert len(panel.changes) == len(mn.find_changes(business, between=days))
    (chart,) = screen.kinds("chart")
    assert (chart["from"], chart["to"]) == (place, place + 1)
    screen.press("Show all days")
    assert len(panel.changes) == 794


def test_a_bar_is_a_day_a_week_or_a_month(panel: HistoryPanel) -> None:
    screen = Screen(panel)
    bars = {}
    for unit in ("day", "week", "month"):
        screen.send("chart-unit", value=unit)
        (chart,) = screen.kinds("chart")
        bars[unit] = len(chart["bars"])
        assert sum(part["count"] for bar in chart["bars"] for part in bar["parts"]) == 794
    assert bars == {"day": 361, "week": 52, "month": 12}
    screen.send("chart", value="0:0")
    assert len(panel.changes) == len(
        mn.find_changes(panel.current, between=(dt.date(2025, 4, 1), dt.date(2025, 4, 30)))
    )


def test_a_limit_that_is_no_number_yet_leaves_chart_and_panel_as_they_are(panel: HistoryPanel) -> None:
    screen = Screen(panel)
    screen.press("Filters")
    screen.fill("Amount, from", "many")
    assert [alert["message"] for alert in screen.alerts] == ["“many” is no number."]
    assert len(screen.kinds("chart")) == 1
    screen.fill("Amount, from", "1000000000")
    assert screen.alerts == []
    (chart,) = screen.kinds("chart")
    assert sum(part["count"] for bar in chart["bars"] for part in bar["parts"]) == len(panel.changes) == 1


def test_a_changed_field_is_asked_for_by_the_name_on_the_screen(business: mn.Business) -> None:
    expected = mn.find_changes(business, field="CreditLimit").to_arrow()
    assert 0 < expected.num_rows < 100
    for language, label, typed in (
        ("en", "Name of a changed field", "credit LIMIT"),
        ("hi", "बदले गए फ़ील्ड का नाम", Language("hi").text("Credit limit")),
    ):
        panel = HistoryPanel(business, language=language, timezone="UTC")
        panel.wait(60)
        Screen(panel).fill(label, typed, enter=True)
        panel.wait(60)
        assert panel.changes.to_arrow().equals(expected), language


def test_rows_without_a_user_can_be_chosen(himalaya: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.manager"
    shutil.copyfile(himalaya, copy)
    with contextlib.closing(sqlite3.connect(copy)) as database, database:
        database.execute('UPDATE "Changes" SET "User" = NULL WHERE "Commit" = ?', (BATCH,))
        database.execute('UPDATE "Changes" SET "Commit" = NULL WHERE "Commit" = ?', (BATCH,))
    panel = HistoryPanel(copy, language="en", timezone="UTC")
    panel.wait(60)
    screen = Screen(panel)
    screen.press("Filters")
    options = next(node for node in screen.kinds("select") if node["label"] == "Who")["options"]
    (nothing,) = [option["value"] for option in options if option["label"] == "(nothing)"]
    screen.send("history-filter-user", value=nothing)
    assert len(panel.changes) == 8
    assert set(panel.changes.to_arrow()["user"].to_pylist()) == {None}
    (chart,) = screen.kinds("chart")
    assert chart["series"] == ["without a user"]
    # an action of old rows has no key: it opens by its moment and user
    screen.send("unit", value="commits")
    panel.wait(60)
    assert len(panel.changes) == 1
    screen.send(f"history-row-{panel.grid.found[0].as_py()}-open")
    panel.wait(60)
    assert len(panel.changes) == 8
    screen.send("history-row-0-open")
    assert "Manager itself, or somebody who was not logged in changed it on" in screen.all_text()


def test_what_is_opened_is_put_away_when_other_days_are_chosen(panel: HistoryPanel) -> None:
    screen = Screen(panel)
    screen.send("history-row-0-open")
    assert screen.has("button", "All fields")
    screen.send("chart", value="3:4")
    assert not screen.has("button", "All fields")
    assert panel.grid.opened is None


def test_filters_of_the_table_are_seen_in_the_chart(panel: HistoryPanel) -> None:
    screen = Screen(panel)
    screen.send("history-filters")
    screen.send("history-filter-user", value="Ravi Kumar")
    (chart,) = screen.kinds("chart")
    assert chart["series"] == ["Ravi Kumar"]
    assert sum(part["count"] for bar in chart["bars"] for part in bar["parts"]) == len(panel.changes)


def test_an_action_is_one_row_and_leads_to_its_changes_and_a_life(panel: HistoryPanel, business: mn.Business) -> None:
    screen = Screen(panel)
    screen.send("unit", value="commits")
    panel.wait(60)
    actions = mn.commits_of(business).to_arrow()
    assert len(panel.changes) == actions.num_rows
    number = actions["changes"].to_pylist().index(8)
    screen.send("history-sort-changes")
    screen.send("history-sort-changes")
    screen.send(f"history-row-{number}-open")
    panel.wait(60)
    assert "Only the changes of one action: Purchase Invoice — P4798" in screen.all_text()
    assert panel.changes.to_arrow()["commit"].unique().to_pylist() == [actions["commit"][number].as_py()]
    screen.send("history-row-0-open")
    assert "One save made 8 changes; this is one of them." in screen.all_text()
    screen.press("All fields")
    assert "As before" in screen.all_text()
    key = panel.changes.to_arrow()["object"][0].as_py()
    screen.press("All changes of this record")
    panel.wait(60)
    assert panel.changes.to_arrow()["object"].unique().to_pylist() == [key]


def test_a_file_without_history_says_so(data: Path) -> None:
    panel = HistoryPanel(data / "small" / "Old format.manager", language="en")
    panel.wait(60)
    assert "This file has no History" in Screen(panel).all_text()


def test_labels_and_words_are_in_the_readers_language(business: mn.Business) -> None:
    panel = HistoryPanel(business, language="hi", timezone="Asia/Kolkata")
    panel.wait(60)
    words = Screen(panel).all_text()
    assert "बदला गया" in words
    assert "Sales Invoice" not in words


def test_a_long_history_opens_without_amounts_and_reckons_them_on_request(
    business: mn.Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_panel, "MOST_AMOUNTS", 100)
    panel = HistoryPanel(business, language="en", timezone="UTC")
    panel.wait(60)
    screen = Screen(panel)
    assert panel.changes.to_arrow()["amount"].null_count == 794
    assert "the amounts of the changes were not reckoned" in screen.all_text()
    screen.fill("Customer, supplier or employee", "अस्थायी", enter=True)
    panel.wait(60)
    assert 0 < len(panel.changes) < 20
    screen.press("Reckon the amounts")
    panel.wait(60)
    assert panel.changes.to_arrow().equals(business.history.to_arrow())
    assert "were not reckoned" not in screen.all_text()


def test_the_way_back_leads_to_the_list_as_it_was(panel: HistoryPanel) -> None:
    screen = Screen(panel)
    screen.fill("Customer, supplier or employee", "अस्थायी", enter=True)
    panel.wait(60)
    screen.send("history-filters")
    screen.send("history-filter-action", value="update")
    screen.send("history-sort-amount")
    before, query = panel.changes.to_arrow(), panel.grid.query
    assert 0 < before.num_rows < 794
    screen.send(f"history-row-{panel.grid.found[0].as_py()}-open")
    screen.press("All changes of this record")
    panel.wait(60)
    assert "Only the life of" in screen.all_text()
    assert screen.one("entry", "Customer, supplier or employee").get("value") is None
    screen.press("Back to the list as it was")
    panel.wait(60)
    assert panel.changes.to_arrow().equals(before)
    assert panel.grid.query == query
    assert screen.one("entry", "Customer, supplier or employee")["value"] == "अस्थायी"
    assert not screen.has("button", "Back to the list as it was")


def test_cancel_leaves_what_a_row_is(panel: HistoryPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled(*_given: object) -> None:
        panel.cancel()
        raise CancelledError("Cancelled.", hint="")

    monkeypatch.setattr(history_panel, "in_units", cancelled)
    screen = Screen(panel)
    screen.send("unit", value="commits")
    with contextlib.suppress(CancelledError):
        panel.wait(60)
    (choice,) = [node for node in screen.kinds("choice") if node["key"] == "unit"]
    assert (panel.unit, choice["value"], len(panel.changes)) == ("changes", "changes", 794)
    screen.send("history-row-0-open")
    assert screen.has("button", "Close")


def test_a_payslip_and_an_attachment_say_whose_and_which(panel: HistoryPanel, business: mn.Business) -> None:
    rows = panel.grid.rows.to_pylist()
    employees = {one.split(" — ", 1)[1] for one in business.records("Employee").to_arrow()["label"].to_pylist()}
    slips = {row["named"] for row in rows if row["type"] == "Payslip"}
    assert {one.removeprefix("Payslip — ").split(" — ")[-1] for one in slips} <= {
        name.split(" — ")[-1] for name in employees
    }
    assert len(slips) >= 4
    files = {row["named"] for row in rows if row["type"] == "Attachment"}
    assert "Attachment" not in files
    names = set(business.attachments.to_arrow()["name"].to_pylist())
    assert {one.removeprefix("Attachment — ") for one in files} <= names
    assert panel.changes.to_arrow()["label"].equals(business.history.to_arrow()["label"])
