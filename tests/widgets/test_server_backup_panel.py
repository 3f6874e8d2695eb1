"""Backups from a server by clicking: choose, read what came of each, let go of old ones, do it every night."""

from __future__ import annotations

import datetime as dt
import json
import plistlib
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from manager_nb.__main__ import _parser
from manager_nb.backup.manifest import SUFFIX
from manager_nb.backup.store import Store
from manager_nb.backup.verify import verify_backup
from manager_nb.widgets import ServerBackupPanel
from tests.crafting import execute
from tests.server.wrongs import hang_up, page
from tests.widgets.serving import PASSWORD, SHOP, TRADERS, ended, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.keyrings import Ring
    from tests.server.serving import ManagerServer
    from tests.widgets.screen import Screen


def lines(screen: Screen, key: str = "outcomes") -> list[list[str]]:
    """The cells of a table."""
    table = next(one for one in screen.kinds("table") if one.get("key") == key)
    return [[cell.get("words", "") for cell in row["children"]] for row in table["children"]]


def back_up(panel: ServerBackupPanel, screen: Screen) -> None:
    screen.send("create")
    ended(panel)


@pytest.fixture
def screen(server: ManagerServer, panel: ServerBackupPanel) -> Screen:
    return sign_in(panel, server.url)


def test_all_businesses_are_backed_up_and_the_next_time_held_against_these(
    panel: ServerBackupPanel, screen: Screen, tmp_path: Path
) -> None:
    assert screen.has("button", "Back up 2 businesses")
    back_up(panel, screen)
    assert panel.status() == "2 backups are made and proven"
    assert panel.focus == "result"
    assert [(line[0], line[3], line[5]) for line in lines(screen)] == [
        (TRADERS, "A second download was the same, byte by byte", "the first backup with History"),
        (SHOP, "A second download was the same, byte by byte", "the first backup with History"),
    ]
    made = [one for name in (TRADERS, SHOP) for one in Store(tmp_path / "Store").backups(name)]
    assert [verify_backup(one.path, "full").ok for one in made] == [True, True]
    back_up(panel, screen)
    assert [(line[4], line[5]) for line in lines(screen)] == [("0", "extends the earlier one")] * 2
    told = panel.businesses.rows.to_pylist()
    assert [one["backups"] for one in told] == [2, 2]


def test_what_is_not_ticked_is_not_backed_up(panel: ServerBackupPanel, screen: Screen) -> None:
    screen.press("Tick none")
    assert screen.one("button", "Back up 0 businesses")["disabled"]
    screen.send("businesses-row-1-tick", value=True)
    back_up(panel, screen)
    assert [one.business for one in panel.result] == [SHOP]
    assert panel.chosen == [SHOP]


def test_choices_that_a_server_does_not_have_are_made_here_and_that_is_said(
    panel: ServerBackupPanel, screen: Screen
) -> None:
    assert "A server itself can leave out nothing but attachments" not in screen.all_text()
    screen.tick("Emails", False)
    screen.tick("History", False)
    assert "A server itself can leave out nothing but attachments" in screen.all_text()
    back_up(panel, screen)
    assert lines(screen)[0][3:] == ["The download was proven; the copy was made from it and read back", "", "left out"]
    assert panel.result[0].backup.manifest["choices"]["emails"]["included"] is False
    screen.tick("History", True)
    back_up(panel, screen)  # a backup without History is none to be held against
    assert lines(screen)[0][5] == "the first backup with History"


def test_a_history_that_lost_a_row_stands_out_and_both_backups_stay(
    server: ManagerServer, panel: ServerBackupPanel, screen: Screen
) -> None:
    back_up(panel, screen)
    row = 'SELECT "Key" FROM "Changes" ORDER BY "Timestamp" LIMIT 1 OFFSET 300'
    execute(server.store.path(TRADERS), f'DELETE FROM "Changes" WHERE "Key" = ({row})')
    back_up(panel, screen)
    assert lines(screen)[0][5] == "Look: it does not extend it"
    (warning,) = [one for one in screen.kinds("notice") if one.get("title") == f"{TRADERS}:"]
    assert "1 row of the earlier History is gone or altered." in warning["words"]
    assert "look at what History says" in panel.status()
    for label in ("Days", "Weeks", "Months"):
        screen.fill(label, "0")
    screen.press("Show what would be removed")
    ended(panel)
    becomes = {(one["business"], one["becomes"]) for one in panel.retention.grid.rows.to_pylist()}
    assert becomes == {(TRADERS, "stays"), (SHOP, "stays"), (SHOP, "would be removed")}


def test_one_that_fails_is_told_with_what_to_do_and_stops_no_other(
    server: ManagerServer, panel: ServerBackupPanel, screen: Screen
) -> None:
    server.wrong("/backup", page("<h1>Login</h1>", Content_Disposition="attachment"))
    back_up(panel, screen)
    (alert,) = screen.alerts
    assert alert["title"] == TRADERS
    assert f"sent something else than a backup of {TRADERS}" in alert["message"]
    assert lines(screen)[0][1] == "none"
    assert panel.status() == "1 backup is made and proven; 1 failed"


def test_a_user_who_may_not_back_up_is_told_whom_to_ask(server: ManagerServer, panel: ServerBackupPanel) -> None:
    screen = sign_in(panel, server.url, user="Ravi")
    back_up(panel, screen)
    assert [alert["message"] for alert in screen.alerts] == [f"Ravi may not do that on {server.url}."]
    assert "ask an administrator" in screen.alerts[0]["hint"]
    assert panel.status() == "No backup was made"


def test_a_server_that_went_down_is_told_for_each(
    server: ManagerServer, panel: ServerBackupPanel, screen: Screen, tmp_path: Path
) -> None:
    server.wrong("/api4", hang_up, times=99)
    server.wrong("/businesses", hang_up, times=99)
    back_up(panel, screen)
    assert [alert["title"] for alert in screen.alerts] == [TRADERS, SHOP]
    assert "broke" in screen.alerts[0]["message"]
    assert not list((tmp_path / "Store").rglob("*.manager*"))


def test_a_cancel_keeps_what_is_made(
    server: ManagerServer, panel: ServerBackupPanel, screen: Screen, tmp_path: Path
) -> None:
    server.at_piece = lambda name, _sent: screen.send("cancel") if name == SHOP else None
    back_up(panel, screen)
    assert [one.business for one in panel.result] == [TRADERS]
    assert panel.status() == "1 backup is made and proven; 1 not begun or cancelled"
    assert lines(screen)[1][:2] == [SHOP, "none: not begun or cancelled"]
    files = sorted(one.name for one in (tmp_path / "Store").rglob("*") if one.is_file())
    assert len(files) == 2  # a backup and its manifest
    server.at_piece = lambda _name, _sent: screen.send("cancel")
    back_up(panel, screen)
    assert panel.result is None
    assert "Cancelled." in screen.all_text()


def test_it_is_told_which_business_is_under_way(
    server: ManagerServer, panel: ServerBackupPanel, screen: Screen
) -> None:
    seen: list[str] = []
    server.at_piece = lambda _name, _sent: seen.append(panel.widget.screen["status"])
    back_up(panel, screen)
    assert f"Business 1 of 2: {TRADERS}" in seen
    assert f"Business 2 of 2: {SHOP}" in seen


def test_a_code_that_is_asked_for_again_is_asked_for_here(server: ManagerServer, panel: ServerBackupPanel) -> None:
    screen = sign_in(panel, server.url, user="Asha")
    screen.give("Sign in with the code", "123456")
    ended(panel)
    server.users.end_sessions()
    back_up(panel, screen)
    assert screen.has("button", "Sign in with the code")
    screen.give("Sign in with the code", "123456")
    ended(panel)
    assert screen.has("button", "Sign out")


# ---- old backups -----------------------------------------------------------------------------------------------------


def aged(store: Path, business: str, days: int) -> None:
    """Let the newest backup of a business be that old."""
    newest = Store(store).backups(business)[0].path
    paper = newest.with_name(newest.name + SUFFIX)
    told = json.loads(paper.read_bytes())
    told["created"] = (dt.datetime.fromisoformat(told["created"]) - dt.timedelta(days=days)).isoformat()
    paper.write_text(json.dumps(told), "utf-8")


def test_old_backups_are_shown_with_reasons_and_removed_after_a_tick(
    panel: ServerBackupPanel, screen: Screen, tmp_path: Path
) -> None:
    store = tmp_path / "Store"
    screen.press("Tick none")
    screen.send("businesses-row-1-tick", value=True)
    back_up(panel, screen)
    aged(store, SHOP, 1)
    back_up(panel, screen)
    for label in ("Days", "Weeks", "Months"):
        screen.fill(label, "0")
    screen.press("Show what would be removed")
    ended(panel)
    assert "1 backup would be removed" in screen.all_text()
    rows = panel.retention.grid.rows.to_pylist()
    assert [(one["becomes"], one["because"]) for one in rows] == [("would be removed", ""), ("stays", "the newest")]
    assert screen.one("button", "Remove 1 backup")["disabled"]
    assert len(Store(store).backups(SHOP)) == 2
    screen.tick("I have read the list: remove 1 backup for good", True)
    screen.press("Remove 1 backup")
    ended(panel)
    assert "1 backup was removed." in screen.all_text()
    assert [one.path.name for one in Store(store).backups(SHOP)] == [rows[1]["backup"]]
    assert not [one for one in store.rglob("*") if one.name.startswith(rows[0]["backup"])]


def test_another_choice_drops_what_was_shown(panel: ServerBackupPanel, screen: Screen) -> None:
    back_up(panel, screen)
    screen.press("Show what would be removed")
    ended(panel)
    assert "None would be removed." in screen.all_text()
    screen.send("retention-month", value="12")
    assert "None would be removed." not in screen.all_text()
    assert panel.retention.chosen.year_end == (12, 31)
    screen.fill("Days", "many")
    assert panel.retention.chosen.days == 14


# ---- every night -----------------------------------------------------------------------------------------------------


def command(screen: Screen, key: str) -> str:
    return next(str(one["value"]) for one in screen.kinds("copyable") if one["key"] == key)


def test_the_line_for_the_night_does_what_is_chosen(
    server: ManagerServer, panel: ServerBackupPanel, screen: Screen, tmp_path: Path
) -> None:
    screen.press("Tick none")
    screen.send("businesses-row-1-tick", value=True)
    screen.tick("Emails", False)
    screen.tick("Also remove what the choice of old backups above does not keep", True)
    screen.fill("Days", "3")
    screen.send("retention-month", value="6")
    screen.send("nightly-system", value="linux")
    words = shlex.split(command(screen, "nightly-cron").replace(r"\%", "%"))
    assert words[:8] == ["0", "2", "*", "*", "*", sys.executable, "-m", "manager_nb"]
    assert words[-2:] == ["<", "$HOME/.manager-server-password"]
    told = _parser().parse_args(words[8:-2])
    assert told.password_stdin
    assert (told.file, told.folder, told.user) == (server.url, tmp_path / "Store", "administrator")
    assert (told.business, told.emails, told.history, told.prune) == ([SHOP], False, True, True)
    assert (told.keep_days, told.keep_weeks, told.year_end) == (3, None, (6, 30))
    screen.send("nightly-system", value="win32")
    assert command(screen, "nightly-program") == sys.executable
    assert SHOP in command(screen, "nightly-arguments")
    screen.send("nightly-system", value="darwin")
    assert plistlib.loads(command(screen, "nightly-plist").encode())["ProgramArguments"] == words[5:-3]


def test_a_percent_sign_does_not_end_the_line_of_cron(
    server: ManagerServer, panel: ServerBackupPanel, screen: Screen, tmp_path: Path
) -> None:
    panel.folder = tmp_path / "100% 'mine'"
    screen.send("nightly-system", value="linux")
    assert r"100\% " in command(screen, "nightly-cron")


def test_without_a_keyring_the_line_takes_the_password_from_a_file_and_works(
    panel: ServerBackupPanel, screen: Screen, home: Path
) -> None:
    assert "Remember the password on this computer" not in screen.all_text()
    (home / ".manager-server-password").write_text(PASSWORD, "utf-8")
    screen.send("nightly-system", value="linux")
    line = command(screen, "nightly-cron").removeprefix("0 2 * * * ").replace(r"\%", "%")
    ended = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("the first backup with History") == 2
    assert ended.stdout in (panel.folder / "Every night.txt").read_text("utf-8")
    assert PASSWORD not in line + ended.stdout + ended.stderr


def test_a_user_with_a_second_factor_is_told_that_it_cannot_work_at_night(
    server: ManagerServer, panel: ServerBackupPanel
) -> None:
    screen = sign_in(panel, server.url, user="Asha")
    screen.give("Sign in with the code", "123456")
    ended(panel)
    assert "Asha signs in with a code, and nobody can type it at night" in screen.all_text()
    screen.press("Sign out")
    ended(panel)
    assert "nobody can type it" not in sign_in(panel, server.url).all_text()


def test_a_password_that_the_keyring_does_not_have_is_missed_before_the_night(
    server: ManagerServer, ring: Ring, tmp_path: Path
) -> None:
    missed = "The keyring does not have the password yet"
    panel = ServerBackupPanel(tmp_path, language="en")
    screen = sign_in(panel, server.url)
    assert missed in screen.all_text()
    screen.press("Sign out")
    ended(panel)
    screen.tick("Remember the password on this computer", True)
    assert missed not in sign_in(panel, server.url).all_text()
    assert list(ring.kept.values()) == [PASSWORD]
    panel.close()
