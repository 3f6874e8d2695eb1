"""The folder of the server of the tests: businesses as files, attachments by hash, and what the program remembers.

The list of businesses is remembered until the page Businesses is asked for; the objects of a business are remembered
from their first use until a restart (protocol, §2 and §6).
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
import tarfile
import threading
from typing import TYPE_CHECKING

from manager_nb.format import layout
from manager_nb.format.schema import REVISION, SCHEMA_TYPE

if TYPE_CHECKING:
    from pathlib import Path

RESERVED = "238097db79f84dc5a44a0c6f8aa04e6c"
MAGIC = b"SQLite format 3\0"
_CURRENT = b"\x08\xa3\x03"

Objects = dict[str, tuple[str, bytes]]
"""Content type and content by key."""


class UnopenableError(Exception):
    """The program cannot open that business."""


class Store:
    """Businesses and attachments below a folder."""

    def __init__(self, folder: Path) -> None:
        self.businesses = folder / "Businesses"
        self.blobs = folder / "Blobs"
        self.businesses.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._objects: dict[str, Objects] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look at the folder again, as the page Businesses does."""
        names = [path.name.removesuffix(".manager") for path in self.businesses.rglob("*.manager")]
        self.listed = [name for name in names if name != RESERVED]
        for name in self._objects.keys() - set(names):
            del self._objects[name]

    def path(self, name: str) -> Path:
        return self.businesses / f"{name}.manager"

    def exists(self, name: str) -> bool:
        return name in self.listed and self.path(name).exists()

    def add(self, name: str, file: Path) -> None:
        """Put a business there before the server has seen anything; of a tar also the attachments."""
        if file.suffix != ".tar":
            shutil.copyfile(file, self.path(name))
        else:
            with tarfile.open(file) as tar:
                for member in tar.getmembers():
                    content = tar.extractfile(member)
                    assert content is not None
                    if member.name.endswith(".manager"):
                        self.path(name).write_bytes(content.read())
                    else:
                        self.keep_blob(content.read())
        self.refresh()

    def blob(self, sha256: str) -> Path:
        return self.blobs / sha256[:2] / sha256

    def keep_blob(self, content: bytes) -> None:
        """Store it by the hash of what it is; an empty one is not stored."""
        if content:
            path = self.blob(hashlib.sha256(content).hexdigest())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def objects(self, name: str) -> Objects:
        """The objects as the program knows them: from the first use on, whatever happens to the file.

        Raises:
            UnopenableError: the business cannot be opened.
        """
        with self.lock:
            if name not in self._objects:
                self._objects[name] = self._loaded(self.path(name))
            return self._objects[name]

    def _loaded(self, path: Path) -> Objects:
        if path.stat().st_size == 0:
            layout.create(path.with_name("new.part")).close()
            path.with_name("new.part").replace(path)
        if not path.read_bytes().startswith(MAGIC):
            raise UnopenableError
        try:
            with contextlib.closing(sqlite3.connect(path)) as connection, connection:
                pages = connection.execute("PRAGMA page_count").fetchone()[0]
                size = connection.execute("PRAGMA page_size").fetchone()[0]
                if path.stat().st_size < pages * size - 1:
                    raise UnopenableError
                rows = connection.execute('SELECT "Key", "ContentType", CAST("Content" AS BLOB) FROM "Objects"')
                found = {str(key): (str(kind), content or b"") for key, kind, content in rows}
                self._upgrade(connection, found)
        except sqlite3.DatabaseError as error:
            raise UnopenableError from error
        return found

    def _upgrade(self, connection: sqlite3.Connection, objects: Objects) -> None:
        """Make an older business one of this revision; nothing of it is written to History."""
        revision = revision_of(objects)
        if revision > REVISION:
            raise UnopenableError
        if revision < REVISION:
            objects[SCHEMA_TYPE] = (SCHEMA_TYPE, _CURRENT)
            sql = 'INSERT OR REPLACE INTO "Objects" ("Key", "ContentType", "Content", "Timestamp") VALUES (?, ?, ?, 0)'
            connection.execute(sql, (SCHEMA_TYPE, SCHEMA_TYPE, _CURRENT))


def revision_of(objects: Objects) -> int:
    content = objects.get(SCHEMA_TYPE, ("", _CURRENT))[1]
    return sum((byte & 127) << 7 * place for place, byte in enumerate(content[1:3])) or REVISION
