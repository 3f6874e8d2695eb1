"""The API by which records are read and written; the program writes its own History (protocol, §9 and §10)."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from manager_nb.errors import EncodeError
from manager_nb.format.scalars import NIL, datetime_to_ticks, ticks_to_datetime
from manager_nb.restore.rows import uuid7
from tests.server.json_values import content_of, dumps, kinds, loads, told
from tests.server.names import fields_of
from tests.server.store import Store, UnopenableError

if TYPE_CHECKING:
    from manager_nb.format.schema import ContentType
    from tests.server.handler import Handler

_BATCH = "-batch"
_NO_SINGLE = frozenset({"tabs"})
_ACTIONS = ("Create", "Update", "Delete")


class RefusalError(Exception):
    """An answer that is no success: status and body."""


def answer(handler: Handler, user: str, thing: str, asked: dict[str, str]) -> None:
    """Answer ``/api4/<thing>``."""
    try:
        sent = loads(handler.body()) if handler.command in ("POST", "PUT") else {}
        business = _business(handler, user, asked, sent)
        handler.manager.store.objects(business)
        if thing == "tabs":
            handler.json(200, {"_links": {"self": {"href": "/api4/tabs"}}})
            return
        kind = kinds().get(thing.removesuffix(_BATCH))
        if kind is None or thing.removesuffix(_BATCH) in handler.manager.no_single | _NO_SINGLE:
            raise RefusalError(404, {"error": "not_found"})
        result = _done(handler, user, business, kind, thing.endswith(_BATCH), asked, sent)
    except RefusalError as refusal:
        handler.json(*refusal.args)
    except UnopenableError:
        handler.fail("ArgumentNullException")
    except EncodeError as error:
        handler.fail("JsonException", str(error))
    except sqlite3.OperationalError as error:
        handler.fail("SqliteException", str(error))
    else:
        handler.answer(200, dumps(result).encode(), {"Content-Type": handler.JSON})


def _business(handler: Handler, user: str, asked: dict[str, str], sent: Any) -> str:
    given = asked.get("business") or unquote(handler.headers.get("Manager-Business", ""))
    business = given or fields_of(asked.get("q", "")).get(100) or (sent.get("business") if sent else "") or ""
    if not handler.manager.store.exists(business):
        raise RefusalError(400, {"error": "bad_request"})
    if not handler.manager.users.by_name[user].may_see(business):
        raise RefusalError(403, {"error": "forbidden", "message": "You do not have permission."})
    return business


def _done(
    handler: Handler, user: str, business: str, kind: ContentType, batch: bool, asked: dict[str, str], sent: Any
) -> Any:
    store, method = handler.manager.store, handler.command
    key = asked.get("key") or asked.get("Key") or (sent.get("key") if sent else None)
    if method == "GET":
        return _read(store, business, kind, batch, key, asked)
    if batch:
        _require(method == "PUT")
        wanted = {one["key"]: one["value"] for one in sent["values"]}
        _write(store, business, kind, wanted, user)
        return True
    if method == "POST":
        made = uuid7(_now())
        _write(store, business, kind, {made: sent["value"]}, user)
        return made
    _require(method in ("PUT", "DELETE"))
    key = key or (kind.guid if kind.singleton else None)
    _require(key is not None)
    _write(store, business, kind, {str(key): None if method == "DELETE" else sent["value"]}, user)
    return True


def _require(fine: bool) -> None:
    if not fine:
        raise RefusalError(404, {"error": "not_found"})


def _read(
    store: Store, business: str, kind: ContentType, batch: bool, key: str | None, asked: dict[str, str]
) -> dict[str, Any]:
    objects = store.objects(business)
    if not batch:
        found = objects.get(key or kind.guid)
        if found is None or found[0] != kind.guid:
            raise RefusalError(404, {"error": "not_found"})
        return told(kind, found[1])
    small = {name.lower(): value for name, value in asked.items()}
    skip, size = int(small.get("skip", 0)), int(small.get("pagesize", 50))
    mine = [(one, content) for one, (guid, content) in sorted(objects.items()) if guid == kind.guid]
    items = [{"key": one, "item": told(kind, content)} for one, content in mine[skip : skip + size]]
    return {"_links": {}, "_actions": {}, "items": items}


def _now() -> int:
    return datetime_to_ticks(dt.datetime.now(dt.UTC))


def _write(store: Store, business: str, kind: ContentType, wanted: dict[str, Any], user: str) -> None:
    write(
        store,
        business,
        {key: None if value is None else (kind.guid, content_of(kind, value)) for key, value in wanted.items()},
        user,
    )


def write(store: Store, business: str, wanted: dict[str, tuple[str, bytes] | None], user: str) -> None:
    """One commit of a user: objects replaced, made or deleted; what stays as it is is not written."""
    with store.lock:
        objects = store.objects(business)
        ticks, commit = _now(), uuid7(_now())
        connection = sqlite3.connect(store.path(business), timeout=5, isolation_level=None)
        with contextlib.closing(connection):
            connection.execute("BEGIN IMMEDIATE")
            for key, after in wanted.items():
                if after != objects.get(key):
                    _write_one(connection, key, after, (commit, user, ticks))
            connection.execute("COMMIT")
        for key, after in wanted.items():
            if after is None:
                objects.pop(key, None)
            else:
                objects[key] = after


def _write_one(
    connection: sqlite3.Connection, key: str, after: tuple[str, bytes] | None, by: tuple[str, str, int]
) -> None:
    """The image before is taken from the disk."""
    sql = 'SELECT "ContentType", "Content" FROM "Objects" WHERE "Key" = ?'
    before = connection.execute(sql, (key,)).fetchone()
    if before is None and after is None:
        return
    connection.execute('DELETE FROM "Objects" WHERE "Key" = ?', (key,))
    commit, user, ticks = by
    if after is not None:
        connection.execute(
            'INSERT INTO "Objects" ("Key", "ContentType", "Content", "Timestamp") VALUES (?, ?, ?, ?)',
            (key, *after, ticks),
        )
    (old_type, old), (new_type, new) = before or (NIL, None), after or (NIL, None)
    connection.execute(
        'INSERT INTO "Changes" ("Key", "Commit", "Object", "User", "Timestamp", "ContentTypeBefore",'
        ' "ContentTypeAfter", "ContentBefore", "ContentAfter") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        (uuid7(ticks), commit, key, user, ticks, old_type, new_type, old, new),
    )


def history(handler: Handler, user: str, asked: dict[str, str]) -> None:
    """Answer ``GET /api2/history``: from the disk, newest first, times on a clock of twelve hours without am or pm."""
    business = unquote(handler.headers.get("Manager-Business", ""))
    if not business:
        handler.json(401, {"error": "Unauthorized"})
    elif not handler.manager.store.exists(business):
        handler.answer(200)
    elif not handler.manager.users.by_name[user].may_back_up(business):
        handler.json(401, {"error": "Unauthorized"})
    else:
        small = {name.lower(): value for name, value in asked.items()}
        skip, size = int(small.get("skip", 0)), int(small.get("pagesize", 50))
        with contextlib.closing(sqlite3.connect(handler.manager.store.path(business))) as connection:
            total = connection.execute('SELECT COUNT("User") FROM "Changes"').fetchone()[0]
            rows = connection.execute(_HISTORY, (size, skip)).fetchall()
        page = {"business": {"name": business}, "skip": skip, "pageSize": size, "totalRecords": total}
        handler.json(200, {**page, "history": [_line(*row) for row in rows]})


_HISTORY = """
SELECT "User", "Timestamp", "ContentTypeBefore", "ContentTypeAfter" FROM "Changes" WHERE "User" IS NOT NULL
ORDER BY "Timestamp" DESC, "Key" DESC LIMIT ? OFFSET ?
"""


def _line(user: str, ticks: int, before: str, after: str) -> dict[str, Any]:
    action = _ACTIONS[0 if before == NIL else 2 if after == NIL else 1]
    told_at = ticks_to_datetime(ticks).strftime("%Y-%m-%dT%I:%M:%SZ")
    named = {kind.guid: name for name, kind in kinds().items()}
    what = named.get(after if after != NIL else before, str(uuid.UUID(int=0)))
    return {"view": None, "timestamp": told_at, "user": user, "description": what, "action": action}
