"""The commands ``history``, ``as-at``, ``compare`` and ``restore``."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from manager_nb.audit.compare import compare
from manager_nb.audit.search import commits_of, find_changes, life_of
from manager_nb.cli.arguments import MOMENT_HELP, amount, day, in_zone, moment, window, zone
from manager_nb.cli.servers import add_live, restore_into
from manager_nb.errors import ManagerNbError
from manager_nb.format.scalars import ticks_to_datetime
from manager_nb.i18n import available, one_line
from manager_nb.restore.apply import apply_restore
from manager_nb.restore.plan import MODES, STOP, plan_restore
from manager_nb.restore.selection import Selection
from manager_nb.timeline.business import Business, PastBusiness, open_business

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from manager_nb.model.tables import Table
    from manager_nb.progress import Progress
    from manager_nb.restore.plan import RestorePlan
    from manager_nb.timeline.moments import Moment

Result = tuple[bool, dict[str, Any], str]
"""Whether it is sound, the facts for ``--json``, the text."""

_EARLIEST, _LATEST = dt.date(1, 1, 1), dt.date(9999, 12, 31)


def add_commands(commands: Any, shared: argparse.ArgumentParser, progress: Progress) -> None:
    """Add the commands to the command line's own.

    Args:
        commands: the sub-parsers.
        shared: what every command takes.
        progress: told how far long work is.
    """
    _history_words(commands.add_parser("history", parents=[shared], help="who changed what, when"))
    _as_at_words(commands.add_parser("as-at", parents=[shared], help="what was in the business at a moment, how sure"))
    _compare_words(commands.add_parser("compare", parents=[shared], help="what differs between two files or moments"))
    _restore_words(commands.add_parser("restore", parents=[shared], help="bring selected records back"), progress)


def _history_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    _choices(parser)
    parser.add_argument("--action", action="append", choices=("create", "update", "delete"))
    parser.add_argument("--dated-from", type=day, metavar="DATE", help="documents dated on or after")
    parser.add_argument("--dated-to", type=day, metavar="DATE")
    parser.add_argument("--least", type=amount, help="amount at least")
    parser.add_argument("--most", type=amount, help="amount at most")
    parser.add_argument("--party", help="words in the name of a customer, supplier or employee")
    parser.add_argument("--changed", metavar="FIELD", help="words in the name of a changed field")
    parser.add_argument("--life", metavar="KEY", help="all changes of one record, in the order they really happened")
    parser.add_argument("--fields", action="store_true", help="also what each change did, field by field")
    parser.add_argument("--actions", action="store_true", help="a line an action, whatever the number of its records")
    parser.add_argument("--limit", type=int, default=50, help="at most so many lines (0: all); --json has them all")
    parser.set_defaults(command=_history)


def _as_at_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("moment", nargs="?", type=moment, help=MOMENT_HELP)
    which.add_argument("--commit", metavar="KEY", help="right after this action, instead of a time")
    parser.add_argument("--zone", type=zone, default="UTC", help="time zone of dates and times (default: UTC)")
    parser.set_defaults(command=_as_at)


def _compare_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("left", type=Path)
    parser.add_argument("right", type=Path)
    for side in ("left", "right"):
        parser.add_argument(f"--{side}-as-at", type=moment, metavar="MOMENT", help=MOMENT_HELP)
    parser.add_argument("--zone", type=zone, default="UTC")
    parser.set_defaults(command=_compare)


def _restore_words(parser: argparse.ArgumentParser, progress: Progress) -> None:
    parser.add_argument("file", type=Path, help="the business as it is")
    past = parser.add_mutually_exclusive_group()
    past.add_argument("--past", type=Path, metavar="FILE", help="another backup to bring records back from")
    past.add_argument("--as-at", type=moment, metavar="MOMENT", help=f"its own past: {MOMENT_HELP}")
    past.add_argument("--as-at-commit", metavar="KEY", help="its own past, right after this action")
    _choices(parser)
    parser.add_argument("--key", action="append", help="a record; may be given several times")
    parser.add_argument("--only-field", action="append", metavar="FIELD", help="only this field of the records")
    parser.add_argument("--everything", action="store_true", help="every record; what was made since is taken away")
    parser.add_argument("--mode", choices=MODES, default=STOP, help="what happens to conflicts (default: stop)")
    parser.add_argument("--depth", type=int, help="how far what comes along may be from what was selected")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--plan", action="store_true", help="only say what would be done (default)")
    what.add_argument("--apply", type=Path, metavar="TARGET", help="do it, into this new file")
    what.add_argument("--into-server", metavar="URL", help="do it on the Manager server that the file is a backup of")
    parser.add_argument("--by", metavar="NAME", help="who restores, as History will show it (with --apply)")
    parser.add_argument("--reason", help="why (with --apply or --into-server)")
    add_live(parser)
    parser.add_argument("--language", choices=tuple(available()), default="en")
    parser.set_defaults(command=lambda choices: _restore(choices, progress))


def _choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", action="append", help="as History shows it; may be given several times")
    parser.add_argument("--type", action="append", help="e.g. SalesInvoice; may be given several times")
    parser.add_argument("--commit", action="append", metavar="KEY", help="an action; may be given several times")
    parser.add_argument("--from", dest="first", type=moment, metavar="MOMENT", help=MOMENT_HELP)
    parser.add_argument("--to", dest="last", type=moment, metavar="MOMENT")
    parser.add_argument("--text", help="words in the label (history: also in a changed field)")
    parser.add_argument("--zone", type=zone, default="UTC", help="time zone of dates and times (default: UTC)")


def _history(choices: argparse.Namespace) -> Result:
    with open_business(choices.file) as business:
        table = life_of(business, choices.life) if choices.life else _found(business, choices)
        unit = "action" if choices.actions else "change"
        rows = (commits_of(table) if choices.actions else table).to_arrow().to_pylist()
        shown = rows[: choices.limit] if choices.limit else rows
        fields = _fields(business, rows if choices.json else shown) if choices.fields else {}
        notes = _unknown_users(business, choices.user or [])
    lines = [*notes]
    for row in shown:
        lines.append(_line(row, choices.zone))
        lines += [_changed(field) for field in fields.get(row.get("change"), ())]
    lines.append(f"{_count(len(shown), len(rows), unit)}; times are {choices.zone}.")
    told = {"rows": rows, **({"fields": [field for some in fields.values() for field in some]} if fields else {})}
    return True, told, "\n".join(lines)


def _found(business: Business, choices: argparse.Namespace) -> Table:
    return find_changes(
        business,
        users=choices.user,
        types=choices.type,
        actions=choices.action,
        commits=choices.commit,
        between=window(choices.first, choices.last, choices.zone),
        dated=_dated(choices),
        amounts=None if choices.least is choices.most is None else (choices.least, choices.most),
        party=choices.party,
        field=choices.changed,
        text=choices.text,
        zone=choices.zone,
    )


def _fields(business: Business, rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What each change did, field by field."""
    wanted = {row.get("change") for row in rows}
    found: dict[str, list[dict[str, Any]]] = {}
    for field in business.changes.to_arrow(["change", "path", "line", "before", "after", "kind"]).to_pylist():
        if field["change"] in wanted:
            found.setdefault(field["change"], []).append(field)
    return found


def _unknown_users(business: Business, users: list[str]) -> list[str]:
    known = sorted({user for user in business.history.to_arrow(["user"])["user"].to_pylist() if user}) if users else []
    return [f"No change is by {user}. Users are: {', '.join(known)}." for user in users if user not in known]


def _count(shown: int, found: int, unit: str) -> str:
    return f"{shown} of {found} {unit}{'' if found == 1 else 's'}"


def _dated(choices: argparse.Namespace) -> tuple[dt.date, dt.date] | None:
    if choices.dated_from is None and choices.dated_to is None:
        return None
    return choices.dated_from or _EARLIEST, choices.dated_to or _LATEST


def _line(row: dict[str, Any], zone_name: str) -> str:
    time = row["time"]
    told = "(no time)" if time is None else f"{time.astimezone(ZoneInfo(zone_name)):%Y-%m-%d %H:%M:%S}"
    who = row["user"] or "(the program)"
    if "changes" in row:
        number = f"{row['changes']} change{'' if row['changes'] == 1 else 's'}"
        more = " …" if row["changes"] > 1 else ""
        return one_line(f"{told}  {who}  {number}  {row['label']}{more}  {row['commit'] or ''}")
    money = "" if row["amount"] is None else f"  {row['amount']}"
    fields = f"  [{', '.join(row['fields_changed'])}]" if row["fields_changed"] else ""
    return one_line(f"{told}  {who}  {row['action']}  {row['label']}{money}{fields}")


def _changed(field: dict[str, Any]) -> str:
    line = f" (line {field['line']})" if field["line"] else ""
    before, after = (value or "(empty)" for value in (field["before"], field["after"]))
    return one_line(f"    {field['path']}{line}: {before} → {after}")


def _as_at(choices: argparse.Namespace) -> Result:
    with open_business(choices.file) as business, _at(business, choices.moment, choices.commit, choices.zone) as past:
        assert isinstance(past, PastBusiness)  # noqa: S101 - one of the two was given
        reasons = past.certificate.reasons.to_arrow().to_pylist()
        contents = past.summary()
        facts = {
            "business": past.name,
            "ticks": past.ticks,
            "time": _time(past.ticks, "UTC"),
            "certificate": past.certificate.level,
            "reasons": reasons,
            "records": contents.to_dict("records"),
            "history": len(past.history),
            "emails": len(past.emails),
            "history_ends": _time(business.trail.last, "UTC"),
        }
        end = _time(business.trail.last, choices.zone)
    lines = [f"{facts['business']} as at {_time(facts['ticks'], choices.zone)}: {facts['certificate']}"]
    lines.append(f"(The History of this file ends at {end}.)")
    lines += [one_line(f"Not certain: {row['label'] or row['object']}: {row['what']}") for row in reasons]
    lines += ["", *(f"{row['count']:>7}  {row['label']}" for row in facts["records"])]
    lines += ["", f"{facts['history']:>7}  history", f"{facts['emails']:>7}  emails"]
    return facts["certificate"] != "not possible", facts, "\n".join(lines)


def _time(ticks: int, zone_name: str) -> str:
    try:
        return f"{ticks_to_datetime(ticks).astimezone(ZoneInfo(zone_name)):%Y-%m-%d %H:%M:%S} {zone_name}"
    except (OverflowError, ValueError):
        return f"{ticks} ticks"


def _compare(choices: argparse.Namespace) -> Result:
    with (
        open_business(choices.left) as left,
        open_business(choices.right) as right,
        _at(left, choices.left_as_at, None, choices.zone) as mine,
        _at(right, choices.right_as_at, None, choices.zone) as other,
    ):
        found = compare(mine, other)
        records, changes = found.records.to_arrow().to_pylist(), found.changes.to_arrow().to_pylist()
    by_record: dict[str, list[str]] = {}
    for row in changes:
        by_record.setdefault(row["key"], []).append(_changed(row))
    lines = []
    for row in records:
        lines += [
            one_line(f"{row['state']}: {row['label']}"),
            *(by_record[row["key"]] if row["state"] == "differing" else []),
        ]
    lines.append(f"{len(records)} records differ, {found.same} are the same.")
    return True, {"records": records, "changes": changes, "same": found.same}, "\n".join(lines)


def _restore(choices: argparse.Namespace, progress: Progress) -> Result:
    selection = _selection(choices)
    if choices.everything:
        if selection != Selection(zone=choices.zone):
            raise ManagerNbError(
                "--everything was given together with something narrower.",
                hint="Give either --everything, or --type, --key, --text, --user and the like.",
            )
        selection = Selection.everything()
    with contextlib.ExitStack() as stack:
        current = stack.enter_context(open_business(choices.file))
        past = current
        if choices.past is not None:
            past = stack.enter_context(open_business(choices.past))
        elif choices.as_at is not None or choices.as_at_commit is not None:
            past = stack.enter_context(_at(current, choices.as_at, choices.as_at_commit, choices.zone))
        plan = plan_restore(current, past, selection, mode=choices.mode, depth=choices.depth)
        facts, text = _planned(plan, choices)
        if choices.into_server is not None:
            ok, told, lines = restore_into(choices, plan, progress)
            return ok, {**facts, **told}, "\n".join([text, "", *lines])
        if choices.apply is None:
            return not plan.undecided, facts, text
        done = apply_restore(plan, choices.apply, user=choices.by or "", reason=choices.reason or "", progress=progress)
        with done:
            path = done.source.path
    return True, {**facts, "path": path}, f"{text}\n\nRestored and verified: {path}"


def _selection(choices: argparse.Namespace) -> Selection:
    return Selection(
        keys=choices.key,
        types=choices.type,
        users=choices.user,
        commits=choices.commit,
        between=window(choices.first, choices.last, choices.zone),
        text=choices.text,
        fields=choices.only_field,
        zone=choices.zone,
    )


def _planned(plan: RestorePlan, choices: argparse.Namespace) -> tuple[dict[str, Any], str]:
    tables: dict[str, Table] = {"actions": plan.actions, "conflicts": plan.conflicts, "totals": plan.totals}
    facts = {name: table.to_arrow().to_pylist() for name, table in tables.items()}
    there = choices.into_server is not None
    text = plan.describe(choices.language, zone=choices.zone, into_server=there)
    return {**facts, "mode": plan.mode, "undecided": len(plan.undecided)}, text


@contextlib.contextmanager
def _at(business: Business, when: Moment | None, commit: str | None, name: str) -> Iterator[Business]:
    """The business itself, or as at a moment."""
    if when is None and commit is None:
        yield business
        return
    moment_then = None if when is None else in_zone(when, name)
    with business.as_at(moment_then, commit=commit, zone=name) as past:
        yield past
