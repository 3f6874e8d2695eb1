"""Whose a payslip of History was, and which file an attachment: what Manager's own words for them do not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.format.database import Database
from manager_nb.format.messages import decode
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA
from manager_nb.model import labels
from manager_nb.model.lookup import Lookup
from manager_nb.progress import SILENT, Progress, heeded

if TYPE_CHECKING:
    from manager_nb.timeline.business import Business

_FIELDS = {"Payslip": "employee", "Attachment": "Name"}
"""The field that tells it, by type."""


def whose(business: Business, progress: Progress = SILENT) -> dict[str, str]:
    """The employee of each change of a payslip, the file's name of each change of an attachment, by the change's key.

    As they were called then; those that are not known are left out.

    Args:
        business: whose History.
        progress: its cancel is heeded.
    """
    database = Database(business.open_source.database)
    if "Changes" not in database.tables():
        return {}
    kinds = {kind.guid: kind for name in _FIELDS if (kind := SCHEMA.named(name)) is not None}
    sides = [(f'"ContentType{side}"', _content(database, side)) for side in ("After", "Before")]
    columns = ", ".join(('"Key"', '"Timestamp"', *(part for side in sides for part in side)))
    marks = ", ".join("?" * len(kinds))
    where = " OR ".join(f"lower({kind}) IN ({marks})" for kind, _ in sides)
    sql = f'SELECT {columns} FROM "Changes" WHERE {where}'  # noqa: S608 - our own words
    lookup, found = Lookup(database), {}
    for key, ticks, *contents in heeded(database.rows(sql, (*kinds, *kinds)), progress):
        guid, content = contents[:2] if str(contents[0] or NIL) != NIL else contents[2:]
        kind = kinds.get(str(guid or "").lower())
        if kind is None:
            continue
        blob = content if isinstance(content, bytes) else str(content or "").encode()
        value = str(decode(kind, blob).values.get(_FIELDS[kind.name]) or "")
        at = ticks if isinstance(ticks, int) else None
        told = value if kind.name == "Attachment" else _name(lookup, value, at)
        if told:
            found[str(key)] = told
    return found


def _content(database: Database, side: str) -> str:
    return f'CAST("Content{side}" AS BLOB)' if database.is_utf8 else f'"Content{side}"'


def _name(lookup: Lookup, key: str, ticks: int | None) -> str:
    found = lookup.then(key, ticks) if key and key != NIL else None
    return labels.name(found.type, found.values) if found is not None else ""
