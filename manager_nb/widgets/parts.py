"""Pieces of screen about a business that several panels show the same way."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from manager_nb.backup.choices import MEANINGS
from manager_nb.format.schema import REVISION
from manager_nb.widgets import view
from manager_nb.widgets.damage import damage_told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager_nb.restore.preview import ImportPreview
    from manager_nb.widgets.glance import Glance
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


def business_facts(panel: Panel, glance: Glance) -> Node:
    """The figures of a business as cards."""
    words = panel.words
    return view.facts(
        [
            (panel.text("Records"), words.number(glance.records), _types(panel, glance)),
            (panel.text("History"), words.number(glance.changes), _span(panel, glance)),
            (panel.text("Emails"), words.number(glance.emails)),
            (panel.text("Attachments"), words.number(glance.attachments), _presence(panel, glance)),
            (panel.text("Size"), words.size(glance.size)),
        ]
    )


def business_remarks(panel: Panel, glance: Glance, *, types: bool = True) -> Node:
    """What to know about it: what could not be read, what is missing; then, folded, its types and its file.

    Args:
        panel: where it is shown.
        glance: the business.
        types: whether the records by type are among it.
    """
    return view.group(
        _newer(panel, glance),
        damage_told(panel, glance.damage),
        _missing(panel, glance),
        view.fold(panel.text("Records by type"), types_table(panel, glance), key="types") if types else None,
        view.fold(
            panel.text("Where the file is"),
            panel.copyable(panel.text("Path"), str(glance.path), key="where-path"),
            key="where",
        ),
    )


def how_made(panel: Panel, preview: ImportPreview) -> Node:
    """How a backup was made, whether it is the file that was made then, and what keeps it from being imported."""
    return view.section(
        panel.text("How this backup was made"),
        view.paragraph(_story(panel, preview)),
        left_out(panel, preview),
        _match(panel, preview),
        _coverage(panel, preview),
        _obstacle(panel, preview),
        key="made",
    )


def _story(panel: Panel, preview: ImportPreview) -> str:
    manifest = preview.manifest
    if manifest is None:
        return panel.text("It has no manifest of manager_nb beside it: Manager or another program made it.")
    made = panel.moment(datetime.fromisoformat(manifest["created"]))
    business, tool = manifest["business"]["name"], manifest["tool"]
    return panel.text("{tool} made it from “{business}” on {time}.", tool=tool, business=business, time=made)


def left_out(panel: Panel, preview: ImportPreview) -> Node | None:
    """What was left out when a backup was made, and what that means."""
    lost = [panel.text(MEANINGS[part]) for part, included in (preview.choices or {}).items() if not included]
    return view.notice(" ".join(lost), look="warning", title=panel.text("Left out:")) if lost else None


def _match(panel: Panel, preview: ImportPreview) -> Node | None:
    if preview.matches is None:
        return None
    if preview.matches:
        words = panel.text("It is the very file that was made then, byte by byte.")
        return view.notice(words, look="good", title=panel.text("Unchanged:"))
    words = panel.text("It is not the file that its manifest describes. Somebody changed it, or it was damaged.")
    return view.notice(words, look="warning", title=panel.text("Changed:"))


def _coverage(panel: Panel, preview: ImportPreview) -> Node | None:
    if not preview.changes:
        return None
    covered, objects = panel.words.number(preview.covered), panel.words.number(preview.objects)
    words = panel.text(
        "History tells when {covered} of {objects} records and form defaults were created.",
        covered=covered,
        objects=objects,
    )
    return view.paragraph(words, look="muted")


def _obstacle(panel: Panel, preview: ImportPreview) -> Node | None:
    if preview.obstacle is None:
        return None
    message, hint = preview.obstacle.in_language(panel.text)
    return view.trouble(message, hint, title=panel.text("It cannot be imported"))


def types_table(panel: Panel, glance: Glance) -> Node:
    """How many records of each type."""
    told = sorted(((panel.text(label), count) for label, count in glance.types), key=lambda one: one[0].casefold())
    rows = [[label, panel.words.number(count)] for label, count in told]
    columns = [panel.text("Type"), panel.text("Records")]
    title = panel.text("Records by type")
    table = view.table(title, columns, rows, numbers=(1,), key="types-table", hide_caption=True)
    if not glance.defaults:
        return table
    besides = panel.plural(
        "Besides these there is {count} form default: a template for new records, which is no record itself.",
        "Besides these there are {count} form defaults: templates for new records, which are no records themselves.",
        glance.defaults,
    )
    return view.group(table, view.paragraph(besides, look="muted"))


def _types(panel: Panel, glance: Glance) -> str:
    return panel.plural("of {count} type", "of {count} types", len(glance.types))


def _span(panel: Panel, glance: Glance) -> str:
    if glance.first is None or glance.last is None:
        return panel.text("none in this file")
    first, last = (panel.words.date(panel.local(moment).date()) for moment in (glance.first, glance.last))
    return panel.text("{first} to {last}", first=first, last=last)


def _presence(panel: Panel, glance: Glance) -> str:
    if glance.missing:
        return panel.plural("{count} missing", "{count} missing", len(glance.missing))
    return panel.text("all there") if glance.attachments else ""


def _newer(panel: Panel, glance: Glance) -> Node | None:
    if glance.schema_revision is None or glance.schema_revision <= REVISION:
        return None
    words = panel.text("A newer Manager wrote this file. What is unknown here is kept as it is, byte for byte.")
    return view.notice(words, title=panel.text("Newer file:"))


def _missing(panel: Panel, glance: Glance) -> Node | None:
    if not glance.missing:
        return None
    words = panel.plural(
        "This file names {count} attachment without holding it. A copy cannot hold it either.",
        "This file names {count} attachments without holding them. A copy cannot hold them either.",
        len(glance.missing),
    )
    return view.group(
        view.notice(words, look="warning", title=panel.text("Attachments missing:")),
        folded_lines(panel.text("Names of the missing attachments"), glance.missing, key="missing"),
    )


def folded_lines(title: str, lines: Iterable[str], *, key: str) -> Node:
    """A list that may be long, folded away under its title."""
    return view.fold(title, view.preformatted("\n".join(lines), label=title), key=key)
