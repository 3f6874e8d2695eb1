"""The single checks that verifying a backup is made of; each says in a sentence what it found."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.backup.found import Found, Size, found
from manager_nb.backup.inventory import wanting
from manager_nb.backup.manifest import beside
from manager_nb.format.checks import half_saved
from manager_nb.format.database import Database
from manager_nb.format.digests import HISTORY, TableDigest
from manager_nb.format.integrity import examine
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import REVISION
from manager_nb.i18n import mark
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager_nb.backup.inventory import Inventory
    from manager_nb.backup.manifest import Manifest
    from manager_nb.model.business import Business

_SOME = 5
_NO_MANIFEST = mark("There is no manifest beside it.")
_UNREADABLE = mark("The manifest beside it cannot be read: it was changed, or is of a newer version.")
_TABLES = frozenset({"Objects", "Changes", "Emails", "Images"})
_NO_TABLE = TableDigest(0, (), "")


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a backup.

    Attributes:
        check: what was checked, a text of the catalogue.
        ok: whether it is as it should be.
        found: what was found: a sentence of the catalogue, or words that are the file's own.
        nothing: whether there was nothing to check; `found` says why.
    """

    check: str
    ok: bool
    found: Found | str
    nothing: bool = False

    @property
    def detail(self) -> str:
        """What was found, in English."""
        return self.found if isinstance(self.found, str) else self.found.told()


def readable(business: Business) -> Check:
    """Whether opening it met nothing odd: no row had to be rescued, no archive was cut short."""
    met = [problem.what for problem in business.open_source.problems]
    fine = found(mark("{kind}, {size}"), kind=business.source.kind, size=Size(business.source.size))
    return Check(mark("The file can be read"), not met, _listed(met) or fine)


def as_the_manifest_says(path: Path, manifest: Manifest | None, size: int, sha256: str) -> Check:
    """Whether the file is the one that the manifest was written for, byte by byte."""
    what = mark("The file is the one in its manifest")
    if manifest is None:
        unreadable = beside(path).exists()
        return Check(what, not unreadable, found(_UNREADABLE if unreadable else _NO_MANIFEST), nothing=not unreadable)
    told = manifest["file"]
    if told["size"] == size and told["sha256"] == sha256:
        made = mark("Made {time} by {tool}; SHA-256 {sha256}")
        return Check(what, True, found(made, time=_time(manifest["created"]), tool=manifest["tool"], sha256=sha256))
    other = mark("Changed or damaged: its SHA-256 is {sha256}, the manifest says {told}")
    return Check(what, False, found(other, sha256=sha256, told=told["sha256"]))


def _time(told: str) -> dt.datetime | str:
    """A moment of a manifest; as it stands there if it is none, for anybody can edit a manifest."""
    with contextlib.suppress(ValueError):
        moment = dt.datetime.fromisoformat(told)
        return moment if moment.tzinfo is not None else told
    return told


def lost_before(manifest: Manifest | None) -> Iterator[Check]:
    """What was wrong with the business when the backup was made: the backup is no worse for that, but says so."""
    if manifest and (count := manifest["problems"]["count"]):
        listed = _listed([str(one["what"]) for one in manifest["problems"]["listed"]], count)
        yield Check(mark("What was already wrong with the business"), True, listed)


def revision(business: Business) -> Check:
    """Whether Manager knows what to make of the schema revision."""
    what, number = mark("The schema revision is known"), business.schema_revision
    if number is None:
        none = mark("The file does not tell its schema revision; Manager takes it for its own.")
        return Check(what, True, found(none), nothing=True)
    if number > REVISION:
        newer = mark("{number}: newer than {known}. What is unknown here was kept as it is.")
        return Check(what, True, found(newer, number=str(number), known=str(REVISION)))
    return Check(what, number > 0, str(number))


def intact(business: Business, progress: Progress = SILENT) -> Check:
    """Whether SQLite finds the database sound."""
    wrong = examine(business.open_source.database, progress)
    fine = found(mark("SQLite’s integrity_check: ok"))
    return Check(mark("The database is intact"), not wrong, _listed(wrong) or fine)


def decodes(business: Business, progress: Progress = SILENT) -> Check:
    """Whether every record, and both images of every change, can be read."""
    problems = business.check(progress).to_arrow(["where", "key", "part", "what"]).to_pylist()
    told = [f"{row['where']} {row['key'] or ''}: {row['what']}" for row in problems if _is_grave(row)]
    database = Database(business.open_source.database)
    counted = mark("{records} records, {changes} changes")
    fine = found(counted, records=database.count("Objects"), changes=database.count(HISTORY))
    return Check(mark("Every record and change can be read"), not told, _listed(told) or fine)


def _is_grave(problem: dict[str, Any]) -> bool:
    """Whether a row cannot be read, or Manager fails on it; rows without a time it reads as they are."""
    untimed = problem["part"] == "Timestamp" and problem["key"] is None
    return problem["where"] in _TABLES and not untimed


def attachments(business: Business, inventory: Inventory, manifest: Manifest | None) -> Check:
    """Whether the attachments that belong into this backup are there, and are what was attached.

    A plain ``.manager`` has none outside its database. What the business itself did not have when the backup was made
    is in the manifest.
    """
    what = mark("The attachments are what was attached")
    missing, altered = wanting(inventory.attachments)
    expected, known = ".tar" in business.source.kind, set[str]()
    if manifest is not None:
        told = manifest["attachments"]
        expected = manifest["choices"]["attachments"]["included"]
        known = {one["attachment"] for one in (*told["missing"], *told["altered"])}
    wrong = [f"{one.name}: altered" for one in altered if one.key not in known]
    if expected:
        wrong += [f"{one.name}: missing" for one in missing if one.key not in known]
    if wrong:
        return Check(what, False, _listed(wrong))
    total = len(inventory.attachments)
    return _attachments(total, total - len(missing) - len(altered), expected=expected, told=manifest is not None)


def _attachments(total: int, present: int, *, expected: bool, told: bool) -> Check:
    """The attachments where none is wrong: all are there, or it is known why some or all are not."""
    what = mark("The attachments are what was attached")
    if not total:
        return Check(what, True, found(mark("The business has no attachments.")), nothing=True)
    if present == total:
        return Check(what, True, found(mark("{present} of {total} are there."), present=present, total=total))
    if not present and told and not expected:
        left_out = mark("The backup lists {total} attachments; their files were left out.")
        return Check(what, True, found(left_out, total=total), nothing=True)
    if not present:
        lacking = mark("The backup lists {total} attachments and has the file of none: the business had none either.")
        without = mark("The file lists {total} attachments; such a file holds none of them.")
        return Check(what, True, found(lacking if expected else without, total=total), nothing=True)
    others = mark("{present} of {total} are there; the others were not in the business either.")
    without = mark("{present} of {total} are there; such a backup has no others.")
    sentence = found(others if expected else without, present=present, total=total)
    return Check(mark("The attachments that are there are what was attached"), True, sentence)


def counts(inventory: Inventory, manifest: Manifest | None) -> Check:
    """Whether every table holds the rows that the manifest tells of."""
    what = mark("Every table holds what the manifest says")
    if manifest is None:
        return Check(what, True, found(_NO_MANIFEST), nothing=True)
    wrong = []
    for table in sorted(manifest["tables"].keys() | inventory.tables.keys()):
        told, here = manifest["tables"].get(table, {}), inventory.tables.get(table, _NO_TABLE)
        if told.get("rows") != here.rows or told.get("sha256", here.sha256) != here.sha256:
            wrong.append(f"{table} ({here.rows} rows, the manifest says {told.get('rows')})")
    if not wrong and manifest["types"] != inventory.types:
        wrong.append("the number of records by type")
    rows = ", ".join(f"{table} {digest.rows}" for table, digest in inventory.tables.items() if digest.rows)
    return Check(what, not wrong, _listed(wrong) or rows)


def complete(business: Business) -> Check:
    """Whether the last change of every record is there as a whole.

    A record that still is as *before* a change of the last moments is the mark of a copy made during a save. Any other
    difference has causes that are none of the copy's (an action undone, an upgrade of Manager, another tool) and is
    told, not blamed.
    """
    what = mark("The last changes are whole")
    database = Database(business.open_source.database)
    lacking = _CHANGES - set(database.columns(HISTORY)) | {"Key", "Content"} - set(database.columns("Objects"))
    ends = {} if lacking else dict(database.rows(_LAST_CHANGES, (NIL,)))
    if not ends:
        return Check(what, True, found(mark("The file has no History.")), nothing=True)
    if torn := half_saved(database):
        before = mark("{torn} records are still as before their last change: the copy was probably made during a save.")
        return Check(what, False, found(before, torn=torn))
    whole = int(ends.get(1, 0))
    if 0 in ends:
        some = mark(
            "{whole} records are as their last change left them, {others} are not: an action was undone, Manager was"
            " upgraded, or another tool wrote."
        )
        return Check(what, True, found(some, whole=whole, others=int(ends[0])))
    return Check(what, True, found(mark("{whole} records are as their last change left them."), whole=whole))


_CHANGES = {"Object", "Timestamp", "ContentTypeAfter", "ContentBefore", "ContentAfter"}
_LAST_CHANGES = """
WITH newest AS (SELECT "Object" AS o, MAX("Timestamp") AS t FROM "Changes" GROUP BY "Object"),
ends AS (
    SELECT MAX((coalesce(c."ContentTypeAfter", ?1) = ?1) = (x."Key" IS NULL)
        AND coalesce(CAST(c."ContentAfter" AS BLOB), x'') = coalesce(CAST(x."Content" AS BLOB), x'')) AS same
    FROM newest AS n
    JOIN "Changes" AS c ON c."Object" = n.o AND c."Timestamp" IS n.t
    LEFT JOIN "Objects" AS x ON x."Key" = n.o
    GROUP BY n.o)
SELECT same, COUNT(*) FROM ends GROUP BY same
"""
"""Of the objects that have changes: how many are (1) and are not (0) as one of their newest changes left them."""


def _listed(found: list[str], count: int = 0) -> str:
    """The first few of what was found, and how many there are more; `count`: of them all, where not all are at hand."""
    rest = max(count, len(found)) - _SOME
    more = f" … and {rest} more" if rest > 0 else ""
    return "; ".join(found[:_SOME]) + more
