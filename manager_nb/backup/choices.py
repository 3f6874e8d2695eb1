"""What goes into a backup, and what is lost with each thing that is left out."""

from __future__ import annotations

from dataclasses import dataclass

from manager_nb.i18n import mark

MEANINGS = {
    "attachments": mark(
        "Without Attachments the files behind the entries are not in this copy, nor are pictures kept in image custom"
        " fields; the list of the attachments, with their names and dates, is."
    ),
    "emails": mark("Without Emails this copy cannot show what was sent to whom, and when."),
    "history": mark(
        "Without History this copy cannot be audited: it does not tell who created, changed or deleted what, and no"
        " earlier state can be brought back from it."
    ),
}
"""Of each choice, what unticking it means, in plain words."""

_TABLES = {"attachments": ("Blobs", "Blobs2"), "emails": ("Emails",), "history": ("Changes",)}


@dataclass(frozen=True, slots=True)
class Choices:
    """What goes into a backup.

    Attributes:
        attachments: the contents of attachments, wherever they are kept. The Attachment records stay in any case, as
            in Manager's own backup without attachments.
        emails: the e-mails sent.
        history: who changed what, and when.
    """

    attachments: bool = True
    emails: bool = True
    history: bool = True

    @property
    def emptied(self) -> tuple[str, ...]:
        """The tables whose rows are left out."""
        return tuple(table for choice, tables in _TABLES.items() if not getattr(self, choice) for table in tables)

    def told(self) -> dict[str, dict[str, object]]:
        """The choices with what they mean, for the manifest."""
        return {choice: {"included": getattr(self, choice), "meaning": meaning} for choice, meaning in MEANINGS.items()}
