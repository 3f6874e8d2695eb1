"""A working paper as one page for printing: no script, nothing from elsewhere, every text escaped."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, BinaryIO

from manager_nb.i18n import visible
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from manager_nb.audit.paper import Part, Row
    from manager_nb.i18n import Language

_STYLE = """
@page { size: A4 landscape; margin: 12mm; }
html { font: 10pt/1.4 "Noto Sans", "Noto Sans Devanagari", "Nirmala UI", "Kohinoor Devanagari", system-ui, sans-serif;
  color: #111; background: #fff; }
body { margin: 0 auto; padding: 1rem; }
h1 { font-size: 16pt; } h2 { font-size: 13pt; margin: 1.5em 0 .4em; break-after: avoid; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 1px solid #888; padding: .25em .4em; text-align: start; vertical-align: top; white-space: pre-wrap;
  min-width: 3.5em; }
.any { overflow-wrap: anywhere; }
thead th { background: #eee; } tbody th { font-weight: 600; }
td.number { text-align: end; white-space: nowrap; }
td.long { min-width: 14em; }
@media print { body { padding: 0; } .wide { overflow: visible; } table { font-size: 6.5pt; }
  th, td { min-width: 0; } td.long { min-width: 0; } }
"""
_WORD = 20
"""A word of more signs may be broken anywhere, or it would push the others off the page."""
_BREAKS = re.compile(r"[\s-]")
_LONG = 40
"""A column that is so many signs wide gets room on the screen."""


def write_html(
    file: BinaryIO, parts: Sequence[Part], title: str, language: Language, *, progress: Progress = SILENT
) -> None:
    """Write the page.

    Args:
        file: where its bytes go.
        parts: of the paper.
        title: of the page.
        language: in which figures and times are told.
        progress: heeded.
    """
    file.writelines(line.encode("utf-8") for line in _page(parts, title, language, progress))


def _page(parts: Sequence[Part], title: str, language: Language, progress: Progress) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield f'<!DOCTYPE html>\n<html lang="{language.code}" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="viewport" content="width=device-width">\n'
    yield f"<title>{_safe(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{_safe(title)}</h1>\n"
    for number, part in enumerate(parts):
        yield f'<section aria-labelledby="part-{number}">\n<h2 id="part-{number}">{_safe(part.title)}</h2>\n'
        for words in part.words:
            yield f"<p>{_safe(words)}</p>\n"
        yield from _table(part, number, language, progress)
        yield "</section>\n"
    yield "</main>\n</body>\n</html>\n"


def _table(part: Part, number: int, language: Language, progress: Progress) -> Iterator[str]:
    if not part.rows:
        yield f"<p>{_safe(language.text('There are none.'))}</p>\n"
        return
    # tabindex: a table that is wider than the window scrolls, by keyboard too
    yield f'<div class="wide" role="region" tabindex="0" aria-labelledby="part-{number}">\n<table>\n<thead><tr>'
    yield "".join(f'<th scope="col">{_safe(head)}</th>' for head in part.heads)
    yield "</tr></thead>\n<tbody>\n"
    for row in part.rows:
        check(progress)
        yield f"<tr>{''.join(_cells(part, row, language))}</tr>\n"
    yield "</tbody>\n</table>\n</div>\n"


def _cells(part: Part, row: Row, language: Language) -> Iterator[str]:
    for place, cell in enumerate(row):
        words = _told(cell, language)
        looks = ["long"] if part.widths[place] >= _LONG else []
        if not looks and isinstance(cell, int | Decimal) and not isinstance(cell, bool):
            looks.append("number")
        if any(len(word) > _WORD for word in _BREAKS.split(words)):
            looks.append("any")
        head = place == 0 and part.headed
        tag = "th" if head else "td"
        scope = ' scope="row"' if head else ""
        named = f' class="{" ".join(looks)}"' if looks else ""
        yield f"<{tag}{scope}{named}>{_safe(words)}</{tag}>"


def _told(cell: Any, language: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return language.text("Yes") if cell else language.text("No")
    if isinstance(cell, int | Decimal):
        return language.number(cell)
    if isinstance(cell, dt.datetime):
        return language.datetime(cell, seconds=True)
    return language.date(cell) if isinstance(cell, dt.date) else str(cell)


def _safe(words: str) -> str:
    return escape(visible(words), quote=True)
