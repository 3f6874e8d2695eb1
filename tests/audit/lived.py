"""A made-up business with a History, written action by action as Manager would, and one test done on a file."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import manager_nb as mn
from manager_nb.audit.books import Books
from manager_nb.audit.catalogue import ALL, read_parameters
from manager_nb.format.scalars import NIL, TICKS_AT_UNIX_EPOCH
from tests.model.small_files import TICKS, content, guid, write

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.audit.rule import Rule, Tested

MINUTE, DAY = 600_000_000, 864_000_000_000
_DICE = random.Random(6)


def seven(ticks: int) -> str:
    """A key of version 7 that was made then."""
    digits = f"{(ticks - TICKS_AT_UNIX_EPOCH) // 10_000:012x}7{_DICE.getrandbits(12):03x}8{_DICE.getrandbits(60):015x}"
    return str(uuid.UUID(digits))


@dataclass
class Lived:
    """The rows of a business so far.

    Attributes:
        clock: the time of the next action; each is a minute after the last.
    """

    clock: int = TICKS
    objects: dict[str, tuple[str, bytes, int]] = field(default_factory=dict)
    changes: list[list[Any]] = field(default_factory=list)
    emails: list[tuple[Any, ...]] = field(default_factory=list)

    def make(self, type_name: str, user: str | None = "Asha", key: str | None = None, **values: Any) -> str:
        """Create a record and give its key."""
        key = key or seven(self.clock)
        self._row(key, user, None, (guid(type_name), content(type_name, **values)))
        return key

    def change(self, key: str, type_name: str, user: str | None = "Asha", **values: Any) -> str:
        """Change a record and give the key of the row of History."""
        return self._row(key, user, self.objects[key], (guid(type_name), content(type_name, **values)))

    def delete(self, key: str, user: str | None = "Asha") -> str:
        """Delete a record."""
        return self._row(key, user, self.objects[key], None)

    def mail(self, subject: str, key: str | None = None) -> str:
        """Send an e-mail."""
        key = key or seven(self.clock)
        self.emails.append((key, NIL, "Firm", "a@example.com", subject, "<p>x</p>", None, None, self.clock, 0, "Asha"))
        self.clock += MINUTE
        return key

    def _row(self, key: str, user: str | None, before: Any, after: Any) -> str:
        ticks = self.clock
        row = seven(ticks + 100_000)
        sides = [side[:2] if side else (NIL, None) for side in (before, after)]
        self.changes.append(
            [row, seven(ticks), key, user, ticks, sides[0][0], sides[1][0], sides[0][1], sides[1][1]],
        )
        if after is None:
            del self.objects[key]
        else:
            self.objects[key] = (*after, ticks)
        self.clock += MINUTE
        return row

    def write(self, path: Path, **more: Any) -> Path:
        """Write the business."""
        objects = [(key, *row) for key, row in self.objects.items()]
        return write(path, objects, Changes=self.changes, Emails=self.emails, **more)


def rule_of(name: str) -> Rule:
    """A test by its name."""
    return next(rule for rule in ALL if rule.name == name)


def audited(path: Path, name: str, *, earlier: Path | None = None, zone: str = "UTC", **parameters: Any) -> Tested:
    """What one test gives on a file."""
    rule = rule_of(name)
    with mn.open_business(path) as business:
        if earlier is None:
            return rule.test(Books(business, zone=zone), read_parameters([rule], parameters))
        with mn.open_business(earlier) as before:
            return rule.test(Books(business, earlier=before, zone=zone), read_parameters([rule], parameters))


def told(result: Tested) -> list[str]:
    """The messages of what was found, in English."""
    return [finding.message.told() for finding in result.findings]
