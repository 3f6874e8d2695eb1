"""What the journeys share: code in the notebook's kernel, the keyboard, and what every panel is checked for."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard
from playwright.sync_api import expect

from manager_nb import i18n
from tests.translations import texts

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

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
#: JupyterLab's body has no height of its own: axe would take all that is in it for hidden, and look at no colour. It
#: looks at none either where a heading is scrolled out of sight.
_CHECK = """async () => {
  document.body.style.height = '100vh';
  for (const part of document.querySelectorAll('.jp-WindowedPanel-outer')) part.scrollTop = 0;
  const found = await axe.run('.mnb');
  document.body.style.height = '';
  const seen = [...found.passes, ...found.violations, ...found.incomplete].find((one) => one.id === 'color-contrast');
  if (!(seen?.nodes.length > 5)) return ['axe looked at no colours'];
  return found.violations.map((one) => `${one.impact} ${one.id}: ${one.help}\\n  ${one.nodes[0].html}`);
}"""
#: What is wider than its place; what is only for screen readers is meant to be.
_CUT_OFF = """() =>
  [...document.querySelectorAll('.mnb :is(button, label, p, h2, h3, dt, dd, li, summary, caption, th, td)')]
    .filter((node) => node.checkVisibility() && !node.closest('.mnb-hidden'))
    .filter((node) => getComputedStyle(node).display !== 'inline')
    .filter((node) => node.scrollWidth > node.clientWidth + 1)
    .map((node) => node.outerHTML.slice(0, 120))"""
#: What a panel says itself, and what it shows of the business: cells of tables, choices, paths, names.
_SAID = """() => {
  const DATA = 'tbody, code, pre, option, .mnb-name, .mnb-remark, .mnb-legend, .mnb-bars, .mnb-chart, [lang=en]';
  const own = [], data = [];
  for (const panel of document.querySelectorAll('.mnb')) {
    const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      const named = () => ['aria-label', 'title', 'alt'].map((name) => node.getAttribute(name));
      const words = node.nodeType === Node.TEXT_NODE ? [node.data] : named();
      (element.closest(DATA) ? data : own).push(...words.filter((one) => one?.trim()).map((one) => one.trim()));
    }
  }
  return [own, data];
}"""
_TO_SIZE = """([width, height]) => {
  const main = document.getElementById('main');
  return Math.abs(main.clientWidth - width) < 2 && Math.abs(main.clientHeight - height) < 2;
}"""
#: Pixels that the longest panel fits into.
_TALL = 9000

#: Names that stay what they are in every language.
NAMES = frozenset(
    ("CSV", "Excel", "Himalaya", "Manager", "Parquet", "SHA", "Traders", "UTC", "manager", "manager_nb", "tar", "zst")
)


def run_code(page: Page, code: str) -> str:
    """Run code in the kernel of the open notebook; what it printed, or its traceback."""
    return str(page.evaluate(_RUN, code))


def add_cell(page: Page, code: str) -> None:
    """Add a cell at the end of the open notebook, and run it."""
    page.evaluate(_ADD, code)


def settled(page: Page) -> None:
    """Wait until every panel shows its business, or asks for one, and none is at work."""
    expect(page.locator(".mnb :is(.mnb-facts, .mnb-primary)").first).to_be_visible()
    expect(page.locator(".mnb [role=progressbar]")).to_have_count(0)


def tab_to(page: Page, target: Locator, *, back: bool = False) -> None:
    """Press Tab until something has the focus, as a person without a mouse does."""
    for _ in range(120):
        if target.evaluate("(node) => node === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"Tab does not lead to {target}")


def resize(page: Page, width: int, height: int = 1400) -> None:
    """Give the window another size, and wait until JupyterLab has followed."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(_TO_SIZE, arg=[width, height])
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def dress(page: Page, theme: str) -> None:
    """Choose JupyterLab's theme: "Light" or "Dark"."""
    name = {"theme": f"JupyterLab {theme}"}
    page.evaluate("(name) => window.jupyterapp.commands.execute('apputils:change-theme', name)", name)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "true" if theme == "Light" else "false")


def cut_off(page: Page) -> list[str]:
    """What does not fit into its place."""
    return [str(found) for found in page.evaluate(_CUT_OFF)]


def untranslated(page: Page) -> list[str]:
    """What the panels, set to Hindi, still say in English.

    Their own words have no English in them but names; what they show of a business may be English, but is no text of
    the catalogue.
    """
    own, data = page.evaluate(_SAID)
    words = {word for text in own for word in re.findall(r"[A-Za-z_]{3,}", text)} - NAMES
    return [*sorted(words), *sorted(set(data) & _english())]


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the panels as they are shown now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    size = page.viewport_size or {"width": 1280, "height": 1400}
    resize(page, size["width"], _TALL)  # axe gives up on colours where a heading is scrolled out of the window
    found = [str(one) for one in page.evaluate(_CHECK)]
    resize(page, size["width"], size["height"])
    return found


@functools.cache
def _axe() -> str:
    return zstandard.ZstdDecompressor().decompress(AXE.read_bytes()).decode("utf-8")


@functools.cache
def _english() -> frozenset[str]:
    """The texts of the catalogue that are called otherwise in Hindi."""
    hindi = i18n.Language("hi")
    return frozenset(text for text in texts() if hindi.text(text) != text)
