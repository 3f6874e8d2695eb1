"""The bytes of a backup: the compact database, alone or in Manager's tar with the attachments, perhaps compressed."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, BinaryIO

from manager_nb.backup.manifest import Written
from manager_nb.errors import SourceChangedError
from manager_nb.format import sources
from manager_nb.format.placing import writing
from manager_nb.format.steps import reached
from manager_nb.format.writer import Sink, TarWriter, compressed, copy_into, tar_size
from manager_nb.progress import Progress, check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from manager_nb.backup.inventory import Attachment
    from manager_nb.backup.target import Target
    from manager_nb.format.blobs import BlobStore


def pack(
    target: Target,
    file: BinaryIO,
    database: Path,
    attachments: Sequence[Attachment],
    blobs: BlobStore,
    time: int,
    progress: Progress,
) -> Written:
    """Write a backup's bytes.

    Args:
        target: what it becomes.
        file: takes the bytes.
        database: the compact database.
        attachments: those whose contents go into the tar, each content once.
        blobs: where their contents are.
        time: seconds since 1970, for the tar.
        progress: told in bytes; heeded.

    Raises:
        SourceChangedError: an attachment changed while it was copied.
        TargetError: the disk does not take it.
        CancelledError: the user cancelled.
    """
    size = database.stat().st_size
    entry = f"{target.name.text}.manager"
    entries = [(entry, size), *((_place(one), one.size) for one in attachments)]
    total = tar_size(entries, time) if target.is_tar else size
    sink = Sink(file, progress)
    if target.is_compressed:
        progress.start("Compressing", total)
    else:
        progress.start("Writing", total)
    with writing(target.path), _packed(sink, target, total) as out, database.open("rb") as content:
        if target.is_tar:
            tar = TarWriter(out, time)
            digest = tar.add(entry, size, content, progress)
            progress.finish()
            progress.start("Attachments", sum(one.size for one in attachments))
            for one in attachments:
                _add(tar, one, blobs, progress)
            tar.close()
        else:
            digest = sources.digest(content, progress)
            content.seek(0)
            copy_into(out, content, progress)
    progress.finish()
    return Written(target.path.name, target.kind, sink.size, sink.sha256, (size, digest))


def _packed(sink: Sink, target: Target, total: int) -> contextlib.AbstractContextManager[Sink]:
    return compressed(sink, total) if target.is_compressed else contextlib.nullcontext(sink)


def _add(tar: TarWriter, attachment: Attachment, blobs: BlobStore, progress: Progress) -> None:
    check(progress)
    content = blobs.open(attachment.sha256 or "") or io.BytesIO()
    with content:
        if tar.add(_place(attachment), attachment.size, content, progress) != attachment.sha256:
            raise SourceChangedError(
                "The attachment {name} changed while it was copied.",
                hint="Create the backup again.",
                name=attachment.name,
            )
    reached("attachment written")


def _place(attachment: Attachment) -> str:
    """Where Manager keeps a content in its tar."""
    sha256 = attachment.sha256 or ""
    return f"Blobs/{sha256[:2]}/{sha256}"
