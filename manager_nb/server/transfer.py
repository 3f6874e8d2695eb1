"""One download: what is sent for a backup is one, and all of it came. Whether it is consistent is told elsewhere."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.errors import DiskFullError, NotManagerError, ServerBusyError, UnknownBusinessError
from manager_nb.format.checks import MAGIC
from manager_nb.format.placing import writing
from manager_nb.format.sources import SPARE
from manager_nb.format.tars import BLOCK, begins_archive
from manager_nb.server.query import BUSINESS, query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.server.connection import Answer
    from manager_nb.server.session import Session

_PLAIN, _TAR = "application/x-manager", "application/x-tar"
_LEGACY = b"MNGR|"
_LOOK_AT_ROOM = 64 << 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        name: the business.
        packed: whether with its attachments, in a tar.
    """

    name: str
    packed: bool


def receive(session: Session, wanted: Wanted, file: BinaryIO, target: Path, progress: Progress) -> None:
    """Download a backup into an open file, from its beginning.

    Args:
        session: who asks.
        wanted: what.
        file: takes the bytes; what it held is gone.
        target: what the file will be called, for errors.
        progress: told in bytes; heeded.

    Raises:
        ServerBusyError: somebody else is making a backup of the business.
        NotManagerError: what came is no backup.
        ServerUnreachableError: not all of it came.
        ServerError: the server does not send it, and why.
        TargetError: the disk does not take it.
        CancelledError: the user cancelled.
    """
    with writing(target):
        file.seek(0)
        file.truncate()
    with download(session, wanted, progress) as (size, pieces):
        _require_room(target, size or 0)
        progress.start("Downloading", size)
        since = 0
        for piece in pieces:
            with writing(target):
                file.write(piece)
            progress.advance(len(piece))
            since += len(piece)
            if since > _LOOK_AT_ROOM:  # a stream without an end must not fill the disk
                _require_room(target, since := 0)
        progress.finish()


@contextlib.contextmanager
def download(session: Session, wanted: Wanted, progress: Progress) -> Iterator[tuple[int | None, Iterator[bytes]]]:
    """Begin a download: its size where it is told, and its bytes, which begin as those of a backup.

    Raises:
        ServerError: as :func:`receive`.
        CancelledError: the user cancelled.
    """
    form = {"Attachments": "on"} if wanted.packed else {}
    with session.streamed(f"/backup?{query(BUSINESS, wanted.name)}", form, progress) as (answer, pieces):
        _require_backup(session, wanted, answer)
        yield _size(answer), _begun(session, wanted, pieces)


def _require_backup(session: Session, wanted: Wanted, answer: Answer) -> None:
    server = session.connection.address.url
    if answer.location.partition("?")[0] == "/backup":
        raise ServerBusyError(
            "Another backup of {name} is being made on {server}.",
            hint="Wait until it has ended, then try again: the server makes one at a time of each business.",
            name=wanted.name,
            server=server,
        )
    if answer.status != 200:
        raise session.strange()
    if answer.kind != (_TAR if wanted.packed else _PLAIN):
        raise _no_backup(session, wanted)


def _begun(session: Session, wanted: Wanted, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes, once enough came to tell what they are."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= BLOCK:
            break
    fine = begins_archive(head) if wanted.packed else head.startswith((MAGIC, _LEGACY))
    if not fine:
        raise _no_backup(session, wanted)
    yield head
    yield from pieces


def _no_backup(session: Session, wanted: Wanted) -> NotManagerError:
    return NotManagerError(
        "{server} sent something else than a backup of {name}.",
        hint="Nothing was kept of it. Try again; if it stays so, open the address in a browser and try Backup there.",
        server=session.connection.address.url,
        name=wanted.name,
    )


def _size(answer: Answer) -> int | None:
    told = answer.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None


def _require_room(target: Path, size: int) -> None:
    if _free(target.parent) < size + SPARE:
        raise DiskFullError(
            "There is not enough room for {name} on this disk.",
            hint="Free some space, or choose a folder on another disk. Nothing was left behind.",
            path=target,
            name=target.name,
        )


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def unknown(session: Session, name: str, others: list[str]) -> UnknownBusinessError:
    """The error that there is no such business.

    Args:
        session: who asked.
        name: for what.
        others: the businesses that there are.
    """
    server = session.connection.address.url
    if not others:
        return UnknownBusinessError(
            "{server} has no business that {user} may see.",
            hint="Ask an administrator of the server for access to the business.",
            server=server,
            user=session.user,
        )
    return UnknownBusinessError(
        "{server} has no business called {name}.",
        hint="Capital letters and blanks count. The businesses that you may see there are: {others}.",
        server=server,
        name=name,
        others=", ".join(others[:10]) + (" …" if len(others) > 10 else ""),
    )
