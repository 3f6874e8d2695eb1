"""The health of a business at a glance: what is whole, how far History tells, the last change, the last backup."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.audit.fields import ACTIONS
from manager_nb.backup.known import KnownBackup, last_backup
from manager_nb.timeline.coverage import Coverage, coverage_of
from manager_nb.widgets import view
from manager_nb.widgets.damage import parts_lacking
from manager_nb.widgets.file_facts import LEFT_OUT
from manager_nb.widgets.folders import backup_folder
from manager_nb.widgets.naming import record_name
from manager_nb.widgets.preferences import preferences

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from manager_nb.model.business import Business
    from manager_nb.progress import Progress
    from manager_nb.widgets.glance import Glance
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_Line = tuple[bool | None, str, str]


@dataclass(frozen=True, slots=True)
class LastChange:
    """The newest change of History.

    Attributes:
        time: when; None where the row does not say.
        user: who; None for the program itself.
        action: "create", "update" or "delete".
        label: of the record.
        type: of the record.
    """

    time: datetime | None
    user: str | None
    action: str
    label: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a business besides its figures.

    Attributes:
        coverage: how many records have their creation in History.
        last: the newest change, None without History.
        backup: the last backup that was found, None where there is none.
    """

    coverage: Coverage
    last: LastChange | None
    backup: KnownBackup | None


def take_health(business: Business, progress: Progress) -> Health:
    """Look at an open business.

    Raises:
        CancelledError: the person cancelled.
    """
    progress.start("Looking at History")
    coverage = coverage_of(business, progress)
    columns = ["time", "user", "action", "label", "type"]
    rows = business.history.page(0, 1, columns).to_pylist() if len(business.history) else []
    last = LastChange(**rows[0]) if rows else None
    progress.start("Looking for backups")
    return Health(coverage, last, last_backup(business, _where(business), progress))


def health_section(panel: Panel, glance: Glance, health: Health) -> Node:
    """Line by line, with what to do where something is not as it should be."""
    return view.section(
        panel.text("Health"),
        view.proof(
            [_readable(panel, glance), *_attachments(panel, glance), *_history(panel, glance, health),
             *_last(panel, health), _backup(panel, health)],
            passed=panel.text("Good"),
            failed=panel.text("Attention"),
            nothing=panel.text("To know"),
        ),
        key="health",
    )  # fmt: skip


def _where(business: Business) -> Iterable[Path]:
    """Where a backup may be: beside the file, where backups were made or opened, the usual folder."""
    kept = preferences()
    remembered = [*(Path(name).parent for name in kept.files), *map(Path, kept.folders)]
    return [business.source.path.parent, *remembered, backup_folder()]


def _readable(panel: Panel, glance: Glance) -> _Line:
    damage = glance.damage
    if not damage.details:
        return True, panel.text("Everything in the file could be read."), ""
    again = panel.text("Copy the business again while nobody works in it, and open that copy.")
    if damage.torn and damage.lossless:
        return False, panel.text("Probably a copy that was made while somebody was saving. No row is lost."), again
    if damage.lossless:
        return None, panel.text("Everything in the file could be read; something was mended here."), ""
    words = panel.text("Parts of this file could not be read: {parts}.", parts=parts_lacking(panel, damage))
    todo = panel.text(
        "Look for an earlier backup, or make a new one in Manager, and open that. Do not throw this file away: what"
        " could be read is here."
    )
    return False, words, f"{again} {todo}" if damage.torn or damage.cut else todo


def _attachments(panel: Panel, glance: Glance) -> Iterable[_Line]:
    if glance.missing:
        words = panel.plural(
            "{count} attachment is named, but is not in this file.",
            "{count} attachments are named, but are not in this file.",
            len(glance.missing),
        )
        todo = panel.text(
            "Open the business inside Manager’s data folder, or a backup with attachments (.manager.tar): they may be"
            " there."
        )
        yield False, words, todo
    elif glance.attachments:
        yield True, panel.text("Every attachment is there."), ""


def _history(panel: Panel, glance: Glance, health: Health) -> Iterable[_Line]:
    number, covered = panel.words.number, health.coverage
    if glance.first is None or glance.last is None:
        todo = panel.text("Who changed what cannot be told from this file, and no earlier state can be brought back.")
        yield False, panel.text("This file has no History."), todo
        return
    first, last = (panel.words.date(panel.local(moment).date()) for moment in (glance.first, glance.last))
    words = panel.text(
        "History reaches from {first} to {last} and tells when {covered} of {records} records were created.",
        first=first,
        last=last,
        covered=number(covered.told),
        records=number(covered.records),
    )
    if glance.damage.lacks("Changes", "Objects"):  # the others may be those whose History is lost
        rest = panel.text("Parts of the file could not be read: what happened there is not known.")
        yield False, words, rest
        return
    rest = panel.text("The others were there before History begins, or the program made them.")
    yield True, words, rest if covered.told < covered.records else ""


def _last(panel: Panel, health: Health) -> Iterable[_Line]:
    last = health.last
    if last is None:
        return
    words = panel.text(
        "Last change: {time}, by {user}.",
        time=panel.moment(last.time) if last.time is not None else panel.text("no time"),
        user=last.user or panel.text("the program itself"),
    )
    what = record_name(panel.words, last.label, last.type)
    yield None, words, f"{panel.text(ACTIONS.get(last.action, last.action))}: {what}"


def _backup(panel: Panel, health: Health) -> _Line:
    backup = health.backup
    if backup is None:
        todo = panel.text(
            "Make one on the page Backup, below. Backups that were made elsewhere are found once they were opened here."
        )
        return False, panel.text("No backup of this business is known on this computer."), todo
    facts = {"name": backup.path.name, "time": panel.moment(backup.made)}
    lost = ", ".join(panel.text(LEFT_OUT[part]) for part in LEFT_OUT if part in backup.left_out)
    where = ", ".join(filter(None, [str(backup.path), lost]))
    if backup.itself:
        return True, panel.text("This file is itself a backup, made on {time}.", **facts), lost
    told = panel.text("Last backup: {name}, made on {time}.", **facts)
    if backup.since is None:
        unsure = panel.text("Whether anything changed since cannot be told: its last change is not in this History.")
        return None, f"{told} {unsure}", where
    if backup.since:
        changed = panel.plural(
            "This business has changed since that backup: {count} change in History.",
            "This business has changed since that backup: {count} changes in History.",
            backup.since,
        )
        return False, f"{told} {changed}", where
    return True, f"{told} {panel.text('No change in History since.')}", where
