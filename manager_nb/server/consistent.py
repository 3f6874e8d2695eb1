"""A consistent copy, or an honest no.

The server sends the raw bytes of a file that people may be writing, and says 200 whatever came of it. Of 20 downloads
of a 64 MB business, one save during each, 8 were inconsistent without a sign, and some of these pass SQLite's
examination. What told them apart in every one of some thousand downloads:

- the copy is sound: SQLite's integrity check, its length, no mark of a save of which half is there; and
- nothing was saved since it began: a second download is the same byte by byte, or begins with the same change counter.

The counter of a file in WAL mode stands still while people save: there only the same bytes tell.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.errors import DamagedFileError, ServerBusyError, ServerUnreachableError, SourceError, TornCopyError
from manager_nb.format import sources
from manager_nb.format.integrity import examine
from manager_nb.format.tars import Content, entries
from manager_nb.model.business import Business, open_business
from manager_nb.server.transfer import Wanted, download, receive
from manager_nb.server.waiting import paused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from manager_nb.format.placing import Partial
    from manager_nb.format.problems import Problem
    from manager_nb.progress import Progress
    from manager_nb.server.session import Session

PAUSES = (2.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds before each further attempt: a save takes a moment, a busy hour does not."""

_SMALL = 32 << 20
"""Bytes up to which the second download is taken as a whole: the strongest proof costs little there."""

_HEAD = 100
_VERSIONS = slice(18, 20)
_WAL = b"\x02\x02"

SAME_BYTES, SAME_COUNTER = "a second download was the same", "the change counter had not moved"
"""What proved that nothing was saved meanwhile."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A copy that was proven.

    Attributes:
        business: it, open; whoever has it closes it.
        proof: what proved it.
        downloads: how many it took.
        database: size and SHA-256 of the ``.manager`` as the server sent it.
    """

    business: Business
    proof: str
    downloads: int
    database: tuple[int, str]


def fetch(
    session: Session, wanted: Wanted, file: Partial, target: Path, pauses: Sequence[float], progress: Progress
) -> Proven:
    """Download a business until a copy is proven.

    Args:
        session: who asks.
        wanted: what.
        file: takes the copy.
        target: what the file will be called, for errors.
        pauses: seconds before each attempt but the first.
        progress: told of every step; heeded.

    Raises:
        TornCopyError: people saved during every attempt.
        DamagedFileError: the business is damaged on the server itself.
        ServerError: it cannot be had.
        TargetError: the disk does not take it.
        CancelledError: the user cancelled.
    """
    last: ServerBusyError | ServerUnreachableError | TornCopyError = _torn(session, wanted)
    for attempt, pause in enumerate((0.0, *pauses), 1):
        if pause:
            progress.start("Waiting for a quiet moment")
            paused(pause, progress)
            progress.finish()
        try:
            receive(session, wanted, file.file, target, progress)
            file.sync()
            if proven := _proven(session, wanted, file.path, attempt, progress):
                return proven
            last = _torn(session, wanted)
        except (ServerBusyError, ServerUnreachableError) as error:  # a file that grows breaks its own transfer off
            last = error
    raise last


def _proven(session: Session, wanted: Wanted, path: Path, attempt: int, progress: Progress) -> Proven | None:
    with contextlib.ExitStack() as stack:
        business = _opened(path, progress)
        if business is not None:
            stack.callback(business.close)
        sound = business is not None and is_sound(business, progress)
        with _raw(path, wanted) as raw:
            size = raw.seek(0, 2)
            whole = not sound or size <= _SMALL or _uses_wal(raw)
            if not is_unchanged(session, wanted.name, raw, whole=whole, progress=progress):
                return None
            if not sound or business is None:
                raise DamagedFileError(
                    "The business {name} is damaged on {server} itself: two downloads of it were the same.",
                    hint="Do not work on in it. Use its newest sound backup, or ask whoever looks after the server for"
                    " the file itself, which can be looked at here.",
                    name=wanted.name,
                    server=session.connection.address.url,
                )
            database = size, sources.digest(raw, progress)
        stack.pop_all()
        return Proven(business, SAME_BYTES if whole else SAME_COUNTER, attempt, database)


def _opened(path: Path, progress: Progress) -> Business | None:
    try:
        return open_business(path, progress=progress)
    except SourceError:
        return None


def is_sound(business: Business, progress: Progress) -> bool:
    """Whether a copy shows no mark of damage, nor of a save of which half is there.

    Raises:
        CancelledError: the user cancelled.
    """
    opened = business.open_source
    return not opened.problems and not examine(opened.database, progress)


def is_unchanged(session: Session, name: str, raw: BinaryIO, *, whole: bool, progress: Progress) -> bool:
    """Whether the file on the server is still the one that was downloaded.

    Args:
        session: who asks.
        name: the business.
        raw: its ``.manager`` as it was downloaded.
        whole: whether to compare every byte; else the header, in which the change counter is.
        progress: told in bytes; heeded.

    Raises:
        ServerError: there is no second look.
        CancelledError: the user cancelled.
    """
    size = raw.seek(0, 2)
    raw.seek(0)
    with download(session, Wanted(name, packed=False), progress) as (told, pieces):
        if told is not None and told != size:
            return False
        if not whole:
            return next(pieces, b"")[:_HEAD] == raw.read(_HEAD)
        progress.start("Comparing with a second download", size)
        for piece in pieces:
            if raw.read(len(piece)) != piece:
                return False
            progress.advance(len(piece))
        progress.finish()
        return not raw.read(1)


@contextlib.contextmanager
def _raw(path: Path, wanted: Wanted) -> Iterator[BinaryIO]:
    """The ``.manager`` as it was sent: the file itself, or the first business in the archive."""
    with sources.reading(path) as file:
        if not wanted.packed:
            yield file
            return
        problems: list[Problem] = []
        first = next((one for one in entries(file, problems) if one.name.endswith(".manager")), None)
        yield io.BufferedReader(Content(file, first)) if first is not None else io.BytesIO()


def _uses_wal(raw: BinaryIO) -> bool:
    raw.seek(0)
    return raw.read(_HEAD)[_VERSIONS] == _WAL


def _torn(session: Session, wanted: Wanted) -> TornCopyError:
    return TornCopyError(
        "People were saving in {name} during every attempt; none of the copies can be trusted.",
        hint="Choose a quiet hour, or ask everybody to stop saving for some minutes, then try again. Nothing was kept:"
        " such a copy may lack half of a save without any sign of it.",
        name=wanted.name,
        server=session.connection.address.url,
    )
