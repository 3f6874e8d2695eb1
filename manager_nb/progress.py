"""How long work tells how far it is, and learns that it is no longer wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from manager_nb.errors import CancelledError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

_OFTEN = 1000
"""A cancel is looked for every so many rows."""

IN_BYTES = frozenset(
    {
        *("Attachments", "Comparing with a second download", "Compressing", "Converting", "Copying", "Downloading"),
        *("Reading the file", "Unpacking", "Uploading", "Writing"),
    }
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


def heeded(rows: Iterable[T], progress: Progress) -> Iterator[T]:
    """Rows as they are; a cancel is heard between them.

    Raises:
        CancelledError: the user has cancelled.
    """
    for place, row in enumerate(rows):
        if place % _OFTEN == 0:
            check(progress)
        yield row


def check(progress: Progress) -> None:
    """Stop here if the user has cancelled.

    Raises:
        CancelledError: the user has cancelled.
    """
    if progress.cancelled:
        raise CancelledError("Cancelled.", hint="Nothing was written. Start again when you are ready.")
