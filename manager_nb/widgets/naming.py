"""What records, types and actions are called on the screen, in the reader's language."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from manager_nb.audit.fields import ACTIONS
from manager_nb.format.schema import SCHEMA, MessageType
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.model.labels import title
from manager_nb.model.wording import caption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.i18n import Language


@functools.cache
def type_titles() -> Mapping[str, str]:
    """The title of each content type by its name, a text of the catalogue: "SalesInvoice" → "Sales Invoice"."""
    return {kind.name: title(kind) for kind in SCHEMA.types()}


def record_column(name: str = "label", heading: str = mark("Record"), *, hidden: bool = False) -> Column:
    """A column of records' labels, whose types are told in the reader's language."""
    return Column(name, heading, heads=frozenset(type_titles().values()), hidden=hidden)


def type_column(name: str = "type", *, hidden: bool = False) -> Column:
    """A column of content types by their titles."""
    return Column(name, mark("Type"), words=type_titles(), hidden=hidden)


def action_column() -> Column:
    """A column of what was done with a record."""
    return Column("action", mark("Action"), words=ACTIONS)


def fields_column(name: str = "fields_changed") -> Column:
    """A column of the fields that were changed, by their names in the schema."""
    return Column(name, mark("Changed fields"), words=field_captions(), paths=True)


ACTION_COLUMNS = (
    record_column("label", mark("First record")),
    Column("time", mark("When")),
    Column("user", mark("Who")),
    Column("changes", mark("Changes")),
    Column("created", mark("Created")),
    Column("updated", mark("Changed")),
    Column("deleted", mark("Deleted")),
)
"""The columns of a list of actions."""


def record_name(words: Language, label: str | None, type_: str | None) -> str:
    """A record's label as Manager's History has it, with the type in the reader's language.

    Args:
        words: the reader's language.
        label: "Sales Invoice — 1001 — 2025-04-02".
        type_: the name of its content type, "SalesInvoice", where there is no label.
    """
    return record_column().told(label, words, "UTC") if label else type_column().told(type_, words, "UTC")


def fields_called(words: Language, typed: str) -> list[str]:
    """What a person typed for the name of a field, as the engine calls the fields.

    Args:
        words: the reader's language, in which the screen tells the fields that the catalogue has.
        typed: words in such a name.
    """
    wanted = typed.strip().casefold()
    called = sorted(set(field_captions().values()))
    return [typed.strip(), *(name for name in called if wanted in words.text(name).casefold())]


@functools.cache
def field_captions() -> Mapping[str, str]:
    """What each field of the schema is called, a text of the catalogue: "CreditLimit" → "Credit limit"."""
    found, kinds = dict[str, str](), list[MessageType](SCHEMA.types())
    looked = set[str]()
    while kinds:
        for field in kinds.pop().fields.values():
            found[field.name] = caption(field.name)
            if field.message and field.message not in looked:
                looked.add(field.message)
                kinds.append(SCHEMA.message(field.message))
    return found
