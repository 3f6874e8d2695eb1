"""The proof after an import: the business in the data folder, opened anew, held against the file it came from."""

from __future__ import annotations

from dataclasses import asdict
from itertools import zip_longest
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.backup.checks import Check
from manager_nb.backup.inventory import take_inventory
from manager_nb.backup.verify import CHECKS, Verification
from manager_nb.i18n import mark
from manager_nb.model.business import open_business
from manager_nb.model.contents import PRESENT
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.backup.inventory import Inventory
    from manager_nb.model.business import Business

_EVERY = 1_000


def prove_import(file: Path | str, imported: Path | str, *, progress: Progress | None = None) -> Verification:
    """Compare an imported business with the backup, object by object, table by table, attachment by attachment.

    :func:`~manager_nb.restore.importing.import_business` has done so before it named the business; this tells it
    in a table that people can look at, from the files as they are now.

    Args:
        file: the backup.
        imported: the business file that the import returned.
        progress: told of every step; heeded.

    Raises:
        SourceError: one of them cannot be read.
        CancelledError: the user cancelled.
    """
    progress = progress or SILENT
    with open_business(file, progress=progress) as source, open_business(imported, progress=progress) as copy:
        ours, theirs = take_inventory(source, progress), take_inventory(copy, progress)
        found = [_opens(copy), _objects(source, copy, progress), *_tables(ours, theirs), _attachments(ours, theirs)]
    table = pa.Table.from_pylist([asdict(one) for one in found], CHECKS)
    return Verification(all(one.ok for one in found), Table.of("Checks", table))


def _opens(copy: Business) -> Check:
    met = [problem.what for problem in copy.open_source.problems]
    return Check(mark("The business opens from its new place"), not met, "; ".join(met) or copy.name)


def _objects(source: Business, copy: Business, progress: Progress) -> Check:
    """Key, type and content of every object, in key order."""
    same = other = 0
    for row, (mine, yours) in enumerate(zip_longest(source.objects(), copy.objects())):
        if row % _EVERY == 0:
            check(progress)
        same, other = (same + 1, other) if mine == yours else (same, other + 1)
    what = mark("Every record is the same, byte by byte")
    return Check(what, not other, f"{same} / {same + other}")


def _tables(ours: Inventory, theirs: Inventory) -> Iterator[Check]:
    """The digests of all rows of the tables that people know, then of the others together."""
    known = {"Changes": mark("The whole History is there"), "Emails": mark("Every e-mail is there")}
    for table, what in known.items():
        mine, yours = ours.tables.get(table), theirs.tables.get(table)
        yield Check(what, mine == yours, f"{yours.rows if yours else 0} / {mine.rows if mine else 0}")
    rest = (ours.tables.keys() | theirs.tables.keys()) - known.keys()
    wrong = sorted(table for table in rest if ours.tables.get(table) != theirs.tables.get(table))
    yield Check(mark("Every other table is the same"), not wrong, ", ".join(wrong or sorted(rest)))


def _attachments(ours: Inventory, theirs: Inventory) -> Check:
    """What could be opened in the file can be opened in the data folder, with the content that was attached."""
    present = {one.key for one in ours.attachments if one.state == PRESENT}
    arrived = {one.key for one in theirs.attachments if one.state == PRESENT}
    names = [one.name for one in ours.attachments if one.key in present - arrived]
    what = mark("Every attachment has its fingerprint")
    return Check(what, not names, "; ".join(names) or f"{len(present & arrived)} / {len(present)}")
