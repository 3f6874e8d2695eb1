"""What a panel shows, as plain values: a tree of nodes that `view.js` turns into HTML.

A panel says *what* is on the screen (:class:`Node`); the script says *how* (real headings, labels, buttons, tables).
No HTML is ever made in Python, and the script sets text only as text, so a hostile file name stays a file name.

Keys name the nodes that a person can act on. They must be unique in a panel and stay the same while the thing stays
the same: the script uses them to keep focus, cursor and folds when the screen is drawn anew.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anywidget
import traitlets

#: Control characters, line separators and those that turn the direction of writing: none belongs in shown text.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

Handler = Callable[..., None]
Cell = "str | Node"


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a picture. They go to the page once, and the screen names them by their digest.

    Attributes:
        mime: what they are.
        source: the bytes.
        digest: their SHA-256, in hex.
    """

    mime: str
    source: bytes = field(repr=False)
    digest: str

    @property
    def url(self) -> str:
        """The picture as a page can show it without asking anybody for it."""
        return f"data:{self.mime};base64,{base64.b64encode(self.source).decode()}"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing on the screen.

    Attributes:
        kind: what it is; `view.js` has one builder for each.
        props: its words and state.
        children: what is inside it.
        on: what happens when a person acts on it; called with the new value where there is one.
        picture: what an image shows.
    """

    kind: str
    props: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[Node, ...] = ()
    on: Handler | None = None
    picture: Picture | None = None

    @property
    def key(self) -> str:
        """The key, or nothing."""
        return str(self.props.get("key", ""))

    def walk(self) -> Iterator[Node]:
        """This node and everything inside it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def wire(self) -> dict[str, Any]:
        """As JSON for the script: no handler, no empty value."""
        content: dict[str, Any] = {"kind": self.kind}
        for name, value in self.props.items():
            if value is None or value is False or value == "":
                continue
            content[name] = _plain(value)
        if self.children:
            content["children"] = [child.wire() for child in self.children]
        return content


class View(anywidget.AnyWidget):
    """The one widget behind every panel: takes a screen to show, and sends back what a person did."""

    _esm = Path(__file__).parent / "view.js"
    _css = Path(__file__).parent / "panel.css"
    screen = traitlets.Dict().tag(sync=True)
    pictures = traitlets.Dict(help="digest → data URL, of the pictures on the screen").tag(sync=True)

    closed: Callable[[], None] | None = None
    """Called once when it is closed, by whomever."""

    def close(self) -> None:
        """Close it, and tell."""
        super().close()
        told, self.closed = self.closed, None
        if told is not None:
            told()

    def show(self, screen: dict[str, Any], pictures: Iterable[Picture]) -> None:
        """Show a screen; its pictures are sent only where others were shown before."""
        wanted = {picture.digest: picture for picture in pictures}
        with self.hold_sync():
            if wanted.keys() != self.pictures.keys():
                known = self.pictures
                self.pictures = {digest: known.get(digest) or one.url for digest, one in wanted.items()}
            self.screen = screen


def shown(words: str) -> str:
    """Words that are safe to send and to show: what cannot be seen becomes a visible mark."""
    return _UNSEEN.sub("\ufffd", words)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Node):
        return value.wire()
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def group(*children: Node | None, look: str = "") -> Node:
    """Several nodes below each other; those that are None are left out.

    Look is "", "action", "browser" (framed, what a button opened), "listing", "fields" or "sides" (two sections beside
    each other).
    """
    return Node("group", {"look": look}, _present(children))


def section(heading: str, *children: Node | None, key: str = "", note: str = "", look: str = "") -> Node:
    """A part of the panel under its own heading.

    Args:
        heading: its words.
        children: what it holds.
        key: its name for focus: after an action, focus can be sent here.
        note: one muted sentence under the heading.
        look: "", framed as the outcome: "result", "warned" or "failed", "detail" for what a row opened, "side" for one
            of two that stand beside each other.
    """
    return Node("section", {"heading": heading, "key": key, "note": note, "look": look}, _present(children))


def row(*children: Node | None) -> Node:
    """Several nodes beside each other, below each other where there is no room."""
    return Node("row", children=_present(children))


def paragraph(words: str, *, look: str = "") -> Node:
    """A paragraph; look is "", "muted", "strong", "warning" or "name" (the name of a business, large)."""
    return Node("text", {"words": words, "look": look})


def facts(pairs: Iterable[tuple[str, str] | tuple[str, str, str]]) -> Node:
    """Terms with their values, as cards: (term, value) or (term, value, remark)."""
    items = [dict(zip(("term", "value", "remark"), pair, strict=False)) for pair in pairs]
    return Node("facts", {"items": items})


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | Node]],
    *,
    numbers: Sequence[int] = (),
    key: str = "",
    arrows: bool = False,
    hide_caption: bool = False,
    current: int | None = None,
) -> Node:
    """A real table; the first cell of each row is its header.

    Args:
        caption: what it lists.
        columns: the column headers.
        rows: the cells: words, or a node such as a button.
        numbers: indexes of the columns that hold numbers (right-aligned).
        key: its name, so that the scroll position stays.
        arrows: whether the arrow keys move between the buttons of its rows, as one stop of the Tab key.
        hide_caption: keep the caption for screen readers only, where a heading says the same.
        current: the index of the row that is open.
    """
    props = {
        "caption": caption,
        "columns": list(columns),
        "numbers": list(numbers),
        "key": key,
        "arrows": arrows,
        "hide_caption": hide_caption,
    }
    lines = (
        Node("tr", {"current": place == current}, tuple(_cell(cell) for cell in line))
        for place, line in enumerate(rows)
    )
    return Node("table", props, tuple(lines))


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column of a grid, which is a button that orders by it.

    Attributes:
        title: its words.
        key: the button's name.
        on: called when it is pressed.
        order: "ascending", "descending" or "".
        kind: of its values, see :mod:`manager_nb.listing.columns`; numbers are right-aligned.
    """

    title: str
    key: str
    on: Handler
    order: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a grid.

    Attributes:
        cells: words, or a node.
        key: its name, the same for the same row wherever it is shown.
        open: called when it is opened; None: it does not open.
        tick: called with the new state of its checkbox; None: it has none.
        ticked: whether it is ticked.
        current: whether it is the one that is open.
        name: for screen readers, of its checkbox; without one, of what opens it where the first cell says too little.
        look: of what opens it: "" (words), "folder", "file" or "up".
    """

    cells: tuple[str | Node, ...]
    key: str
    open: Handler | None = None
    tick: Handler | None = None
    ticked: bool = False
    current: bool = False
    name: str = ""
    look: str = ""


def grid(caption: str, heads: Sequence[Head], lines: Sequence[Line], *, key: str, tick: str = "") -> Node:
    """A table whose rows can be ordered, ticked and opened; its first cell opens a row, arrow keys walk through it.

    Args:
        caption: what it lists.
        heads: the columns.
        lines: the rows of this page.
        key: its name, so that the scroll position stays.
        tick: the heading of the checkboxes, for screen readers; empty: no row has one.
    """
    tops = [
        Node("head", {"label": head.title, "key": head.key, "order": head.order, "type": head.kind}, on=head.on)
        for head in heads
    ]
    rows = [_line(line, heads) for line in lines]
    return Node("grid", {"caption": caption, "key": key, "tick": tick}, (*tops, *rows))


def _line(line: Line, heads: Sequence[Head]) -> Node:
    cells = []
    for place, cell in enumerate(line.cells):
        if place == 0 and line.open is not None:
            inside: tuple[Node, ...] = () if isinstance(cell, str) else (cell,)
            label = cell if isinstance(cell, str) and cell else "–"
            look, name = f"row {line.look}".strip(), line.name if line.tick is None else ""
            opener = Node(
                "button", {"label": label, "key": f"{line.key}-open", "look": look, "name": name}, on=line.open
            )
            cells.append(Node("td", {"type": heads[place].kind}, (opener, *inside)))
        else:
            cells.append(Node("td", {"type": heads[place].kind}, (_cell(cell),)))
    tick: tuple[Node, ...] = ()
    if line.tick is not None:
        props = {"name": line.name, "checked": line.ticked, "key": f"{line.key}-tick"}
        tick = (Node("tick", props, on=line.tick),)
    return Node("tr", {"current": line.current, "key": line.key}, (*tick, *cells))


def fields(*children: Node | None) -> Node:
    """Fields beside each other in columns of one width, as many as there is room for."""
    return Node("group", {"look": "fields"}, _present(children))


def button(
    label: str,
    on: Handler,
    *,
    key: str,
    look: str = "",
    disabled: bool = False,
    name: str = "",
    expanded: bool | None = None,
    focus: bool = False,
    gives: str = "",
) -> Node:
    """A button.

    Args:
        label: its words.
        on: called without arguments when pressed.
        key: its name.
        look: "" (plain), "primary" (the one action of the panel), "quiet", "chip", "strong", or "folder", "file", "up"
            and "row" in a listing.
        disabled: whether it cannot be pressed now.
        name: its name for screen readers where the label alone says too little.
        expanded: for a button that opens something: whether that is open.
        focus: take the focus when what had it is gone.
        gives: the key of a :func:`secret` that goes with the press: `on` is called with it.
    """
    state = "" if expanded is None else ("true" if expanded else "false")
    props = {"label": label, "key": key, "look": look, "disabled": disabled, "name": name, "focus": focus}
    return Node("button", {**props, "expanded": state, "gives": gives}, on=on)


def entry(
    label: str,
    value: str,
    on: Handler,
    *,
    key: str,
    help: str = "",  # noqa: A002
    suffix: str = "",
    on_enter: Handler | None = None,
    disabled: bool = False,
    path: bool = False,
) -> Node:
    """A text field with its label above it.

    Args:
        label: its label.
        value: what stands in it.
        on: called with the new words while they are typed.
        key: its name.
        help: one sentence under it, tied to it for screen readers.
        suffix: words after the field, e.g. the ending that a file name gets.
        on_enter: called without arguments when Enter is pressed in it.
        disabled: whether it cannot be changed now.
        path: whether it holds a path (no spelling check, steady digits).
    """

    def act(value: str, enter: bool = False) -> None:
        on(value)
        if enter and on_enter is not None:
            on_enter()

    props = {"label": label, "value": value or None, "key": key, "help": help, "suffix": suffix, "path": path}
    return Node("entry", {**props, "disabled": disabled, "enter": on_enter is not None}, on=act)


def secret(label: str, *, key: str, help: str = "", shown: bool = False, disabled: bool = False) -> Node:  # noqa: A002
    """A field for a password, of which nothing is told while it is typed and nothing is ever sent back.

    It goes to the kernel with the press of the button that `gives` it, or with Enter here, which presses that; the page
    forgets it at once, and no widget state ever holds it.

    Args:
        label: its label.
        key: its name.
        help: one sentence under it.
        shown: whether what is typed can be read: a code that is good for half a minute.
        disabled: whether it cannot be typed now.
    """
    props = {"label": label, "key": key, "help": help, "secret": "shown" if shown else "hidden", "disabled": disabled}
    return Node("entry", props)


def day(label: str, value: str, on: Handler, *, key: str, help: str = "", disabled: bool = False) -> Node:  # noqa: A002
    """A field for a day, with the browser's calendar; `value` and what `on` is called with are ``2025-07-01``."""

    def act(value: str, enter: bool = False) -> None:
        del enter
        on(value)

    props = {"label": label, "value": value or None, "key": key, "help": help, "day": True, "disabled": disabled}
    return Node("entry", props, on=act)


def select(
    label: str, options: Mapping[str, str], value: str, on: Handler, *, key: str, disabled: bool = False
) -> Node:
    """One of many, in a list that opens; `options` maps values to words, `on` is called with the value."""
    items = [{"value": name, "label": words} for name, words in options.items()]
    return Node("select", {"label": label, "options": items, "value": value, "key": key, "disabled": disabled}, on=on)


def check(label: str, checked: bool, on: Handler, *, key: str, help: str = "", disabled: bool = False) -> Node:  # noqa: A002
    """A checkbox; `on` is called with the new state. `help` says what the choice means, tied to it."""
    return Node("check", {"label": label, "checked": checked, "key": key, "help": help, "disabled": disabled}, on=on)


def choice(
    label: str,
    options: Mapping[str, str],
    value: str,
    on: Handler,
    *,
    key: str,
    disabled: bool = False,
    helps: Mapping[str, str] | None = None,
) -> Node:
    """One of a few, as radio buttons in one bar.

    Args:
        label: what is chosen; shown above the options where they have sentences.
        options: values with their words.
        value: the one that is chosen.
        on: called with the value.
        key: its name.
        disabled: whether it cannot be changed now.
        helps: a sentence for each value: then the options stand below each other.
    """
    items = [
        {
            "value": name,
            "label": words,
            "lang": name if key == "language" else "",
            "help": helps.get(name, "") if helps else "",
        }
        for name, words in options.items()
    ]
    props = {"label": label, "options": items, "value": value, "key": key, "disabled": disabled}
    return Node("choice", {**props, "stacked": helps is not None}, on=on)


def bullets(items: Iterable[str | tuple[str, Sequence[str]]]) -> Node:
    """A list of sentences; one may have a list of its own: (sentence, sentences)."""
    plain = [(item, ()) if isinstance(item, str) else item for item in items]
    return Node("bullets", {"items": [{"words": words, "items": list(inner)} for words, inner in plain]})


def fold(summary: str, *children: Node | None, key: str, opened: bool = False) -> Node:
    """Something that is folded away until a person opens it."""
    return Node("fold", {"summary": summary, "key": key, "opened": opened}, _present(children))


def trouble(message: str, hint: str, details: Node | None = None, *, title: str) -> Node:
    """What went wrong and what to do, announced at once (`role="alert"`)."""
    return Node("trouble", {"title": title, "message": message, "hint": hint}, _present((details,)))


def notice(words: str, *, look: str = "info", title: str = "") -> Node:
    """A remark that is no error: look is "info", "warning" or "good"; title is its first, strong word."""
    return Node("notice", {"words": words, "look": look, "title": title})


def progress(label: str, words: str, fraction: float | None) -> Node:
    """A progress bar: fraction from 0 to 1, or None where the end is not known."""
    percent = -1 if fraction is None else int(max(0.0, min(1.0, fraction)) * 100)
    return Node("progress", {"label": label, "words": words, "percent": str(percent)})


def proof(items: Iterable[tuple[bool | None, str, str]], *, passed: str, failed: str, nothing: str = "") -> Node:
    """What was checked, line by line.

    Args:
        items: (whether it holds or None where there was nothing to check, what, remark).
        passed: the word beside the sign of what holds; `failed` and `nothing` likewise.
        failed: see there.
        nothing: see there.
    """
    states = {True: ("passed", passed), False: ("failed", failed), None: ("nothing", nothing)}
    lines = [
        dict(zip(("state", "verdict", "words", "remark"), (*states[ok], words, remark), strict=True))
        for ok, words, remark in items
    ]
    return Node("proof", {"items": lines})


def image(source: bytes, mime: str, name: str) -> Node:
    """A picture of a kind that browsers draw without running anything: PNG, JPEG, GIF, WebP or BMP.

    Args:
        source: its bytes.
        mime: what they are; for another kind the name is shown alone.
        name: what it shows, for those who do not see it.
    """
    picture = Picture(mime, source, hashlib.sha256(source).hexdigest())
    return Node("image", {"picture": picture.digest, "name": name}, picture=picture)


def chart(
    label: str,
    bars: Sequence[tuple[str, Sequence[int]]],
    series: Sequence[str],
    on: Handler,
    *,
    key: str,
    ends: tuple[str, str],
    most: str,
    chosen: tuple[int, int] | None = None,
) -> Node:
    """Bars beside each other, stacked by series. A person chooses a bar, or drags over several.

    Args:
        label: what it shows.
        bars: each bar's name with its figures, e.g. "27 Sep 2025: Ravi 300, Asha 2", and its figure in each series.
        series: their names, at most eight.
        on: called with the numbers of the first and the last chosen bar.
        key: its name.
        ends: the words below the first and the last bar.
        most: the words beside the tallest bar's height.
        chosen: the numbers of the first and the last bar that are chosen now.
    """

    def act(value: str) -> None:
        first, last = value.split(":")
        on(int(first), int(last))

    items = [
        {
            "name": name,
            "parts": [{"series": place, "count": count} for place, count in enumerate(counts) if count],
        }
        for name, counts in bars
    ]
    props = {"label": label, "bars": items, "series": list(series), "key": key, "most": most}
    between = {} if chosen is None else {"from": chosen[0], "to": chosen[1]}
    return Node("chart", {**props, **between, "first": ends[0], "last": ends[1]}, on=act)


def copyable(label: str, value: str, *, key: str, copy: str = "", copied: str = "") -> Node:
    """A path or digest under its label, and beside it a button that copies it, unless `copy`, its word, is empty."""
    return Node("copyable", {"label": label, "value": value, "key": key, "copy": copy, "copied": copied})


def preformatted(words: str, *, label: str) -> Node:
    """Technical text as it is, in a box that scrolls; `label` names the box."""
    return Node("pre", {"words": words, "label": label})


def letter(source: str, *, label: str) -> Node:
    """HTML from outside, shut off: it can run nothing, load nothing and lead nowhere (docs/design.md, threat model)."""
    return Node("letter", {"source": source, "label": label})


def embed(widget: Any) -> Node:
    """Another widget (e.g. a paged table) at this place."""
    return Node("embed", {"model": widget.model_id, "key": widget.model_id})


def _present(children: Iterable[Node | None]) -> tuple[Node, ...]:
    return tuple(child for child in children if child is not None)


def _cell(cell: str | Node) -> Node:
    return cell if isinstance(cell, Node) else Node("text", {"words": cell})
