"""What the journeys share: code in the notebook's kernel, and the accessibility check of a page."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: axe-core 4.14.1, https://github.com/dequelabs/axe-core, MPL-2.0: for tests only, unchanged.
AXE = Path(__file__).parents[1] / "data" / "axe" / "axe.min.js.zst"

expect.set_options(timeout=30_000)  # a busy machine takes its time; nothing waits longer than it must

_RUN = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, store_history: false });
  let said = '';
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === 'stream') said += content.text;
    if (header.msg_type === 'error') said += content.traceback.join('\\n');
  };
  await future.done;
  return said.trim();
}"""
_ADD = """async (code) => {
  const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
  notebook.activeCellIndex = notebook.widgets.length - 1;
  await app.commands.execute('notebook:insert-cell-below');
  notebook.activeCell.model.sharedModel.setSource(code);
  await app.commands.execute('notebook:run-cell');
}"""
_CHECK = """async () => {
  const found = await axe.run('.mnb', { resultTypes: ['violations'] });
  return found.violations.map((one) => `${one.impact} ${one.id}: ${one.help}\\n  ${one.nodes[0].html}`);
}"""


def run_code(page: Page, code: str) -> str:
    """Run code in the kernel of the open notebook; what it printed, or its traceback."""
    return str(page.evaluate(_RUN, code))


def add_cell(page: Page, code: str) -> None:
    """Add a cell at the end of the open notebook, and run it."""
    page.evaluate(_ADD, code)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the panels as they are shown now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    return [str(found) for found in page.evaluate(_CHECK)]


@functools.cache
def _axe() -> str:
    return zstandard.ZstdDecompressor().decompress(AXE.read_bytes()).decode("utf-8")
