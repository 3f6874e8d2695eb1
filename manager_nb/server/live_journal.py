"""The journal of a restore into a server: who, why, what became of each record, and the two backups around it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from manager_nb.backup.create import paper_of
from manager_nb.restore.journal import encoded, file_of, in_utc, plan_of
from manager_nb.version import __version__

if TYPE_CHECKING:
    from manager_nb.backup.create import Backup
    from manager_nb.errors import ManagerNbError
    from manager_nb.restore.plan import RestorePlan
    from manager_nb.server.live_result import LiveRestore
    from manager_nb.server.session import Session

FORMAT = "manager_nb restore into a server"
VERSION = 1


def write_journal(done: LiveRestore, plan: RestorePlan, reason: str, session: Session, begun: dt.datetime) -> None:
    """Write it beside the backup from before.

    Raises:
        TargetError: it cannot be written there.
    """
    told = {
        "format": FORMAT,
        "version": VERSION,
        "tool": f"manager_nb {__version__}",
        "begun": in_utc(begun),
        "ended": in_utc(dt.datetime.now(dt.UTC)),
        "server": session.connection.address.url,
        "business": done.business,
        "user": session.user,
        "reason": reason,
        "source": file_of(plan.current),
        "before": _backup(done.before),
        "after": _backup(done.after),
        "records": done.records.to_arrow().to_pylist(),
        "stopped": _error(done.error),
        "not_proven": _error(done.unproven),
        "proof": done.proof.checks.to_arrow().to_pylist() if done.proof is not None else None,
        "since_the_plan": done.since.to_arrow().to_pylist(),
        "others_meanwhile": done.others.to_arrow().to_pylist(),
        **plan_of(plan),
    }
    assert done.journal is not None  # noqa: S101 - this writes it
    with paper_of(done.journal, encoded(told)) as paper:
        paper.place(done.journal)


def _backup(backup: Backup | None) -> dict[str, Any] | None:
    return None if backup is None else dict(backup.manifest["file"])


def _error(error: ManagerNbError | None) -> dict[str, str] | None:
    if error is None:
        return None
    return {"error": type(error).__name__, "message": error.message, "hint": error.hint}
