"""What a person may do in between: modes, conflicts, other choices while work is under way, cancel, old files."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING, Any

import pytest

import manager_nb as mn
from manager_nb.errors import CancelledError
from manager_nb.format import steps
from manager_nb.restore import plan as plans
from manager_nb.timeline.trail import Trail
from manager_nb.widgets import RestorePanel, restore_panel, restore_past
from tests.model.small_files import TICKS, content, guid, key, record, write
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CUSTOMER, INVOICE = "Customer — TEMP - अस्थायी ग्राहक", "Sales Invoice — 1111 — 2025-10-25"
SECOND = 10_000_000


@pytest.fixture
def panel(himalaya: Path, tmp_path: Path) -> RestorePanel:
    return opened(himalaya, tmp_path)


@pytest.fixture
def watchers() -> Iterator[list[Callable[[str], None]]]:
    yield steps.watchers
    steps.watchers.clear()


def opened(path: Path, folder: Path) -> RestorePanel:
    panel = RestorePanel(path, language="en", timezone="UTC")
    panel.wait(60)
    panel.folder = folder
    return panel


def tick(screen: Screen, name: str) -> None:
    node = next(node for node in screen.kinds("tick") if node["name"] == f"Tick {name}")
    screen.send(node["key"], value=not node.get("checked"))


def tick_action(panel: RestorePanel, screen: Screen, label: str, **facts: int) -> None:
    """Tick the newest action whose first record is called so."""
    screen.send("way", value="undo")
    rows = panel._ways._actions.rows.to_pylist()
    number = next(
        number
        for number, row in enumerate(rows)
        if str(row["label"]).startswith(label) and facts.items() <= row.items()
    )
    screen.send("actions-search", value=label)
    screen.send(f"actions-row-{number}-tick", value=True)


def plan(panel: RestorePanel, screen: Screen) -> str:
    screen.press("Show the plan")
    panel.wait(60)
    assert panel.plan is not None
    return screen.all_text()


def sign(screen: Screen) -> None:
    screen.fill("Your name", "Meera Shah")
    screen.fill("Reason", "Deleted by mistake")


def done(panel: RestorePanel) -> dict[str, str]:
    return {row["label"]: row["action"] for row in panel.plan.actions.to_arrow().to_pylist()}


# ---- the plan --------------------------------------------------------------------------------------------------------


def test_what_was_lost_with_a_record_is_offered_at_once(panel: RestorePanel) -> None:
    screen = Screen(panel)
    tick(screen, CUSTOMER)
    assert "1 record comes back without what belonged to it and was deleted too." in plan(panel, screen)
    assert done(panel) == {CUSTOMER: "create"}
    screen.press("Bring that along too")
    panel.wait(60)
    assert done(panel) == {CUSTOMER: "create", INVOICE: "create"}
    assert not screen.has("button", "Bring that along too")
    (totals,) = [node for node in screen.kinds("table") if node["key"] == "totals"]
    cells = [[cell.get("words", "") for cell in line["children"]] for line in totals["children"]]
    assert cells == [
        ["Customer", "25", "26", "", ""],
        ["Sales Invoice (INR)", "181", "182", "INR 17,026,384.37", "INR 17,051,772.12"],
        ["Sales Invoice (USD)", "9", "9", "USD 695,636.72", "USD 695,636.72"],  # 190 with those, as everywhere
    ]


def test_all_that_was_deleted_comes_back_as_it_was_and_nothing_else(panel: RestorePanel) -> None:
    screen = Screen(panel)
    assert panel.current is not None
    lost = plans.lost_objects(panel.current)
    for name in [node["name"].removeprefix("Tick ") for node in screen.kinds("tick")]:
        tick(screen, name)
    plan(panel, screen)
    back = {step.key: step.after for step in panel.plan.effective}
    assert back == {one: lost[one] for one in back}
    assert set(back) == set(lost)


def test_a_conflict_is_told_and_each_mode_deals_with_it(panel: RestorePanel, tmp_path: Path) -> None:
    screen = Screen(panel)
    tick_action(panel, screen, "Customer — C001", created=1)
    told = plan(panel, screen)
    assert "The plan has conflicts. Choose above how to deal with them, or choose other records." in told
    assert "Sales Invoice — 1019 — 2025-05-02 — Order by phone refers to it (Customer) and stays." in told.split("\n")
    assert "… and 16 more" in told.split("\n")
    sign(screen)
    assert screen.one("button", "Bring back")["disabled"]
    screen.send("mode", value="only non-conflicting")
    panel.wait(60)
    assert "There is nothing to bring back: what was chosen is as it was." in screen.all_text()
    assert not screen.has("button", "Bring back")
    screen.send("mode", value="force")
    panel.wait(60)
    assert panel.plan.mode == panel.mode == "force"
    screen.press("Bring back")
    path = panel.wait(60)
    with mn.open_business(path) as made:
        assert len(made.records("Customer")) == 24
    assert path.parent == tmp_path


# ---- the button ------------------------------------------------------------------------------------------------------


def test_without_a_reason_nothing_is_written(panel: RestorePanel, tmp_path: Path) -> None:
    screen = Screen(panel)
    tick(screen, INVOICE)
    plan(panel, screen)
    screen.fill("Your name", "Meera Shah")
    screen.fill("Reason", "  ")
    assert screen.one("button", "Bring back")["disabled"]
    assert "Your name and a reason are needed." in screen.all_text()
    panel.apply()
    with pytest.raises(mn.ManagerNbError, match="needs the name of who does it and a reason"):
        panel.wait(60)
    assert len(screen.alerts) == 1
    assert list(tmp_path.iterdir()) == []
    screen.fill("Reason", "Deleted by mistake")
    assert not screen.one("button", "Bring back").get("disabled")


def test_what_is_done_is_not_done_twice_and_the_next_file_gets_a_name_of_its_own(
    panel: RestorePanel, tmp_path: Path
) -> None:
    screen = Screen(panel)
    first = panel.name
    tick(screen, INVOICE)
    plan(panel, screen)
    sign(screen)
    screen.press("Bring back")
    path = panel.wait(60)
    assert path.name == f"{first}.manager"
    assert not screen.has("button", "Bring back")
    tick(screen, "Receipt — R69")
    assert panel.result is None
    plan(panel, screen)
    assert panel.name == f"{first}(2)"
    screen.fill("Name of the new file", "Mine")
    tick(screen, "Receipt — R62")
    plan(panel, screen)
    assert panel.name == "Mine"
    screen.fill("Reason", "Deleted by mistake too")
    panel.folder = tmp_path / "elsewhere"
    screen.press("Bring back")
    assert panel.wait(60) == tmp_path / "elsewhere" / "Mine.manager"


def test_cancelled_while_it_is_written_nothing_is_left(
    panel: RestorePanel, tmp_path: Path, watchers: list[Callable[[str], None]]
) -> None:
    screen = Screen(panel)
    reached = threading.Event()

    def hold(step: str) -> None:
        if step == "backup synced":
            reached.set()
            assert panel._job is not None
            panel._job.meter.stopped.wait(60)

    watchers.append(hold)
    tick(screen, INVOICE)
    plan(panel, screen)
    sign(screen)
    screen.press("Bring back")
    assert reached.wait(60)
    tick(screen, CUSTOMER)  # the plan is dropped, the work and its Cancel are not
    assert panel.plan is None
    screen.press("Cancel")
    with pytest.raises(mn.ManagerNbError):
        panel.wait(60)
    assert "Cancelled. Nothing was written." in screen.all_text()
    assert list(tmp_path.iterdir()) == []
    assert panel.result is None


@pytest.mark.parametrize(("way", "button"), [("deleted", "Show the plan"), ("moment", "See what differs")])
def test_cancel_is_heard_while_a_plan_or_a_past_is_made(
    panel: RestorePanel, monkeypatch: pytest.MonkeyPatch, way: str, button: str
) -> None:
    screen = Screen(panel)
    tick(screen, INVOICE)
    screen.send("way", value=way)
    begun, go_on = held_up(monkeypatch, Trail, "read")
    screen.press(button)
    assert begun.wait(60)
    screen.press("Cancel")
    go_on.set()
    with pytest.raises(CancelledError):
        panel.wait(60)
    assert "Cancelled. Nothing was written." in screen.all_text()
    assert panel.plan is None
    assert not screen.one("button", button).get("disabled")


# ---- another choice meanwhile ----------------------------------------------------------------------------------------


def test_a_plan_that_was_overtaken_is_made_anew(panel: RestorePanel, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(panel)
    begun, go_on = held_up(monkeypatch, restore_panel, "plan_restore")
    tick(screen, INVOICE)
    screen.press("Show the plan")
    assert begun.wait(60)
    tick(screen, "Receipt — R69")
    go_on.set()
    panel.wait(60)
    assert done(panel) == {INVOICE: "create", CUSTOMER: "create", "Receipt — R69": "create"}


def test_a_past_that_was_overtaken_is_not_shown(panel: RestorePanel, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(panel)
    begun, go_on = held_up(monkeypatch, restore_past, "compare")
    screen.send("way", value="moment")
    screen.send("day", value="2025-09-30")
    screen.press("See what differs")
    assert begun.wait(60)
    screen.send("day", value="2025-10-31")
    go_on.set()
    panel.wait(60)
    assert "The business as it was at" not in screen.all_text()
    screen.press("See what differs")
    panel.wait(60)
    assert "The business as it was at 31 Oct 2025, 23:59 (UTC)" in screen.all_text()


def test_a_moment_stays_the_same_in_another_zone(panel: RestorePanel) -> None:
    screen = Screen(panel)
    screen.send("way", value="moment")
    screen.send("day", value="2025-09-30")
    screen.fill("Time (UTC)", "18:29")
    screen.press("See what differs")
    panel.wait(60)
    panel.timezone = "Asia/Kolkata"
    assert "The business as it was at 30 Sept 2025, 23:59 (India Time)" in screen.all_text()


def held_up(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> tuple[threading.Event, threading.Event]:
    """Let the first call of a function say that it has begun, and wait until it may go on."""
    begun, go_on = threading.Event(), threading.Event()
    real = getattr(owner, name)

    def slow(*given: Any, **named: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return real(*given, **named)

    monkeypatch.setattr(owner, name, slow)
    return begun, go_on


# ---- odd files -------------------------------------------------------------------------------------------------------


def test_old_actions_without_a_key_can_be_undone_and_gone_back_to(tmp_path: Path) -> None:
    """Revisions of before had no column for the action: changes of one moment and user are one."""
    a, b = (content("Customer", Name=name) for name in "AB")
    customer = guid("Customer")
    nothing = "00000000-0000-0000-0000-000000000000"
    rows = [
        (key(9001), None, key(1), "ravi", TICKS, nothing, customer, None, a),
        (key(9002), None, key(2), "ravi", TICKS, nothing, customer, None, a),
        (key(9003), None, key(1), "asha", TICKS + SECOND, customer, customer, a, b),
        (key(9004), None, key(2), "asha", TICKS + SECOND, customer, customer, a, b),
        (key(9005), None, key(2), "ravi", TICKS + 2 * SECOND, customer, nothing, b, None),
    ]
    path = write(tmp_path / "old.manager", [record(1, "Customer", TICKS + SECOND, Name="B")], Changes=rows)
    panel = opened(path, tmp_path)
    screen = Screen(panel)
    assert panel._ways._deleted.rows["object"].to_pylist() == [key(2)]
    screen.send("way", value="undo")
    assert [row["changes"] for row in panel._ways._actions.rows.to_pylist()] == [1, 2, 2]
    screen.send("actions-row-1-open")
    assert len(panel._ways._mates.rows) == 2
    screen.send("actions-row-1-tick", value=True)
    assert panel.selection is not None
    assert set(panel.selection.changes or ()) == {key(9003), key(9004)}
    told = plan(panel, screen)
    actions = {row["object"]: row["action"] for row in panel.plan.actions.to_arrow().to_pylist()}
    assert actions == {key(1): "revert", key(2): "conflict"}
    assert "After that, ravi deleted it" in told
    screen.send("way", value="moment")
    screen.send("instants-row-2-open")
    screen.press("See what differs")
    panel.wait(60)
    past = panel._ways.source()
    assert past is not None
    assert {one: raw for one, _, raw in past.objects() if one in (key(1), key(2))} == {key(1): a, key(2): a}


def test_a_backup_of_another_business_is_doubted(panel: RestorePanel, tmp_path: Path) -> None:
    other = write(tmp_path / "other.manager", [record(1, "Customer", Name="Somebody")])
    screen = Screen(panel)
    screen.send("way", value="backup")
    screen.press("Choose the other backup")
    screen.send("other-path", value=str(other), enter=True)
    panel.wait(60)
    assert "Is this the same business?" in screen.all_text()


def test_a_business_without_history_says_so(tmp_path: Path) -> None:
    panel = opened(write(tmp_path / "a.manager", [record(1, "Customer", Name="A")]), tmp_path)
    screen = Screen(panel)
    assert "This file has no History: what was deleted in it" in screen.all_text()
    screen.send("way", value="undo")
    assert "History knows of no action." in screen.all_text()
    screen.send("way", value="moment")
    screen.send("day", value=dt.date(2025, 4, 1).isoformat())
    screen.press("See what differs")
    panel.wait(60)
    assert "not possible. The file has no History of that time." in screen.all_text()
