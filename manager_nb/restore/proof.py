"""The proof after an import: the business in the data folder, opened anew, held against the file it came from."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from manager_nb.backup.checks import Check
from manager_nb.backup.found import found
from manager_nb.backup.inventory import take_inventory
from manager_nb.backup.manifest import read_manifest
from manager_nb.backup.verify import Verification
from manager_nb.i18n import mark
from manager_nb.model.business import open_business
from manager_nb.model.contents import PRESENT
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.backup.inventory import Inventory
    from manager_nb.model.business import Business

_EVERY = 1_000
_OF = mark("{same} / {all}")


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
        left_out = _left_out(source.source.path)
        tables = _tables(ours, theirs, left_out)
        checks = [_opens(copy), _objects(source, copy, progress), *tables, _attachments(ours, theirs, left_out)]
    return Verification.of(checks)


def _left_out(file: Path) -> set[str]:
    """What was left out when the backup was made, as its manifest says."""
    manifest = read_manifest(file)
    return {name for name, choice in manifest["choices"].items() if not choice["included"]} if manifest else set()


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
    if not same and not other:
        return Check(what, True, found(mark("The backup has no records.")), nothing=True)
    return Check(what, not other, found(_OF, same=same, all=same + other))


def _tables(ours: Inventory, theirs: Inventory, left_out: set[str]) -> Iterator[Check]:
    """The digests of all rows of the tables that people know, then of the others together."""
    known = {
        "Changes": (
            mark("The whole History is there"),
            mark("History was left out when this backup was made."),
            mark("The backup has no History."),
        ),
        "Emails": (
            mark("Every e-mail is there"),
            mark("Emails were left out when this backup was made."),
            mark("The backup has no emails."),
        ),
    }
    choices = {"Changes": "history", "Emails": "emails"}
    for table, (what, chosen, none) in known.items():
        mine, yours = ours.tables.get(table), theirs.tables.get(table)
        here, there = (yours.rows if yours else 0), (mine.rows if mine else 0)
        if mine == yours and not there:
            yield Check(what, True, found(chosen if choices[table] in left_out else none), nothing=True)
        else:
            yield Check(what, mine == yours, found(_OF, same=here, all=there))
    rest = (ours.tables.keys() | theirs.tables.keys()) - known.keys()
    wrong = sorted(table for table in rest if ours.tables.get(table) != theirs.tables.get(table))
    yield Check(mark("Every other table is the same"), not wrong, ", ".join(wrong or sorted(rest)))


def _attachments(ours: Inventory, theirs: Inventory, left_out: set[str]) -> Check:
    """What could be opened in the file can be opened in the data folder, with the content that was attached."""
    present = {one.key for one in ours.attachments if one.state == PRESENT}
    arrived = {one.key for one in theirs.attachments if one.state == PRESENT}
    names = [one.name for one in ours.attachments if one.key in present - arrived]
    what = mark("Every attachment has its fingerprint")
    if names:
        return Check(what, False, "; ".join(names))
    total, same = len(ours.attachments), len(present & arrived)
    if not total:
        return Check(what, True, found(mark("The business has no attachments.")), nothing=True)
    if not same:
        chosen = mark("The backup lists {total} attachments; their files were left out.")
        none = mark("The backup lists {total} attachments and has the file of none.")
        return Check(what, True, found(chosen if "attachments" in left_out else none, total=total), nothing=True)
    if same == total:
        return Check(what, True, found(_OF, same=same, all=total))
    some = mark("{same} / {all}; the files of {missing} others are not in the backup.")
    what = mark("Every attachment that the backup has, has its fingerprint")
    return Check(what, True, found(some, same=same, all=len(present), missing=total - same))
