"""Finds the bytes of attachments, wherever the version of Manager that stored them put them (docs/format.md §2)."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.layout import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.format.blobs import BlobStore
    from manager_nb.format.database import Database

PRESENT, MISSING, ALTERED = "present", "missing", "altered"
IN_BLOBS2, IN_BLOBS = "Blobs2 table", "Blobs table"

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one attachment's content.

    Attributes:
        state: ``present`` (its hash is the recorded one, or none is recorded), ``altered`` or ``missing``.
        where: ``tar``, ``Blobs`` or ``Packs`` outside the database; ``Blobs2 table`` or ``Blobs table`` in it; None
            where it is missing.
        size: its length in bytes, None where it is missing.
    """

    state: str
    where: str | None
    size: int | None


class Contents:
    """The content of a business's attachments, each place tried in turn until one has the right bytes."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._database = database
        self._blobs = blobs
        self._found: dict[tuple[str, bytes | None], Found] = {}

    def look(self, key: str, sha256: bytes | None) -> Found:
        """Whether the content is there and unaltered; hashed once and remembered."""
        place = (key, sha256)
        if place not in self._found:
            self._found[place] = self._look(key, sha256)
        return self._found[place]

    def read(self, key: str, sha256: bytes | None) -> tuple[bytes | None, Found]:
        """The content, altered or not, and what it is; None where it is missing."""
        found = self.look(key, sha256)
        for where, data in self._candidates(key, sha256):
            content = b"".join(data)
            if where == found.where and (found.state == ALTERED or _right(hashlib.sha256(content).digest(), sha256)):
                return content, found
        return None, found

    def mime(self, key: str) -> str | None:
        """The MIME type that ``Blobs`` has for the attachment."""
        return self._mimes.get(key)

    @functools.cached_property
    def _mimes(self) -> dict[str, str]:
        if not {"Key", "ContentType"} <= set(self._database.columns("Blobs")):
            return {}
        rows = self._database.rows('SELECT "Key", "ContentType" FROM "Blobs"')
        return {key: mime for key, mime in rows if isinstance(mime, str) and mime}

    @functools.cached_property
    def _held(self) -> dict[str, set[object]]:
        """What the tables have content of: most attachments are in neither, and asking for each is slow."""
        held: dict[str, set[object]] = {}
        for table, column in (("Blobs2", "Hash"), ("Blobs", "Key")):
            there = {column, "Content"} <= set(self._database.columns(table))
            rows = self._database.rows(f"SELECT {quoted(column)} FROM {quoted(table)}") if there else ()  # noqa: S608
            held[table] = {value for (value,) in rows}
        return held

    def _look(self, key: str, sha256: bytes | None) -> Found:
        altered = Found(MISSING, None, None)
        for where, data in self._candidates(key, sha256):
            size, digest = 0, hashlib.sha256()
            for piece in data:
                size += len(piece)
                digest.update(piece)
            if _right(digest.digest(), sha256):
                return Found(PRESENT, where, size)
            if altered.where is None:
                altered = Found(ALTERED, where, size)
        return altered

    def _candidates(self, key: str, sha256: bytes | None) -> Iterator[tuple[str, Iterator[bytes]]]:
        if sha256:
            where = self._blobs.where(sha256.hex())
            opened = self._blobs.open(sha256.hex()) if where else None
            if where and opened is not None:
                with opened:
                    yield where, iter(lambda: opened.read(_PIECE), b"")
            yield from self._stored("Blobs2", "Hash", sha256, IN_BLOBS2)
        yield from self._stored("Blobs", "Key", key, IN_BLOBS)

    def _stored(self, table: str, column: str, value: object, where: str) -> Iterator[tuple[str, Iterator[bytes]]]:
        if value not in self._held[table]:
            return
        found = self._database.batches(table, ["Content"], where=f"{quoted(column)} = ?", params=(value,))
        for content in (one for batch in found for one in batch["Content"].to_pylist()):
            yield where, iter([content or b""])


def _right(digest: bytes, recorded: bytes | None) -> bool:
    return not recorded or digest == recorded
