"""The words of an HTML text from outside: no tag, script or style is left, and nothing is ever rendered.

Not :mod:`html.parser`: in many Python releases a hostile text of a megabyte keeps it busy for hours. Here each
search either moves on or ends the reading, so the time grows with the length, whatever the text.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = re.compile(r"</?([a-zA-Z][^\s/>]*)|<[!?/]")
_QUOTE_OR_END = re.compile(r"""=\s*(["'])|>""")
_HUGE_NUMBER = re.compile(r"&#0*[1-9][0-9]{7,};?")  # beyond Unicode; html.unescape may refuse to count that far
_SILENT = frozenset({"script", "style", "template", "title", "textarea", "noscript", "iframe", "svg", "math"})
_CELLS = frozenset({"td", "th"})
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "div", "dl", "dt"),
        *("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    }
)


def text_of_html(source: str) -> str:
    """The words of an HTML text, a line a paragraph. Never raises.

    As in a browser, what follows a comment, tag or script that does not end is not seen.
    """
    raw = "".join(_pieces(source))
    words = html.unescape(_HUGE_NUMBER.sub("\N{REPLACEMENT CHARACTER}", raw))
    lines = (" ".join(line.split()) for line in words.split("\n"))
    return "\n".join(line for line in lines if line)


def _pieces(source: str) -> Iterator[str]:
    position = 0
    while (start := source.find("<", position)) >= 0:
        yield _flat(source[position:start])
        tag = _TAG.match(source, start)
        if tag is None:
            yield "<"
            position = start + 1
            continue
        position = _end_of(source, start, tag)
        if position < 0:
            return
        name = (tag[1] or "").lower()
        yield "\n" if name in _BLOCKS else " " if name in _CELLS else ""
    yield _flat(source[position:])


def _flat(text: str) -> str:
    """Text on one line: in HTML a line break is a space."""
    return text.replace("\n", " ").replace("\r", " ")


def _end_of(source: str, start: int, tag: re.Match[str]) -> int:
    """Where what begins there ends, -1 where it does not."""
    if source.startswith("<!--", start):
        end = source.find("-->", start + 4)
        return end + 3 if end >= 0 else -1
    end = _end_of_tag(source, tag.end())
    if end < 0 or tag[1] is None or tag[1].lower() not in _SILENT or source[start + 1] == "/":
        return end
    closing = re.compile(rf"</{tag[1]}(?=[\s/>])", re.IGNORECASE).search(source, end)
    return _end_of_tag(source, closing.end()) if closing else -1


def _end_of_tag(source: str, position: int) -> int:
    """Behind the ``>`` that ends a tag; one within quotes does not."""
    while found := _QUOTE_OR_END.search(source, position):
        if found[1] is None:
            return found.end()
        position = source.find(found[1], found.end()) + 1
        if not position:
            return -1
    return -1
