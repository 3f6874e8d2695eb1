from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from manager_nb.widgets import view

SCRIPT = Path(view.__file__).with_name("view.js").read_text("utf-8")
STYLE = Path(view.__file__).with_name("panel.css").read_text("utf-8")


def nothing() -> None:
    """A handler."""


def test_the_script_has_a_builder_for_every_kind_of_node() -> None:
    nodes = [
        view.group(),
        view.section("Business"),
        view.row(),
        view.paragraph("words"),
        view.facts([("Records", "695")]),
        view.table("Contents", ["Name"], [["a"]]),
        view.button("Press", nothing, key="press"),
        view.entry("Name", "", nothing, key="name"),
        view.check("Emails", True, nothing, key="emails"),
        view.choice("Language", {"en": "English"}, "en", nothing, key="language"),
        view.fold("More", key="more"),
        view.trouble("It is empty.", "Choose another.", title="Problem"),
        view.notice("Cancelled."),
        view.progress("Progress", "Copying", 0.5),
        view.proof([(True, "Every record", "")], passed="Verified", failed="Failed"),
        view.copyable("Path", "/x", key="path", copy="Copy", copied="Copied"),
        view.preformatted("x", label="Path"),
    ]
    builders = set(re.findall(r"^  (\w+)(?:: |\()", SCRIPT.split("const build = {")[1].split("\n};")[0], re.MULTILINE))
    assert {node.kind for node in nodes} <= builders


@pytest.mark.parametrize(
    ("hostile", "sent"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),  # the script sets it as text
        ("invoice\u202egpj.exe", "invoice\ufffdgpj.exe"),
        ("a\x00b\x1bc", "a\ufffdb\ufffdc"),
        ("caf\udce9.manager", "caf\ufffd.manager"),
        ("आरोही स्टोर्स", "आरोही स्टोर्स"),
        ("क्‍ष", "क्‍ष"),
    ],
)
def test_hostile_words_can_be_sent_and_seen(hostile: str, sent: str) -> None:
    wire = view.paragraph(hostile).wire()
    assert wire["words"] == sent
    json.dumps(wire, ensure_ascii=False).encode("utf-8")


def test_the_script_never_makes_html_out_of_words() -> None:
    for dangerous in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert dangerous not in SCRIPT
    assert not re.search(r"outerHTML\s*=", SCRIPT)  # only ever read, for what a sealed frame shows


def test_html_from_outside_is_only_given_to_frames_that_have_no_rights() -> None:
    framed = [line for line in SCRIPT.splitlines() if "srcdoc:" in line or 'make("iframe"' in line]
    assert len(framed) == 2
    assert all('make("iframe", { ' in line and 'sandbox: ""' in line and "srcdoc:" in line for line in framed)
    assert "allow-" not in SCRIPT
    assert "default-src 'none'" in SCRIPT


def test_nothing_is_loaded_from_outside() -> None:
    for words in (SCRIPT, STYLE):
        assert "http:" not in words
        assert "https:" not in words
        assert "@import" not in words
        assert "url(" not in words


def test_zero_is_sent_and_emptiness_is_not() -> None:
    node = view.Node("x", {"zero": 0, "no": False, "none": None, "empty": ""})
    assert node.wire() == {"kind": "x", "zero": 0}


def test_a_bar_stays_between_nothing_and_all() -> None:
    assert view.progress("P", "w", 1.7).props["percent"] == "100"
    assert view.progress("P", "w", -1).props["percent"] == "0"
    assert view.progress("P", "w", None).props["percent"] == "-1"


def test_every_colour_is_chosen_for_light_and_dark() -> None:
    light, dark = STYLE.split('body[data-jp-theme-light="false"] .mnb {')
    dark = dark.split("}")[0]
    chosen = set(re.findall(r"(--mnb-[\w-]+): #", light))
    assert chosen
    assert chosen <= set(re.findall(r"(--mnb-[\w-]+):", dark))


def test_a_picture_goes_to_the_page_once() -> None:
    shown = view.View()
    sent: list[object] = []
    shown.observe(lambda change: sent.append(change["new"]), "pictures")
    node = view.image(b"\x89PNG", "image/png", "Receipt")
    assert node.picture is not None
    for words in ("one", "two"):
        shown.show({"title": words, "children": [node.wire()]}, [view.image(b"\x89PNG", "image/png", "R").picture])
    assert sent == [{node.picture.digest: "data:image/png;base64,iVBORw=="}]
    assert node.wire() == {"kind": "image", "picture": node.picture.digest, "name": "Receipt"}
    shown.show({"title": "three"}, [])
    assert shown.pictures == {}
