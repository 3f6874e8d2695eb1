"""What a file is and holds, as far as that can be known without opening it: its name, its first bytes, its manifest."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from manager_nb.backup.manifest import SUFFIX, read_manifest
from manager_nb.format.legacy import MAGIC
from manager_nb.i18n import mark
from manager_nb.model.business import FORM_DEFAULTS

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path

    from manager_nb.widgets.panel import Panel

#: Windows: the content is elsewhere (OneDrive), and reading would fetch all of it.
_ELSEWHERE = getattr(stat, "FILE_ATTRIBUTE_OFFLINE", 0x1000) | 0x40000 | 0x400000

LEFT_OUT = {
    "attachments": mark("without attachments"),
    "emails": mark("without e-mails"),
    "history": mark("without History"),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What the manifest beside a backup says of it.

    Attributes:
        business: the name of the business.
        made: when the backup was made.
        records: how many records it holds.
        left_out: which of attachments, emails and history were left out.
    """

    business: str
    made: datetime
    records: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file that was not opened.

    Attributes:
        attachments: whether it is an archive, which has room for attachments.
        packed: whether it is compressed.
        old: whether it is in the format from before SQLite.
        paper: what the manifest beside it says; None where there is none, or one of another file.
    """

    attachments: bool
    packed: bool
    old: bool
    paper: Paper | None


def facts_of(path: Path, state: os.stat_result, beside: Iterable[str]) -> FileFacts:
    """Look at a file from outside.

    Args:
        path: of the file.
        state: what the folder's listing said of it.
        beside: the names in its folder.
    """
    name = path.name.lower()
    packed = name.endswith((".gz", ".zst"))
    archive = name.removesuffix(".gz").removesuffix(".zst").endswith(".tar")
    paper = _paper(path, state.st_size) if path.name + SUFFIX in beside else None
    old = not packed and not archive and not getattr(state, "st_file_attributes", 0) & _ELSEWHERE and _is_old(path)
    return FileFacts(archive, packed, old, paper)


def kind_in_words(panel: Panel, facts: FileFacts) -> str:
    """What the file is: a business, a backup, compressed, in the older format."""
    if facts.old:
        return panel.text("Business in the older format, from before 2016")
    if facts.attachments:
        kind = panel.text("Backup with attachments")
        if facts.paper is not None and "attachments" in facts.paper.left_out:
            kind = panel.text("Backup")
    else:
        kind = panel.text("Business") if facts.paper is None else panel.text("Backup")
    return panel.text("{kind}, compressed", kind=kind) if facts.packed else kind


def content_in_words(panel: Panel, paper: Paper) -> str:
    """What its manifest says, in one sentence."""
    told = panel.plural(
        "{business}: {count} record, made on {time}",
        "{business}: {count} records, made on {time}",
        paper.records,
        business=paper.business,
        time=panel.moment(paper.made),
    )
    return ", ".join([told, *(panel.text(LEFT_OUT[part]) for part in paper.left_out)])


def _paper(path: Path, size: int) -> Paper | None:
    manifest = read_manifest(path)
    if manifest is None or manifest["file"]["size"] != size:
        return None
    try:
        made = datetime.fromisoformat(manifest["created"])
    except ValueError:
        return None
    left_out = tuple(part for part in LEFT_OUT if not manifest["choices"][part]["included"])
    records = sum(count for name, count in manifest["types"].items() if name != FORM_DEFAULTS)
    return Paper(manifest["business"]["name"], made, records, left_out) if made.tzinfo is not None else None


def _is_old(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False  # opening it will say what is wrong
