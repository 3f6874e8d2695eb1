"""Records come back on a server by clicking: opened from there, planned, done by Manager itself, proven."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.widgets import RestorePanel
from tests.server.serving import serve_manager
from tests.server.users import User
from tests.server.wrongs import answer_lost, hang_up
from tests.widgets.screen import Screen
from tests.widgets.serving import PASSWORD, TRADERS, ended, sign_in
from tests.widgets.test_restore_panel import CUSTOMER, INVOICE, tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.serving import ManagerServer

AGREE = "I have read the plan: change Himalaya Traders on {url}"


@pytest.fixture
def restoring(server: ManagerServer, tmp_path: Path) -> Iterator[RestorePanel]:
    made = RestorePanel(language="en", timezone="UTC")
    made.server.folder = tmp_path / "Store"
    sign_in(made, server.url)
    screen = Screen(made)
    screen.send("server-business", value=TRADERS)
    screen.press("Download and open")
    ended(made)
    yield made
    made.close()


def planned(panel: RestorePanel) -> Screen:
    """The deleted customer and its invoice are planned, and are to come back on the server."""
    screen = Screen(panel)
    tick(screen, CUSTOMER)
    tick(screen, INVOICE)
    screen.press("Show the plan")
    ended(panel)
    for mode in ("include dependants", "force"):
        if panel.plan.undecided:
            screen.send("mode", value=mode)
            ended(panel)
    screen.send("where-done", value="server")
    return screen


def done(panel: RestorePanel, screen: Screen, url: str) -> None:
    screen.fill("Reason", "Deleted by mistake")
    screen.tick(AGREE.format(url=url), True)
    screen.press("Bring back on the server")
    ended(panel)


def test_a_business_is_opened_from_the_server_as_a_proven_backup(restoring: RestorePanel, tmp_path: Path) -> None:
    assert restoring.current is not None
    assert restoring.glance.name == f"{TRADERS}"
    assert restoring.source.is_relative_to(tmp_path / "Store" / TRADERS)
    assert mn.verify_backup(restoring.source).ok


def test_records_come_back_on_the_server_and_are_proven(server: ManagerServer, restoring: RestorePanel) -> None:
    screen = planned(restoring)
    assert "Others may be working" in screen.all_text()
    assert "Everything is done in the business on the server" in screen.all_text()
    assert screen.one("button", "Bring back on the server")["disabled"]
    assert not screen.has("entry", "Your name")
    screen.fill("Reason", "Deleted by mistake")
    assert screen.one("button", "Bring back on the server")["disabled"]
    done(restoring, screen, server.url)
    result = restoring.live.result
    assert result is not None
    assert result.ok
    assert restoring.status() == "The records are back on the server, and proven"
    assert restoring.focus == "live-result"
    (proof,) = screen.kinds("proof")
    assert {one["state"] for one in proof["items"]} <= {"passed", "nothing"}
    told = json.loads(result.journal.read_bytes())
    assert told["reason"] == "Deleted by mistake"
    assert PASSWORD not in result.journal.read_text("utf-8")
    with mn.open_business(server.store.path(TRADERS)) as there:
        labels = mn.find_changes(there, actions=["create"], text="1111").to_arrow()["user"].to_pylist()
        assert "administrator" in labels
    assert restoring.reason == ""
    assert "Everything is done in the business on the server" in screen.all_text()  # the plan that was done, as before
    assert "the new file" not in screen.all_text()
    screen.press("Open the business as it is on the server now")
    ended(restoring)
    assert restoring.source == result.after.path
    assert restoring.live.result is None


def test_what_somebody_changed_meanwhile_is_refused(server: ManagerServer, restoring: RestorePanel) -> None:
    screen = planned(restoring)
    other = RestorePanel(language="en", timezone="UTC")
    other.server.folder = restoring.server.folder / "other"
    sign_in(other, server.url)
    Screen(other).send("server-business", value=TRADERS)
    Screen(other).press("Download and open")
    ended(other)
    done(other, planned(other), server.url)
    assert other.live.result is not None
    done(restoring, screen, server.url)
    assert restoring.live.result is None
    assert len(screen.alerts) == 1
    assert "Nothing was changed on the server." in screen.all_text()
    assert screen.has("button", "Bring back on the server")
    screen.press("Open the business as it is on the server now")
    ended(restoring)
    assert "before" in restoring.source.name
    tick(screen, "Receipt — R69")
    screen.press("Show the plan")
    ended(restoring)
    assert screen.has("choice", "Where it is done")  # it can go on from there
    other.close()


def test_the_confirmation_tells_how_many_records_are_deleted(restoring: RestorePanel) -> None:
    screen = planned(restoring)
    told = "Records that come back: 2; that are changed back: 0; that are deleted: 0."
    assert told in screen.all_text()


def test_consent_is_for_one_user_on_one_server(
    server: ManagerServer, restoring: RestorePanel, tmp_path: Path, himalaya_tar: Path
) -> None:
    screen = planned(restoring)
    screen.fill("Reason", "Deleted by mistake")
    screen.tick(AGREE.format(url=server.url), True)
    assert not screen.one("button", "Bring back on the server").get("disabled")
    screen.press("Sign out")
    ended(restoring)
    with serve_manager(tmp_path / "other", {TRADERS: himalaya_tar}, users={"administrator": User(PASSWORD)}) as other:
        sign_in(restoring, other.url)
        assert f"The plan is of a business on {server.url}" in screen.all_text()
        assert not screen.has("button", "Bring back on the server")
        screen.press("Sign out")
        ended(restoring)
    server.users.by_name["Ravi"] = User(PASSWORD)
    sign_in(restoring, server.url, user="Ravi")
    assert screen.one("button", "Bring back on the server")["disabled"]


def test_a_session_that_ended_is_told_where_one_signs_in(server: ManagerServer, restoring: RestorePanel) -> None:
    screen = planned(restoring)
    server.users.by_name["administrator"].password = "another"
    server.users.end_sessions()
    done(restoring, screen, server.url)
    assert restoring.live.result is None
    assert "Sign out here, then sign in again." in screen.all_text()
    assert "Nothing was changed on the server." in screen.all_text()


def test_an_answer_that_is_lost_after_the_last_record_is_no_half_way(
    server: ManagerServer, restoring: RestorePanel
) -> None:
    screen = planned(restoring)
    server.wrong("/api4/sales-invoice", answer_lost, method="PUT")
    done(restoring, screen, server.url)
    result = restoring.live.result
    assert result is not None
    assert result.error is not None
    assert restoring.status().startswith("The records are back on the server, and proven; look at the problem")


def test_a_connection_that_breaks_half_way_is_told_record_by_record(
    server: ManagerServer, restoring: RestorePanel
) -> None:
    screen = planned(restoring)
    handle = server.seen

    def seen(method: str, path: str, headers: dict[str, str]) -> None:
        handle(method, path, headers)
        if (method, path) == ("PUT", "/api4/sales-invoice"):
            server.wrong("/api4/sales-invoice", hang_up)

    server.seen = seen  # type: ignore[method-assign]
    done(restoring, screen, server.url)
    result = restoring.live.result
    assert result is not None
    assert restoring.status() == "It stopped half way: see below what is done and what is not"
    states = {row["label"]: row["state"] for row in result.records.to_arrow().to_pylist()}
    assert (states[CUSTOMER], states[INVOICE]) == ("done", "not done")
    assert "Done" in screen.all_text()
    assert "Not done" in screen.all_text()
    assert screen.alerts[0]["title"] == "Problem"


def test_a_user_who_signed_out_is_asked_to_sign_in_again(restoring: RestorePanel) -> None:
    screen = planned(restoring)
    screen.press("Sign out")
    ended(restoring)
    assert "Sign in to the server again" in screen.all_text()
    assert not screen.has("button", "Bring back on the server")


def test_a_file_of_this_computer_is_offered_no_server(himalaya_tar: Path) -> None:
    panel = RestorePanel(himalaya_tar, language="en", timezone="UTC")
    panel.wait(60)
    screen = Screen(panel)
    tick(screen, CUSTOMER)
    screen.press("Show the plan")
    ended(panel)
    assert not screen.has("choice", "Where it is done")
