"""One changed field in words: where it stands, what it was, what it is."""

from __future__ import annotations

from typing import Any

from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model import labels
from manager_nb.model.field_changes import MOVED, TYPE, UNREADABLE, FieldChange
from manager_nb.model.wording import Words, caption

STEP = " — "
"""Between the steps of a path."""

_LINE = mark("line {number}")

_NAMING = (
    "Item",
    "InventoryItem",
    "Account",
    "SubAccount",
    "FixedAsset",
    "IntangibleAsset",
    "InventoryLocation",
    "ForeignCurrency",
    "Customer",
    "Supplier",
    "LineDescription",
    "Description",
    "Name",
    "ColumnName",
)
"""The fields of a line that people know it by, the best first."""


class FieldWords:
    """A changed field in words, each part worked out when it is asked for.

    Args:
        found: what differs.
        then: says values as they were called before.
        now: says them as they are called after.
    """

    def __init__(self, found: FieldChange, then: Words, now: Words) -> None:
        self._found, self._then, self._now = found, then, now

    def kind(self) -> str:
        """What happened to it: see :func:`manager_nb.model.changes.changes_table`."""
        return self._found.kind

    def line(self) -> int | None:
        """The line's number from 1; None outside lines."""
        return self._found.line

    def field(self) -> str:
        """The field by its name in the schema, "Lines.Qty"."""
        return ".".join(self._found.path)

    def path(self) -> str:
        """The field in words, "Lines — Qty"."""
        if self._found.kind == TYPE:
            return "Type"
        steps = [self._now.name(step) if _is_key(step) else caption(step) for step in self._found.path]
        custom = len(steps) > 2 and self._found.path[-3] == "CustomFields2"
        if custom:  # the sort of value that a custom field has is no step that people know
            del steps[-2]
        return STEP.join(steps)

    def of(self) -> str | None:
        """What the line is that the field stands in, after the change: its item, account or description."""
        owner = self._found.owner or {}
        for name in _NAMING:
            value = owner.get(name)
            if isinstance(value, str) and value not in ("", NIL):
                return self._now.name(value) if _is_key(value) else value
        return None

    def before(self) -> str | None:
        """What it was; None where it had no value."""
        return self._say(self._found.before, self._then)

    def after(self) -> str | None:
        """What it is."""
        return self._say(self._found.after, self._now)

    def _say(self, value: Any, words: Words) -> str | None:
        found = self._found
        if value is None:
            return None
        if found.kind == TYPE:
            known = SCHEMA.type_of(value)
            return words.values.text(labels.title(known)) if known else str(value)
        if found.kind == MOVED:
            return words.values.text(_LINE, number=value)
        if found.kind == UNREADABLE or found.field is None:
            return str(value)
        return words.say(found.message, found.field, value)


def _is_key(step: str) -> bool:
    return len(step) == 36 and step.count("-") == 4
