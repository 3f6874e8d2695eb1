"""A working paper as one page for printing: no script, nothing from elsewhere, every text escaped."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
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
@page { size: A4 portrait; margin: 14mm 12mm 16mm;
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 7pt; } }
html { font: 9pt/1.4 "Noto Sans", "Noto Sans Devanagari", "Nirmala UI", "Kohinoor Devanagari", system-ui, sans-serif;
  color: #111; background: #fff; }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; }
h1 { font-size: 16pt; margin: 0 0 .6em; } h2 { font-size: 13pt; margin: 1.4em 0 .4em; }
h3 { font-size: 10.5pt; margin: 1em 0 .3em; }
h2, h3 { break-after: avoid; }
p { margin: .15em 0 .3em; white-space: pre-wrap; break-after: avoid; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; min-width: 44rem; table-layout: fixed; font-size: 8pt;
  line-height: 1.35; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 1px solid #999; padding: .2em .4em; text-align: start; vertical-align: top; white-space: pre-wrap;
  overflow-wrap: anywhere; }
thead th { background: #eee; } th { font-weight: 600; }
td.number { text-align: end; }
WIDTHS
@media print { body { padding: 0; max-width: none; } .wide { overflow: visible; }
  table { min-width: 0; font-size: 7pt; line-height: 1.3; } p { font-size: 7.5pt; }
  .apart { break-before: page; } .apart > h2:first-child { margin-top: 0; } }
""".replace("WIDTHS", " ".join(f".w{share} {{ width: {share}%; }}" for share in range(1, 101)))


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
        look, head = ' class="apart"' if part.apart else "", f"h{part.level}"
        yield f'<section{look} aria-labelledby="part-{number}">\n'
        yield f'<{head} id="part-{number}">{_safe(part.title)}</{head}>\n'
        for words in part.words:
            yield f"<p>{_safe(words)}</p>\n"
        yield from _table(part, number, language, progress)
        yield "</section>\n"
    yield "</main>\n</body>\n</html>\n"


def _table(part: Part, number: int, language: Language, progress: Progress) -> Iterator[str]:
    if not part.heads:
        return
    if not part.rows:
        yield f"<p>{_safe(language.text('There are none.'))}</p>\n"
        return
    # tabindex: a table that is wider than the window scrolls, by keyboard too
    yield f'<div class="wide" role="region" tabindex="0" aria-labelledby="part-{number}">\n<table>\n<colgroup>'
    yield "".join(f'<col class="w{100 * width // sum(part.widths)}">' for width in part.widths)
    yield "</colgroup>\n<thead><tr>"
    yield "".join(f'<th scope="col">{_safe(head)}</th>' for head in part.heads)
    yield "</tr></thead>\n<tbody>\n"
    for row in part.rows:
        check(progress)
        yield f"<tr>{''.join(_cells(part, row, language))}</tr>\n"
    yield "</tbody>\n</table>\n</div>\n"


def _cells(part: Part, row: Row, language: Language) -> Iterator[str]:
    for place, cell in enumerate(row):
        head = place == 0 and part.headed
        tag = "th" if head else "td"
        look = ' class="number"' if isinstance(cell, int | Decimal) and not isinstance(cell, bool) else ""
        scope = ' scope="row"' if head else ""
        yield f"<{tag}{scope}{look}>{_safe(_told(cell, language))}</{tag}>"


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
