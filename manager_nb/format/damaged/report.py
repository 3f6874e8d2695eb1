"""What salvage tells about a file and its tables as a whole: which pages, how many rows, what probably happened."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from manager_nb.format.damaged.definitions import is_guid
from manager_nb.format.damaged.losses import page_list
from manager_nb.format.problems import ABOUT, CUT, LOST, REMARK, TORN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from manager_nb.format.damaged.carving import Carved, TableCarver
    from manager_nb.format.damaged.losses import Losses
    from manager_nb.format.damaged.other_tables import OtherTable
    from manager_nb.format.damaged.pages import PageFile
    from manager_nb.format.damaged.record import Value
    from manager_nb.format.damaged.schema import FoundSchema
    from manager_nb.format.damaged.trees import Walker

_NEAR = 3_600_000
"""Milliseconds: a save that a copy cut into is at most so much older than the newest row."""

_MOST_PAGES = 1000


def report(
    file: PageFile,
    walker: Walker,
    carvers: Sequence[TableCarver],
    others: Sequence[OtherTable],
    schema: FoundSchema,
    losses: Losses,
    *,
    free_known: bool,
) -> None:
    """Tell `losses` about the file and each table."""
    tables = [carver.carved for carver in carvers]
    _tell_file(file, schema, losses)
    if _probably_torn(file, walker, tables):
        losses.tell(
            "file",
            "This is probably a torn copy: it was made while someone was saving, and its pages are of different "
            f"moments. The newest row in it is of {_text(_newest(tables))}. The file it was copied from may be sound: "
            "make a fresh copy while nobody is working.",
            TORN,
        )
    for carved in tables:
        _tell_table(carved, losses, free_known=free_known)
    for other in others:
        if other.tree.faults:
            pages = page_list(other.tree.faults)
            losses.tell(other.definition.name, f"Pages of this table are damaged ({pages}); rows may be missing.", LOST)


def _tell_file(file: PageFile, schema: FoundSchema, losses: Losses) -> None:
    if file.told is not None and file.told > file.count:
        words = f"The file was cut short: it should have {file.told} pages, {file.count} are there."
        losses.tell("file", words, CUT)
    elif file.told is not None and file.told < file.count:
        more = file.count - file.told
        losses.tell("file", f"The file is {more} page{'s'[: more - 1]} longer than it should be: it grew while copied.")
    if not file.has_header:
        losses.tell("file", "The header of the file is damaged.")
    if schema.damaged:
        losses.tell(
            "file",
            "The list of tables at the beginning of the file is damaged. The tables were found by what their rows "
            "look like.",
        )
    if file.map_is_damaged():
        losses.tell("file", "The file's list of what each page holds is damaged. No row is lost by that.")
    for name in schema.refused:
        losses.tell("file", f"{name} in this file is not one of Manager's tables and was not copied.")


def _tell_table(carved: Carved, losses: Losses, *, free_known: bool) -> None:
    name, tree = carved.definition.name, carved.tree
    if not tree.root and carved.found_again:
        losses.tell(name, "The beginning of this table is lost. It is not known how many rows are missing.", LOST)
    unreadable = {page for page, fault in tree.faults.items() if fault.unreadable}
    partly = tree.faults.keys() - unreadable
    if unreadable:
        pages = page_list(page for page in unreadable if page > 0)
        words, effect, rows = _lost(carved, unreadable)
        losses.tell(name, f"Pages of this table cannot be read ({pages or '?'}). {words}", effect, rows)
    if partly:
        words, effect, rows = _lost(carved, set())
        losses.tell(
            name, f"Pages of this table are damaged or out of place ({page_list(partly)}). {words}", effect, rows
        )
    if carved.found_again:
        doubt = "" if carved.witnesses or free_known else " Some of them may have been deleted before."
        found = f"{len(carved.found_again)} rows of this table were found on pages that nothing points to."
        losses.tell(name, found + doubt)
    for index, index_tree in carved.index_trees.items():
        if index_tree.faults:
            pages = page_list(index_tree.faults)
            losses.tell(name, f"The index {index} of this table is damaged (pages {pages}). No row is lost by that.")
    for key, value in carved.lost.items():
        losses.lost_row(name, key, value)


def _lost(carved: Carved, unreadable: set[int]) -> tuple[str, str, int]:
    """What pages that cannot be read mean: in words, for the books, and how many rows that no other problem tells."""
    if carved.witnesses:
        words = f"{len(carved.lost)} rows are lost; each of them is listed." if carved.lost else "No row is lost."
        return words, REMARK, 0
    if not unreadable:
        return "Rows may be lost.", LOST, 0
    if not carved.tree.leaves:
        return "It is not known how many rows are lost.", LOST, 0
    rows = max((len(carved.places) - len(carved.found_again)) * len(unreadable) // carved.tree.leaves, 1)
    return f"About {rows} rows were on them.", ABOUT, rows


def _probably_torn(file: PageFile, walker: Walker, tables: Sequence[Carved]) -> bool:
    """Whether every page is right in itself but some do not fit together, and hold what was saved last."""
    trees = [tree for carved in tables for tree in (carved.tree, *carved.index_trees.values())]
    faults = {page: fault for tree in trees for page, fault in tree.faults.items()}
    told = file.count if file.told is None else file.told
    if told > file.count or any(not fault.misfit for fault in faults.values()):
        return False
    grown = range(told + 1, min(file.count, told + _MOST_PAGES) + 1)
    newest = _newest(tables)
    return newest is not None and any(
        (moment := _newest_on(walker, page)) is not None and moment >= newest - _NEAR for page in (*faults, *grown)
    )


def _newest_on(walker: Walker, page: int) -> int | None:
    """The time of the newest key on a page: a table has the key first, an index last."""
    visit = walker.look(page)
    rows = [entry.record.values for entry in visit.entries if entry.record is not None] if visit is not None else []
    return _latest(row[-1] if len(row) == 2 else row[0] for row in rows)


def _newest(tables: Iterable[Carved]) -> int | None:
    return _latest(
        key for carved in tables if carved.definition.name in ("Objects", "Changes") for key in carved.places
    )


def _latest(keys: Iterable[Value]) -> int | None:
    """The latest time in keys that tell one (UUID version 7), in milliseconds since 1970."""
    times = (int(key[:8] + key[9:13], 16) for key in keys if isinstance(key, str) and is_guid(key) and key[14] == "7")
    return max(times, default=None)


def _text(moment: int | None) -> str:
    if moment is None:
        return "an unknown time"
    return f"{dt.datetime.fromtimestamp(moment / 1000, dt.UTC):%Y-%m-%d %H:%M} UTC"
