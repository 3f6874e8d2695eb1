"""Signing in to a server inside a panel: what is asked, what is told, and that nobody else learns the password."""

from __future__ import annotations

import json
import threading
import time
import traceback
from typing import TYPE_CHECKING

import pytest

from manager_nb.widgets import ServerBackupPanel
from manager_nb.widgets.preferences import preferences, state_folder
from tests.server.serving import ManagerServer, serve_manager
from tests.server.wrongs import elsewhere, page, silent
from tests.widgets.screen import Screen
from tests.widgets.serving import PASSWORD, SHOP, TRADERS, ended, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.keyrings import Ring


def troubles(screen: Screen) -> list[str]:
    return [one["message"] for one in screen.alerts]


def test_a_person_signs_in_sees_the_businesses_and_signs_out(server: ManagerServer, panel: ServerBackupPanel) -> None:
    screen = sign_in(panel, f"{server.url}/businesses?x=1")
    assert f"Signed in to {server.url} as administrator." in screen.all_text()
    assert panel.chosen == [TRADERS, SHOP]
    assert panel.focus == "login"
    assert server.users.sessions == 1
    screen.press("Sign out")
    ended(panel)
    assert server.users.sessions == 0
    assert screen.has("entry", "Password")
    assert not screen.has("button", "Sign out")


def test_the_password_is_in_no_state_no_file_and_no_error(
    server: ManagerServer, panel: ServerBackupPanel, home: Path
) -> None:
    screen = sign_in(panel, server.url, "wrong-password")
    assert troubles(screen) == [f"{server.url} does not know administrator with this password."]
    screen = sign_in(panel, server.url)
    state = json.dumps(panel.widget.get_state(), default=str, ensure_ascii=False)
    told = [state, repr(panel), repr(vars(panel.login)), str(panel.error), *map(str, screen.nodes())]
    told += [file.read_text("utf-8") for file in home.rglob("*") if file.is_file()]
    try:
        panel.login.sign_in(object())  # type: ignore[arg-type]
    except AttributeError as error:
        told.append("".join(traceback.format_exception(error)))
    assert [one for one in told if PASSWORD in one or "wrong-password" in one] == []
    assert state_folder().is_dir()  # of what was written, the preferences


def test_enter_right_behind_the_last_sign_is_not_lost(panel: ServerBackupPanel) -> None:
    screen = Screen(panel)
    screen.give("Sign in", PASSWORD)  # the button is not off, although the kernel has not heard of any address
    ended(panel)
    assert troubles(screen) == ["“” is no address of a server."]
    assert panel.focus == "login-address"


def test_address_and_user_are_remembered_and_the_password_is_not(
    server: ManagerServer, panel: ServerBackupPanel
) -> None:
    sign_in(panel, server.url, user="Ravi")
    kept = preferences()
    assert (kept.server, kept.server_user) == (server.url, "Ravi")
    again = Screen(ServerBackupPanel(language="en"))
    assert again.one("entry", "Address of the server")["value"] == server.url
    assert again.one("entry", "User")["value"] == "Ravi"
    assert "value" not in again.one("entry", "Password")


@pytest.mark.parametrize(
    ("address", "told", "field"),
    [
        ("http://", "“http://” is no address of a server.", "login-address"),
        ("http://a:b@127.0.0.1", "The address holds a user or a password.", "login-address"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9 cannot be reached", "login-address"),
    ],
)
def test_a_wrong_address_is_told_at_its_field(panel: ServerBackupPanel, address: str, told: str, field: str) -> None:
    screen = sign_in(panel, address)
    assert told in screen.all_text()
    nodes = screen.nodes()
    places = [place for place, node in enumerate(nodes) if node["kind"] == "trouble" or node.get("label") == "User"]
    assert [nodes[place]["kind"] for place in places] == ["trouble", "entry"]
    assert panel.focus == field


def test_another_program_gets_no_password(server: ManagerServer, panel: ServerBackupPanel) -> None:
    server.wrong("/api4", page("<h1>Router</h1>"))
    assert "does not answer as a Manager server does" in sign_in(panel, server.url).all_text()
    server.wrong("/api4", elsewhere("https://example.com/"))
    assert "leads to another address: https://example.com/" in sign_in(panel, server.url).all_text()
    assert server.asked("/login-password") == 0


def test_the_code_of_the_second_factor_is_asked_for_and_a_wrong_one_is_told(
    server: ManagerServer, panel: ServerBackupPanel
) -> None:
    screen = sign_in(panel, server.url, user="Asha")
    assert screen.alerts == []
    assert not screen.has("entry", "Password")
    assert panel.focus == "login-code"
    screen.give("Sign in with the code", "000000")
    ended(panel)
    assert "did not accept the password and the code of Asha" in troubles(screen)[0]
    screen.give("Sign in with the code", " 123456 ")
    ended(panel)
    assert screen.has("button", "Sign out")
    assert "123456" not in json.dumps(panel.widget.get_state(), default=str)


def test_a_person_goes_back_from_the_code_to_the_password(server: ManagerServer, panel: ServerBackupPanel) -> None:
    screen = sign_in(panel, server.url, user="Asha")
    screen.press("Type the password again")
    assert screen.has("entry", "Password")
    assert panel.login.server is None


def test_http_to_another_computer_needs_a_tick_with_its_warning(panel: ServerBackupPanel) -> None:
    screen = Screen(panel)
    assert not screen.has("check", "Allow an unencrypted connection")
    screen = sign_in(panel, "http://books.example")
    assert "The connection to http://books.example would not be encrypted" in troubles(screen)[0]
    box = screen.one("check", "Allow an unencrypted connection")
    assert "can then read your password" in box["help"]
    screen.fill("Address of the server", "https://books.example")
    assert not screen.has("check", "Allow an unencrypted connection")


def test_a_server_with_a_certificate_of_its_own_is_known_by_its_file(
    tmp_path: Path, himalaya_tar: Path, panel: ServerBackupPanel
) -> None:
    with serve_manager(tmp_path / "tls", {TRADERS: himalaya_tar}, tls=True) as server:
        screen = sign_in(panel, server.url, "secret")
        fold = next(one for one in screen.kinds("fold") if one["key"] == "login-own")
        assert fold["opened"]
        assert [one["kind"] for one in fold["children"]] == ["entry", "trouble"]
        assert panel.focus == "login-certificate"
        screen.fill("Certificate file", str(tmp_path / "nothing.pem"))
        screen.give("Sign in", "secret")
        ended(panel)
        assert troubles(screen) == ["nothing.pem cannot be read as a certificate."]
        screen.fill("Certificate file", str(server.certificate))
        screen.give("Sign in", "secret")
        ended(panel)
        assert panel.chosen == [TRADERS]
        assert preferences().server_certificate == str(server.certificate)


def test_a_user_without_a_business_is_told_so(server: ManagerServer, panel: ServerBackupPanel) -> None:
    screen = sign_in(panel, server.url, user="Nobody")
    assert "This user may see no business there" in screen.all_text()
    assert not screen.has("button", "Back up 0 businesses")


def test_without_a_keyring_nothing_is_offered_to_be_remembered(panel: ServerBackupPanel) -> None:
    assert not Screen(panel).has("check", "Remember the password on this computer")


def test_the_keyring_keeps_a_password_that_was_accepted_and_forgets_it(
    server: ManagerServer, ring: Ring, tmp_path: Path
) -> None:
    panel = ServerBackupPanel(tmp_path, language="en")
    Screen(panel).tick("Remember the password on this computer", True)
    sign_in(panel, server.url, "wrong")
    assert ring.kept == {}
    sign_in(panel, server.url, user="Asha")
    assert ring.kept == {}  # the code is missing: nothing is known to be right
    Screen(panel).give("Sign in with the code", "123456")
    ended(panel)
    assert list(ring.kept.values()) == [PASSWORD]
    panel.close()


def test_an_empty_password_takes_the_one_that_is_remembered(server: ManagerServer, ring: Ring, tmp_path: Path) -> None:
    ring.set_password(f"manager_nb {server.url}", "administrator", PASSWORD)
    panel = ServerBackupPanel(tmp_path, language="en")
    screen = sign_in(panel, server.url, "")
    assert "This computer remembers the password." in screen.all_text()
    screen.press("Forget the password")
    assert ring.kept == {}
    assert not screen.has("button", "Forget the password")
    panel.close()


def test_signing_in_can_be_cancelled(server: ManagerServer, panel: ServerBackupPanel) -> None:
    asleep = threading.Event()
    server.wrong("/api4", silent(asleep))
    screen = Screen(panel)
    screen.fill("Address of the server", server.url)
    screen.give("Sign in", PASSWORD)
    screen.press("Cancel")
    ended(panel)
    asleep.set()
    assert "Cancelled." in screen.all_text()
    assert panel.login.server is None


def test_a_panel_that_is_closed_signs_out(server: ManagerServer, tmp_path: Path) -> None:
    panel = ServerBackupPanel(tmp_path, language="en")
    sign_in(panel, server.url)
    opened = panel.login.server
    assert opened is not None
    panel.close()
    until = time.monotonic() + 10
    while server.users.sessions and time.monotonic() < until:
        time.sleep(0.01)
    assert server.users.sessions == 0
