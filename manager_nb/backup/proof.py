"""The proof that a copy holds what the business holds: tables, objects byte by byte, attachments by hash."""

from __future__ import annotations

import contextlib
from itertools import zip_longest
from typing import TYPE_CHECKING

from manager_nb.errors import SourceError, VerificationError
from manager_nb.format.digests import digest_tables, schema_of
from manager_nb.model.business import Business, open_business
from manager_nb.model.contents import PRESENT
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from manager_nb.backup.inventory import Inventory

_EVERY = 1_000


@contextlib.contextmanager
def reopened(path: Path, progress: Progress = SILENT) -> Iterator[Business]:
    """A business that was just written, opened as anybody will open it.

    Raises:
        VerificationError: it cannot be opened.
    """
    try:
        copy = open_business(path, progress=progress)
    except SourceError as error:
        raise VerificationError(
            "What was written cannot be read again: {reason} It was removed.",
            hint="Try again, on another disk if you can: this one may be failing.",
            path=path,
            reason=error.message,
        ) from error
    with copy:
        yield copy


def prove(
    business: Business,
    inventory: Inventory,
    copy: Business,
    *,
    emptied: Collection[str] = (),
    attachments: Collection[str] = (),
    progress: Progress = SILENT,
) -> None:
    """Hold a copy, opened anew from its file, against the business.

    Args:
        business: the business.
        inventory: what it holds.
        copy: the copy.
        emptied: tables whose rows were meant to be left out.
        attachments: hashes (hex) of the attachments' contents that the copy has to have.
        progress: told in rows; heeded.

    Raises:
        VerificationError: the copy differs.
        CancelledError: the user cancelled.
    """
    progress.start("Verifying", sum(digest.rows for digest in inventory.tables.values()))
    _same_tables(business, inventory, copy, emptied, progress)
    _same_objects(business, copy, progress)
    _all_there(copy, attachments, progress)
    progress.finish()


def _same_tables(
    business: Business, inventory: Inventory, copy: Business, emptied: Collection[str], progress: Progress
) -> None:
    ours, theirs = business.open_source.database, copy.open_source.database
    if schema_of(ours) != schema_of(theirs):
        raise _differs("sqlite_schema", copy)
    found = digest_tables(theirs, progress=progress)
    for table in sorted(inventory.tables.keys() | found.keys()):
        if table in emptied:
            if found[table].rows:
                raise _differs(table, copy)
        elif inventory.tables.get(table) != found.get(table):
            raise _differs(table, copy)


def _same_objects(business: Business, copy: Business, progress: Progress) -> None:
    for row, (mine, other) in enumerate(zip_longest(business.objects(), copy.objects())):
        if row % _EVERY == 0:
            check(progress)
        if mine != other:
            raise _differs((mine or other or ("Objects",))[0], copy)


def _all_there(copy: Business, attachments: Collection[str], progress: Progress) -> None:
    there: set[str] = set()
    for batch in copy.attachments.batches(columns=["sha256", "state"]):
        check(progress)
        there.update(row["sha256"] for row in batch.to_pylist() if row["state"] == PRESENT)
    for lost in sorted(set(attachments) - there):
        raise _differs(lost, copy)


def _differs(what: str, copy: Business) -> VerificationError:
    return VerificationError(
        "What was written differs from the business, first in {what}. It was removed.",
        hint="Try again, on another disk if you can: this one may be failing.",
        path=copy.source.path,
        what=what,
    )
