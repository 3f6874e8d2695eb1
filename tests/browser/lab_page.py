"""The page of JupyterLab that journeys share: its shell takes longer to load than a notebook in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Error

from tests.browser.lab_server import TOKEN, LabServer

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, ViewportSize

SCREEN: ViewportSize = {"width": 1280, "height": 1400}
_EVERY_CELL_HAS_RUN = """(path) => {
  const context = window.jupyterapp?.shell?.currentWidget?.context;
  const kernel = context?.sessionContext?.session?.kernel;
  const code = Array.from(context?.model?.cells ?? []).filter((cell) => cell.type === 'code');
  const all = kernel?.status === 'idle' && code.length > 0 && code.every((cell) => cell.executionCount !== null);
  return all && context.path === path;
}"""
_OPEN = "(path) => { void window.jupyterapp.commands.execute('docmanager:open', { path }); }"
#: Nothing may remain for the next journey: no document, no question, no other theme, no reload of the page.
_TIDY = """async () => {
  if (!window.sharedByJourneys) return false;
  const shell = window.jupyterapp.shell;
  for (const widget of [...shell.widgets('main')]) {
    if (widget.context?.model) widget.context.model.dirty = false;
    widget.close();
  }
  shell.expandLeft();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const open = [...shell.widgets('main')].filter((widget) => widget.context);
  const light = document.body.dataset.jpThemeLight === 'true';
  return open.length === 0 && light && document.querySelector('.jp-Dialog') === null;
}"""


class LabPage:
    """One page for all journeys of a worker, made anew whenever a journey did not leave it as it found it."""

    def __init__(self, lab: LabServer, context: BrowserContext) -> None:
        self._lab, self._context = lab, context
        self._shared: Page | None = None
        self._made = 0

    def of_its_own(self) -> Page:
        """An empty page, for a journey that comes to JupyterLab by its address."""
        page = self._context.new_page()
        page.set_default_timeout(30_000)
        return page

    def shared(self) -> Page:
        """The page, with the shell of JupyterLab and no document."""
        if self._shared is None:
            self._shared = self.of_its_own()
            self._shared.goto(self._address(), wait_until="domcontentloaded")
            self._shared.wait_for_function("() => window.jupyterapp?.shell?.currentWidget")
            self._shared.evaluate("() => window.jupyterapp.restored.then(() => { window.sharedByJourneys = true; })")
        return self._shared

    def open(self, page: Page, path: str) -> None:
        """Open a notebook, and wait until every cell of it has run."""
        if page is self._shared:
            page.evaluate(_OPEN, path)
        else:
            page.goto(self._address(f"/tree/{path}"), wait_until="domcontentloaded")
        page.wait_for_function(_EVERY_CELL_HAS_RUN, arg=path)

    def leave(self, page: Page) -> None:
        """Close what the journey opened; the page too, unless it is as it was."""
        for other in self._context.pages:
            if other is not self._shared and other is not page:
                other.close()
        if page is not self._shared:
            page.close()
        elif page.is_closed() or not self._tidied(page):
            page.close()
            self._shared = None

    @staticmethod
    def _tidied(page: Page) -> bool:
        try:
            page.set_viewport_size(SCREEN)
            return bool(page.evaluate(_TIDY))
        except Error:  # the page went away: a crash, a reload
            return False

    def _address(self, document: str = "") -> str:
        self._made += 1
        return f"{self._lab.url}/lab/workspaces/{self._made}{document}?token={TOKEN}"
