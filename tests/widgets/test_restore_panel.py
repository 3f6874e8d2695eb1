"""Bringing records back by clicking: each way, the plan, what stands in its way, and the file that is made."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.widgets import RestorePanel
from manager_nb.widgets.naming import record_name
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

CUSTOMER, INVOICE = "Customer — TEMP - अस्थायी ग्राहक", "Sales Invoice — 1111 — 2025-10-25"


@pytest.fixture
def panel(himalaya_tar: Path, tmp_path: Path) -> RestorePanel:
    panel = RestorePanel(himalaya_tar, language="en", timezone="UTC")
    panel.wait(60)
    panel.folder = tmp_path
    return panel


def tick(screen: Screen, name: str) -> None:
    """Tick the row of a record."""
    node = next(node for node in screen.kinds("tick") if node["name"] == f"Tick {name}")
    screen.send(node["key"], value=True)


def open_row(screen: Screen, label: str) -> None:
    """Open the first row of a record."""
    button = next(node for node in screen.kinds("button") if node.get("look") == "row" and node["label"] == label)
    screen.send(button["key"])


def plan(panel: RestorePanel, screen: Screen) -> str:
    screen.press("Show the plan")
    panel.wait(60)
    assert panel.plan is not None
    return screen.all_text()


def sign(screen: Screen) -> None:
    screen.fill("Your name", "Meera Shah")
    screen.fill("Reason", "Deleted by mistake")


def test_a_deleted_customer_comes_back_with_what_was_lost_with_it(panel: RestorePanel, tmp_path: Path) -> None:
    screen = Screen(panel)
    assert screen.one("button", "Show the plan")["disabled"]
    open_row(screen, CUSTOMER)
    assert "Ravi Kumar deleted it on 27 Oct 2025, 15:32:13 (UTC)." in screen.all_text()
    tick(screen, CUSTOMER)
    assert "does not come along" in plan(panel, screen)
    screen.send("mode", value="include dependants")
    panel.wait(60)
    assert "It belongs to Customer — TEMP - अस्थायी ग्राहक (Customer) and is gone too." in screen.all_text()
    assert screen.one("button", "Bring back")["disabled"]
    assert "Your name and a reason are needed." in screen.all_text()
    sign(screen)
    screen.press("Bring back")
    path = panel.wait(60)
    assert path.parent == tmp_path
    assert "695 other records and form defaults are unchanged, byte by byte" in screen.all_text()
    with mn.open_business(path) as made:
        newest = made.history.page(0, 2).to_pylist()
        assert {row["label"].rsplit(" — Bill")[0] for row in newest} == {CUSTOMER, INVOICE}
        assert {row["user"] for row in newest} == {"Meera Shah"}
    journal = json.loads((path.parent / f"{path.name}.restore.json").read_text("utf-8"))
    assert journal["reason"] == "Deleted by mistake"
    screen.press("Look into the new file here")
    panel.wait(60)
    assert panel.source == path
    assert panel.name.count("restored") == 1
    assert panel.plan is None
    assert CUSTOMER not in [node["name"] for node in screen.kinds("tick")]
    # what came back is seen there, with its attachment
    back = [node["label"] for node in screen.kinds("button") if node["key"].startswith("brought-rows-row")]
    assert set(back) == {CUSTOMER, INVOICE}
    open_row(screen, next(label for label in back if label.startswith("Sales Invoice")))
    panel.wait(60)
    assert "Pictures and attachments" in screen.all_text()


def test_a_plan_tells_of_the_attachments_of_what_comes_back(panel: RestorePanel) -> None:
    screen = Screen(panel)
    tick(screen, INVOICE)
    plan(panel, screen)
    (files,) = [node for node in screen.kinds("table") if node["key"] == "plan-files"]
    ((name, record, state),) = [[cell.get("words", "") for cell in row["children"]] for row in files["children"]]
    assert name
    assert record.startswith(INVOICE)
    assert state == "Is in the file, and belongs to it again"


def test_a_reason_and_a_mode_are_of_one_restore_only(panel: RestorePanel) -> None:
    """Nobody signs another restore with the words of the last one."""
    screen = Screen(panel)
    tick(screen, CUSTOMER)
    plan(panel, screen)
    screen.press("Bring that along too")
    panel.wait(60)
    sign(screen)
    tick(screen, "Receipt — R69")  # more of the same restore
    assert (panel.reason, panel.mode) == ("Deleted by mistake", "include dependants")
    screen.send("way", value="undo")
    assert (panel.reason, panel.mode) == ("", "stop")
    assert panel.user == "Meera Shah"
    screen.send("way", value="deleted")
    plan(panel, screen)
    screen.fill("Reason", "Lost")
    screen.press("Bring back")
    panel.wait(60)
    assert (panel.reason, panel.mode) == ("", "stop")
    screen.fill("Reason", "Lost") if screen.has("entry", "Reason") else None
    panel.open(panel.source)
    panel.wait(60)
    assert panel.reason == ""


def test_a_whole_past_is_named_and_told_after_its_day_and_nothing_false_is_claimed(panel: RestorePanel) -> None:
    screen = Screen(panel)
    screen.send("way", value="moment")
    screen.send("day", value="2025-09-30")
    screen.press("See what differs")
    panel.wait(60)
    screen.send("everything", value=True)
    told = plan(panel, screen)
    assert panel.name.endswith("(as at 2025-09-30)")
    assert "the new file keeps those of today" in told
    listed = sum(step.depth == 0 for step in panel.plan.effective)
    assert listed > 250
    assert f"{listed - 25} more" in told.split("\n")
    sign(screen)
    screen.press("Bring back")
    panel.wait(60)
    away = sum(step.action == "delete" and step.shown.type == "Attachment" for step in panel.plan.effective)
    assert away == 13
    assert "13 attachments are taken out, as the plan says" in screen.all_text()


def test_only_what_is_ticked_is_selected(panel: RestorePanel) -> None:
    screen = Screen(panel)
    tick(screen, INVOICE)
    plan(panel, screen)
    actions = panel.plan.actions.to_arrow().to_pylist()
    assert [row["label"] for row in actions if row["depth"] == 0] == [INVOICE]
    assert [row["label"] for row in actions if row["depth"] == 1] == [CUSTOMER]


def test_a_batch_is_undone_and_later_work_stays(panel: RestorePanel) -> None:
    screen = Screen(panel)
    screen.send("way", value="undo")
    screen.send("actions-search", value="P4798")
    rows = panel._ways._actions.filtered.to_pylist()
    batch = next(row for row in rows if row["changes"] == 8)
    number = next(n for n, row in enumerate(panel._ways._actions.rows.to_pylist()) if row["commit"] == batch["commit"])
    screen.send(f"actions-row-{number}-open")
    assert "Changes of this action" in screen.all_text()
    screen.send(f"actions-row-{number}-tick", value=True)
    assert panel.selection is not None
    assert panel.selection.commits == (batch["commit"],)
    told = plan(panel, screen)
    assert "8 records" in told
    assert {row["type"] for row in panel.plan.actions.to_arrow().to_pylist()} == {"PurchaseInvoice"}


def test_a_moment_is_compared_and_everything_can_become_what_it_was(panel: RestorePanel) -> None:
    screen = Screen(panel)
    screen.send("way", value="moment")
    screen.send("day", value="2025-09-30")
    screen.press("See what differs")
    panel.wait(60)
    assert "exact. Every record is byte for byte what it was." in screen.all_text()
    assert "The business as it was at 30 Sept 2025, 23:59 (UTC)" in screen.all_text()
    assert panel._ways._past._differing.rows.num_rows == 294
    open_row(screen, "Customer — C005 - Renamed & Sons")
    assert "Credit limit" in screen.all_text()
    assert panel.selection is None
    screen.tick("Everything: the whole business becomes what it was then", True)
    assert panel.selection == mn.Selection.everything()
    plan(panel, screen)
    assert panel.current is not None
    with panel.current.as_at(dt.date(2025, 9, 30)) as past:
        then = {key.lower(): content for key, _, content in past.objects()}
    assert {key: one.content for key, one in panel.plan.after.items()} == then


def test_a_moment_can_be_right_after_an_action(panel: RestorePanel) -> None:
    screen = Screen(panel)
    screen.send("way", value="moment")
    screen.send("instants-search", value="P4798")
    number = int(panel._ways._past._moment.actions.found[0].as_py())
    screen.send(f"instants-row-{number}-open")
    assert "Right after the action of 27 Sept 2025" in screen.all_text()
    screen.press("See what differs")
    panel.wait(60)
    assert "exact." in screen.all_text()
    screen.press("Take the day instead")
    assert panel._ways._past.past is None


@pytest.mark.parametrize(("key", "value", "told"), [("day", "", "is no day"), ("clock", "noon", "is no time of day")])
def test_a_moment_that_is_none_is_told(panel: RestorePanel, key: str, value: str, told: str) -> None:
    screen = Screen(panel)
    screen.send("way", value="moment")
    screen.send(key, value=value)
    screen.press("See what differs")
    assert told in screen.alerts[0]["message"]
    assert panel._ways._past.past is None


def test_records_come_back_from_another_backup(panel: RestorePanel, data: Path, himalaya: Path) -> None:
    screen = Screen(panel)
    screen.send("way", value="backup")
    screen.press("Choose the other backup")
    screen.send("other-path", value=str(himalaya), enter=True)
    panel.wait(60)
    assert "Nothing differs." in screen.all_text()
    assert panel.selection is None
    earlier = data / "himalaya" / "earlier" / "Himalaya Traders (2025-12-31).manager"
    screen.send("other-open")
    screen.send("other-path", value=str(earlier), enter=True)
    panel.wait(60)
    assert "The business in Himalaya Traders (2025-12-31).manager" in screen.all_text()
    rows = panel._ways._past._differing.rows.to_pylist()
    gone = next(row for row in rows if row["state"] == "only left")
    tick(screen, record_name(panel.words, gone["label"], gone["type"]))
    plan(panel, screen)
    told = panel.plan.actions.to_arrow().to_pylist()
    assert [(row["object"], row["action"]) for row in told if row["depth"] == 0] == [(gone["key"], "create")]


def test_what_is_no_business_is_told_where_it_was_chosen(panel: RestorePanel, tmp_path: Path) -> None:
    (tmp_path / "x.manager").write_bytes(b"")
    screen = Screen(panel)
    screen.send("way", value="backup")
    screen.press("Choose the other backup")
    screen.send("other-path", value=str(tmp_path / "x.manager"), enter=True)
    with pytest.raises(mn.ManagerNbError):
        panel.wait(60)
    assert screen.alerts[0]["message"] == "x.manager is empty."


def test_another_choice_makes_the_plan_stale(panel: RestorePanel) -> None:
    screen = Screen(panel)
    tick(screen, CUSTOMER)
    plan(panel, screen)
    tick(screen, INVOICE)
    assert panel.plan is None
    assert not screen.has("button", "Bring back")
    screen.send("way", value="undo")
    assert panel.selection is None


def test_a_taken_name_is_told_and_nothing_is_written(panel: RestorePanel, tmp_path: Path) -> None:
    screen = Screen(panel)
    tick(screen, INVOICE)
    plan(panel, screen)
    sign(screen)
    screen.fill("Name of the new file", "a/b")
    assert screen.one("button", "Bring back")["disabled"]
    screen.fill("Name of the new file", "Taken")
    (tmp_path / "Taken.manager.tar").write_bytes(b"mine")
    screen.press("Bring back")
    with pytest.raises(mn.ManagerNbError, match="There is already a file"):
        panel.wait(60)
    assert [path.name for path in tmp_path.iterdir()] == ["Taken.manager.tar"]
    assert (tmp_path / "Taken.manager.tar").read_bytes() == b"mine"
    assert "There is already a file" in screen.alerts[0]["message"]


def test_it_speaks_hindi_and_leaves_the_business_that_was_given_open(himalaya: Path) -> None:
    with mn.open_business(himalaya) as business:
        panel = RestorePanel(business, language="hi", timezone="Asia/Kolkata")
        panel.wait(60)
        screen = Screen(panel)
        tick_name = next(node["name"] for node in screen.kinds("tick") if "अस्थायी" in node["name"])
        assert tick_name == "ग्राहक — TEMP - अस्थायी ग्राहक चुनें"
        panel.open(himalaya)
        panel.wait(60)
        assert len(business.history) == 794
        assert repr(panel) == "<RestorePanel: Himalaya Traders.manager>"


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        ("stays", "The file that it was made from was only read, and has not changed meanwhile"),
        ("vanishes", "cannot be told"),
    ],
)
def test_the_outcome_claims_of_the_file_only_what_was_seen(
    data: Path, tmp_path: Path, meanwhile: str, told: str
) -> None:
    source = tmp_path / "source" / "Demo.manager"
    source.parent.mkdir()
    shutil.copyfile(data / "himalaya" / "Himalaya Traders.manager", source)
    panel = RestorePanel(source, language="en", timezone="UTC")
    panel.wait(60)
    panel.folder = tmp_path
    screen = Screen(panel)
    tick(screen, INVOICE)
    plan(panel, screen)
    sign(screen)
    if meanwhile == "vanishes":
        source.unlink()
    screen.press("Bring back")
    panel.user = "Somebody else"  # typed while the file was written
    panel.wait(60)
    words = screen.all_text()
    assert told in words
    assert "History goes on with one action, by Meera Shah" in words
    assert ("has not changed meanwhile" in words) == (meanwhile == "stays")


def test_there_is_nothing_to_apply_without_a_plan(panel: RestorePanel) -> None:
    panel.apply()
    assert isinstance(panel.error, mn.ManagerNbError)
    assert "no plan yet" in panel.error.message
