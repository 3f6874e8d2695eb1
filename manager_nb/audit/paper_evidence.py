"""The rows of the file that findings rest on, each told in words: who did what when, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.fields import ACTIONS, KINDS, fields_of_change, fields_of_record
from manager_nb.audit.paper import Part, moment, moments_headed, titled
from manager_nb.errors import NotFoundError
from manager_nb.i18n import Language, in_zone, mark
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.audit.findings import Findings
    from manager_nb.audit.paper import Row
    from manager_nb.timeline.business import Business

EARLIER = "earlier "
"""What evidence from the earlier backup begins with."""

_AT_ONCE = 10_000
_STEP = " — "
_FACTS = 11
"""What is told of a row: time here, time in UTC, user, action, record, field, line, what for, before, after, kind."""


def evidence_of(
    findings: Findings,
    business: Business,
    earlier: Business | None,
    language: Language,
    *,
    progress: Progress = SILENT,
) -> Part:
    """The part of the paper with the evidence, in the order in which the findings name it.

    Args:
        findings: what was found.
        business: the business, open.
        earlier: the earlier backup, open, where one was looked at.
        language: of the paper.
        progress: told of the rows; heeded.
    """
    named: dict[str, list[int]] = {}
    for number, (_, finding) in enumerate(findings.found, start=1):
        for row in finding.evidence:
            named.setdefault(row, []).append(number)
    sides = {"": _Side(business, list(named), "", language, findings.zone)}
    if earlier is not None:
        sides[EARLIER] = _Side(earlier, list(named), EARLIER, language, findings.zone)
    progress.start("Reading the evidence", len(named))
    rows: list[Row] = []
    for row, numbers in named.items():
        check(progress)
        begin = EARLIER if row.startswith(EARLIER) else ""
        table, _, key = row.removeprefix(begin).partition(" ")
        told = sides[begin].told(table, key) if begin in sides else [()]
        pointed = ", ".join(map(str, dict.fromkeys(numbers)))
        rows += [(f"{begin}{table}", key, pointed, *facts, *[None] * (_FACTS - len(facts))) for facts in told]
        progress.advance()
    progress.finish()
    heads = (
        mark("Table"), mark("Key"), mark("Findings"), *moments_headed(language, findings.zone),
        mark("User"), mark("Action"), mark("Record"), mark("Field"), mark("Line"),
        mark("What the line is for"), mark("Before"), mark("After"),
        mark("What happened"),
    )  # fmt: skip
    widths = (12, 38, 10, 19, 19, 16, 10, 36, 28, 6, 24, 40, 40, 14)
    words = language.text(
        "A row of the file a line, a change or a record a line for each of its fields. Secrets are masked."
    )
    return Part(language.text("Evidence"), tuple(map(language.text, heads)), tuple(rows), widths, (words,))


class _Side:
    """The business, or the earlier backup."""

    def __init__(self, business: Business, rows: Sequence[str], begin: str, language: Language, zone: str) -> None:
        self._business, self._words, self._zone = business, language, zone
        keys = [row.removeprefix(begin).partition(" ") for row in rows if row.startswith(EARLIER) == bool(begin)]
        self._changes = self._read([key for table, _, key in keys if table == "Changes"])
        mails = {key for table, _, key in keys if table == "Emails"}
        self._emails: dict[str, Mapping[str, Any]] = {}
        if mails:
            names = ["email", "time", "user", "recipients", "subject"]
            self._emails = {row["email"]: row for row in business.emails.to_arrow(names).to_pylist()}

    def _read(self, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        found = {}
        for first in range(0, len(keys), _AT_ONCE):
            rows = self._business.history_rows(keys[first : first + _AT_ONCE])
            wanted = ["change", "ticks", "user", "action", "type", "label"]
            found.update({row["change"]: row for row in rows.to_arrow(wanted).to_pylist()})
        return found

    def told(self, table: str, key: str) -> list[Row]:
        """What a row says: time here, time in UTC, user, action, record, field, line, before, after, what happened."""
        if table == "Changes" and key in self._changes:
            return list(self._change(self._changes[key]))
        if table == "Emails" and key in self._emails:
            mail = self._emails[key]
            time = mail["time"]
            here = in_zone(time, self._zone) if time is not None else None
            subject = f"{mail['subject'] or ''}\n{', '.join(mail['recipients'] or ())}"
            return [(here, time, mail["user"] or "", self._words.text("Email"), subject)]
        return list(self._object(key)) if table == "Objects" else [()]

    def _object(self, key: str) -> Iterator[Row]:
        try:
            record = self._business.record(key)
        except NotFoundError:
            named = self._business.named(key)
            label = titled(self._words, named.label, named.type) if named is not None else ""
            yield (None, None, "", self._words.text("not in the file now"), label)
            return
        label = titled(self._words, record.label, record.type)
        saved = record.ticks or None
        facts = (moment(saved, self._zone), moment(saved, "UTC"), "", self._words.text("Last saved"), label)
        fields = fields_of_record(self._business, key, language=self._words).to_pylist()
        yield from self._fields(facts, fields, self._words.text("The record as it is"))

    def _change(self, row: Mapping[str, Any]) -> Iterator[Row]:
        words = self._words
        did = words.text(ACTIONS[row["action"]]) if row["action"] in ACTIONS else ""
        facts = (
            moment(row["ticks"], self._zone),
            moment(row["ticks"], "UTC"),
            row["user"] or "",
            did,
            titled(words, row["label"], row["type"]),
        )
        fields = fields_of_change(self._business, row["change"], language=words).to_pylist()
        yield from self._fields(facts, fields)

    def _fields(self, facts: Row, fields: Sequence[Mapping[str, Any]], what: str = "") -> Iterator[Row]:
        """A row a field, or one without a field where there is none."""
        words = self._words
        for one in fields:
            where = _STEP.join(map(words.text, one["path"].split(_STEP))) if one["path"] else ""
            sides = (one["before"] or "", one["after"] or "")
            did = what or words.text(KINDS.get(one["kind"], one["kind"]))
            yield (*facts, where, one["line"], one["of"] or "", *sides, did)
        if not fields:
            yield facts
