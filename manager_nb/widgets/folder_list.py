"""The content of a folder on the screen: ordered by its headings, searched where it is long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.listing.columns import MOMENT, NUMBER, TEXT
from manager_nb.widgets import view
from manager_nb.widgets.file_facts import content_in_words, kind_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any

    from manager_nb.widgets.folders import Item, Listing
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

#: So many things are seen at once, and need no search.
FEW = 8

#: How many are sent to the screen.
MOST = 100

_NAME, _KIND, _SIZE, _MODIFIED = "name", "kind", "size", "modified"
_DESCENDING = frozenset({_SIZE, _MODIFIED})


class FolderList:
    """Lists sub-folders and, where files can be chosen, businesses and backups with what is known of them.

    Args:
        panel: the panel it is in.
        place: the prefix of its keys.
        opens: called with the folder that a person opens.
        takes: called with the file that a person chooses; None lists folders only.
    """

    def __init__(
        self, panel: Panel, place: str, opens: Callable[[Path], None], takes: Callable[[Path], None] | None
    ) -> None:
        self._panel, self._place, self._opens, self._takes = panel, place, opens, takes
        self._by, self._descending = (_MODIFIED, True) if takes is not None else (_NAME, False)
        self._search = ""
        self._listing: Listing | None = None
        self._numbers: dict[Path, int] = {}

    def show(self, listing: Listing) -> None:
        """Take what a folder holds."""
        if self._listing is None or listing.folder != self._listing.folder:
            self._search = ""
        self._listing = listing

    @property
    def first(self) -> str:
        """The key of the first row, for focus."""
        return f"{self._place}-up-open"

    def nodes(self) -> Iterable[Node]:
        """The search field, the table, and what is not in it."""
        listing, panel = self._listing, self._panel
        if listing is None:
            return
        found = [item for item in listing.items if self._answers(item)]
        if len(listing.items) > FEW:
            yield view.entry(panel.text("Search in this folder"), self._search, self._look_for, key=self._key("search"))
        folders = sorted((item for item in found if item.folder), key=lambda item: item.name.casefold())
        files = sorted((item for item in found if not item.folder), key=self._order, reverse=self._descending)
        if self._by == _NAME and self._descending:
            folders.reverse()
        if self._by == _MODIFIED and self._takes is None:
            folders.sort(key=self._order, reverse=self._descending)
        shown = [*folders, *files]
        heads = [self._head(name, title, kind) for name, title, kind in self._columns()]
        lines = [*self._up(listing), *map(self._line, shown[:MOST])]
        caption = panel.text("Contents of {folder}", folder=folder_name(listing.folder))
        yield view.grid(caption, heads, lines, key=self._key("list"))
        yield from self._remarks(listing, found)

    def _remarks(self, listing: Listing, found: list[Item]) -> Iterable[Node]:
        panel = self._panel
        hidden = listing.hidden + max(0, len(found) - MOST)
        if self._search.strip() and not found:
            yield view.paragraph(panel.text("Nothing in this folder answers to the search."), look="muted")
        elif hidden:
            more = panel.plural(
                "{count} more is not listed: search for it, or paste the path.",
                "{count} more are not listed: search for one, or paste the path.",
                hidden,
            )
            yield view.paragraph(more, look="muted")
        elif self._takes is not None and all(item.folder for item in listing.items):
            yield view.paragraph(panel.text("No business file (.manager) is in this folder."), look="muted")

    def _columns(self) -> Iterable[tuple[str, str, str]]:
        text = self._panel.text
        yield _NAME, text("Name"), TEXT
        if self._takes is not None:
            yield _KIND, text("What it is"), TEXT
            yield _SIZE, text("Size"), NUMBER
        yield _MODIFIED, text("Modified ({zone})", zone=self._panel.zone), MOMENT

    def _head(self, name: str, title: str, kind: str) -> view.Head:
        def sort() -> None:
            self._descending = not self._descending if self._by == name else name in _DESCENDING
            self._by = name

        order = ("descending" if self._descending else "ascending") if self._by == name else ""
        return view.Head(title, self._key(f"sort-{name}"), sort, order, kind)

    def _up(self, listing: Listing) -> Iterable[view.Line]:
        up = listing.folder.parent
        if up != listing.folder:
            label = self._panel.text("Up to {folder}", folder=folder_name(up))
            cells = (label, *[""] * (len(list(self._columns())) - 1))
            yield view.Line(cells, self._key("up"), open=lambda: self._opens(up), look="up")

    def _line(self, item: Item) -> view.Line:
        words, number = self._panel.words, self._numbers.setdefault(item.path, len(self._numbers))
        cells: list[str | Node] = [item.name]
        if self._takes is not None:
            cells += ["", ""] if item.folder else [self._what(item), words.size(item.size)]
        cells.append(words.datetime(self._panel.local(item.modified)))
        name = self._panel.text("Folder {name}", name=item.name) if item.folder else ""
        look = "folder" if item.folder else "file"
        return view.Line(tuple(cells), self._key(f"item-{number}"), open=self._acting(item), look=look, name=name)

    def _what(self, item: Item) -> str | Node:
        if item.facts is None:
            return ""
        kind, paper = kind_in_words(self._panel, item.facts), item.facts.paper
        if paper is None:
            return kind
        content = view.paragraph(content_in_words(self._panel, paper), look="muted")
        return view.group(view.paragraph(kind), content)

    def _acting(self, item: Item) -> Callable[[], None]:
        act = self._opens if item.folder or self._takes is None else self._takes
        return lambda: act(item.path)

    def _order(self, item: Item) -> Any:
        if self._by == _SIZE:
            return item.size
        if self._by == _MODIFIED:
            return item.modified
        return item.name.casefold() if self._by == _NAME else self._kind(item)

    def _kind(self, item: Item) -> str:
        return kind_in_words(self._panel, item.facts) if item.facts is not None else ""

    def _answers(self, item: Item) -> bool:
        paper = item.facts.paper if item.facts is not None else None
        told = f"{item.name}\n{paper.business if paper is not None else ''}".casefold()
        return all(word in told for word in self._search.casefold().split())

    def _look_for(self, words: str) -> None:
        self._search = words

    def _key(self, name: str) -> str:
        return f"{self._place}-{name}"


def folder_name(folder: Path) -> str:
    """A folder's own name; of the top of a disk, its path."""
    return folder.name or str(folder)
