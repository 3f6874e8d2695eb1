"""Reads working papers back: the cells of a workbook by the zip and XML in it, the tables of a page by its tags."""

from __future__ import annotations

import re
import zipfile
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(path: Path) -> dict[str, list[list[str]]]:
    """The rows of each sheet, by its name; figures as they are written."""
    with zipfile.ZipFile(path) as book:
        names = [one.get("name", "") for one in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")]
        texts = [ET.fromstring(book.read(f"xl/worksheets/sheet{n}.xml")) for n in range(1, len(names) + 1)]
    return {name: [_cells(row) for row in tree.iter(f"{_MAIN}row")] for name, tree in zip(names, texts, strict=True)}


def _cells(row: ET.Element) -> list[str]:
    found: list[str] = []
    for cell in row.iter(f"{_MAIN}c"):
        place = 0
        for sign in re.match("[A-Z]+", cell.get("r", "A")).group():  # type: ignore[union-attr]
            place = place * 26 + ord(sign) - 64
        found += [""] * (place - len(found))
        assert cell.find(f"{_MAIN}f") is None, "a formula"
        found[place - 1] = "".join(part.text or "" for part in cell.iter() if part.tag in (f"{_MAIN}t", f"{_MAIN}v"))
    return found


class Page(HTMLParser):
    """The tables of a page, by the heading before each."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text("utf-8")
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._heading, self._in = "", ""
        self.feed(self.source)

    def findings(self) -> list[dict[str, str]]:
        """The rows of the tables of findings, in the order of their numbers."""
        tables = [table for table in self.tables.values() if len(table[0]) > 5 and table[0][0] == "No."]
        rows = [dict(zip(table[0], row, strict=True)) for table in tables for row in table[1:] if table[0][1] == "Rank"]
        return sorted(rows, key=lambda row: int(row["No."]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("h2", "h3"):
            self._heading = ""
        if tag == "tr":
            self.tables.setdefault(self._heading, []).append([])
        if tag in ("th", "td"):
            self.tables[self._heading][-1].append("")
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in in ("h2", "h3"):
            self._heading += data.strip("\n")
        if self._in in ("th", "td"):
            self.tables[self._heading][-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._in = ""
