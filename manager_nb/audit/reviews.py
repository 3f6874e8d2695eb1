"""Marks of review: who looked at a finding, when, and what they noted. Kept in a file beside the paper.

Never in the evidence: the place is the caller's, and a file that is none of reviews is never written over. A finding is
known again by what it is about (:func:`identity_of`), so that marks survive another run, other parameters, another
order. A mark made for another state of the file still shows, and says so.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from manager_nb.audit.rule import Review
from manager_nb.errors import NotFoundError, SourceUnreadableError, TargetUnwritableError
from manager_nb.format.businesses import absolute
from manager_nb.format.placing import partial, sync_folder, writing
from manager_nb.format.turns import own_turn

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.audit.findings import Findings
    from manager_nb.audit.rule import Finding

_FORM, _VERSION = "manager_nb reviews", 1
_MOST = 64 << 20
"""Bytes of the longest file that is believed to be one of reviews."""


def identity_of(rule: str, finding: Finding) -> str:
    """What a finding is known by: the digest of its rule, record, change and evidence."""
    told = [rule, finding.object or "", finding.change or "", *sorted(finding.evidence)]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()


class Reviews:
    """The marks in one file, which is made with the first of them.

    Args:
        path: the file, of JSON; it may not be there yet.

    Raises:
        SourceUnreadableError: there is a file that cannot be read, or that is none of reviews: it is left alone.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = absolute(path)
        self._kept = self._read()

    def of(self, findings: Findings) -> dict[int, Review]:
        """The marks on findings, by their places in ``findings.found``."""
        marks = {}
        for place, (rule, finding) in enumerate(findings.found):
            review = _review(self._kept["reviews"].get(identity_of(rule.name, finding)), _digest(findings))
            if review is not None:
                marks[place] = review
        return marks

    def mark(self, findings: Findings, place: int, *, by: str, note: str = "", at: dt.datetime | None = None) -> Review:
        """Mark a finding as reviewed, or change its mark.

        Args:
            findings: what was found.
            place: of the finding in ``findings.found``.
            by: who looked.
            note: what they noted.
            at: when, in UTC where it has no zone; None is now.

        Raises:
            NotFoundError: there is no such finding.
            TargetError: the file cannot be written.
        """
        rule, finding = _at(findings, place)
        when = at or dt.datetime.now(dt.UTC)
        when = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
        time = when.astimezone(dt.UTC).isoformat(timespec="seconds")
        entry = {
            "rule": rule.name,
            "object": finding.object,
            "change": finding.change,
            "evidence": list(finding.evidence),
            "business": findings.business,
            "sha256": _digest(findings),
            "by": by.strip(),
            "at": time,
            "note": note.strip(),
        }
        self._write(identity_of(rule.name, finding), entry)
        return Review(by.strip(), time, note.strip())

    def unmark(self, findings: Findings, place: int) -> None:
        """Take a mark away.

        Raises:
            NotFoundError: there is no such finding.
            TargetError: the file cannot be written.
        """
        rule, finding = _at(findings, place)
        self._write(identity_of(rule.name, finding), None)

    def _read(self) -> dict[str, Any]:
        """All that the file has, also entries that are not understood here."""
        nothing: dict[str, Any] = {"form": _FORM, "version": _VERSION, "reviews": {}}
        try:
            small = self.path.stat().st_size <= _MOST
            kept = json.loads(self.path.read_text("utf-8")) if small else None
        except FileNotFoundError:
            return nothing
        except (OSError, ValueError, RecursionError) as error:
            raise self._unreadable() from error
        if not isinstance(kept, dict) or kept.get("form") != _FORM or not isinstance(kept.get("reviews"), dict):
            raise self._unreadable()
        return kept

    def _unreadable(self) -> SourceUnreadableError:
        return SourceUnreadableError(
            "{name} is no file of reviews, or it was damaged.",
            hint="It is left as it is. Choose another file, or put this one right or away.",
            path=self.path,
            name=self.path.name,
        )

    def _write(self, identity: str, entry: dict[str, Any] | None) -> None:
        """Write it in one go, on top of what the file has by now: others may review too, each in turn."""
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            with writing(self.path):
                stack.enter_context(own_turn(self.path))
            self._write_over(identity, entry)

    def _write_over(self, identity: str, entry: dict[str, Any] | None) -> None:
        kept = self._read()
        if kept.get("version") != _VERSION:
            raise TargetUnwritableError(
                "A newer version of this program wrote {name}.",
                hint="Use that version, or choose another file for the reviews.",
                path=self.path,
                name=self.path.name,
            )
        if entry is None:
            kept["reviews"].pop(identity, None)
        else:
            kept["reviews"][identity] = entry
        text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
        with partial(self.path.parent, self.path.name) as made, writing(self.path):
            made.file.write(text.encode("utf-8", "backslashreplace"))
            made.sync()
            made.file.close()
            os.replace(made.path, self.path)  # noqa: PTH105 - its own file, as before with one mark more
            sync_folder(self.path.parent)
        self._kept = kept


def _digest(findings: Findings) -> str:
    return str(findings.sources[0]["sha256"])


def _at(findings: Findings, place: int) -> Any:
    if not 0 <= place < len(findings.found):
        raise NotFoundError(
            "There is no finding {number}.", hint="There are {count}.", number=place, count=len(findings.found)
        )
    return findings.found[place]


def _review(entry: object, digest: str) -> Review | None:
    """An entry as it was meant; None for one that says nothing: a person may have edited the file."""
    if not isinstance(entry, dict):
        return None
    by, at, note = (entry.get(name) for name in ("by", "at", "note"))
    return Review(
        by if isinstance(by, str) else "",
        _in_utc(at) if isinstance(at, str) else "",
        note if isinstance(note, str) else "",
        entry.get("sha256") == digest,
    )


def _in_utc(at: str) -> str:
    """A moment without a zone is in UTC, whatever the zone of the machine; what is no moment stays as it is."""
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return at
    return at if moment.tzinfo else moment.replace(tzinfo=dt.UTC).isoformat(timespec="seconds")
