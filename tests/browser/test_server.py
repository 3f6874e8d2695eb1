"""The whole way over the network, by clicking: sign in, list, back up all, import, bring records back on the server."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import manager_nb as mn
from manager_nb.backup.store import Store
from manager_nb.backup.verify import verify_backup
from manager_nb.demo import demonstration
from tests.browser.acting import run_code, violations
from tests.server.serving import ManagerServer, serve_manager
from tests.server.users import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    Open = Callable[..., Page]

TRADERS, SHOP = "Himalaya Traders", "आरोही स्टोर्स"
PASSWORD = "sécret:पासवर्ड"
SAVED = """async () => {
  const app = window.jupyterapp, panel = app.shell.currentWidget;
  await app.commands.execute('docmanager:save');
  const states = [];
  for (const manager of window.jupyterapp ? [panel] : []) states.push(JSON.stringify(manager.content.model.toJSON()));
  return states.join();
}"""


@pytest.fixture
def server(tmp_path: Path, data: Path) -> Iterator[ManagerServer]:
    businesses = {TRADERS: demonstration(), SHOP: data / "small" / f"{SHOP}.manager.tar"}
    users = {"administrator": User(PASSWORD), "Asha": User(PASSWORD, code="123456")}
    with serve_manager(tmp_path / "server", businesses, users=users) as running:
        yield running


def sign_in(panel: Locator, server: ManagerServer, user: str = "administrator") -> None:
    panel.get_by_label("Address of the server").fill(server.url)
    panel.get_by_label("User", exact=True).fill(user)
    panel.get_by_label("Password", exact=True).fill(PASSWORD)
    panel.get_by_label("Password", exact=True).press("Enter")


def test_all_businesses_are_backed_up_and_the_password_is_nowhere(
    open_notebook: Open, home: Path, server: ManagerServer
) -> None:
    page = open_notebook("10_backup.ipynb", 3000)
    panel = page.get_by_role("region", name="Backup from a Manager server", exact=True)
    panel.get_by_label("Password", exact=True).fill("typed, not given")
    panel.get_by_label("User", exact=True).fill("nobody")
    expect(panel.get_by_label("Password", exact=True)).to_have_value("typed, not given")  # other fields draw it anew
    sign_in(panel, server, "nobody")
    expect(panel.get_by_role("alert")).to_contain_text("does not know nobody with this password")
    expect(panel.get_by_label("Password", exact=True)).to_have_value("")
    expect(panel.get_by_label("Password", exact=True)).to_be_focused()
    sign_in(panel, server)
    expect(panel.get_by_text(f"Signed in to {server.url} as administrator.")).to_be_visible()
    expect(panel.get_by_role("row", name=TRADERS)).to_be_visible()
    panel.get_by_role("button", name="Back up 2 businesses").click()
    result = page.get_by_role("region", name="2 backups are made and proven")
    expect(result.get_by_role("row", name=TRADERS)).to_contain_text("A second download was the same, byte by byte")
    expect(result.get_by_role("heading", name="2 backups are made and proven")).to_be_focused()
    assert violations(page) == []
    kept = [one for name in (TRADERS, SHOP) for one in Store(home / "Manager backups").backups(name)]
    assert [verify_backup(one.path, "full").ok for one in kept] == [True, True]
    assert server.users.sessions == 1
    panel.get_by_role("button", name="Sign out").click()
    expect(panel.get_by_label("Password", exact=True)).to_have_value("")
    assert server.users.sessions == 0
    state = run_code(page, "import ipywidgets; print(ipywidgets.Widget.get_manager_state())")
    assert "Backup from a Manager server" in state
    texts = [state, page.evaluate(SAVED), page.content()]
    texts += [file.read_text("utf-8", "replace") for file in home.rglob("*") if file.suffix in (".json", ".ipynb", "")
              and file.is_file()]  # fmt: skip
    assert [text[:200] for text in texts if PASSWORD in text or "typed, not given" in text] == []


def test_a_second_factor_is_asked_for_and_given_by_keyboard(open_notebook: Open, server: ManagerServer) -> None:
    page = open_notebook("10_backup.ipynb", 2500)
    panel = page.get_by_role("region", name="Backup from a Manager server", exact=True)
    sign_in(panel, server, "Asha")
    code = panel.get_by_label("Code", exact=True)
    expect(code).to_be_focused()
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    expect(panel.get_by_text(f"Signed in to {server.url} as Asha.")).to_be_visible()


def test_a_backup_is_imported_into_the_server_and_proven(
    open_notebook: Open, home: Path, server: ManagerServer
) -> None:
    shutil.copy(demonstration(), home / "March.manager.tar")
    page = open_notebook("25_import.ipynb", 2500)
    panel = page.get_by_role("region", name="Import into a Manager server", exact=True)
    panel.get_by_role("button", name="Choose a backup").click()
    panel.get_by_role("button", name="March.manager.tar").click()
    sign_in(panel, server)
    panel.get_by_label("Name of the business").fill("April")
    panel.get_by_role("button", name="Import into the server").click()
    result = page.get_by_role("region", name="The business is on the server, and proven")
    expect(result.get_by_role("listitem")).to_have_count(4)
    assert violations(page) == []
    with mn.open_business(server.store.path("April")) as there, mn.open_business(demonstration()) as source:
        assert list(there.objects()) == list(source.objects())


def test_a_deleted_record_comes_back_on_the_server(open_notebook: Open, server: ManagerServer) -> None:
    page = open_notebook("20_restore.ipynb", 4500)
    panel = page.get_by_role("region", name="Bring records back", exact=True)
    panel.get_by_text("The business is on a Manager server").click()
    sign_in(panel, server)
    panel.get_by_label("Business on the server").select_option(TRADERS)
    panel.get_by_role("button", name="Download and open").click()
    expect(panel.get_by_role("button", name="Where the file is")).to_have_count(0)
    expect(panel.locator(".mnb-name").first).to_have_text(TRADERS)
    panel.get_by_role("checkbox", name="Tick Receipt — R69").check()
    panel.get_by_role("button", name="Show the plan").click()
    panel.get_by_role("radio", name="On the server, in the business itself").check()
    expect(panel.get_by_text("Everything is done in the business on the server")).to_be_visible()
    panel.get_by_label("Reason").fill("Deleted by mistake")
    panel.get_by_role("checkbox", name="I have read the plan").check()
    panel.get_by_role("button", name="Bring back on the server").click()
    result = page.get_by_role("region", name="The records are back on the server, and proven")
    expect(result.get_by_role("row", name="Receipt — R69")).to_contain_text("Done")
    assert violations(page) == []
    with mn.open_business(server.store.path(TRADERS)) as there:
        newest = there.history.page(0, 1).to_pylist()[0]
        assert (newest["user"], newest["action"]) == ("administrator", "create")
        assert newest["label"].startswith("Receipt — R69")


def test_a_download_from_the_portal_is_found_and_kept(open_notebook: Open, home: Path) -> None:
    (home / "Downloads").mkdir()
    page = open_notebook("10_backup.ipynb", 3000)
    panel = page.get_by_role("region", name="A file downloaded from the customer portal", exact=True)
    expect(panel.get_by_text("There is no business file")).to_be_visible()
    shutil.copy(demonstration(), home / "Downloads" / "Himalaya Traders (2026-03-28).manager.tar")
    panel.get_by_role("button", name="Look again").click()
    panel.get_by_role("button", name="Check this file").click()
    expect(panel.get_by_text("No sign of damage")).to_be_visible()
    panel.get_by_role("button", name="Keep as a backup").click()
    expect(page.get_by_role("region", name="1 backup is made and proven")).to_be_visible()
    assert violations(page) == []
    assert len(Store(home / "Manager backups").backups(TRADERS)) == 1
