"""Whether a business can be imported: whether Manager would open all of it, and nothing is lost without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.errors import DamagedFileError
from manager_nb.format.database import Database
from manager_nb.format.integrity import examine
from manager_nb.format.wire import CUT_SHORT
from manager_nb.model.checking import bad_objects
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.model.business import Business

_SALVAGED = "salvaged.manager"
"""What a private copy is called that holds what could be rescued of a damaged file: rows may be lost."""

_SOME = 5

_UPPER_CASE = """
SELECT "Key" FROM "Objects"
WHERE length("Key") = 36 AND "Key" <> lower("Key") AND lower("Key") NOT IN (SELECT "Key" FROM "Objects")
"""


def require_sound(business: Business, progress: Progress = SILENT) -> None:
    """Refuse what Manager would open as if it were whole, take for something else, or not open at all.

    A file whose damage cost no row is mended already in its private copy, and passes.

    Raises:
        DamagedFileError: rows may be lost; or there are none; or Manager fails on one of them; or it is of the format
            before SQLite and does not say its schema revision, so that Manager would not upgrade its records.
        CancelledError: the user cancelled.
    """
    source, name = business.source, business.source.path.name
    if _lost_rows(business) or examine(business.open_source.database, progress):
        raise DamagedFileError(
            "{name} is damaged; Manager would open it and hide what is lost.",
            hint="Use another backup. If there is none: create a backup of it, which rescues what can be read and lists"
            " what cannot, and import that.",
            path=source.path,
            name=name,
        )
    database = Database(business.open_source.database)
    if "Objects" not in database.tables():
        raise DamagedFileError(
            "{name} has no table of records; Manager would open it as a new, empty business.",
            hint="Use another backup. What this file still has, such as its History, can be looked at here.",
            path=source.path,
            name=name,
        )
    if source.kind.startswith("legacy") and business.schema_revision is None:
        raise DamagedFileError(
            "{name} does not say which version of Manager wrote it; a newer one could not upgrade it.",
            hint="Open it in Manager itself, which offers to upgrade it; then create a backup.",
            path=source.path,
            name=name,
        )
    if records := list(dict.fromkeys(_fatal(database, progress))):
        raise DamagedFileError(
            "Manager would not open the business in {name} because of {count} of its records: {records}.",
            hint="Use another backup. What is wrong with each of these records is listed among the problems of the"
            " file; everything else in it can be looked at here.",
            path=source.path,
            name=name,
            count=len(records),
            records=", ".join(records[:_SOME]) + (" …" if len(records) > _SOME else ""),
        )


def _lost_rows(business: Business) -> bool:
    opened = business.open_source
    return opened.database.name == _SALVAGED or any(problem.lost for problem in opened.problems)


def _fatal(database: Database, progress: Progress) -> Iterator[str]:
    """The keys of the records for which Manager does not open a business (docs/format.md §3, §6.1)."""
    for problem in bad_objects(database, progress):
        if problem.what == CUT_SHORT:
            yield str(problem.key)
    if "Key" in database.columns("Objects"):
        for (key,) in database.rows(_UPPER_CASE):
            yield str(key)
