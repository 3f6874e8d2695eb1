"""``backup --all``: every business of a Manager server into a store; ``restore --into-server``: a plan done on one."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import manager_nb.server.client as servers
from manager_nb.backup.manifest import read_manifest
from manager_nb.backup.store import Fate, Retention, Store
from manager_nb.cli.arguments import month_and_day, whole
from manager_nb.errors import ManagerNbError
from manager_nb.format.placing import writing
from manager_nb.server.everything import Outcome, back_up_all

if TYPE_CHECKING:
    import argparse

    from manager_nb.progress import Progress
    from manager_nb.restore.plan import RestorePlan
    from manager_nb.timeline.business import Business


def add_server(backup: argparse.ArgumentParser) -> None:
    """Add what ``backup`` needs to know of a server."""
    server = backup.add_argument_group("a Manager server")
    server.add_argument("--all", action="store_true", help="back up all businesses of a Manager server into a store")
    server.add_argument("--user", default="administrator", help="who logs in (default: administrator)")
    _add_way(server)
    server.add_argument("--business", action="append", help="only this one; may be given several times")
    server.add_argument("--report", type=Path, metavar="FILE", help="write what came of it at the end of this file too")
    server.add_argument("--prune", action="store_true", help="afterwards remove what the retention does not keep")
    for name in ("days", "weeks", "months", "years"):
        server.add_argument(f"--keep-{name}", type=whole, help=f"with --prune: of how many {name} one stays")
    server.add_argument("--year-end", type=month_and_day, help="with --prune: where the financial year ends, as 03-31")


def add_live(restore: argparse.ArgumentParser) -> None:
    """Add what ``restore --into-server`` needs to know; its ``--user`` is whose changes are taken back."""
    server = restore.add_argument_group("a Manager server (with --into-server)")
    server.add_argument("--business", help="what the business is called there (default: as its manifest says)")
    server.add_argument("--login", default="administrator", help="who logs in (default: administrator)")
    _add_way(server)
    server.add_argument("--proof", type=Path, metavar="FOLDER", help="where the backups before and after go")


def _add_way(server: argparse._ArgumentGroup) -> None:
    server.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input (default: this computer's keyring)",
    )
    server.add_argument("--certificate", help="the certificate (PEM) of a server that has one of its own making")
    server.add_argument("--unencrypted", action="store_true", help="allow http:// to another computer")


def _server(choices: argparse.Namespace, url: str, user: str) -> servers.Server:
    password = sys.stdin.readline().rstrip("\r\n") if choices.password_stdin else None
    return servers.Server(url, user, password, certificate=choices.certificate, unencrypted=choices.unencrypted)


def _name(business: Business) -> str:
    """What a business is called where it was backed up; a file's own name has the day in it."""
    manifest = read_manifest(business.source.path)
    return str(manifest["business"]["name"]) if manifest else business.name


def restore_into(
    choices: argparse.Namespace, plan: RestorePlan, progress: Progress
) -> tuple[bool, dict[str, Any], list[str]]:
    """Do a plan on a server; sound is it when everything was done and proven."""
    if choices.proof is None:
        raise ManagerNbError(
            "--into-server was given without --proof.", hint="Name the folder where the backups before and after go."
        )
    with _server(choices, choices.into_server, choices.login) as server:
        done = server.restore(
            choices.business or _name(plan.current),
            plan,
            reason=choices.reason or "",
            folder=choices.proof,
            progress=progress,
        )
    records = done.records.to_arrow().to_pylist()
    checks = done.proof.checks.to_arrow().to_pylist() if done.proof is not None else []
    lines = [f"{row['state']}: {row['action']} {row['label']}" for row in records]
    lines += [f"{'ok   ' if row['ok'] else 'WRONG'}  {row['check']}: {row['detail']}" for row in checks]
    lines += [f"STOPPED {error}" for error in (done.error, done.unproven) if error is not None]
    lines.append(f"{'Restored and verified' if done.ok else 'NOT as planned'}: {done.journal}")
    facts = {
        "ok": done.ok,
        "records": records,
        "checks": checks,
        "before": done.before.path,
        "after": done.after.path if done.after is not None else None,
        "journal": done.journal,
        "stopped": str(done.error) if done.error is not None else None,
        "not_proven": str(done.unproven) if done.unproven is not None else None,
    }
    return done.ok, facts, lines


def back_up_server(choices: argparse.Namespace, progress: Progress) -> tuple[bool, dict[str, Any], str]:
    """Do it; sound is it when every business has a backup whose History extends the one before."""
    begun = dt.datetime.now().astimezone()
    try:
        sound, facts, told = _backed_up(choices, progress)
    except ManagerNbError as error:
        _report(choices, begun, f"FAILED {error}")
        raise
    _report(choices, begun, told)
    return sound, facts, told


def _report(choices: argparse.Namespace, begun: dt.datetime, told: str) -> None:
    """Write at the end of the report, where one is wanted: a scheduler throws away what is printed.

    Raises:
        TargetError: it cannot be written.
    """
    if choices.report is not None:
        with writing(choices.report):
            choices.report.parent.mkdir(parents=True, exist_ok=True)
            with choices.report.open("a", encoding="utf-8", errors="replace") as report:
                report.write(f"{begun:%Y-%m-%d %H:%M %z} {choices.file}\n{told}\n\n")


def _backed_up(choices: argparse.Namespace, progress: Progress) -> tuple[bool, dict[str, Any], str]:
    with _server(choices, choices.file, choices.user) as server:
        outcomes = back_up_all(
            server,
            choices.folder,
            names=choices.business,
            attachments=choices.attachments,
            emails=choices.emails,
            history=choices.history,
            compress=choices.compress,
            progress=progress,
        )
    gone, stuck = _pruned(choices, [one.business for one in outcomes if choices.prune and one.ok])
    lines = [line for one in outcomes for line in _lines(one)] or ["The server has no business that this user may see."]
    lines += [f"Removed: {path}" for path in gone]
    lines += [f"NOT REMOVED {error}" for error in stuck]
    facts = {
        "businesses": [_facts(one) for one in outcomes],
        "removed": gone,
        "not_removed": [error.path for error in stuck],
    }
    return bool(outcomes) and not stuck and all(one.ok for one in outcomes), facts, "\n".join(lines)


def _pruned(choices: argparse.Namespace, businesses: list[str]) -> tuple[list[Path], list[ManagerNbError]]:
    """Remove what the retention does not keep; what cannot be removed hides nothing of what was done."""
    gone: list[Path] = []
    stuck: list[ManagerNbError] = []
    for fate in (fate for business in businesses for fate in _fates(choices, business)):
        try:
            gone += Store(choices.folder).remove([fate])
        except ManagerNbError as error:
            stuck.append(error)
    return gone, stuck


def _fates(choices: argparse.Namespace, business: str) -> tuple[Fate, ...]:
    usual = Retention()
    given = {name: getattr(choices, f"keep_{name}") for name in ("days", "weeks", "months", "years")}
    numbers = {name: getattr(usual, name) if number is None else number for name, number in given.items()}
    kept = Retention(**numbers, year_end=choices.year_end or usual.year_end)
    return Store(choices.folder).fates(kept, business=business)


def _lines(one: Outcome) -> list[str]:
    lines = []
    if one.backup is not None:
        lines.append(f"ok     {one.business}: {one.backup.path}; {_new(one)}")
        told = one.backup.manifest["attachments"]
        lines += [f"       {state}: {row['name']}" for state in ("missing", "altered") for row in told[state]]
    if one.extension is not None and not one.extension.extends:
        what = one.extension.reason or (
            f"{len(one.extension.changed)} of its rows are gone or altered, {len(one.extension.backdated)} new ones"
            " are of earlier times"
        )
        lines.append(f"LOOK   {one.business}: its History does not extend that of {one.earlier}: {what}")
    if one.error is not None:
        lines.append(f"FAILED {one.business}: {one.error}")
    return lines


def _new(one: Outcome) -> str:
    assert one.backup is not None  # noqa: S101 - only a backup is told
    if one.extension is not None:
        return f"{one.extension.added} new changes"
    if not one.backup.manifest["choices"]["history"]["included"]:
        return "made without History, not compared"
    return "not compared" if one.earlier is not None else "the first backup with History"


def _facts(one: Outcome) -> dict[str, Any]:
    return {
        "business": one.business,
        "ok": one.ok,
        "path": one.backup.path if one.backup is not None else None,
        "earlier": one.earlier,
        "new_changes": one.extension.added if one.extension is not None else None,
        "history_extends": one.extension.extends if one.extension is not None else None,
        "error": type(one.error).__name__ if one.error is not None else None,
        "message": one.error.message if one.error is not None else None,
        "hint": one.error.hint if one.error is not None else None,
    }
