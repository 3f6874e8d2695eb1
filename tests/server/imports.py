"""Uploads and Import Business: the same answer whatever came of it, and nothing looked at (protocol, §5)."""

from __future__ import annotations

import email
import email.policy
import json
import secrets
import tarfile
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tests.server.names import query
from tests.server.store import RESERVED

if TYPE_CHECKING:
    from tests.server.handler import Handler
    from tests.server.serving import ManagerServer

LARGEST_BODY = 30_000_000
_LARGEST_FILE, _CHUNKS = 10_737_418_240, range(262_144, 10_485_761)


class Upload:
    """A file on its way, in pieces."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.chunks: dict[int, bytes] = {}
        self.complete = False


def upload(handler: Handler, step: str, asked: dict[str, str]) -> None:
    """Answer ``POST /upload/…``."""
    body = handler.body()
    if step == "start":
        _start(handler, asked)
        return
    name = asked.get("uploadId", "")
    found = handler.manager.uploads.get(name)
    if found is None:
        handler.json(404 if name else 400, {"error": "Upload session not found"})
    elif step == "chunk":
        _take_chunk(handler, found, asked, body)
    elif step == "complete":
        lacking = [number for number in range(found.total) if number not in found.chunks]
        if lacking or found.complete:
            handler.json(400, {"error": f"Missing chunk {lacking[0] if lacking else 0}"})
            return
        found.complete = True
        handler.json(200, {"uploadId": name})
    else:
        del handler.manager.uploads[name]
        handler.json(200, {"aborted": True})


def _start(handler: Handler, asked: dict[str, str]) -> None:
    size, chunk = (int(asked.get(key, "0") or 0) for key in ("fileSize", "chunkSize"))
    chunk = chunk or 1 << 20
    total = -(-size // chunk)
    if not 0 < size <= _LARGEST_FILE or chunk not in _CHUNKS or total > 10_000:
        handler.json(400, {"error": "Invalid size"})
        return
    name = secrets.token_hex(16)
    handler.manager.uploads[name] = Upload(total)
    handler.json(200, {"uploadId": name, "chunkSize": chunk, "totalChunks": total})


def _take_chunk(handler: Handler, found: Upload, asked: dict[str, str], body: bytes) -> None:
    number = int(asked.get("chunkIndex", "-1"))
    if len(body) > LARGEST_BODY:
        handler.fail("BadHttpRequestException")
    elif not 0 <= number < found.total:
        handler.json(400, {"error": "Invalid chunk index"})
    else:
        found.chunks[number] = body
        handler.json(200, {"chunkIndex": number, "received": True})


def import_business(handler: Handler, user: str) -> None:
    """Answer ``POST /import-business``: 302 to Businesses, whether or not anything was imported."""
    manager, body = handler.manager, handler.body()
    if len(body) > LARGEST_BODY:
        handler.fail("BadHttpRequestException")
    elif not manager.users.by_name[user].administrator:
        handler.fail("Exception", "Restricted")
    elif handler.headers.get_content_type() == "multipart/form-data":
        _simple(handler, body)
    else:
        _resumable(handler)


def _simple(handler: Handler, body: bytes) -> None:
    head = f"Content-Type: {handler.headers['Content-Type']}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts()
    files = [(part.get_filename(), part.get_payload(decode=True)) for part in parts if part.get_filename()]
    if not files:
        error = query({1: "Please upload valid file"})
        handler.answer(302, b"", {"Location": f"/import-business?{error}"})
        return
    name, content = files[0]
    _finish(handler, str(name), bytes(content))  # type: ignore[arg-type]


def _resumable(handler: Handler) -> None:
    form = handler.form()
    name, file = form.get("UploadId", ""), form.get("FileName", "")
    found = handler.manager.uploads.get(name)
    suitable = PurePosixPath(file).suffix.lower() in (".manager", ".bak", ".tar")
    if found is None or not found.complete or not suitable:
        handler.answer(302, b"", {"Location": "/businesses"})
        return
    _finish(handler, file, b"".join(found.chunks[number] for number in range(found.total)))
    handler.manager.uploads.pop(name, None)


def _finish(handler: Handler, file: str, content: bytes) -> None:
    manager = handler.manager
    if manager.loses_imports:
        handler.answer(302, b"", {"Location": "/businesses"})
        return
    try:
        with manager.store.lock:
            if file.lower().endswith(".tar"):
                _take_tar(manager, content)
            else:
                _place(manager, file, content)
    except tarfile.TarError:
        handler.fail("InvalidDataException")
        return
    except OSError:
        handler.fail("PathTooLongException")
        return
    handler.answer(302, b"", {"Location": "/businesses"})


def _take_tar(manager: ManagerServer, content: bytes) -> None:
    with tarfile.open(fileobj=BytesIO(content), mode="r:") as tar:
        for member in tar:
            data = tar.extractfile(member) if member.isreg() else None
            if data is None:
                continue
            if member.name.lower().endswith(".manager"):
                _place(manager, member.name, data.read())
            elif member.name.lower().startswith("blobs/"):
                manager.store.keep_blob(data.read())


def _place(manager: ManagerServer, file: str, content: bytes) -> None:
    """Give it the first name that is free; it is not listed before somebody looks at Businesses."""
    stem = file.rpartition("/")[2].rpartition(".")[0]
    if stem == RESERVED:
        return
    name, number = stem, 2
    while manager.store.path(name).exists():
        name, number = f"{stem}({number})", number + 1
    manager.store.path(name).write_bytes(content)
    manager.at_import(name)


def listing(handler: Handler, user: str) -> None:
    """Answer ``GET /api4/businesses``: the names that were there when somebody last looked at Businesses."""
    who = handler.manager.users.by_name[user]
    listed = [name for name in handler.manager.store.listed if who.may_see(name)]
    tabs = [{"name": name, "_links": {"tabs": {"href": f"/api4/tabs?q={query({100: name})}"}}} for name in listed]
    links = {"self": {"href": "/api4/businesses"}, "describedBy": {"href": "/openapi/get-businesses.json"}}
    handler.answer(200, json.dumps({"_links": links, "businesses": tabs}).encode(), {"Content-Type": handler.JSON})
