"""How sure a reconstruction is: exact, partial or not possible, and why, object by object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.i18n import mark
from manager_nb.model.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

EXACT, PARTIAL, NOT_POSSIBLE = "exact", "partial", "not possible"

CAUSES = {
    "undone": mark(
        "An action on this record was undone in Manager, which removes its History. What the record was between its"
        " last change and the undo is not known."
    ),
    "upgrade": mark(
        "A newer Manager rewrote this record when it opened the file, and History does not say when. The record is"
        " shown as its last change left it."
    ),
    "trimmed": mark(
        "History does not reach back to the creation of this record. It is shown as it was before the first change"
        " that History still has."
    ),
    "outside": mark(
        "This record was changed without a row in History: by another tool, or in a row that was removed since. When"
        " is not known."
    ),
    "clock": mark(
        "The computer's clock was set back, so that it showed this moment twice. Whether this record's change came"
        " before or after the moment cannot be told. Name the action instead of the time. How far it was set back is"
        " known only from records that were changed on both sides."
    ),
    "tied": mark(
        "Another action has exactly the time of the one that was named, and nothing tells which of the two came first."
    ),
    "untimed": mark("A change of this record has no time. It is placed where the other changes leave room for it."),
}
"""The reasons why a reconstruction of one object is not certain, each as a sentence for an accountant."""

REASONS = pa.schema(
    [
        ("object", pa.string()),
        ("type", pa.string()),
        ("label", pa.string()),
        ("cause", pa.string()),
        ("what", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the reconstruction of one object is not certain.

    Attributes:
        object: its key.
        cause: a key of :data:`CAUSES`.
    """

    object: str
    cause: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a reconstruction is worth.

    Attributes:
        level: ``"exact"`` (every object is byte for byte what it was), ``"partial"`` (save the objects in `reasons`) or
            ``"not possible"`` (the file has no History of that time).
        reasons: one row an object that is not certain: ``object, type, label, cause, what``.
    """

    level: str
    reasons: Table

    def __repr__(self) -> str:
        doubts = f", {len(self.reasons)} not certain" if len(self.reasons) else ""
        return f"<Certificate: {self.level}{doubts}>"


def certify(doubts: Iterable[tuple[Doubt, str, str]], *, possible: bool) -> Certificate:
    """The certificate for these doubts.

    Args:
        doubts: each with the type and the label of its object.
        possible: whether the file has History of that time at all.
    """
    rows = [
        {"object": doubt.object, "type": kind, "label": label, "cause": doubt.cause, "what": CAUSES[doubt.cause]}
        for doubt, kind, label in doubts
    ]
    level = NOT_POSSIBLE if not possible else PARTIAL if rows else EXACT
    return Certificate(level, Table.of("Reasons", pa.Table.from_pylist(rows, REASONS)))
