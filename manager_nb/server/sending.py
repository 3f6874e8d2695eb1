"""Import Business on a server, proven: the server looks at nothing and answers the same whatever came of it.

The file is checked first, sent in pieces, and looked for: the list has one name more. That business is downloaded and
compared with what was sent before the server opens it, since opening brings an older one up to date; then the server
has to open it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.backup.fitness import require_sound
from manager_nb.backup.inventory import take_inventory
from manager_nb.backup.names import LONGEST_BUSINESS, FileName, imported_name
from manager_nb.backup.packing import pack
from manager_nb.backup.target import Target
from manager_nb.errors import BusinessNameError, ServerError, ServerFailedError, ServerUnreachableError, TargetError
from manager_nb.format.placing import partial
from manager_nb.format.private import PrivateFolder
from manager_nb.model.business import Business, open_business
from manager_nb.model.contents import PRESENT
from manager_nb.progress import check
from manager_nb.server.consistent import fetch
from manager_nb.server.listing import names
from manager_nb.server.transfer import Wanted
from manager_nb.server.waiting import paused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from manager_nb.backup.inventory import Inventory
    from manager_nb.progress import Progress
    from manager_nb.server.connection import Answer
    from manager_nb.server.session import Session

PIECE = 4 << 20
"""Bytes sent at once: the server takes 256 KB to 10 MB, and at most 10,000 pieces."""

_ROOM = len("(999)")
_ONE = threading.Lock()
"""Of two imports at a time the server may lose one."""


def send(session: Session, path: Path | str, name: str | None, pauses: Sequence[float], progress: Progress) -> str:
    """Import a backup, or any business file, into the server.

    Returns:
        The name that the business has there: the server numbers it where the name is taken.

    Raises:
        SourceError: the file cannot be read.
        DamagedFileError: it is damaged; Manager would open it and hide what is lost.
        BusinessNameError: Manager could not use the name.
        ServerError: the server did not take it, or has something else now.
        CancelledError: the user cancelled.
    """
    with open_business(path, progress=progress) as business, _ONE:
        wanted = imported_name(business.name if name is None else name, business.source.path)
        _require_short(wanted)
        require_sound(business, progress)
        inventory = take_inventory(business, progress)
        before = names(session, progress)
        answered = _upload(session, business, inventory, wanted, progress)
        new = _new_name(session, wanted.text, before, () if answered else pauses, progress)
        _compare(session, inventory, new, pauses, progress)
        _require_opened(session, new, progress)
        return new


def _require_short(name: FileName) -> None:
    if len(name.text.encode()) > LONGEST_BUSINESS - _ROOM:
        raise BusinessNameError(
            "The name {name} is too long: Manager could open such a business, but not save in it.",
            hint="Give a shorter name, of at most {longest} bytes.",
            name=name.text,
            longest=LONGEST_BUSINESS - _ROOM,
        )


def _upload(session: Session, business: Business, inventory: Inventory, name: FileName, progress: Progress) -> bool:
    """Send it; whether the server answered when it was told to import it."""
    scratch = PrivateFolder()
    try:
        database, attachments = business.open_source.database, inventory.outside
        if attachments:
            target = Target(scratch.path, name, "manager.tar")
            with partial(scratch.path, target.path.name) as file:
                time = int(dt.datetime.now(dt.UTC).timestamp())
                pack(target, file.file, database, attachments, business.open_source.blobs, time, progress)
                file.place(target.path)
            database = target.path
        with database.open("rb") as content:
            return _send(session, content, f"{name.text}.manager{'.tar' if attachments else ''}", progress)
    finally:
        scratch.close()


def _send(session: Session, content: BinaryIO, file_name: str, progress: Progress) -> bool:
    size = content.seek(0, 2)
    content.seek(0)
    begun = session.ask(
        "POST", "/upload/start", params={"fileSize": str(size), "chunkSize": str(PIECE)}, progress=progress
    )
    told = begun.json()
    upload = told.get("uploadId") if isinstance(told, dict) else None
    if begun.status != 200 or not isinstance(upload, str):
        raise _not_taken(session, file_name)
    try:
        progress.start("Uploading", size)
        for number in range(-(-size // PIECE)):
            piece = content.read(PIECE)
            _send_piece(session, upload, number, piece, file_name, progress)
            progress.advance(len(piece))
        progress.finish()
        done = session.ask("POST", "/upload/complete", params={"uploadId": upload}, progress=progress)
        _require_taken(session, done, file_name)
        check(progress)  # from here on it is too late to cancel
        return _import(session, {"UploadId": upload, "FileName": file_name})
    except BaseException:
        _abort(session, upload)
        raise


def _import(session: Session, form: dict[str, str]) -> bool:
    """Tell the server to import what it has; an answer that never came does not tell whether it did."""
    try:
        session.ask("POST", "/import-business", form=form)
    except ServerUnreachableError:
        return False
    return True


def _send_piece(session: Session, upload: str, number: int, piece: bytes, file_name: str, progress: Progress) -> None:
    """A piece may be sent again; it takes the place of the first."""
    given = {"params": {"uploadId": upload, "chunkIndex": str(number)}, "content": piece}
    try:
        answer = session.ask("POST", "/upload/chunk", progress=progress, **given)
    except ServerUnreachableError:
        answer = session.ask("POST", "/upload/chunk", progress=progress, **given)
    _require_taken(session, answer, file_name)


def _abort(session: Session, upload: str) -> None:
    try:
        session.connection.ask("POST", "/upload/abort", params={"uploadId": upload})
    except ServerError:
        return


@contextlib.contextmanager
def _told(session: Session, name: str) -> Iterator[None]:
    """Of a business that may be there by now no error may say that nothing was left behind.

    Raises:
        ServerFailedError: the server does not tell.
    """
    try:
        yield
    except (ServerError, TargetError) as error:
        raise ServerFailedError(
            "{name} was sent to {server}, but could not be looked at there.",
            hint="Look at Businesses in a browser: it may be there, but nobody compared it with what was sent. If it"
            " is, remove it there before you import it once more.",
            server=session.connection.address.url,
            name=name,
        ) from error


def _new_name(session: Session, wanted: str, before: list[str], waits: Sequence[float], progress: Progress) -> str:
    for wait in (0.0, *waits):
        paused(wait, progress)
        with _told(session, wanted):
            added = [one for one in names(session, progress) if one not in before]
        mine = [one for one in added if one == wanted or one.startswith(f"{wanted}(")]
        if len(mine) == 1:
            return mine[0]
    raise _not_taken(session, wanted)


def _compare(session: Session, inventory: Inventory, name: str, pauses: Sequence[float], progress: Progress) -> None:
    """Download what the server has now, and hold it against what was sent."""
    scratch = PrivateFolder()
    try:
        target = scratch.path / "again.manager"
        with _told(session, name), partial(scratch.path, target.name) as file:
            proven = fetch(session, Wanted(name, packed=bool(inventory.outside)), file, target, pauses, progress)
            with proven.business:
                again = take_inventory(proven.business, progress)
    finally:
        scratch.close()
    there = {one.sha256 for one in again.attachments if one.state == PRESENT}
    lost = [one for one in inventory.outside if one.size and one.sha256 not in there]
    if again.tables != inventory.tables or lost:
        raise ServerFailedError(
            "{server} has {name} now, but not as it was sent.",
            hint="Do not work in it. Remove it in Manager’s Businesses, then import it once more.",
            server=session.connection.address.url,
            name=name,
        )


def _require_opened(session: Session, name: str, progress: Progress) -> None:
    with _told(session, name):
        answer = session.answer("GET", "/api4/tabs", params={"business": name}, progress=progress)
        if answer.status != 500:  # with which it says that it cannot open it
            session.require(answer)
    if answer.status != 200:
        raise ServerFailedError(
            "{server} has {name} now, but does not open it.",
            hint="The Manager there may be older than the one that wrote the business: update it. What is there is"
            " whole, and was compared with what was sent.",
            server=session.connection.address.url,
            name=name,
        )


def _require_taken(session: Session, answer: Answer, name: str) -> None:
    if answer.status != 200:
        raise _not_taken(session, name)


def _not_taken(session: Session, name: str) -> ServerFailedError:
    return ServerFailedError(
        "{server} did not take {name}.",
        hint="Look at Businesses in a browser. If it is not there, import it once more: the server does not tell why.",
        server=session.connection.address.url,
        name=name,
    )
