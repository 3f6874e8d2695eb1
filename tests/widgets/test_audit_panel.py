"""The audit by clicking: choose, test, open, mark, draw, write."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import manager_nb as mn
from manager_nb.audit.catalogue import ALL
from manager_nb.demo import demonstration
from manager_nb.errors import CancelledError, SelectionError
from manager_nb.i18n import Language
from manager_nb.progress import check
from manager_nb.widgets import AuditPanel, audit_panel
from manager_nb.widgets.preferences import preferences
from tests.audit.papers import Page, sheets
from tests.model.small_files import record, write
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEW = ("deleted records", "created and deleted", "duplicates", "no description", "out of hours")


@pytest.fixture(scope="module")
def demo() -> Iterator[mn.Business]:
    with mn.open_business(demonstration()) as business:
        yield business


@pytest.fixture
def panel(demo: mn.Business) -> AuditPanel:
    panel = AuditPanel(demo, language="en", timezone="Asia/Kolkata")
    panel.wait()
    panel.choice.choose(*FEW)
    return panel


@pytest.fixture
def screen(panel: AuditPanel) -> Screen:
    return Screen(panel)


@pytest.fixture
def tested(panel: AuditPanel, screen: Screen) -> AuditPanel:
    screen.press("Run the tests")
    panel.wait()
    return panel


def rows_of(screen: Screen, place: str) -> list[str]:
    """The words of each row of a table."""
    grids = [node for node in screen.kinds("grid") if node["key"] == f"{place}-table"]
    lines = [line for grid in grids for line in grid["children"] if line["kind"] == "tr"]
    return [" | ".join(_words(cell) for cell in line.get("children", ())) for line in lines]


def _words(node: dict[str, Any]) -> str:
    own = str(node.get("label") or node.get("words") or node.get("summary") or "")
    return " ".join(filter(None, (own, *map(_words, node.get("children", ())))))


def test_every_test_has_its_switch_its_reason_and_its_settings(demo: mn.Business) -> None:
    panel = AuditPanel(demo, language="en")
    panel.wait()
    screen = Screen(panel)
    told = screen.all_text()
    for rule in ALL:
        assert screen.one("check", rule.title)["checked"]
        assert rule.why in told
        for parameter in rule.parameters:
            assert screen.has("entry", parameter.title) or any(
                node.get("label") == parameter.title for node in screen.kinds("entry")
            )
    screen.tick("What deserves a look", False)
    assert not [rule for rule in ALL if rule.group == "tests" and rule.name in panel.choice.rules]


def test_the_findings_are_those_of_the_same_call_in_code(tested: AuditPanel, demo: mn.Business, screen: Screen) -> None:
    found = mn.audit(demo, rules=FEW, zone="Asia/Kolkata")
    assert tested.findings.to_arrow().equals(found.to_arrow())
    rows = rows_of(screen, "findings")
    assert len(rows) == len(found) > 4
    assert any("PV-GHOST" in row and "Ravi Kumar" in row for row in rows)
    assert "is said by its test, by how strong the reason to look is" in screen.all_text()
    tests = rows_of(screen, "tests")
    assert len(tests) == len(FEW)
    assert any(row.startswith("No description, or a poor one | 0 | 15") for row in tests)


def test_what_a_test_is_told_changes_what_it_finds_and_a_wrong_word_is_told(panel: AuditPanel, screen: Screen) -> None:
    panel.choice.choose("no description")
    screen.fill("A description has at least so many letters", "100")
    screen.press("Run the tests")
    panel.wait()
    assert len(panel.findings) == 15
    screen.fill("A description has at least so many letters", "many")
    found = panel.findings
    screen.press("Run the tests")
    with pytest.raises(mn.ManagerNbError):
        panel.wait()
    (alert,) = screen.alerts
    assert alert["message"] == "The setting “A description has at least so many letters” cannot be “many”."
    field = screen.one("entry", "A description has at least so many letters")
    beside = next(node for node in screen.nodes() if node["kind"] == "group" and field in node.get("children", ()))
    assert alert in beside["children"]
    assert panel.focus == field["key"]
    assert "The tests were not run: a setting does not fit." in screen.all_text()
    assert panel.findings is found
    assert "What follows is of an earlier run." in screen.all_text()
    screen.fill("A description has at least so many letters", "100")
    assert not screen.alerts
    assert "What follows is of an earlier run." not in screen.all_text()  # it is what was asked then
    screen.send("weight-no description", value="heavy")
    screen.press("Run the tests")
    assert panel.focus == "weight-no description"
    assert "“heavy” is no weight" in screen.alerts[0]["message"]
    assert panel.findings is found


def test_a_cancelled_run_leaves_the_earlier_results_and_says_so(
    tested: AuditPanel, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, begun = tested.findings, threading.Event()

    def slow(*_: object, progress: Any, **__: object) -> None:
        begun.set()
        while True:
            check(progress)
            time.sleep(0.01)

    monkeypatch.setattr(audit_panel, "audit", slow)
    screen.press("Run the tests")
    assert begun.wait(10)
    screen.press("Cancel")
    with pytest.raises(CancelledError):
        tested.wait()
    assert tested.findings is found
    assert len(rows_of(screen, "findings")) == len(found)
    told = next(node for node in screen.kinds("notice") if node.get("title") == "What follows is of an earlier run.")
    assert told["words"] == "No run was finished since."


def test_settings_and_the_earlier_backup_are_there_again_for_the_same_file(himalaya: Path, data: Path) -> None:
    earlier = next((data / "himalaya" / "earlier").glob("*.manager"))
    first = AuditPanel(himalaya, language="en", timezone="UTC")
    first.wait()
    screen = Screen(first)
    screen.tick("Round sums", False)
    screen.fill("A description has at least so many letters", "12")
    screen.send("weight-duplicates", value="7")
    first.take_earlier(earlier)
    first.wait()
    again = AuditPanel(himalaya, language="en", timezone="UTC")
    again.wait()
    assert "round sums" not in again.choice.rules
    assert (again.choice.values["letters"], again.choice.weights["duplicates"]) == ("12", 7)
    assert again._earlier.path == str(earlier)
    other = AuditPanel(next((data / "small").glob("*(2025-04-22).manager")), language="en", timezone="UTC")
    other.wait()
    assert "round sums" in other.choice.rules
    assert other._earlier.business is None
    kept = preferences().audits[str(himalaya)]
    assert kept == {
        "off": ["round sums"], "values": {"letters": "12"}, "weights": {"duplicates": "7"}, "earlier": str(earlier),
    }  # fmt: skip


def test_an_earlier_backup_that_is_gone_is_told_and_a_broken_preference_does_no_harm(himalaya: Path) -> None:
    for kept in ({"off": 5, "values": ["x"], "weights": "y", "earlier": 3}, {"off": ["nothing"], "values": {"a": "b"}}):
        preferences().remember_audit(himalaya, kept)
        panel = AuditPanel(himalaya, language="en", timezone="UTC")
        panel.wait()
        assert len(panel.choice.rules) == len(ALL)
        assert panel.choice.kept == {}
    preferences().remember_audit(himalaya, {"earlier": "/nowhere/A.manager"})
    panel = AuditPanel(himalaya, language="en", timezone="UTC")
    panel.wait()
    assert "is not there any more: /nowhere/A.manager" in Screen(panel).all_text()


def act(panel: AuditPanel, number: int, what: str, **given: Any) -> None:
    """Open or tick a finding."""
    (key,) = (
        node["key"]
        for node in Screen(panel).nodes()
        if re.fullmatch(rf"findings-row-\d+\.{number}-{what}", str(node.get("key")))
    )
    Screen(panel).send(key, **given)


def opened(panel: AuditPanel, words: str) -> int:
    number = next(number for number, row in enumerate(panel.findings.to_arrow().to_pylist()) if words in row["message"])
    act(panel, number, "open")
    return number


def evidence(screen: Screen) -> list[str]:
    """The first cells of the rows that a finding rests on; the one that is marked as open is the one that says so."""
    (table,) = (node for node in screen.kinds("table") if node["key"] == "finding-rows")
    cells = [line["children"][0]["words"] for line in table["children"]]
    assert [bool(line.get("current")) for line in table["children"]] == ["shown below" in cell for cell in cells]
    return cells


def test_a_finding_opens_what_it_rests_on(tested: AuditPanel, screen: Screen) -> None:
    number = opened(tested, "minutes later by")
    told = screen.all_text()
    assert f"Created and deleted by one person — finding {number + 1}" in told
    assert "27 Sept 2025, 21:" in told
    buttons = [node for node in screen.kinds("button") if node["key"].startswith("finding-row-")]
    assert [node["label"] for node in buttons] == ["Payment — PV-GHOST"] * 2
    assert [re.sub("2025, .*", "2025", node["name"]) for node in buttons] == [
        "Payment — PV-GHOST: Deleted · Ravi Kumar · 27 Sept 2025",
        "Payment — PV-GHOST: Created · Ravi Kumar · 27 Sept 2025",
    ]
    assert evidence(screen) == ["1", "2"]
    screen.send(buttons[1]["key"])
    assert evidence(screen) == ["1", "2, shown below"]
    assert "Row 2 of what it rests on" in screen.all_text()
    assert any(line.startswith("Ravi Kumar created it on") for line in screen.all_text().split("\n"))
    screen.press("Show the record")
    tested.wait()
    assert "This is how History last knew it." in screen.all_text()


def test_a_deleted_record_starts_a_plan_in_which_it_is_ticked(tested: AuditPanel, screen: Screen) -> None:
    opened(tested, "minutes later by")
    screen.press("Bring it back")
    restore: Any = tested._restore
    restore.wait()
    assert restore.selection is not None
    assert screen.kinds("embed")[0]["model"] == restore.widget.model_id
    restore.make_plan()
    restore.wait()
    assert ("create", "Payment — PV-GHOST") in {
        (row["action"], row["label"]) for row in restore.plan.actions.to_arrow().to_pylist()
    }


def test_a_mark_is_kept_beside_and_found_by_the_next_panel(
    tested: AuditPanel, screen: Screen, demo: mn.Business, home: Path
) -> None:
    number = opened(tested, "minutes later by")
    assert screen.one("button", "Mark as reviewed").get("disabled")
    screen.fill("Your name", "Asha")
    screen.fill("Note", "Asked Ravi: a test entry")
    screen.press("Mark as reviewed")
    assert "Reviewed by Asha on" in screen.all_text()
    kept = home / "Manager exports" / "Himalaya Traders.reviews.json"
    assert len(json.loads(kept.read_text("utf-8"))["reviews"]) == 1
    assert rows_of(screen, "findings")[number].endswith("Yes")
    again = AuditPanel(demo, language="en")
    again.wait()
    again.choice.choose(*FEW)
    again.test()
    again.wait()
    other = Screen(again)
    opened(again, "minutes later by")
    assert other.one("entry", "Note")["value"] == "Asked Ravi: a test entry"
    screen.press("Take the mark away")
    assert json.loads(kept.read_text("utf-8"))["reviews"] == {}


def test_a_file_that_is_none_of_reviews_is_told_and_left(panel: AuditPanel, screen: Screen, home: Path) -> None:
    kept = home / "Manager exports" / "Himalaya Traders.reviews.json"
    kept.parent.mkdir()
    kept.write_text("mine", "utf-8")
    panel.test()
    with pytest.raises(mn.ManagerNbError):
        panel.wait()
    assert panel.findings is not None
    assert "is no file of reviews" in screen.alerts[0]["message"]
    assert kept.read_text("utf-8") == "mine"


@pytest.mark.parametrize(("button", "ending"), [("Write for Excel", "xlsx"), ("Write a page to print", "html")])
def test_the_working_paper_holds_the_findings_and_the_sample(
    tested: AuditPanel, screen: Screen, home: Path, button: str, ending: str
) -> None:
    screen.fill("How many", "4")
    screen.fill("Seed", "2026-03")
    screen.press("Draw the sample")
    tested.wait()
    assert len(rows_of(screen, "sample-items")) == 4
    screen.fill("Prepared by", "Asha Rao")
    screen.press(button)
    tested.wait()
    path = home / "Manager exports" / f"Audit of Himalaya Traders (2026-03-27).{ending}"
    assert tested.paper.done == path
    assert f"{path.name} is written" in screen.all_text()
    parts = sheets(path) if ending == "xlsx" else Page(path).tables
    assert len(parts["Findings"][1:] if ending == "xlsx" else Page(path).findings()) == len(tested.findings)
    assert any("Asha Rao" in row for row in parts["Summary"])
    assert len([row for row in parts["Sample"] if "drawn by lot" in row]) == 4
    screen.press(button)
    with pytest.raises(mn.ManagerNbError):
        tested.wait()
    assert screen.alerts[0]["message"] == f"There is already a file {path.name}."


def test_every_sample_is_kept_and_goes_into_the_paper(tested: AuditPanel, screen: Screen) -> None:
    for seed in ("a", "b", "a"):
        screen.fill("How many", "3")
        screen.fill("Seed", seed)
        screen.press("Draw the sample")
        tested.wait()
    assert [one.parameters["seed"] for one in tested.sample.samples] == ["a", "b"]  # the third is the first again
    assert tested.sample.sample is tested.sample.samples[0]
    screen.press("Sample 2")
    assert tested.sample.sample is tested.sample.samples[1]
    (listed,) = (node for node in screen.kinds("table") if node["key"] == "sample-list")
    assert [line.get("current", False) for line in listed["children"]] == [False, True]
    assert "seed b:" in screen.all_text()
    screen.fill("How many", "none")
    screen.press("Draw the sample")
    with pytest.raises(mn.ManagerNbError):
        tested.wait()
    assert len(tested.sample.samples) == 2
    screen.press("Run the tests")
    tested.wait()
    screen.press("Write for Excel")
    tested.wait()
    book = sheets(tested.paper.done)
    assert {"Sample 1", "Sample 2"} <= set(book)
    assert any("seed b" in row[0] for row in book["Sample 2"])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Seed": ""}, "The sample has no seed."),
        ({"Seed": "1", "How many": "some"}, "“some” is no number of items."),
        ({"Seed": "1", "How many": "0"}, "“0” is no number of items."),
        ({"Seed": "1", "Limits between the groups": ""}, "No limits between the groups are given."),
        ({"Seed": "1", "Limits between the groups": "5; x"}, "“x” is no amount at which a group can begin."),
        (
            {"Seed": "1", "Limits between the groups": "1,000, 2,000"},
            "“1,000, 2,000” is no amount at which a group can begin.",
        ),
    ],
)
def test_a_sample_that_cannot_be_drawn_says_why(
    tested: AuditPanel, screen: Screen, fields: dict[str, str], message: str
) -> None:
    if "Limits between the groups" in fields:
        screen.send("sample-method", value="stratified")
    for label, words in fields.items():
        screen.fill(label, words)
    screen.press("Draw the sample")
    with pytest.raises(mn.ManagerNbError):
        tested.wait()
    assert screen.alerts[0]["message"] == message


def test_a_paper_without_a_name_says_that_the_paper_has_none(tested: AuditPanel, screen: Screen) -> None:
    screen.fill("Name of the file", " ")
    screen.press("Write for Excel")
    with pytest.raises(mn.ManagerNbError):
        tested.wait()
    assert screen.alerts[0]["message"] == "The working paper has no name."


def test_ticked_findings_are_the_selection(tested: AuditPanel) -> None:
    act(tested, 0, "tick", value=True)
    assert isinstance(tested.selection, pd.DataFrame)
    assert list(tested.selection["rule"]) == [tested.findings.found[0][0].name]


def test_it_speaks_hindi_and_keeps_what_is_asked_and_ticked(tested: AuditPanel, screen: Screen) -> None:
    act(tested, 1, "tick", value=True)
    screen.send("findings-search", value="minutes later by")
    before = list(tested.selection["message"])
    screen.speak("hi")
    hindi = Language("hi")
    assert rows_of(screen, "findings") == []  # it was an English word
    screen.send("findings-search", value="PV-GHOST")
    rows = rows_of(screen, "findings")
    assert len(rows) == 2
    assert any(hindi.text("Created and deleted by one person") in row for row in rows)
    assert len(tested.selection) == len(before) == 1


def test_an_earlier_backup_is_taken_and_left_again(panel: AuditPanel, screen: Screen, data: Path) -> None:
    earlier = next(path for path in sorted((data / "himalaya").rglob("*.manager")) if "Himalaya" in path.name)
    panel.take_earlier(earlier)
    panel.wait()
    panel.test()
    panel.wait()
    assert [source["path"] for source in panel.findings.sources][1] == str(earlier)
    screen.press("Without an earlier backup")
    panel.wait()
    assert panel.findings is None
    assert not screen.has("button", "Without an earlier backup")


def test_an_empty_business_is_tested_too(tmp_path: Path) -> None:
    panel = AuditPanel(write(tmp_path / "A.manager", [record(1, "Customer", Name="C")]), language="en")
    panel.wait()
    panel.test()
    panel.wait()
    screen = Screen(panel)
    assert "tests were done" in screen.all_text()
    assert not screen.has("fold", "Draw a sample")


def test_an_earlier_backup_of_another_business_is_refused(himalaya: Path, data: Path) -> None:
    panel = AuditPanel(himalaya, language="en", timezone="UTC")
    panel.wait(60)
    panel.choice.choose("no description")
    panel.test()
    panel.wait(60)
    found = panel.findings
    panel.take_earlier(next((data / "small").glob("*(2025-04-22).manager")))
    with pytest.raises(SelectionError, match="is another business"):
        panel.wait(60)
    assert panel._earlier.business is None
    panel.take_earlier(himalaya)  # the chooser offers what was used last: the very file that is tested
    with pytest.raises(SelectionError, match="cannot vouch for itself"):
        panel.wait(60)
    assert panel._earlier.business is None
    assert panel.findings is found
    panel.take_earlier(next((data / "himalaya" / "earlier").glob("*.manager")))
    panel.wait(60)
    assert panel._earlier.business is not None
    assert panel.findings is None  # what it rests on is of another comparison
    panel.close()
    assert panel._earlier.business is None
