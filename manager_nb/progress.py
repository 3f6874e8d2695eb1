"""How long work tells how far it is, and learns that it is no longer wanted."""

from __future__ import annotations

from typing import Protocol

from manager_nb.errors import CancelledError

IN_BYTES = frozenset(
    {"Attachments", "Compressing", "Converting", "Copying", "Reading the file", "Unpacking", "Writing"}
)
"""The steps whose units are bytes, told as sizes; those of all others are counted: records, rows, pages."""


class Progress(Protocol):
    """What long work calls. A panel draws it, the command line prints it, tests count it."""

    @property
    def cancelled(self) -> bool:
        """Whether the user has asked to stop."""

    def start(self, step: str, total: int | None = None) -> None:
        """Begin a step.

        Args:
            step: what is being done, an English text of the catalogue, e.g. ``"Copying"``.
            total: how many units it takes (bytes, rows), None where that is not known.
        """

    def advance(self, amount: int = 1) -> None:
        """Some units of the current step are done."""

    def finish(self) -> None:
        """The current step is done."""


class Silent:
    """Tells nobody and is never cancelled: the default."""

    cancelled = False

    def start(self, step: str, total: int | None = None) -> None:
        """Ignore it."""

    def advance(self, amount: int = 1) -> None:
        """Ignore it."""

    def finish(self) -> None:
        """Ignore it."""


SILENT: Progress = Silent()


def check(progress: Progress) -> None:
    """Stop here if the user has cancelled.

    Raises:
        CancelledError: the user has cancelled.
    """
    if progress.cancelled:
        raise CancelledError("Cancelled.", hint="Nothing was written. Start again when you are ready.")
