"""Sent e-mails by clicking only; and a letter from outside that can do nothing, beside the same one that can."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.acting import run_code, violations
from tests.model.small_files import TICKS, key, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

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


class Sink(socketserver.ThreadingTCPServer):
    """A server on this machine that notes who connects, and what is asked of it."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.connections = 0
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Note)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def letter(self) -> str:
        return HOSTILE.replace("SINK", self.address)


class _Note(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self.server.connections += 1
        line = self.rfile.readline().decode("latin-1").split(" ")
        if len(line) == 3:
            self.server.asked.append(line[1].lstrip("/"))
        self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server
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
    expect(about.get_by_role("row", name=re.compile("Sales unit price 1 1396.93 838.16"))).to_be_visible()
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
    open_notebook: Open, home: Path, sink: Sink, browser: object
) -> None:
    row = (key(1), None, "Us", "a@x.example", "Look", sink.letter(), None, None, TICKS, 0, "u")
    write(home / "Hostile.manager", Emails=[row])
    page = open_notebook(NOTEBOOK)
    page.get_by_role("button", name="Choose another business").click()
    page.get_by_role("button", name="Hostile.manager", exact=True).click()
    page.locator(".mnb-grid, .mnb-table").get_by_role("button", name="Look").click()
    expect(page.get_by_text("Dear customer")).to_be_visible()
    page.get_by_role("button", name="Show it as it was laid out").click()
    letter = page.frame_locator(".mnb-letter").frame_locator("iframe").first
    words = letter.locator("#words")
    expect(words).to_be_visible()
    for place in CLICKED:
        letter.locator(f"#{place}").click()
        page.wait_for_timeout(100)
    page.wait_for_timeout(2_000)
    print("SEALED", sink.connections, sink.asked)
    assert (sink.connections, sink.asked) == (0, [])
