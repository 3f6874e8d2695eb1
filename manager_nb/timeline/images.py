"""The images of an object in its changes, as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.format.scalars import NIL

if TYPE_CHECKING:
    from manager_nb.format.database import Database


def image_of(database: Database, change: str, side: str) -> tuple[str, bytes] | None:
    """The content type (GUID in lower case) and the content that a change found or left.

    Args:
        database: of the business.
        change: key of the row in ``Changes``.
        side: "Before" or "After".

    Returns:
        None where the object was not there.
    """
    column = f'CAST("Content{side}" AS BLOB)' if database.is_utf8 else f'"Content{side}"'
    sql = f'SELECT "ContentType{side}", {column} FROM "Changes" WHERE "Key" = ?'  # noqa: S608 - our own words
    for content_type, content in database.rows(sql, (change,)):
        guid = str(content_type or NIL).lower()
        blob = content if isinstance(content, bytes) else str(content or "").encode()
        return None if guid == NIL else (guid, blob)
    return None
