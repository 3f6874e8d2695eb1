"""What a page about one record shows, read in one go in the thread of the work: values only, nothing of the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from manager_nb.audit.records import last_known
from manager_nb.audit.references import references_to
from manager_nb.audit.search import life_of
from manager_nb.errors import NotFoundError
from manager_nb.listing.saving import picture_kind
from manager_nb.model.amounts import Amount
from manager_nb.model.parts import Parts, parts_of
from manager_nb.progress import check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manager_nb.model.naming import Named
    from manager_nb.model.records import Record
    from manager_nb.model.tables import Table
    from manager_nb.progress import Progress
    from manager_nb.timeline.business import Business

MOST_FILES, LARGEST_PICTURE, LARGEST_TEXT = 12, 4_000_000, 200_000
"""So many attachments of a record are shown at once, and files of at most so many bytes; every one can be saved."""

_TEXTS = ("application/json", "application/xml")


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """An attachment, or the picture of a record.

    Attributes:
        key: of the attachment; of a picture, that of its record.
        name: what it is called; of a picture the record's label.
        facts: its row in ``business.attachments``; of a picture its size and time.
        picture: the MIME type to show it with, None: it is no picture that can be shown, or too large.
        content: the bytes of a picture.
        words: the text of a text file.
        image: whether it is the picture of a record and no attachment.
    """

    key: str
    name: str
    facts: Mapping[str, Any]
    picture: str | None = None
    content: bytes = b""
    words: str | None = None
    image: bool = False


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """A record with all that belongs to it.

    Attributes:
        record: as it is, or as History last knew it.
        deleted: the change that deleted it, a row of History; None where it is there.
        gone: whether it is not there now.
        parts: its fields and lines.
        names: what the keys in them stand for.
        amount: what the document comes to.
        saved: its last change, a row of History; None without History.
        as_saved: whether it is as that change left it. If not, whoever made that change did not leave it so.
        life: its changes, the first one first.
        references: what refers to it.
        emails: the e-mails that name it.
        files: its picture and its attachments.
    """

    record: Record
    deleted: Mapping[str, Any] | None
    gone: bool
    parts: Parts
    names: Mapping[str, Named]
    amount: Amount
    saved: Mapping[str, Any] | None
    as_saved: bool
    life: pa.Table
    references: pa.Table
    emails: pa.Table
    files: tuple[AttachedFile, ...]


def read_record(business: Business, key: str, progress: Progress) -> SeenRecord:
    """Read a record.

    Raises:
        NotFoundError: neither the business nor its History holds it.
        CancelledError: the user cancelled.
    """
    progress.start("Reading")
    known = last_known(business, key)
    record, parts = known.record, parts_of(known.record)
    life = _life(business, record.key)
    changes = life.to_pylist()
    names = {}
    for named in parts.references():
        check(progress)
        found = business.named(named)
        if found is not None:
            names[named] = found
    return SeenRecord(
        record=record,
        deleted=next((row for row in changes if row["change"] == known.deleted), None),
        gone=known.deleted is not None,
        parts=parts,
        names=names,
        amount=_amount(business, record, changes),
        saved=changes[-1] if changes else None,
        as_saved=_as_saved(business, record.key),
        life=life,
        references=references_to(business, record.key, progress=progress).to_arrow(),
        emails=_naming(business.emails, record.key, progress),
        files=tuple(_files(business, record, progress)),
    )


def _amount(business: Business, record: Record, changes: Sequence[Mapping[str, Any]]) -> Amount:
    """What it comes to now; where that cannot be known any more, since the customer is gone too, what it came to."""
    amount = business.amount(record)
    if amount.value is None and changes and changes[-1]["amount"] is not None:
        return Amount(changes[-1]["amount"])
    return amount


def _life(business: Business, key: str) -> pa.Table:
    try:
        return life_of(business, key).to_arrow()
    except NotFoundError:  # the row is there under a spelling that History does not use
        return business.history.page(0, 0)


def _naming(table: Table, key: str, progress: Progress) -> pa.Table:
    """The rows of a table whose ``object`` is the record; only they are read in full."""
    objects = pc.utf8_lower(table.to_arrow(["object"], progress=progress)["object"])
    places = pc.indices_nonzero(pc.fill_null(pc.equal(objects, key.lower()), False)).to_pylist()
    rows = [table.page(place, 1) for place in places]
    return pa.concat_tables(rows) if rows else table.page(0, 0)


def _files(business: Business, record: Record, progress: Progress) -> list[AttachedFile]:
    files = []
    image = picture_of(business, record.key, record.label)
    if image is not None:
        files.append(image)
    if record.type == "Attachment":
        keys = pc.utf8_lower(business.attachments.to_arrow(["attachment"], progress=progress)["attachment"])
        place = pc.index(keys, record.key.lower()).as_py()
        rows = business.attachments.page(place, 1) if place >= 0 else business.attachments.page(0, 0)
    else:
        rows = _naming(business.attachments, record.key, progress)
    for number, row in enumerate(rows.to_pylist()):
        check(progress)
        files.append(attached_file(business, row, shown=number < MOST_FILES))
    return files


def picture_of(business: Business, key: str, label: str) -> AttachedFile | None:
    """The picture of a record; None where it has none."""
    image = business.image(key)
    if image is None:
        return None
    kind = picture_kind(image.content) if len(image.content) <= LARGEST_PICTURE else None
    return AttachedFile(key, label, {"size": len(image.content)}, kind, image.content if kind else b"", image=True)


def attached_file(business: Business, row: Mapping[str, Any], *, shown: bool = True) -> AttachedFile:
    """An attachment with what can be shown of it.

    Args:
        business: the business.
        row: of ``business.attachments``.
        shown: whether its content is wanted.
    """
    file = AttachedFile(row["attachment"], row["name"] or "", row)
    if not shown or row["state"] != "present" or row["size"] > LARGEST_PICTURE:
        return file
    content = business.attachment_bytes(row["attachment"])
    kind = picture_kind(content)
    if kind is not None:
        return AttachedFile(file.key, file.name, row, kind, content)
    mime = row["mime"] or ""
    if len(content) <= LARGEST_TEXT and (mime.startswith("text/") or mime in _TEXTS):
        return AttachedFile(file.key, file.name, row, words=_words(content))
    return file


def _words(content: bytes) -> str | None:
    coding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        words = content.decode(coding)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in words else words


def _as_saved(business: Business, key: str) -> bool:
    life = business.trail.life(key)
    if life is None or life.now is None or not life.chain.links:
        return True
    return life.chain.links[-1].after == life.now.state
