"""Downloads as the program sends them: the raw bytes of a file that people may be writing (protocol, §3, §4, §7)."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tarfile
import threading
import time
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from manager_nb.format.messages import decode
from manager_nb.format.schema import SCHEMA
from tests.server.names import BUSINESS, query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.handler import Handler

PIECE = 16 << 10
_BLOCK = 512


class Slots:
    """One backup of a business at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.taken: dict[str, Handler] = {}

    @contextlib.contextmanager
    def of(self, name: str, handler: Handler) -> Iterator[bool]:
        with self._lock:
            free = name not in self.taken
            if free:
                self.taken[name] = handler
        try:
            yield free
        finally:
            if free:
                del self.taken[name]


def download(handler: Handler, name: str, user: str) -> None:
    """Answer ``POST /backup``."""
    server, form = handler.manager, {key.lower() for key in handler.form()}
    packed = "attachments" in form
    if not server.users.by_name[user].may_back_up(name):
        handler.answer(403)
        return
    if not server.store.exists(name):
        if not packed:
            handler.fail("NullReferenceException")
            return
        handler.begin(200, {"Content-Type": "application/x-tar", "Transfer-Encoding": "chunked"})
        handler.chunk(bytes(2560))
        handler.hang_up()
        return
    headers = {
        "Content-Type": "application/x-tar" if packed else "application/x-manager",
        "Content-Disposition": f"attachment; filename*=UTF-8''{_file_name(name, form)}",
    }
    with server.slots.of(name, handler) as free:
        if not free:
            busy = f"/backup?{query({BUSINESS: name})}"
            handler.answer(302, b"", {**headers, "Location": busy})
        elif packed:
            handler.begin(200, {**headers, "Transfer-Encoding": "chunked"})
            _send_tar(handler, name)
        else:
            _send_file(handler, name, headers)


def cancel(handler: Handler, name: str) -> None:
    """Answer ``POST /backup-cancel``: the running download is torn off."""
    running = handler.manager.slots.taken.get(name)
    if running is not None:
        running.hang_up()
    handler.answer(302, b"", {"Location": f"/backup-cancel?{query({BUSINESS: name})}"})


def _file_name(name: str, form: set[str]) -> str:
    date = f" ({time.strftime('%Y-%m-%d')})" if "timestamp" in form else ""
    return quote(f"{name}{date}.manager{'.tar' if 'attachments' in form else ''}", safe="")


def _pieces(handler: Handler, path: Path, size: int) -> Iterator[bytes]:
    """So many bytes of a file as they are when they are read; whoever waits at a piece may write meanwhile."""
    with path.open("rb", buffering=0) as file:
        sent = 0
        while sent < size and (piece := file.read(min(PIECE, size - sent))):
            yield piece
            sent += len(piece)
            handler.manager.at_piece(path.name.removesuffix(".manager"), sent)


def _send_file(handler: Handler, name: str, headers: dict[str, str]) -> None:
    path = handler.manager.store.path(name)
    size = path.stat().st_size
    if "gzip" in handler.headers.get("Accept-Encoding", ""):
        handler.begin(200, {**headers, "Content-Encoding": "gzip", "Transfer-Encoding": "chunked"})
        packer = zlib.compressobj(wbits=31)
        for piece in _pieces(handler, path, 1 << 60):
            handler.chunk(packer.compress(piece))
        handler.chunk(packer.flush())
        handler.end_chunks()
        return
    handler.begin(200, {**headers, "Content-Length": str(size)})
    held = b""
    for piece in _pieces(handler, path, size):
        handler.send(held)
        held = piece
    if path.stat().st_size > size:
        handler.hang_up()  # it has grown: the last piece is dropped
        return
    handler.send(held)


def _send_tar(handler: Handler, name: str) -> None:
    store, path = handler.manager.store, handler.manager.store.path(name)
    size = path.stat().st_size
    handler.chunk(headers_of(f"{name}.manager", size))
    for piece in _pieces(handler, path, size):
        handler.chunk(piece)
    handler.chunk(_padding(size))
    for sha256 in hashes(path):
        blob = store.blob(sha256)
        if blob.exists():  # one that is missing is left out without a word
            content = blob.read_bytes()
            handler.chunk(headers_of(f"Blobs/{sha256[:2]}/{sha256}", len(content)) + content + _padding(len(content)))
    handler.chunk(bytes(2 * _BLOCK))
    handler.end_chunks()


def hashes(path: Path) -> list[str]:
    """The distinct hashes of a business's attachments, in the order of their records."""
    kind = SCHEMA.named("Attachment")
    assert kind is not None
    sql = 'SELECT CAST("Content" AS BLOB) FROM "Objects" WHERE "ContentType" = ? ORDER BY "Key"'
    with contextlib.closing(sqlite3.connect(path)) as connection:
        contents = [content for (content,) in connection.execute(sql, (kind.guid,))]
    found = [decode(kind, content).values.get("Sha256") for content in contents]
    return list(dict.fromkeys(sha256.hex() for sha256 in found if sha256))


def headers_of(name: str, size: int) -> bytes:
    records = b"".join(_record(key, value) for key, value in (("path", name), ("mtime", f"{time.time():.7f}")))
    extended = tarfile.TarInfo(f"./PaxHeaders.{os.getpid()}/.")
    extended.type, extended.size = tarfile.XHDTYPE, len(records)
    entry = tarfile.TarInfo(name.encode()[:99].decode("utf-8", "ignore"))
    entry.size, entry.mtime = size, int(time.time())
    head = extended.tobuf(tarfile.USTAR_FORMAT) + records + _padding(len(records))
    return head + entry.tobuf(tarfile.USTAR_FORMAT)


def _record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode()
    size = len(body) + 1
    while len(str(size)) + len(body) != size:
        size = len(str(size)) + len(body)
    return str(size).encode() + body


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
