"""Sent e-mails by clicking only; and a letter from outside that can do nothing, beside the same one that can."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.acting import cut_off, resize, run_code, untranslated, violations
from tests.model.small_files import TICKS, key, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    Open = Callable[[str], Page]

NOTEBOOK = "40_emails.ipynb"

#: Everything by which a letter may reach out, each under a name of its own; SINK is where it reaches.
HOSTILE = """<html><head><base href="SINK/base/">
<link rel="stylesheet" href="SINK/sheet"><link rel="prefetch" href="SINK/prefetch">
<link rel="preload" as="image" href="SINK/preload">
<link rel="icon" href="SINK/icon"><link rel="preconnect" href="SINK"><link rel="dns-prefetch" href="SINK">
<link rel="modulepreload" href="SINK/module">
<style>@import "SINK/import"; @font-face { font-family: far; src: url(SINK/font); }
body { background: url(SINK/background); font-family: far; } li { list-style-image: url(SINK/bullet); }</style>
<meta http-equiv="refresh" content="1; url=SINK/refresh">
</head><body><h1 id="words">Dear customer</h1><ul><li>one</li></ul>
<img src="SINK/img"><img srcset="SINK/srcset 1x"><picture><source srcset="SINK/source"><img></picture>
<p style="background: url(SINK/inline)">inline</p>
<svg width="9" height="9"><image href="SINK/svg" width="9" height="9"/><use href="SINK/use#a"/></svg>
<video src="SINK/video" poster="SINK/poster" autoplay></video><audio src="SINK/audio" autoplay></audio>
<iframe src="SINK/iframe"></iframe><iframe srcdoc="<img src='SINK/srcdoc'>"></iframe>
<object data="SINK/object"></object><embed src="SINK/embed"><input type="image" src="SINK/input">
<script src="SINK/script"></script><script>fetch("SINK/fetch"); top.document.title = "owned"</script>
<img src="x:" onerror="fetch('SINK/onerror')">
<form action="SINK/form" target="_self"><button id="send">Send</button></form>
<p><a id="self" href="SINK/self" target="_self" ping="SINK/ping">Self</a> <a id="plain" href="SINK/plain">Plain</a>
<a id="blank" href="SINK/blank" target="_blank">Blank</a> <a id="top" href="SINK/top" target="_top">Top</a>
<a id="relative" href="relative">Relative</a> <a id="script" href="javascript:fetch('SINK/javascript')">Script</a></p>
</body></html>"""
CLICKED = ["send", "self", "plain", "blank", "top", "relative", "script"]


#: What a browser asks for by itself when nothing holds it back, and what a click on a part of the letter asks for.
BY_ITSELF = {
    *("sheet", "prefetch", "preload", "module", "import", "font", "background", "bullet", "inline", "refresh"),
    *("img", "srcset", "source", "svg", "video", "poster", "audio", "iframe", "srcdoc", "object", "embed", "input"),
    *("script", "fetch", "onerror"),
}
BY_CLICK = {"send": {"form?"}, "self": {"self", "ping"}, "plain": {"plain"}, "top": {"top"}, "script": {"javascript"}}


class Sink(socketserver.ThreadingTCPServer):
    """A server on this machine that notes who connects, and what is asked of it."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.connections = 0
        self.asked: set[str] = set()
        self.news = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Note)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def letter(self, source: str = HOSTILE) -> str:
        return source.replace("SINK", f"http://127.0.0.1:{self.server_address[1]}")

    def hears(self, names: set[str]) -> bool:
        """Whether all of this is asked for, within a while."""
        with self.news:
            return self.news.wait_for(lambda: names <= self.asked, timeout=30)


class _Note(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        with self.server.news:
            self.server.connections += 1
        line = self.rfile.readline().decode("latin-1").split(" ")
        if len(line) == 3:
            with self.server.news:
                self.server.asked.add(line[1].lstrip("/"))
                self.server.news.notify_all()
        self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture
def sinks() -> Iterator[list[Sink]]:
    with Sink() as sealed, Sink() as free:
        yield [sealed, free]
        for server in (sealed, free):
            server.shutdown()


def open_email(page: Page, words: str) -> None:
    """Find an e-mail and open it, as a person does."""
    page.get_by_role("textbox", name="Search", exact=True).fill(words)
    expect(page.get_by_text("Rows 1–1 of 1 (of 74 in all)")).to_be_visible()
    page.locator(".mnb-grid tbody button").first.click()
    expect(page.get_by_role("button", name="Back to the list")).to_be_visible()


def test_the_e_mail_of_invoice_1001_and_what_was_changed_in_it_since(open_notebook: Open, data: Path) -> None:
    planted = json.loads((data / "himalaya/truth/planted.json").read_text("utf-8"))
    (fact,) = [one for one in planted if one["kind"] == "invoice changed after it was e-mailed"]
    page = open_notebook(NOTEBOOK)
    open_email(page, "invoice 1001")
    expect(page.get_by_role("heading", name="Invoice 1001", exact=True)).to_be_focused()
    about = page.get_by_role("region", name="What it was about")
    expect(about.get_by_text("Likely: Its subject says “Invoice 1001”.")).to_be_visible()
    expect(about.get_by_text("It was changed 1 time after this e-mail.")).to_be_visible()
    about.get_by_role("button", name="27 Jun 2025, 15:40").click()
    expect(about.get_by_text(f"{fact['user']} changed it on 27 Jun 2025, 15:40:20")).to_be_visible()
    expect(about.get_by_role("row", name=re.compile("Sales unit price 1 .*1,396.93 838.16 Changed"))).to_be_visible()
    assert violations(page) == []
    about.get_by_role("button", name="Show the record: Sales Invoice — 1001").click()
    expect(page.get_by_role("heading", name=re.compile("^Sales Invoice — 1001"))).to_be_focused()
    assert run_code(page, "print(panel.record.seen.record.key)") == fact["object"]
    page.get_by_role("button", name="Back to the e-mail").click()
    expect(page.get_by_role("heading", name="What it was about")).to_be_focused()
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_text("Rows 1–1 of 1 (of 74 in all)")).to_be_visible()


def test_the_hostile_e_mail_of_the_demonstration_does_nothing(open_notebook: Open) -> None:
    page = open_notebook(NOTEBOOK)
    title = page.title()
    open_email(page, "statement")
    expect(page.get_by_role("heading", name="<b>Statement</b>")).to_be_focused()
    assert page.locator(".mnb iframe").count() == 0
    page.get_by_role("button", name="Show it as it was laid out").click()
    expect(page.get_by_text("This is the e-mail's own layout. It is shut off")).to_be_visible()
    letter = page.frame_locator(".mnb-letter").frame_locator("iframe")
    letter.get_by_text("click").click()
    expect(letter.get_by_text("Dear sir")).to_be_visible()
    assert "owned" not in page.title()
    assert page.title() == title
    assert violations(page) == []


def test_a_letter_reaches_nothing_and_the_same_one_outside_its_frame_does(
    open_notebook: Open, home: Path, sinks: list[Sink], browser: Browser
) -> None:
    sealed, free = sinks
    row = (key(1), None, "Us", "a@x.example", "Look", sealed.letter(), None, None, TICKS, 0, "u")
    write(home / "Hostile.manager", Emails=[row])
    page = open_notebook(NOTEBOOK)
    title = page.title()
    page.get_by_role("button", name="Choose another business").click()
    page.get_by_role("button", name="Hostile.manager", exact=True).click()
    page.get_by_role("button", name="Look", exact=True).click()
    expect(page.get_by_role("group", name="Text of the e-mail")).to_contain_text("Dear customer")
    page.get_by_role("button", name="Show it as it was laid out").click()
    letter = page.frame_locator(".mnb-letter").frame_locator("iframe")
    expect(letter.get_by_role("heading", name="Dear customer")).to_be_visible()
    for place in CLICKED:
        letter.locator(f"#{place}").click()
    # The control: the same letter in a page of its own. Its refresh takes a second; the sealed one stays open so long.
    with browser.new_context() as control:
        control.new_page().set_content(free.letter())
        assert free.hears(BY_ITSELF), BY_ITSELF - free.asked
        assert free.connections > len(BY_ITSELF) / 2
        still = HOSTILE.replace('<meta http-equiv="refresh" content="1; url=SINK/refresh">', "")
        for place, names in BY_CLICK.items():
            other = control.new_page()
            other.set_content(free.letter(still), wait_until="commit")
            other.locator(f"#{place}").press("Enter")  # a click may miss: the page moves while it loads
            assert free.hears(names), names - free.asked
    expect(letter.get_by_role("heading", name="Dear customer")).to_be_visible()
    assert (sealed.connections, sealed.asked) == (0, set())
    assert page.title() == title


def test_in_hindi_an_e_mail_is_read_with_nothing_cut_off(open_notebook: Open) -> None:
    page = open_notebook(NOTEBOOK)
    panel = page.locator(".mnb")
    panel.get_by_role("radio", name="हिन्दी").check()
    panel.get_by_role("textbox", name="खोजें", exact=True).fill("invoice 1039")
    expect(panel.get_by_text("कुल 74 में से")).to_be_visible()
    panel.get_by_role("button", name="Invoice 1039").click()
    expect(panel.get_by_text("इस ईमेल के बाद यह 1 बार बदला।")).to_be_visible()
    panel.get_by_role("button", name="इसे मूल रूप में दिखाएँ").click()
    for width in (1280, 500):
        resize(page, width)
        assert cut_off(page) == []
    own = [
        word
        for word in untranslated(page)
        if word not in {"Invoice", "customers", "example", "Meera", "Iyer", "Ravi", "Kumar", "Pvt", "Ltd", "Sons"}
    ]
    assert own == []
    assert violations(page) == []
