from __future__ import annotations

import gc
import shutil
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from traitlets import Int

from manager_nb.errors import CancelledError, MomentError, NotABusinessError
from manager_nb.progress import Progress, check
from manager_nb.widgets import BackupPanel, ImportPanel, chosen_business, demonstration, reruns, view
from manager_nb.widgets.panel import Panel
from manager_nb.widgets.preferences import preferences
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.widgets.view import Node


class Counter(Panel):
    """A panel to try the base with: counts, fails and works on request."""

    count = Int(0)

    def __init__(self, **given: str) -> None:
        self.go_on = threading.Event()
        self.at_work = threading.Event()
        super().__init__(**given)

    def title(self) -> str:
        return self.text("Backup")

    def subject(self) -> str:
        return "of sheep"

    def body(self) -> Iterable[Node | None]:
        yield view.paragraph(str(self.count))
        yield view.button("One more", self.one_more, key="more")
        yield view.button("Fail", self.stumble, key="fail")
        yield view.button("Crash", self.crash, key="crash")
        yield view.button("Work", self.work, key="work", disabled=self.busy)
        yield self.under_way()
        yield self.trouble()

    def one_more(self) -> None:
        self.count += 1

    def stumble(self) -> None:
        raise NotABusinessError(
            "{name} is empty.", hint="Choose another file.", path=Path("/x/a.manager"), name="a.manager"
        )

    def crash(self) -> None:
        raise ZeroDivisionError("a bug of ours")

    def work(self) -> None:
        def long(progress: Progress) -> int:
            progress.start("Copying", 100)
            for _ in range(100):
                check(progress)
                progress.advance()
                if progress.cancelled is False:
                    self.at_work.set()
                    self.go_on.wait(5)
            progress.finish()
            return 7

        self.run("Starting", long, lambda number: self.set_trait("result", number))


def test_a_press_changes_the_state_and_draws_once() -> None:
    panel = Counter()
    drawn: list[object] = []
    panel.widget.observe(lambda change: drawn.append(change["new"]), "screen")
    Screen(panel).press("One more")
    assert panel.count == 1
    assert "1" in [node.get("words") for node in Screen(panel).kinds("text")]
    assert len(drawn) == 1


def test_a_trait_set_in_code_draws_the_screen() -> None:
    panel = Counter()
    panel.count = 5
    assert Screen(panel).kinds("text")[0]["words"] == "5"


def test_an_error_in_a_handler_is_shown_with_its_hint_and_kept() -> None:
    panel = Counter()
    Screen(panel).press("Fail")
    (alert,) = Screen(panel).alerts
    assert alert["message"] == "a.manager is empty."
    assert alert["hint"] == "Choose another file."
    assert isinstance(panel.error, NotABusinessError)
    with pytest.raises(NotABusinessError):
        panel.wait()


def test_an_error_that_nobody_foresaw_is_shown_with_folded_details() -> None:
    panel = Counter()
    Screen(panel).press("Crash")
    (alert,) = Screen(panel).alerts
    (details,) = alert["children"]
    assert details["kind"] == "fold"
    assert "ZeroDivisionError: a bug of ours" in details["children"][0]["words"]
    assert isinstance(panel.error, ZeroDivisionError)


def test_the_panel_goes_on_after_an_error() -> None:
    panel = Counter()
    Screen(panel).press("Crash")
    Screen(panel).press("One more")
    assert panel.count == 1


def test_a_panel_that_cannot_draw_itself_says_so() -> None:
    class Broken(Counter):
        def body(self) -> Iterable[Node | None]:
            raise KeyError("missing")

    panel = Broken()
    assert len(Screen(panel).alerts) == 1
    assert isinstance(panel.error, KeyError)


def test_long_work_ends_with_its_result() -> None:
    panel = Counter()
    panel.go_on.set()
    Screen(panel).press("Work")
    assert panel.wait(10) == 7
    assert panel.busy is False
    assert not Screen(panel).kinds("progress")


def test_while_it_works_the_bar_moves_and_buttons_are_disabled() -> None:
    panel = Counter()
    Screen(panel).press("Work")
    assert panel.at_work.wait(5)
    screen = Screen(panel)
    (bar,) = screen.kinds("progress")
    assert bar["words"].startswith("Copying")
    assert screen.one("button", "Work")["disabled"] is True
    assert screen.has("button", "Cancel")
    panel.go_on.set()
    panel.wait(10)
    assert "disabled" not in Screen(panel).one("button", "Work")


def test_cancel_stops_the_work_and_says_so() -> None:
    panel = Counter()
    Screen(panel).press("Work")
    assert panel.at_work.wait(5)
    Screen(panel).press("Cancel")
    panel.go_on.set()
    with pytest.raises(CancelledError):
        panel.wait(10)
    assert panel.result is None
    assert not Screen(panel).alerts
    (notice,) = Screen(panel).kinds("notice")
    assert notice["words"].startswith("Cancelled.")


def test_newer_work_replaces_what_is_under_way() -> None:
    panel = Counter()
    panel.work()
    assert panel.at_work.wait(5)
    panel.run("Starting", lambda _: 8, lambda number: panel.set_trait("result", number))
    panel.go_on.set()
    assert panel.wait(10) == 8
    assert panel.error is None


def test_waiting_longer_than_asked_is_a_timeout() -> None:
    panel = Counter()
    panel.work()
    with pytest.raises(TimeoutError):
        panel.wait(0.01)
    panel.go_on.set()
    panel.wait(10)


def test_the_language_changes_every_word_at_once_and_in_every_panel() -> None:
    first, second = Counter(), Counter()
    Screen(first).press("Fail")
    Screen(second).speak("hi")
    for panel in (first, second):
        assert panel.widget.screen["lang"] == "hi"
        assert panel.widget.screen["title"] == "बैकअप"
    assert Counter().language == "hi"


def test_a_panel_with_a_language_of_its_own_keeps_it() -> None:
    own, other = Counter(language="hi"), Counter()
    Screen(other).speak("en")
    assert own.language == "hi"
    Screen(own).speak("en")
    Screen(own).speak("hi")
    assert other.language == "en"


def test_two_panels_of_one_kind_do_not_disturb_each_other() -> None:
    first, second = Counter(), Counter()
    Screen(first).press("One more")
    Screen(first).press("Fail")
    assert second.count == 0
    assert second.error is None
    assert first.widget.model_id != second.widget.model_id


def test_a_press_on_what_is_no_longer_there_does_nothing() -> None:
    panel = Counter()
    Screen(panel).send("gone")
    assert panel.error is None


def test_every_event_is_answered_with_a_new_screen() -> None:
    panel = Counter()
    Screen(panel).send("gone", view="one", event=1)
    Screen(panel).send("gone", view="other", event=5)
    assert panel.widget.screen["heard"] == {"one": 1, "other": 5}


def test_a_panel_shows_as_a_widget_with_a_short_steady_text() -> None:
    panel = Counter()
    data, _ = panel._repr_mimebundle_()
    assert data["text/plain"] == repr(panel) == "<Counter: of sheep>"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.widget.model_id


def test_a_moment_names_its_zone() -> None:
    from datetime import UTC, datetime

    panel = Counter(timezone="Asia/Kolkata", language="en")
    words = panel.moment(datetime(2026, 3, 27, 11, 35, tzinfo=UTC))
    assert "(India Time)" in words
    assert "5:05" in words or "17:05" in words


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("Copying", "Copying — 1.5 MB of 3 MB (50%)"),
        ("Checking records", "Checking records — 1,500,000 of 3,000,000 (50%)"),
    ],
)
def test_how_far_work_is_is_told_in_sizes_or_numbers(step: str, words: str) -> None:
    panel = Counter(language="en")

    def half(progress: Progress) -> None:
        progress.start(step, 3_000_000)
        progress.advance(1_500_000)
        told.extend(node["words"] for node in Screen(panel).kinds("progress"))
        panel._moved()
        told.extend(node["words"] for node in Screen(panel).kinds("progress"))

    told: list[str] = []
    panel.run("Starting", half, lambda _: None)
    panel.wait()
    assert told[-1] == words


def test_a_panel_that_is_closed_is_let_go() -> None:
    panel = Counter()
    kept = weakref.ref(panel)
    panel.close()
    preferences().language = "hi"
    assert panel.language == "en"
    del panel
    gc.collect()
    assert kept() is None


def test_a_cell_that_is_run_again_closes_the_panels_that_it_showed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Counter] = []
    monkeypatch.setattr(Counter, "close", lambda panel: closed.append(panel))
    monkeypatch.setattr(reruns, "_cell", lambda: ("cell-1", "run-1"))
    first, beside = Counter(), Counter()
    monkeypatch.setattr(reruns, "_cell", lambda: ("cell-2", "run-2"))
    other = Counter()
    assert closed == []
    monkeypatch.setattr(reruns, "_cell", lambda: ("cell-1", "run-3"))
    again = Counter()
    assert set(closed) == {first, beside}
    monkeypatch.setattr(reruns, "_cell", lambda: None)
    Counter()
    assert not {other, again} & set(closed)


def test_work_that_is_under_way_when_a_panel_is_closed_changes_nothing() -> None:
    panel = Counter()
    Screen(panel).press("Work")
    assert panel.at_work.wait(5)
    job = panel._job
    assert job is not None
    panel.close()
    panel.go_on.set()
    assert job.join(10)
    assert panel.result is None


def test_there_is_no_panel_in_a_zone_that_does_not_exist() -> None:
    with pytest.raises(MomentError, match="Nowhere/X"):
        Counter(timezone="Nowhere/X")


def test_a_language_or_zone_that_does_not_exist_is_not_taken_from_the_browser() -> None:
    panel = Counter()
    Screen(panel).send("language", value="xx")
    assert panel.language == "en"
    panel._choose_language("xx")
    assert preferences().language == "en"
    with panel.change():
        panel._choose_timezone("Nowhere/X")
    assert isinstance(panel.error, MomentError)
    assert preferences().timezone != "Nowhere/X"


def test_closing_the_widget_of_a_panel_closes_the_panel() -> None:
    panel = Counter()
    kept = weakref.ref(panel)
    panel.widget.close()
    del panel
    gc.collect()
    assert kept() is None


def test_a_page_that_comes_into_sight_takes_over_what_was_chosen_on_another() -> None:
    panel = Counter()
    store = preferences()._store
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text('{"language": "hi"}', "utf-8")
    Screen(panel).send("")
    assert panel.language == "hi"


def test_a_choice_counts_although_it_is_made_here_already() -> None:
    panel = Counter()
    Screen(panel).send("language", value="en")
    assert '"language": "en"' in preferences()._store.read_text("utf-8")


def test_the_other_pages_open_the_business_that_was_opened_last(himalaya: Path, tmp_path: Path) -> None:
    assert chosen_business() == demonstration()
    copy = tmp_path / "Client.manager"
    shutil.copyfile(himalaya, copy)
    BackupPanel(copy).wait(60)
    assert chosen_business() == copy
    ImportPanel(himalaya).wait(60)
    assert chosen_business() == copy, "a backup that is only looked at"
    copy.unlink()
    assert chosen_business() == demonstration()


def test_a_click_on_a_button_that_was_switched_off_meanwhile_does_nothing() -> None:
    panel = Counter()
    Screen(panel).press("Work")
    assert panel.at_work.wait(5)
    job = panel._job
    Screen(panel).send("work")
    assert panel._job is job
    panel.go_on.set()
    assert panel.wait(10) == 7
