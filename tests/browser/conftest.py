"""A notebook as a person has it: opened in a real JupyterLab, in a real browser that may talk to this machine only.

``MANAGER_NB_SCREENSHOTS=folder`` keeps a picture of the last state of every test there, to be looked at.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.lab_page import SCREEN, LabPage
from tests.browser.lab_server import LabServer, serve_lab
from toolkit import find_browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Request

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    browser = find_browser()
    assert browser, "no Chromium, Chrome or Edge is installed: python3 toolkit.py test says how to get one"
    return {**browser_type_launch_args, "executable_path": browser, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    screen = {"viewport": SCREEN, "reduced_motion": "reduce"}
    return {**browser_context_args, **screen, "locale": "en-GB", "timezone_id": "UTC"}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with serve_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def lab_page(lab: LabServer, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[LabPage]:
    """One browser context for all journeys: its cache spares each page the 10 MB of JupyterLab's script."""
    context = browser.new_context(**browser_context_args)
    yield LabPage(lab, context)
    context.close()


@pytest.fixture
def home(lab: LabServer) -> Path:
    """The home folder of the person at the browser, empty at first."""
    lab.start_clean()
    return lab.home


def _stopped(asked: Request) -> bool:
    """Whether the browser itself stopped a request before it left: a policy of the page forbids it."""
    return asked.failure in ("csp", "origin")


@pytest.fixture
def open_notebook(
    lab: LabServer, home: Path, lab_page: LabPage, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open a copy of a notebook and wait until every cell has run: ``page = open_notebook("10_backup.ipynb")``.

    JupyterLab itself is already there, unless a test that is marked ``first_visit`` comes to it by the address, as a
    person does in the morning.
    """
    outside: list[str] = []
    crashes: list[str] = []
    ours = (lab.url, lab.url.replace("http", "ws", 1), "data:", "blob:")
    watched = {
        "pageerror": lambda error: crashes.append(str(error)),
        "request": lambda asked: outside.append(asked.url) if not asked.url.startswith(ours) else None,
        "requestfailed": lambda asked: outside.remove(asked.url) if _stopped(asked) and asked.url in outside else None,
    }
    page = lab_page.of_its_own() if request.node.get_closest_marker("first_visit") else lab_page.shared()
    for event, heard in watched.items():
        page.on(event, heard)
    place = f"{request.node.path.stem}-{request.node.name}".replace("[", "-").rstrip("]")

    def open_copy(name: str, height: int | None = None) -> Page:
        if height is not None:
            page.set_viewport_size({"width": 1280, "height": height})
        shutil.copytree(NOTEBOOKS, lab.root / place, ignore=shutil.ignore_patterns(".*"))
        lab_page.open(page, f"{place}/{name}")
        return page

    yield open_copy
    shown = os.environ.get("MANAGER_NB_SCREENSHOTS")
    if shown:
        page.screenshot(path=Path(shown) / f"{place}.png")
    for event, heard in watched.items():
        page.remove_listener(event, heard)
    lab_page.leave(page)
    assert outside == [], f"the page asked for something off this machine: {outside}"
    assert crashes == []
