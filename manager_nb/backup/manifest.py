"""The paper that comes with a backup: what is in it, what was left out, and digests to prove it later.

It lies beside the backup as ``<file>.manifest.json``, UTF-8, its keys always in the same order. It names no folder and
no person: a backup may be handed on with it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.backup.choices import MEANINGS
from manager_nb.backup.inventory import OUTSIDE, Attachment, HistoryHead, Inventory, wanting
from manager_nb.errors import NotABusinessError
from manager_nb.i18n import mark
from manager_nb.model.contents import PRESENT
from manager_nb.progress import SILENT, Progress
from manager_nb.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.backup.choices import Choices
    from manager_nb.backup.names import FileName
    from manager_nb.model.business import Business

Manifest = dict[str, Any]

FORMAT = "manager_nb backup"
VERSION = 1
SUFFIX = ".manifest.json"

_SOME = 100
_LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written.

    Attributes:
        name: its name, without a folder.
        kind: "manager" or "manager.tar", perhaps followed by ".zst".
        size: bytes.
        sha256: of all its bytes, in hex.
        database: size and SHA-256 of the ``.manager`` in it, however packed; an import places these very bytes.
    """

    name: str
    kind: str
    size: int
    sha256: str
    database: tuple[int, str]


def beside(backup: Path) -> Path:
    """Where the manifest of a backup lies."""
    return backup.with_name(backup.name + SUFFIX)


def require_no_manifest(path: Path) -> None:
    """Refuse a manifest that was named in place of its backup, and name the backup.

    Raises:
        NotABusinessError: it is one.
    """
    if not path.name.endswith(SUFFIX) or not path.is_file():
        return
    backup = path.with_name(path.name.removesuffix(SUFFIX))
    hint = (
        mark("Choose {backup}, which lies beside it.")
        if backup.is_file()
        else mark("Its backup, {backup}, is not beside it: look for it, and keep the two together.")
    )
    raise NotABusinessError(
        "{name} is the manifest of a backup, not the backup.",
        hint=hint,
        path=path,
        name=path.name,
        backup=backup.name,
    )


def describe(
    business: Business,
    inventory: Inventory,
    choices: Choices,
    written: Written,
    name: FileName,
    created: dt.datetime,
    progress: Progress = SILENT,
) -> Manifest:
    """Write up a backup.

    Args:
        business: what was backed up.
        inventory: what it held.
        choices: what of it went into the backup.
        written: the backup.
        name: the name that it got.
        created: when, with a time zone.
        progress: told while the business is looked through for problems; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    source = business.source
    problems = business.check(progress).to_arrow(["where", "key", "part", "what"]).to_pylist()
    return {
        "format": FORMAT,
        "version": VERSION,
        "tool": f"manager_nb {__version__}",
        "created": created.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "business": {
            "name": business.name,
            "schema_revision": business.schema_revision,
            "name_in_backup": name.text,
            "signs_replaced": name.replaced,
            "shortened": name.shortened,
        },
        "source": {"name": source.path.name, "kind": source.kind, "size": source.size, "sha256": source.sha256},
        "file": {
            "name": written.name,
            "kind": written.kind,
            "size": written.size,
            "sha256": written.sha256,
            "database": {"size": written.database[0], "sha256": written.database[1]},
        },
        "choices": choices.told(),
        "tables": _tables(inventory, choices),
        "types": inventory.types,
        "attachments": _attachments(inventory, choices),
        "history": _history(inventory.history),
        "problems": {"count": len(problems), "listed": problems[:_SOME]},
    }


def encoded(manifest: Manifest) -> bytes:
    """The manifest as the bytes of its file."""
    return (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def read_manifest(backup: Path) -> Manifest | None:
    """The manifest beside a backup; None where there is none, or none that this version can read.

    It is as trustworthy as the folder it lies in: whoever can change the backup can change it too.
    """
    with contextlib.suppress(OSError, ValueError, RecursionError):
        path = beside(backup)
        if path.stat().st_size <= _LARGEST:
            found = json.loads(path.read_bytes())
            if _fits(found, _SHAPE) and found["format"] == FORMAT and found["version"] == VERSION:
                return Manifest(found)
    return None


def _fits(value: object, shape: object) -> bool:
    """Whether a value has the shape; a shape is a type, a dict of what has to be there, or a list of one element's."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return False
        if _EACH in shape:
            return all(_fits(inner, shape[_EACH]) for inner in value.values())
        return all(_fits(value.get(key), inner) for key, inner in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(inner, shape[0]) for inner in value)
    return isinstance(value, shape)  # type: ignore[arg-type]


_EACH = "*"
_WANTING = {"attachment": str, "name": str}
_SHAPE = {
    "format": str,
    "version": int,
    "tool": str,
    "created": str,
    "business": {"name": str},
    "file": {"name": str, "size": int, "sha256": str, "database": {"size": int, "sha256": str}},
    "choices": {choice: {"included": bool} for choice in MEANINGS},
    "tables": {_EACH: {"rows": int}},
    "types": {_EACH: int},
    "attachments": {"listed": int, "missing": [_WANTING], "altered": [_WANTING]},
    "history": {"rows": int, "columns": [str], "sha256": str},
    "problems": {"count": int, "listed": [{"what": str}]},
}
"""What of a manifest is relied on."""


def history_head(manifest: Manifest) -> HistoryHead:
    """The head of the History that a manifest tells of."""
    told = manifest["history"]
    newest = told.get("newest") or {}
    return HistoryHead(
        told["rows"],
        tuple(told["columns"]),
        told["sha256"],
        newest.get("change"),
        newest.get("ticks"),
        newest.get("commit"),
    )


def _tables(inventory: Inventory, choices: Choices) -> dict[str, dict[str, object]]:
    """Rows and digest of every table in the backup; a table that was emptied says what it had."""
    told: dict[str, dict[str, object]] = {}
    for table, digest in inventory.tables.items():
        if table in choices.emptied:
            told[table] = {"rows": 0, "left_out": digest.rows}
        else:
            told[table] = {"rows": digest.rows, "sha256": digest.sha256}
    return told


def _attachments(inventory: Inventory, choices: Choices) -> dict[str, object]:
    """How many contents are in the backup, and which ones the business itself does not have as they were attached."""
    missing, altered = wanting(inventory.attachments)
    contents = {one.sha256 or one.key: one for one in inventory.attachments if one.state == PRESENT}
    included = list(contents.values()) if choices.attachments else []
    return {
        "listed": len(inventory.attachments),
        "contents": len(included),
        "bytes": sum(one.size for one in included),
        "outside_the_database": sum(one.where in OUTSIDE for one in included),
        "missing": [_named(attachment) for attachment in missing],
        "altered": [_named(attachment) for attachment in altered],
    }


def _named(attachment: Attachment) -> dict[str, object]:
    return {"attachment": attachment.key, "name": attachment.name, "sha256": attachment.sha256}


def _history(head: HistoryHead) -> dict[str, object]:
    """The head of the business's History, told also where the backup itself has none."""
    told = asdict(head)
    newest = {name: told.pop(name) for name in ("change", "ticks", "commit")}
    newest["time"] = head.time.isoformat() if head.time is not None else None
    told["columns"] = list(head.columns)
    return {**told, "newest": newest if head.change is not None else None}
