"""Apply a restore plan: a new file, in whose History the restore is one more action, proven equal to the prediction."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from manager_nb.backup.choices import Choices
from manager_nb.backup.create import require_current, write_copy
from manager_nb.backup.inventory import take_inventory
from manager_nb.backup.names import backup_name
from manager_nb.backup.store import RESTORE_SUFFIX
from manager_nb.backup.target import Target, require_fit, require_free
from manager_nb.errors import BusinessNameError, ConflictError, SelectionError, TargetError, VerificationError
from manager_nb.format.blobs import NoBlobs
from manager_nb.format.containers import OpenSource
from manager_nb.format.database import Database
from manager_nb.format.digests import digest_tables, digest_without
from manager_nb.format.private import PrivateFolder
from manager_nb.format.sources import writing_privately
from manager_nb.model.contents import PRESENT
from manager_nb.model.held import held, same
from manager_nb.progress import SILENT, Progress, check
from manager_nb.restore.journal import journal
from manager_nb.restore.rows import Commit, take_in, write_rows
from manager_nb.timeline.business import Business, open_business

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.model import business as model
    from manager_nb.restore.plan import RestorePlan

_KIND = re.compile(r"\.(manager(?:\.tar)?(?:\.zst)?)$", re.IGNORECASE)


def apply_restore(
    plan: RestorePlan, target: Path | str, *, user: str, reason: str, progress: Progress | None = None
) -> Business:
    """Write what a plan says into a new file, and prove it.

    The business's file is only read. The new one has everything that it has, byte for byte, save the records of the
    plan; History goes on in it with one action: `user`, now. Beside it come its manifest and a journal,
    ``<file>.restore.json``: who, why, the plan, the digests of both files. Attachments that lie outside the database go
    into the file: a ``.manager.tar`` has them as Manager packs them, a ``.manager`` in its table ``Blobs2``.

    Args:
        plan: made by :func:`~manager_nb.restore.plan.plan_restore`; its business must still be open.
        target: the file to write, ``NAME.manager`` or ``NAME.manager.tar`` (``.zst`` appended compresses it); outside
            Manager's data folder, where Import Business puts it.
        user: who restores, as History will show it.
        reason: why.
        progress: told of every step; its cancel is heeded and leaves nothing.

    Returns:
        The new business, opened from its file.

    Raises:
        ConflictError: the plan has conflicts that nobody has decided.
        SelectionError: there is nothing to do, or no user or no reason is given.
        SourceChangedError: the business's file has changed since the plan was made.
        TargetError: the file cannot be written there, or is there already.
        VerificationError: what was written is not what the plan predicts; it was removed.
        CancelledError: the user cancelled.
    """
    progress = progress or SILENT
    require_decided(plan, user, reason)
    where = _target(Path(target).expanduser().absolute())
    require_fit(where.folder)
    require_free(where, [RESTORE_SUFFIX])
    require_current(plan.current, progress)
    commit = Commit.now(user, plan.current.trail.last)
    created = dt.datetime.now().astimezone()
    with _restored(plan, commit, where, progress) as (business, changes):
        inventory = take_inventory(business, progress)
        write_copy(
            business,
            inventory,
            Choices(),
            where,
            created,
            papers={RESTORE_SUFFIX: functools.partial(journal, plan, commit, reason, created)},
            also_prove=functools.partial(_prove, plan, changes, progress),
            progress=progress,
        )
    return open_business(where.path)


def require_decided(plan: RestorePlan, user: str, reason: str) -> None:
    """Refuse a plan that nobody has decided, that does nothing, or that nobody stands for.

    Raises:
        ConflictError: it has conflicts that nobody has decided.
        SelectionError: there is nothing to do, or no user or no reason is given.
    """
    if plan.undecided:
        raise ConflictError(
            "The plan has conflicts that nobody has decided, the first at {label}: {why}",
            hint="Look at the plan's conflicts. Choose other records, or plan again in the mode {free} or {force}.",
            path=plan.current.source.path,
            label=plan.undecided[0].shown.label,
            why=next(one.what.told() for one in plan.undecided[0].troubles if one.stops),
            free='"only non-conflicting"',
            force='"force"',
        )
    if not plan.effective:
        raise SelectionError(
            "There is nothing to restore: what was selected is as it was.",
            hint="Choose other records, or another moment.",
            path=plan.current.source.path,
        )
    if not _is_written(user) or not _is_written(reason):
        raise SelectionError(
            "A restore needs the name of who does it and a reason.",
            hint="Both go into the journal beside the file, and the name into its History.",
        )


def _is_written(words: object) -> bool:
    """Whether it is a text that says something and that a file can hold."""
    try:
        return isinstance(words, str) and bool(words.strip()) and bool(words.encode("utf-8"))
    except UnicodeEncodeError:
        return False


def _target(path: Path) -> Target:
    found = _KIND.search(path.name)
    if found is None:
        raise TargetError(
            "{name} is no name for a business.",
            hint="Let it end in .manager.tar (with attachments) or .manager.",
            path=path,
            name=path.name,
        )
    stem = path.name[: found.start()]
    name = backup_name(stem)
    if name.text != stem:
        raise BusinessNameError(
            "Manager could not use the name {name}.", hint="A name that works: {other}.", path=path, name=stem,
            other=name.text,
        )  # fmt: skip
    return Target(path.parent, name, found[1].lower())


@contextlib.contextmanager
def _restored(
    plan: RestorePlan, commit: Commit, target: Target, progress: Progress
) -> Iterator[tuple[Business, list[str]]]:
    """A private copy of the business in which the plan is done, and the keys of the new changes."""
    source = plan.current.open_source
    outside = [one.sha256 for one in take_inventory(plan.current, progress).outside if one.sha256]
    private = PrivateFolder()
    with contextlib.closing(private), writing_privately(private.path):
        database = private.path / "restored.manager"
        shutil.copyfile(source.database, database)
        check(progress)
        changes = write_rows(database, plan.effective, commit)
        blobs = source.blobs
        if outside and not target.is_tar:
            take_in(database, blobs, outside)
            blobs = NoBlobs()
        opened = OpenSource(
            source.source, source.name, database, blobs, list(source.problems), live=source.live, private=private
        )
        yield Business(opened), changes


def _prove(plan: RestorePlan, changes: list[str], progress: Progress, copy: model.Business) -> None:
    """Hold the new file, opened anew, against the prediction and against the business that it came from."""
    found = held(copy.objects())
    for key in plan.after.keys() | found.keys():
        if not same(plan.after.get(key), found.get(key)):
            raise _differs(key, copy)
    touched = [one.key for step in plan.effective for one in (step.before, step.after) if one is not None]
    without = {"Changes": changes, "Objects": list(dict.fromkeys(touched))}
    old, new = plan.current.open_source.database, copy.open_source.database
    for table in digest_tables(old, passed_over=["Blobs2"], progress=progress):
        columns, keys = Database(old).columns(table), without.get(table, [])
        if digest_without(old, table, columns, keys) != digest_without(new, table, columns, keys):
            raise _differs(table, copy)
    if len(copy.history) != len(plan.current.history) + len(changes):
        raise _differs("Changes", copy)
    for lost in sorted((_present(plan.current) & plan.after.keys()) - _present(copy)):
        raise _differs(lost, copy)


def _present(business: model.Business) -> set[str]:
    """The attachments whose content is there, unaltered."""
    rows = business.attachments.to_arrow(["attachment", "state"]).to_pylist()
    return {row["attachment"].lower() for row in rows if row["state"] == PRESENT}


def _differs(what: str, copy: model.Business) -> VerificationError:
    return VerificationError(
        "What was written is not what the plan predicts, first in {what}. It was removed.",
        hint="Try again. If it stays, send the journal's plan to whoever looks after this program.",
        path=copy.source.path,
        what=what,
    )
