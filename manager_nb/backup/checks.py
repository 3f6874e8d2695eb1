"""The single checks that verifying a backup is made of; each says in a sentence what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
_NO_MANIFEST = "There is no manifest beside it."
_UNREADABLE = "The manifest beside it cannot be read: it was changed, or is of a newer version."
_TABLES = frozenset({"Objects", "Changes", "Emails", "Images"})
_NO_TABLE = TableDigest(0, (), "")


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a backup.

    Attributes:
        check: what was checked, a text of the catalogue.
        ok: whether it is as it should be.
        detail: what was found.
    """

    check: str
    ok: bool
    detail: str


def readable(business: Business) -> Check:
    """Whether opening it met nothing odd: no row had to be rescued, no archive was cut short."""
    met = [problem.what for problem in business.open_source.problems]
    fine = f"{business.source.kind}, {business.source.size} bytes"
    return Check(mark("The file can be read"), not met, _listed(met) or fine)


def as_the_manifest_says(path: Path, manifest: Manifest | None, size: int, sha256: str) -> Check:
    """Whether the file is the one that the manifest was written for, byte by byte."""
    what = mark("The file is the one in its manifest")
    if manifest is None:
        unreadable = beside(path).exists()
        return Check(what, not unreadable, _UNREADABLE if unreadable else _NO_MANIFEST)
    told = manifest["file"]
    if told["size"] == size and told["sha256"] == sha256:
        return Check(what, True, f"Made {manifest['created']} by {manifest['tool']}; SHA-256 {sha256}")
    return Check(what, False, f"Changed or damaged: its SHA-256 is {sha256}, the manifest says {told['sha256']}")


def lost_before(manifest: Manifest | None) -> Iterator[Check]:
    """What was wrong with the business when the backup was made: the backup is no worse for that, but says so."""
    if manifest and (count := manifest["problems"]["count"]):
        listed = _listed([str(one["what"]) for one in manifest["problems"]["listed"]], count)
        yield Check(mark("What was already wrong with the business"), True, listed)


def revision(business: Business) -> Check:
    """Whether Manager knows what to make of the schema revision."""
    what, number = mark("The schema revision is known"), business.schema_revision
    if number is None:
        return Check(what, True, "The file tells none; Manager takes it for its own.")
    if number > REVISION:
        return Check(what, True, f"{number}: newer than {REVISION}. What is unknown here was kept as it is.")
    return Check(what, number > 0, str(number))


def intact(business: Business, progress: Progress = SILENT) -> Check:
    """Whether SQLite finds the database sound."""
    found = examine(business.open_source.database, progress)
    return Check(mark("The database is intact"), not found, _listed(found) or "SQLite's integrity_check: ok")


def decodes(business: Business, progress: Progress = SILENT) -> Check:
    """Whether every record, and both images of every change, can be read."""
    problems = business.check(progress).to_arrow(["where", "key", "part", "what"]).to_pylist()
    told = [f"{row['where']} {row['key'] or ''}: {row['what']}" for row in problems if _is_grave(row)]
    database = Database(business.open_source.database)
    fine = f"{database.count('Objects')} records, {database.count(HISTORY)} changes"
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
    found = f"{len(inventory.attachments) - len(missing) - len(altered)} of {len(inventory.attachments)} are there"
    if missing or altered:
        found += "; the others were not in the business either" if expected else "; such a backup has no others"
    return Check(what, not wrong, _listed(wrong) or found)


def counts(inventory: Inventory, manifest: Manifest | None) -> Check:
    """Whether every table holds the rows that the manifest tells of."""
    what = mark("Every table holds what the manifest says")
    if manifest is None:
        return Check(what, True, _NO_MANIFEST)
    wrong = []
    for table in sorted(manifest["tables"].keys() | inventory.tables.keys()):
        told, found = manifest["tables"].get(table, {}), inventory.tables.get(table, _NO_TABLE)
        if told.get("rows") != found.rows or told.get("sha256", found.sha256) != found.sha256:
            wrong.append(f"{table} ({found.rows} rows, the manifest says {told.get('rows')})")
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
    found = {} if lacking else dict(database.rows(_LAST_CHANGES, (NIL,)))
    if not found:
        return Check(what, True, "The file has no History.")
    if torn := half_saved(database):
        told = f"{torn} records are still as before their last change"
        return Check(what, False, f"{told}: the copy was probably made during a save.")
    told = f"{found.get(1, 0)} records are as their last change left them"
    if 0 in found:
        causes = "an action was undone, Manager was upgraded, or another tool wrote"
        return Check(what, True, f"{told}, {found[0]} are not: {causes}.")
    return Check(what, True, f"{told}.")


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
