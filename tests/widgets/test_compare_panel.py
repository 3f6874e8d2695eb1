"""Two businesses side by side by clicking, without a browser."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import sqlite3
import threading
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.errors import CancelledError
from manager_nb.i18n import Language
from manager_nb.widgets import ComparePanel, compare_panel, compared, demonstration
from tests.model.small_files import TICKS, content, guid, key, record, write
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECOND = 10_000_000
NOTHING = "00000000-0000-0000-0000-000000000000"
C002 = "Customer — C002 - Bharat & Sons"


Both = tuple[mn.Business, mn.Business]


@pytest.fixture(scope="module")
def earlier(data: Path) -> Path:
    (path,) = (data / "himalaya" / "earlier").glob("*.manager")
    return path


@pytest.fixture(scope="module")
def both(earlier: Path, himalaya: Path) -> Both:
    """The backup of December and the last state, open."""
    return mn.open_business(earlier), mn.open_business(himalaya)


@pytest.fixture(scope="module")
def demo() -> mn.Business:
    return mn.open_business(demonstration())


def opened(left: Path | mn.Business, right: Path | mn.Business | None = None, language: str = "en") -> ComparePanel:
    panel = ComparePanel(left, right, language=language, timezone="UTC")
    panel.wait(60)
    return panel


def edited(source: Path, target: Path, *statements: str) -> Path:
    """A copy that somebody edited outside Manager."""
    shutil.copyfile(source, target)
    with contextlib.closing(sqlite3.connect(target)) as database, database:
        for statement in statements:
            assert database.execute(statement).rowcount > 0
    return target


def cells(screen: Screen, place: str) -> list[list[str]]:
    """The rows of a grid on the screen, as words."""
    (grid,) = [node for node in screen.kinds("grid") if node["key"] == f"{place}-table"]
    lines = [line for line in grid["children"] if line["kind"] == "tr"]
    return [[_words(cell) for cell in line["children"] if cell["kind"] == "td"] for line in lines]


def _words(cell: dict[str, Any]) -> str:
    (inside,) = cell["children"]
    return str(inside.get("words", inside.get("label", "")))


def proofs(screen: Screen) -> list[tuple[str, str, str]]:
    (proof,) = screen.kinds("proof")
    return [(item["state"], item["words"], item["remark"]) for item in proof["items"]]


def facts(screen: Screen) -> dict[str, str]:
    (found,) = screen.kinds("facts")
    return {item["term"]: item["value"] for item in found["items"]}


# ---- what differs ----------------------------------------------------------------------------------------------------


def test_the_earlier_backup_against_the_later_one_is_what_sqlite_says(earlier: Path, himalaya: Path) -> None:
    panel = opened(earlier, himalaya)
    screen = Screen(panel)
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        for name, path in (("old", earlier), ("new", himalaya)):
            database.execute(f"ATTACH ? AS {name}", (f"file:{path}?immutable=1",))
        (gone,) = database.execute(
            "SELECT count(*) FROM old.Objects WHERE Key NOT IN (SELECT Key FROM new.Objects)"
        ).fetchone()
        (new,) = database.execute(
            "SELECT count(*) FROM new.Objects WHERE Key NOT IN (SELECT Key FROM old.Objects)"
        ).fetchone()
        differing = dict(
            database.execute(
                "SELECT o.Content = n.Content, count(*) FROM old.Objects o JOIN new.Objects n USING (Key) GROUP BY 1"
            )
        )
        by_type = dict(
            database.execute(
                "SELECT ContentType, count(*) FROM new.Objects"
                " WHERE Key NOT IN (SELECT Key FROM old.Objects) GROUP BY ContentType"
            )
        )
    assert facts(screen) == {
        "Only in the earlier": str(gone),
        "Only in the later": str(new),
        "Different": str(differing[0]),
        "The same": str(differing[1]),
    }
    told = {line[0]: line[1:] for line in cells(screen, "by-type")}
    assert told["Sales Invoice"] == ["0", str(by_type[guid("SalesInvoice")]), "0", "144"]
    assert told["Customer"] == ["0", "0", "3", "22"]
    assert sum(int(line[1]) for line in told.values()) == new
    assert panel.comparison is panel.result
    assert "Of 23 other types everything is the same." in screen.all_text()


def test_totals_are_those_of_the_programs_own_lists_and_their_difference_is_exact(both: Both, data: Path) -> None:
    screen = Screen(opened(*both))
    told = {(line[0], line[1]): line[2:] for line in cells(screen, "totals")}
    lists = json.loads((data / "himalaya" / "truth" / "lists.json").read_text("utf-8"), parse_float=Decimal)
    for currency in ("INR", "USD"):
        amounts = [row["invoiceAmount"] for row in lists["sales-invoices"]["salesInvoices"]]
        mine = [Decimal(one["value"]) for one in amounts if one["currency"] == currency]
        assert told["Sales Invoice", currency][1] == str(len(mine))
        assert told["Sales Invoice", currency][3] == f"{sum(mine):,.2f}"
    assert told["Sales Invoice", "INR"] == ["137", "181", "13,071,572.42", "17,026,384.37", "3,954,811.95"]
    assert told["Sales Invoice", "USD"] == ["6", "9", "537,292.14", "695,636.72", "158,344.58"]
    assert told["Receipt", "INR"][1] == str(lists["receipts"]["totalRecords"])
    for name in ("Receipt", "Payment"):
        sums = [
            sum((row["amount"] or Decimal(0) for row in one.amounts(name).to_arrow().to_pylist()), Decimal(0))
            for one in both
        ]
        assert told[name, "INR"][2:] == [f"{value:,.2f}" for value in (*sums, sums[1] - sums[0])]
    balances = {row["name"]: row["actualBalance"] for row in lists["bank-and-cash-accounts"]["bankAndCashAccounts"]}
    later = {line[0].split(" - ")[-1]: line[5] for line in cells(screen, "account-totals")}
    assert later == {name: f"{balances[name]['value']:,.2f}" for name in later}
    assert len(later) == 2


def test_who_changed_a_record_in_between_and_its_fields(both: Both) -> None:
    panel = opened(*both)
    screen = Screen(panel)
    line = next(line for line in cells(screen, "rows") if line[0] == C002)
    assert line == [C002, "Different", "Customer", "Credit limit", "", "", "27 Jan 2026, 13:37", "आशा वर्मा"]
    screen.press(C002)
    assert [line[:4] for line in cells(screen, "record-fields")] == [["Credit limit", "", "100000", "125000"]]
    assert [line[1:3] for line in cells(screen, "record-changes")] == [["आशा वर्मा", "Changed"]]
    screen.press("27 Jan 2026, 13:37")
    assert "आशा वर्मा changed it on 27 Jan 2026, 13:37:06 (UTC)." in screen.all_text()
    assert len(cells(screen, "change-fields")) == 1
    screen.send("record-close")
    assert not screen.has("button", "27 Jan 2026, 13:37")
    assert not [node for node in screen.kinds("section") if node["key"] in ("record", "change")]


def test_a_type_at_a_glance_leads_to_its_records_and_the_ticked_ones_are_the_selection(both: Both) -> None:
    panel = opened(*both)
    screen = Screen(panel)
    number = next(n for n, row in enumerate(panel._glance._types.rows["type"].to_pylist()) if row == "Customer")
    screen.send(f"by-type-row-{number}-open")
    assert [line[0].split(" — ")[0] for line in cells(screen, "rows")] == ["Customer"] * 3
    (tick,) = [node for node in screen.kinds("tick") if node["name"] == f"Tick {C002}"]
    screen.send(tick["key"], value=True)
    assert panel.selection["label"].tolist() == [C002]
    screen.press("Show all")
    assert len(panel._rows.grid.found) == 151


def test_rows_can_be_fields_or_changes_and_both_are_exported(both: Both) -> None:
    panel = opened(*both)
    screen = Screen(panel)
    screen.send("unit", value="fields")
    assert panel.comparison is not None
    assert len(panel._rows.grid.found) == len(panel.comparison.changes)
    panel._rows.grid.export("csv")
    panel.wait(60)
    written = panel._rows.grid.exported
    assert written is not None
    assert written.name == "Fields that differ.csv"
    assert written.read_text("utf-8-sig").count("Credit limit") == 3
    screen.send("unit", value="changes")
    old, new = both
    before = set(old.history.to_arrow()["change"].to_pylist())
    since = [change for change in new.history.to_arrow()["change"].to_pylist() if change not in before]
    assert panel._rows.grid.filtered["change"].to_pylist() == since
    screen.send("rows-row-0-open")
    assert "आशा वर्मा changed it on 27 Mar 2026, 13:50:44 (UTC)." in screen.all_text()


def test_a_backup_against_a_moment_of_itself_is_suggested_and_takes_one_click() -> None:
    panel = opened(demonstration())
    screen = Screen(panel)
    assert screen.one("entry", "Day")["value"] == "2025-12-31"
    screen.press("Compare")
    panel.wait(60)
    text = screen.all_text()
    assert "Earlier: Himalaya Traders (2026-03-27).manager.tar, as it was at 31 Dec 2025, 23:59 (UTC)" in text
    assert "How sure the earlier side is: exact. Every record is byte for byte what it was." in text
    assert "Both sides are of one file, so its History cannot be checked here." in text
    assert facts(screen)["Only in the later"] == "146"
    with (
        mn.open_business(demonstration()) as business,
        business.as_at(dt.date(2025, 12, 31)) as past,
    ):
        expected = mn.compare(past, business).records.to_arrow()
    assert panel.comparison is not None
    assert panel.comparison.records.to_arrow().equals(expected)


def test_another_moment_or_file_puts_the_result_away(earlier: Path) -> None:
    panel = opened(demonstration())
    screen = Screen(panel)
    screen.press("Compare")
    panel.wait(60)
    screen.send("one-day", value="2025-09-30")
    assert panel.comparison is None
    assert not screen.kinds("facts")
    screen.press("Compare")
    panel.wait(60)
    assert facts(screen)["Only in the later"] != "146"
    panel._choose(panel._sides[0], earlier)
    panel.wait(60)
    with panel._lock:  # so that the file is not read before the click is there
        panel._choose(panel._sides[0], earlier)
        screen.send("compare")  # a click that was on its way
    panel.wait(60)
    assert screen.alerts == []
    assert panel.comparison is None
    assert panel._sides[0].told() == f"{earlier.name}, as it is"


# ---- whether History holds -------------------------------------------------------------------------------------------


def test_the_earlier_history_is_all_there(both: Both) -> None:
    panel = opened(*both)
    assert proofs(Screen(panel)) == [
        ("passed", "All 641 rows of the earlier History are in the later one, unaltered", "153 rows came since"),
        ("passed", "Changes in between account for every record that differs", ""),
        ("passed", "All 57 e-mails of the earlier side are there, unaltered", ""),
    ]
    assert panel.extension is not None
    assert panel.extension.extends


def test_a_row_that_was_removed_and_one_that_was_altered_are_told_with_their_record(
    earlier: Path, himalaya: Path, tmp_path: Path
) -> None:
    with contextlib.closing(sqlite3.connect(earlier)) as database:
        rows = database.execute('SELECT "Key" FROM "Changes" ORDER BY "Timestamp" LIMIT 1 OFFSET 300').fetchall()
        rows += database.execute('SELECT "Key" FROM "Changes" ORDER BY "Timestamp" LIMIT 1 OFFSET 200').fetchall()
    removed, altered = (row[0] for row in rows)
    copy = edited(
        himalaya,
        tmp_path / "copy.manager",
        f'DELETE FROM "Changes" WHERE "Key" = \'{removed}\'',
        f'UPDATE "Changes" SET "User" = \'Nobody\' WHERE "Key" = \'{altered}\'',
    )
    panel = opened(earlier, copy)
    screen = Screen(panel)
    state, words, remark = proofs(screen)[0]
    assert (state, words) == ("failed", "2 rows of the earlier History are not in the later one as they were")
    assert remark == "1 gone otherwise; 1 altered; 153 rows came since"
    with mn.open_business(earlier) as old:
        (gone,) = old.history_rows([removed]).to_arrow().to_pylist()
        (other,) = old.history_rows([altered]).to_arrow().to_pylist()
    told = {line[0]: line for line in cells(screen, "trail")}
    assert told[gone["label"]][1] == "Gone"
    assert told[other["label"]][1] == "Altered"
    assert told[other["label"]][-1] == "Who"
    assert "this is a reason to ask, and proves nothing by itself" in screen.all_text()
    screen.send(f"trail-row-{panel._trail._grid.rows['change'].to_pylist().index(removed)}-open")
    assert f"{gone['user']} " in screen.all_text()
    assert [node["heading"] for node in screen.kinds("section") if node.get("key") == "trail-change"] == [gone["label"]]
    assert not screen.has("choice", "Which row")
    screen.send(f"trail-row-{panel._trail._grid.rows['change'].to_pylist().index(altered)}-open")
    assert f"{other['user']} created it" in screen.all_text()
    assert "Nobody created it" not in screen.all_text()
    screen.send("trail-side", value="later")
    assert "Nobody created it" in screen.all_text()


def test_a_record_changed_without_history_is_told(earlier: Path, himalaya: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(himalaya)) as database:
        (one,) = database.execute(
            'SELECT "Key" FROM "Objects" WHERE "ContentType" = ? ORDER BY "Key" LIMIT 1', (guid("Supplier"),)
        ).fetchone()
    changed = content("Supplier", Name="Somebody else").hex()
    copy = edited(himalaya, tmp_path / "copy.manager", f"UPDATE Objects SET Content = x'{changed}' WHERE Key = '{one}'")
    screen = Screen(opened(earlier, copy))
    assert ("failed", "1 record differs although no change in between accounts for it", "") in proofs(screen)
    assert "Somebody else: it is different" in screen.all_text()
    screen.press("Somebody else")
    assert "History of the later side tells of no change of it in between." in screen.all_text()


def test_a_backup_without_history_proves_nothing(earlier: Path, himalaya: Path, tmp_path: Path) -> None:
    bare = edited(himalaya, tmp_path / "bare.manager", 'DELETE FROM "Changes"')
    screen = Screen(opened(earlier, bare))
    assert proofs(screen)[0][0] == "nothing"
    assert "The later side has no History; the earlier one has 641 rows." in screen.all_text()
    assert "The later side has no History: it cannot say who changed what." in screen.all_text()
    old = edited(earlier, tmp_path / "old.manager", 'DELETE FROM "Changes"')
    panel = opened(old, himalaya)
    screen = Screen(panel)
    assert "A backup without History proves nothing, neither good nor bad." in screen.all_text()
    # who did it is known all the same: what is later than everything in the earlier file
    assert panel._rows.grid.filtered["changes"].to_pylist().count(0) == 0


def test_an_upgrade_is_told_as_the_likely_cause(data: Path) -> None:
    folder = data / "upgraded"
    screen = Screen(opened(folder / "Revision 370.manager", folder / "Revision 370 after the upgrade.manager"))
    state, words, remark = proofs(screen)[1]
    assert (state, words) == ("failed", "33 records differ although no change in between accounts for them")
    assert remark.startswith("the two are of different versions of Manager")


# ---- what is no comparison -------------------------------------------------------------------------------------------


def test_sides_the_wrong_way_round_are_offered_to_be_swapped(earlier: Path, himalaya: Path) -> None:
    panel = opened(himalaya, earlier)
    screen = Screen(panel)
    assert "The file on the earlier side holds later records than the other one." in screen.all_text()
    assert "are the sides the wrong way round? If not, the 153 newest rows are gone from it." in screen.all_text()
    screen.press("Swap and compare again")
    panel.wait(60)
    assert facts(screen)["Only in the later"] == "146"
    assert not screen.has("button", "Swap and compare again")
    assert proofs(screen)[0][0] == "passed"


def test_the_same_file_twice_is_told(himalaya: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.manager"
    shutil.copyfile(himalaya, copy)
    screen = Screen(opened(himalaya, copy))
    text = screen.all_text()
    assert "Both sides are the same file, byte by byte, so nothing can differ. Choose a moment for one." in text
    assert "3. Is the earlier History still there?" not in text


def test_two_businesses_are_told_apart_although_their_settings_have_the_same_keys(earlier: Path, data: Path) -> None:
    other = next((data / "small").glob("*(2025-04-22).manager"))
    screen = Screen(opened(earlier, other))
    text = screen.all_text()
    assert "Is this the same business?" in text
    assert "They have not one record in common." in text
    assert "The wrong way round?" not in text
    assert "3. Is the earlier History still there?" not in text


def test_a_moment_that_is_not_certain_says_of_which_records(tmp_path: Path) -> None:
    a, b = (content("Customer", Name=name) for name in "AB")
    customer = guid("Customer")
    rows = [
        (key(9001), key(7001), key(1), "ravi", TICKS, NOTHING, customer, None, a),
        (key(9002), key(7002), key(2), "ravi", TICKS + SECOND, NOTHING, customer, None, a),
    ]
    objects = [record(1, "Customer", TICKS + 3 * SECOND, Name="B"), record(2, "Customer", TICKS + SECOND, Name="A")]
    panel = opened(write(tmp_path / "odd.manager", objects, Changes=rows))
    screen = Screen(panel)
    screen.send("one-instants-row-1-open")
    screen.press("Compare")
    panel.wait(60)
    assert b != a
    assert "not certain of 1 record; the others are exact." in screen.all_text()
    assert [node["key"] for node in screen.kinds("fold") if "doubts" in node["key"]] == ["left-doubts"]


def test_a_file_that_cannot_be_read_is_told_on_its_side(himalaya: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.manager"
    bad.write_bytes(b"no business")
    panel = opened(himalaya)
    screen = Screen(panel)
    panel._choose(panel._sides[0], bad)
    with pytest.raises(mn.ManagerNbError):
        panel.wait(60)
    assert len(screen.alerts) == 1
    assert screen.one("button", "Compare")["disabled"]
    assert "First choose a file for each side." in screen.all_text()
    panel._choose(panel._sides[0], himalaya)
    panel.wait(60)
    screen.press("Compare")
    panel.wait(60)
    assert screen.alerts == []


@pytest.mark.parametrize(("name", "value", "told"), [("day", "", "is no day"), ("clock", "noon", "is no time of day")])
def test_a_moment_that_is_none_is_told(demo: mn.Business, name: str, value: str, told: str) -> None:
    panel = opened(demo)
    screen = Screen(panel)
    screen.send(f"one-{name}", value=value)
    screen.press("Compare")
    assert told in screen.alerts[0]["message"]


# ---- long work -------------------------------------------------------------------------------------------------------


def held_up(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Let the first comparison say that it has begun, and wait until it may go on."""
    begun, go_on = threading.Event(), threading.Event()
    real: Callable[..., Any] = compared.compare

    def slow(*given: Any, **named: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return real(*given, **named)

    monkeypatch.setattr(compared, "compare", slow)
    return begun, go_on


def test_cancel_is_heard_and_leaves_nothing(demo: mn.Business, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = opened(demo)
    screen = Screen(panel)
    begun, go_on = held_up(monkeypatch)
    screen.press("Compare")
    assert begun.wait(60)
    screen.press("Cancel")
    go_on.set()
    with pytest.raises(CancelledError):
        panel.wait(60)
    assert panel.comparison is None


def test_a_comparison_that_was_overtaken_is_not_shown(demo: mn.Business, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = opened(demo)
    screen = Screen(panel)
    begun, go_on = held_up(monkeypatch)
    screen.press("Compare")
    assert begun.wait(60)
    screen.send("one-day", value="2025-06-30")
    go_on.set()
    panel.wait(60)
    assert panel.comparison is None
    assert "2. At a glance" not in screen.all_text()


def test_the_totals_of_very_many_documents_are_reckoned_when_asked_for(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = opened(*both).totals
    monkeypatch.setattr(compared, "MOST_AMOUNTS", 10)
    panel = opened(*both)
    screen = Screen(panel)
    assert panel.totals is None
    assert whole is not None
    screen.press("Reckon the totals")
    panel.wait(60)
    assert panel.totals is not None
    assert panel.totals.to_arrow().equals(whole.to_arrow())
    assert not screen.has("button", "Reckon the totals")


def test_open_businesses_stay_open_and_files_are_closed(earlier: Path, himalaya: Path) -> None:
    with mn.open_business(earlier) as old, mn.open_business(himalaya) as new:
        panel = ComparePanel(old, new, language="en", timezone="UTC")
        assert len(panel.wait(60).records) == 151
        panel.open(himalaya)
        panel.wait(60)
        assert len(old.records("Customer")) == 25
        mine = panel._sides[0].seen
        assert mine is not None
        panel.open(old, new)
        panel.wait(60)
        assert not mine.business.open_source.database.exists()
        assert new.open_source.database.exists()


def test_it_speaks_hindi(both: Both) -> None:
    hindi = Language("hi")
    screen = Screen(opened(*both, "hi"))
    assert hindi.text("All {count} rows of the earlier History are in the later one, unaltered", count="641") in [
        words for _, words, _ in proofs(screen)
    ]
    assert cells(screen, "by-type")[1][0] == hindi.text("Customer")
    assert Counter(line[1] for line in cells(screen, "rows"))[hindi.text("Only in the later")] > 10


def test_it_is_called_by_its_files(earlier: Path, himalaya: Path) -> None:
    panel = opened(earlier, himalaya)
    assert panel.subject() == f"{earlier.name}, {himalaya.name}"
    assert repr(panel) == repr(opened(earlier, himalaya))
    assert compare_panel.ComparePanel(language="en", timezone="UTC").subject() == ""
