"""The attachments of what a plan brings back: there already, coming back, or without their content."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from manager_nb.format.database import Database
from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.attachments import ATTACHMENT
from manager_nb.model.contents import PRESENT, Contents
from manager_nb.restore.steps import CREATE

if TYPE_CHECKING:
    from manager_nb.model.held import Held
    from manager_nb.restore.plan import RestorePlan

THERE, COMES, WITHOUT = "there", "comes back", "without"

STATES = {
    THERE: mark("Is in the file, and belongs to it again"),
    COMES: mark("Comes back with it"),
    WITHOUT: mark("Its content is not in the file: only its name is there"),
}
"""What becomes of such an attachment, in words."""


class Attached(NamedTuple):
    """An attachment of a record that comes back.

    Attributes:
        name: of the file.
        owner: the record.
        state: "there", "comes back" or "without".
    """

    name: str
    owner: Held
    state: str


def attached_to(plan: RestorePlan) -> list[Attached]:
    """The attachments of the records that a plan brings back, by record and name."""
    back = {step.key for step in plan.effective if step.action == CREATE}
    known = SCHEMA.type_of(ATTACHMENT)
    assert known is not None  # noqa: S101 - the schema has it
    opened = plan.current.open_source
    contents = Contents(Database(opened.database), opened.blobs)
    found = []
    for key, one in plan.after.items():
        if one.content_type != ATTACHMENT or key == ATTACHMENT:
            continue
        values = decode(known, one.content).values
        owner = plan.after.get(str(values.get("Object") or "").lower())
        if owner is None or not {key, owner.key.lower()} & back:
            continue
        whole = contents.look(one.key, values.get("Sha256")).state == PRESENT
        state = WITHOUT if not whole else COMES if key in back else THERE
        found.append(Attached(str(values.get("Name") or ""), owner, state))
    return sorted(found, key=lambda one: (one.owner.label, one.name))
