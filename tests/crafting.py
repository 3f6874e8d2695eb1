"""Businesses and archives made for one test, from the real ones."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tarfile
from io import BytesIO
from typing import TYPE_CHECKING

from manager_nb.format.encoding import encode
from manager_nb.format.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ATTACHMENT = SCHEMA.named("Attachment")


def altered(source: Path, target: Path, *statements: str) -> Path:
    """A copy of a business file after some SQL."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    execute(target, *statements)
    return target


def execute(business: Path, *statements: str) -> None:
    """Run SQL on a business file, as another program would."""
    connection = sqlite3.connect(business)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def attach(business: Path, key: str, name: str, content: bytes) -> str:
    """Add an attachment's record, and give the hash that its content is looked for by."""
    assert ATTACHMENT is not None
    digest = hashlib.sha256(content)
    record = encode(ATTACHMENT, {"Name": name, "Size": len(content), "Sha256": digest.digest()})
    connection = sqlite3.connect(business)
    connection.execute('INSERT INTO "Objects" VALUES (?, ?, ?, ?)', (key, ATTACHMENT.guid, record, 0))
    connection.commit()
    connection.close()
    return digest.hexdigest()


def place(sha256: str) -> str:
    """Where Manager keeps a content in its archive."""
    return f"Blobs/{sha256[:2]}/{sha256}"


def archive(target: Path, entries: Iterable[tuple[str | tarfile.TarInfo, bytes]]) -> Path:
    """A tar of these entries; a TarInfo makes a link, a folder or whatever it says."""
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for entry, content in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            info.size = len(content)
            tar.addfile(info, BytesIO(content))
    return target


def link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """An entry that is a link."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def contents(tar: Path) -> dict[str, bytes]:
    """The files in a tar, by name, in its order."""
    with tarfile.open(tar) as opened:
        return {member.name: opened.extractfile(member).read() for member in opened.getmembers()}  # type: ignore[union-attr]


def below(folder: Path) -> list[str]:
    """The files below a folder, as paths from it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
