"""Import into a server by clicking: nothing goes there unseen, and what is there is proven or said not to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager_nb.widgets import ServerImportPanel
from tests.widgets.screen import Screen
from tests.widgets.serving import TRADERS, ended, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.serving import ManagerServer


@pytest.fixture
def importing(himalaya_tar: Path) -> Iterator[ServerImportPanel]:
    made = ServerImportPanel(himalaya_tar, language="en", timezone="UTC")
    made.wait(60)
    yield made
    made.close()


def test_a_backup_is_sent_and_proven(server: ManagerServer, importing: ServerImportPanel) -> None:
    screen = Screen(importing)
    assert not screen.has("button", "Import into the server")
    sign_in(importing, server.url)
    screen.fill("Name of the business", TRADERS)
    assert "The new one gets a number behind it" in screen.one("entry", "Name of the business")["help"]
    screen.press("Import into the server")
    ended(importing)
    assert importing.result.name == f"{TRADERS}(2)"
    assert importing.status() == f"The business is on the server, and proven: {TRADERS}(2)"
    (proof,) = screen.kinds("proof")
    assert [one["state"] for one in proof["items"]] == ["passed"] * 4
    assert importing.focus == "result"
    assert f"{TRADERS}(2)" in importing.login.names


def test_who_is_no_administrator_is_told_so(server: ManagerServer, importing: ServerImportPanel) -> None:
    screen = sign_in(importing, server.url, user="Ravi")
    screen.press("Import into the server")
    ended(importing)
    assert [one["message"] for one in screen.alerts] == [f"Ravi may not do that on {server.url}."]
    assert importing.result is None


def test_an_import_that_comes_to_nothing_is_told(server: ManagerServer, importing: ServerImportPanel) -> None:
    server.loses_imports = True
    screen = sign_in(importing, server.url)
    screen.press("Import into the server")
    ended(importing)
    assert "did not take" in screen.alerts[0]["message"]


def test_a_cancel_that_came_too_late_is_told(server: ManagerServer, importing: ServerImportPanel) -> None:
    screen = sign_in(importing, server.url)
    server.at_import = lambda _name: screen.send("cancel")
    screen.press("Import into the server")
    ended(importing)
    assert importing.result is not None
    assert not importing.result.proven
    assert "nobody compared it" in screen.all_text()


def test_a_cancel_in_time_leaves_nothing(server: ManagerServer, importing: ServerImportPanel) -> None:
    screen = sign_in(importing, server.url)
    screen.press("Import into the server")
    screen.send("cancel")
    ended(importing)
    assert importing.result is None
    assert "Cancelled." in screen.all_text()
    assert len(importing.login.names) == 2


def test_a_file_that_cannot_be_imported_is_told_before_anybody_signs_in(tmp_path: Path, himalaya_tar: Path) -> None:
    torn = tmp_path / "Torn.manager.tar"
    torn.write_bytes(himalaya_tar.read_bytes()[:200_000])
    panel = ServerImportPanel(torn, language="en")
    ended(panel)
    assert not Screen(panel).has("entry", "Password")
    assert Screen(panel).alerts
