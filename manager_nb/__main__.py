"""The command line: ``python -m manager_nb``.

Alone it opens the notebooks; ``summary``, ``backup``, ``verify`` and ``import`` do from a script what the panels do by
clicking (``backup --all``: every business of a Manager server); ``history``, ``as-at``, ``compare`` and ``restore``
look into the past and bring it back; ``audit`` tests a business.

Exit codes: 0 done; 1 the check found something, or a plan has conflicts to decide; 2 the command was not
understood; 3 it could not be done (the reason is told on standard error, with what to do); 130 cancelled. With
``--json`` the result is one JSON object on standard output.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import manager_nb as mn
from manager_nb.backup.manifest import beside as manifest_beside
from manager_nb.cli.auditing import add_command
from manager_nb.cli.past import add_commands
from manager_nb.cli.servers import add_server, back_up_server
from manager_nb.errors import CancelledError, ManagerNbError
from manager_nb.i18n import one_line
from manager_nb.lab import open_notebooks
from manager_nb.restore.proof import prove_import

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Result = tuple[bool, dict[str, Any], str]

DONE, WRONG, FAILED, CANCELLED = 0, 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after ``python -m manager_nb``; None takes them from the command line.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # Windows: names in any script
    choices = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], Result] = choices.command
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            warnings.simplefilter("always", mn.NewerSchemaWarning)
            sound, facts, text = command(choices)
    except CancelledError as error:
        return _tell_error(error, choices, CANCELLED)
    except ManagerNbError as error:
        return _tell_error(error, choices, FAILED)
    except KeyboardInterrupt:
        print("Cancelled.", file=sys.stderr)
        return CANCELLED
    lines = map(one_line, text.split("\n"))  # names from a client's file must not steer the terminal
    print(json.dumps(facts, ensure_ascii=False, indent=2, default=str) if choices.json else "\n".join(lines))
    return DONE if sound else WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m manager_nb", description="Back up, restore and audit Manager files."
    )
    parser.add_argument("--version", action="version", version=mn.__version__)
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="only print the notebooks' address")
    parser.set_defaults(command=_open_notebooks, json=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print the result as JSON")

    summary = commands.add_parser("summary", parents=[shared], help="what a business or backup contains")
    summary.add_argument("file", type=Path)
    summary.add_argument("--name", help="which business, where a folder or archive holds several")
    summary.set_defaults(command=_summary)

    backup = commands.add_parser("backup", parents=[shared], help="create a verified backup")
    backup.add_argument("file", help="the business file; with --all the address of a Manager server")
    add_server(backup)
    backup.add_argument("folder", type=Path, help="where the backup goes")
    backup.add_argument("--name", help="name of the backup (default: the business's name and today's date)")
    backup.add_argument("--no-attachments", dest="attachments", action="store_false")
    backup.add_argument("--no-emails", dest="emails", action="store_false")
    backup.add_argument("--no-history", dest="history", action="store_false")
    backup.add_argument("--compress", action="store_true", help="compress it (.zst); unpack it before Manager opens it")
    backup.set_defaults(command=_backup)

    verify = commands.add_parser("verify", parents=[shared], help="check a backup")
    verify.add_argument("file", type=Path)
    verify.add_argument("--level", choices=("quick", "full", "restore"), default="full")
    verify.set_defaults(command=_verify)

    restore = commands.add_parser("import", parents=[shared], help="Import Business: place a backup in a data folder")
    restore.add_argument("file", type=Path)
    restore.add_argument("data_folder", type=Path, help="Manager's data folder")
    restore.add_argument("--name", help="name of the business (default: the file's own)")
    restore.set_defaults(command=_import)
    add_commands(commands, shared, _Line())
    add_command(commands, shared, _Line())
    return parser


def _open_notebooks(choices: argparse.Namespace) -> Result:
    open_notebooks(browser=choices.browser)
    return True, {}, ""


def _summary(choices: argparse.Namespace) -> Result:
    with mn.open_business(choices.file, name=choices.name) as business:
        contents = business.summary()
        facts = {
            "business": business.name,
            "schema_revision": business.schema_revision,
            "source": {"path": business.source.path, "kind": business.source.kind, "sha256": business.source.sha256},
            "records": contents.to_dict("records"),
            "history": len(business.history),
            "emails": len(business.emails),
            "attachments": len(business.attachments),
            "images": len(business.images),
            "problems": business.problems.to_arrow().drop_columns(["data"]).to_pylist(),
        }
    revision = facts["schema_revision"]
    known = "the file does not tell its schema revision" if revision is None else f"schema revision {revision}"
    lines = [f"{facts['business']} ({known})", ""]
    lines += [f"{row['count']:>7}  {row['label']}" for row in facts["records"]]
    lines += ["", *(f"{facts[part]:>7}  {part}" for part in ("history", "emails", "attachments", "images"))]
    lines += [f"Problem: {row['what']}" for row in facts["problems"]]
    return True, facts, "\n".join(lines)


def _backup(choices: argparse.Namespace) -> Result:
    if choices.all:
        return back_up_server(choices, _Line())
    backup = mn.create_backup(
        choices.file,
        choices.folder,
        name=choices.name,
        attachments=choices.attachments,
        emails=choices.emails,
        history=choices.history,
        compress=choices.compress,
        progress=_Line(),
    )
    if count := backup.manifest["problems"]["count"]:
        _warn(f"The business itself has {count} problems, listed in {manifest_beside(backup.path)}")
    return True, {"path": backup.path, "manifest": backup.manifest}, f"Created and verified: {backup.path}"


def _verify(choices: argparse.Namespace) -> Result:
    verification = mn.verify_backup(choices.file, choices.level)
    checks = verification.checks.to_arrow().to_pylist()
    lines = [f"{'ok   ' if check['ok'] else 'WRONG'}  {check['check']}: {check['detail']}" for check in checks]
    lines.append("The backup is sound." if verification.ok else "The backup is NOT sound.")
    return verification.ok, {"ok": verification.ok, "checks": checks}, "\n".join(lines)


def _import(choices: argparse.Namespace) -> Result:
    seen = mn.preview_import(choices.file, progress=_Line())
    path = mn.import_business(choices.file, choices.data_folder, name=choices.name, progress=_Line())
    wanting = {"missing": [one.name for one in seen.missing], "altered": [one.name for one in seen.altered]}
    if seen.matches is False:
        _warn("The file is not the one that its manifest describes: it was changed or damaged.")
    for state, names in wanting.items():
        if names:
            _warn(f"The content of {len(names)} attachments is {state}, and was not imported: {', '.join(names)}")
    facts: dict[str, Any] = {"path": path, "matches": seen.matches, **wanting}
    try:
        proof = prove_import(choices.file, path, progress=_Line())
    except (ManagerNbError, KeyboardInterrupt) as error:  # the business is there, and was proven when it was placed
        told = f"Imported and verified: {path}\nIt was not checked a second time: {error or 'cancelled'}"
        return True, {**facts, "ok": True, "checks": [], "not_checked": str(error or "cancelled")}, told
    told = f"Imported and verified: {path}" if proof.ok else f"Imported, but it differs from the backup: {path}"
    return proof.ok, {**facts, "ok": proof.ok, "checks": proof.checks.to_arrow().to_pylist()}, told


def _warn(what: str) -> None:
    print(f"Warning: {what}", file=sys.stderr)


class _Line:
    """Progress as one line on standard error, where a person is looking."""

    cancelled = False

    def start(self, step: str, total: int | None = None) -> None:
        del total
        if sys.stderr.isatty():
            print(f"{step} …", file=sys.stderr)

    def advance(self, amount: int = 1) -> None:
        del amount

    def finish(self) -> None:
        pass


def _tell_error(error: ManagerNbError, choices: argparse.Namespace, code: int) -> int:
    if choices.json:
        told = {"error": type(error).__name__, "message": error.message, "hint": error.hint, "path": error.path}
        print(json.dumps(told, ensure_ascii=False, indent=2, default=str))
    print(error, file=sys.stderr)
    return code


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
