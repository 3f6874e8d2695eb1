"""The paper that a restore leaves beside its file: who, why, what, and the digests of what it began and ended with.

It lies beside the file as ``<file>.restore.json``, UTF-8. It names no folder. Anybody can hold it against the file: the
commit in it is the one in the file's own History.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from manager_nb.timeline.business import PastBusiness
from manager_nb.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.backup.manifest import Written
    from manager_nb.restore.plan import RestorePlan
    from manager_nb.restore.rows import Commit
    from manager_nb.restore.selection import Selection
    from manager_nb.timeline.business import Business

FORMAT = "manager_nb restore"
VERSION = 1


def journal(plan: RestorePlan, commit: Commit, reason: str, created: dt.datetime, written: Written) -> bytes:
    """The journal of a restore, as it is written.

    Args:
        plan: what was done.
        commit: the action in History.
        reason: why, in the words of whoever did it.
        created: when, with a time zone.
        written: the file.
    """
    told = {
        "format": FORMAT,
        "version": VERSION,
        "tool": f"manager_nb {__version__}",
        "created": in_utc(created),
        "user": commit.user,
        "reason": reason,
        "commit": {"key": commit.key, "ticks": commit.ticks},
        "source": file_of(plan.current),
        "result": {"name": written.name, "kind": written.kind, "size": written.size, "sha256": written.sha256},
        **plan_of(plan),
    }
    return encoded(told)


def encoded(told: Mapping[str, Any]) -> bytes:
    """A journal as it is written."""
    return (json.dumps(told, ensure_ascii=False, indent=1, default=str) + "\n").encode()


def in_utc(moment: dt.datetime) -> str:
    """A moment as a journal tells it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plan_of(plan: RestorePlan) -> dict[str, Any]:
    """What a journal tells of a plan."""
    return {
        "past": _past(plan),
        "mode": plan.mode,
        "selection": _selection(plan.selection),
        "actions": plan.actions.to_arrow().to_pylist(),
        "conflicts": plan.conflicts.to_arrow().to_pylist(),
        "control_totals": plan.totals.to_arrow().to_pylist(),
    }


def file_of(business: Business) -> dict[str, Any]:
    """What a journal tells of a file."""
    source = business.source
    return {"name": source.path.name, "kind": source.kind, "size": source.size, "sha256": source.sha256}


def _past(plan: RestorePlan) -> dict[str, Any]:
    if isinstance(plan.past, PastBusiness):
        certificate = plan.past.certificate
        return {
            **file_of(plan.past),
            "ticks": plan.past.ticks,
            "certificate": certificate.level,
            "not_certain": certificate.reasons.to_arrow().to_pylist(),
        }
    return file_of(plan.past)


def _selection(selection: Selection) -> dict[str, Any]:
    names = ("keys", "types", "users", "commits", "changes", "between", "text", "fields", "zone", "all")
    given = {name: getattr(selection, name) for name in names}
    return {name: value for name, value in given.items() if value not in (None, False)}
