"""What a business is, at a glance: the figures that the panels show before anything happens."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any as Whatever

from manager_nb.errors import NewerSchemaWarning
from manager_nb.model.business import FORM_DEFAULTS_TITLE, Business, open_business
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from manager_nb.model.damage import Damage
    from manager_nb.restore.preview import ImportPreview

warnings.filterwarnings("ignore", category=NewerSchemaWarning, module=__name__)  # the panels show it in words


@dataclass(frozen=True, slots=True)
class Glance:
    """A business in figures.

    Attributes:
        path: the file it was read from.
        name: the business's name.
        size: bytes of the file.
        kind: "manager", "manager.tar" or "legacy", perhaps with ".gz" or ".zst".
        schema_revision: of the file, None where it tells none.
        types: (title, number of records) of each type, in Manager's order.
        records: number of records of all types: what `types` adds up to.
        defaults: number of form defaults, which are templates for new records and no records.
        changes: rows of History.
        first: time of the oldest change, aware; None without History.
        last: time of the newest change.
        emails: number of e-mails.
        attachments: number of attachments.
        missing: names of the attachments whose bytes are not there, or are not what they were.
        damage: what is wrong with the file, and what it means for the books.
        problem_count: how many problems there are.
    """

    path: Path
    name: str
    size: int
    kind: str
    schema_revision: int | None
    types: tuple[tuple[str, int], ...]
    records: int
    defaults: int
    changes: int
    first: datetime | None
    last: datetime | None
    emails: int
    attachments: int
    missing: tuple[str, ...]
    damage: Damage
    problem_count: int


@contextlib.contextmanager
def opened(source: Path | Business, progress: Progress) -> Iterator[Business]:
    """A business for reading: one that is given open stays open, a file is opened and closed again.

    Raises:
        SourceError: it cannot be read.
        CancelledError: the person cancelled.
    """
    if isinstance(source, Business):
        yield source
    else:
        with open_business(source, progress=progress) as business:
            yield business


def take_glance(business: Business, progress: Progress = SILENT) -> Glance:
    """The figures of an open business."""
    summary = business.summary()
    counts = tuple(zip(map(str, summary["label"]), map(int, summary["count"]), strict=True))
    check(progress)
    first, last = _span(business)
    check(progress)
    attachments = business.attachments.to_arrow(["name", "state"], progress=progress).to_pylist()
    damage = business.damage(progress)
    return Glance(
        path=business.source.path,
        name=business.name,
        size=business.source.size,
        kind=business.source.kind,
        schema_revision=business.schema_revision,
        **_counted(counts),
        changes=len(business.history),
        first=first,
        last=last,
        emails=len(business.emails),
        attachments=len(attachments),
        missing=tuple(str(file["name"]) for file in attachments if file["state"] != "present"),
        damage=damage,
        problem_count=len(business.problems),
    )


def of_preview(preview: ImportPreview) -> Glance:
    """The figures that looking into a backup found."""
    lacking = (*preview.missing, *preview.altered)
    return Glance(
        path=preview.file,
        name=preview.name,
        size=preview.size,
        kind=preview.kind,
        schema_revision=preview.schema_revision,
        **_counted(preview.types),
        changes=preview.changes,
        first=preview.first,
        last=preview.last,
        emails=preview.emails,
        attachments=preview.attachments,
        missing=tuple(one.name for one in lacking),
        damage=preview.damage,
        problem_count=len(preview.problems),
    )


def _counted(counts: Sequence[tuple[str, int]]) -> Whatever:
    """Types, records and form defaults: a last row of the summary counts the latter."""
    types = tuple((title, count) for title, count in counts if title != FORM_DEFAULTS_TITLE)
    records = sum(count for _, count in types)
    return {"types": types, "records": records, "defaults": sum(count for _, count in counts) - records}


def _span(business: Business) -> tuple[datetime | None, datetime | None]:
    count = len(business.history)
    if not count:
        return None, None
    newest = business.history.page(0, 1, ["time"])["time"][0].as_py()
    oldest = business.history.page(count - 1, 1, ["time"])["time"][0].as_py()
    return oldest, newest
