"""A notebook as a person has it: opened in a real JupyterLab, in a real browser that may talk to this machine only.

``MANAGER_NB_SCREENSHOTS=folder`` keeps a picture of the last state of every test there, to be looked at.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.lab_server import TOKEN, LabServer, serve_lab
from toolkit import find_browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Request

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
EVERY_CELL_HAS_RUN = """() => {
  const context = window.jupyterapp?.shell?.currentWidget?.context;
  const kernel = context?.sessionContext?.session?.kernel;
  const code = Array.from(context?.model?.cells ?? []).filter((cell) => cell.type === 'code');
  return kernel?.status === 'idle' && code.length > 0 && code.every((cell) => cell.executionCount !== null);
}"""


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
    screen = {"viewport": {"width": 1280, "height": 1400}, "reduced_motion": "reduce"}
    return {**browser_context_args, **screen, "locale": "en-GB", "timezone_id": "UTC"}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    with serve_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def lab_context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """One browser context for all tests: its cache spares each page the 10 MB of JupyterLab's script."""
    context = browser.new_context(**browser_context_args)
    yield context
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
    lab: LabServer, home: Path, lab_context: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open a copy of a notebook and wait until every cell has run: ``page = open_notebook("10_backup.ipynb")``."""
    outside: list[str] = []
    crashes: list[str] = []
    page = lab_context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: crashes.append(str(error)))
    page.on("request", lambda asked: outside.append(asked.url) if not asked.url.startswith(ours) else None)
    page.on(
        "requestfailed", lambda asked: outside.remove(asked.url) if _stopped(asked) and asked.url in outside else None
    )
    ours = (lab.url, lab.url.replace("http", "ws", 1), "data:", "blob:")
    place = f"{request.node.path.stem}-{request.node.name}".replace("[", "-").rstrip("]")

    def open_copy(name: str, height: int | None = None) -> Page:
        if height is not None:
            page.set_viewport_size({"width": 1280, "height": height})
        folder = lab.root / place
        shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns(".*"))
        page.goto(f"{lab.url}/lab/workspaces/{place}/tree/{place}/{name}?token={TOKEN}", wait_until="domcontentloaded")
        page.wait_for_function(EVERY_CELL_HAS_RUN)
        return page

    yield open_copy
    shown = os.environ.get("MANAGER_NB_SCREENSHOTS")
    if shown:
        page.screenshot(path=Path(shown) / f"{place}.png")
    page.close()
    assert outside == [], f"the page asked for something off this machine: {outside}"
    assert crashes == []
