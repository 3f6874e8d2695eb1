"""How far back History tells of the records that are there now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.database import Database
from manager_nb.format.digests import HISTORY
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from manager_nb.model.business import Business


_CREATED = f'SELECT "Object" FROM "{HISTORY}" WHERE coalesce("ContentTypeBefore", ?) = ?'  # noqa: S608 - our words


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many records have their creation in History; the others were there before it begins, or came without it.

    Attributes:
        told: how many have it.
        records: how many there are, form defaults left out.
    """

    told: int
    records: int


def coverage_of(business: Business, progress: Progress = SILENT) -> Coverage:
    """Count the records of a business whose creation its History tells.

    Raises:
        CancelledError: the user cancelled.
    """
    database = Database(business.open_source.database)
    if not {"Key", "ContentType"} <= set(database.columns("Objects")):
        return Coverage(0, 0)
    check(progress)
    known = {"Object", "ContentTypeBefore"} <= set(database.columns(HISTORY))
    created = _CREATED if known else "NULL, ?, ?"
    # By type, and apart those whose key is their type's: of most types that is the template for new records.
    sql = (
        'SELECT "ContentType", lower("Key") = lower("ContentType"), COUNT(*), SUM("Key" IN ('  # noqa: S608 - our words
        f'{created})) FROM "Objects" GROUP BY 1, 2'
    )
    told = records = 0
    for guid, own_key, count, covered in database.rows(sql, (NIL, NIL)):
        type_ = SCHEMA.type_of(str(guid).lower())
        if own_key and type_ is not None and not type_.singleton:
            continue
        records += _number(count)
        told += _number(covered)
    check(progress)
    return Coverage(told, records)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
