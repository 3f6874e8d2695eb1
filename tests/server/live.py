"""A server on which a restore is tried: who saves meanwhile, and what is on its disk."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from manager_nb.format.encoding import encode
from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from tests.server.conftest import TRADERS
from tests.server.records import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server.serving import ManagerServer

OTHER = "ravi"


def save(server: ManagerServer, key: str, type_name: str | None, **values: Any) -> None:
    """Another user saves a record with these fields changed; without a type it is deleted."""
    if type_name is None:
        write(server.store, TRADERS, {key: None}, OTHER)
        return
    kind = SCHEMA.named(type_name)
    assert kind is not None
    _, old = server.store.objects(TRADERS).get(key, ("", b""))
    write(server.store, TRADERS, {key: (kind.guid, encode(kind, {**decode(kind, old).values, **values}))}, OTHER)


def on_disk(server: ManagerServer, key: str) -> bytes | None:
    """The bytes of a record in the server's file."""
    with contextlib.closing(sqlite3.connect(server.store.path(TRADERS))) as file:
        found = file.execute('SELECT "Content" FROM "Objects" WHERE "Key" = ?', (key,)).fetchone()
    return found[0] if found else None


def at_nth(method: str, path: str, number: int, act: Callable[[], object]) -> Callable[[str, str], None]:
    """Something that happens right before the n-th such request is answered, and only then."""
    seen = 0

    def look(asked: str, where: str) -> None:
        nonlocal seen
        if (asked, where) == (method, path):
            seen += 1
            if seen == number:
                act()

    return look


def writes(server: ManagerServer) -> list[tuple[str, str]]:
    """What was asked for to be written, in order."""
    return [(method, path) for method, path, _ in server.requests if method in ("PUT", "DELETE")]
