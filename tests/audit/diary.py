"""Businesses made action by action: what people created, changed and deleted, when, and under which name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import manager_nb as mn
from manager_nb.audit.examine import audit
from manager_nb.format.scalars import NIL
from tests.model.small_files import content, guid, key, write

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.audit.rule import Tested

MONDAY = dt.datetime(2025, 3, 3, 10, tzinfo=dt.UTC)
_EPOCH = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


def ticks_of(moment: dt.datetime) -> int:
    """A moment in .NET ticks."""
    return (moment - _EPOCH) // dt.timedelta(microseconds=1) * 10


class Diary:
    """What happened in a business, and its file."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, bytes]] = {}
        self.changes: list[tuple[Any, ...]] = []
        self.emails: list[tuple[Any, ...]] = []
        self._keys = 0

    def new_key(self) -> str:
        """A key that nothing has."""
        self._keys += 1
        return key(self._keys)

    def create(self, kind: str, when: dt.datetime | None = MONDAY, user: str | None = "Asha", **values: Any) -> str:
        """A record comes into being; its key."""
        made = values.pop("key", None) or self.new_key()
        commit = values.pop("commit", None)
        self._change(made, when, user, (guid(kind), content(kind, **values)), commit)
        return str(made)

    def update(self, record: str, kind: str, when: dt.datetime | None = MONDAY, user: str | None = "Asha",
               commit: str | None = None, **values: Any) -> None:  # fmt: skip
        """A record becomes what these values say."""
        self._change(record, when, user, (guid(kind), content(kind, **values)), commit)

    def delete(self, record: str, when: dt.datetime | None = MONDAY, user: str | None = "Asha") -> None:
        """A record goes."""
        self._change(record, when, user, None, None)

    def keep(self, kind: str, **values: Any) -> str:
        """A record that History says nothing of; its key."""
        made = self.new_key()
        self.objects[made] = (guid(kind), content(kind, **values))
        return made

    def email(self, body: str | None, when: dt.datetime = MONDAY, user: str | None = "Asha") -> None:
        """An e-mail is sent."""
        row = (self.new_key(), NIL, "", "a@b.example", "Hello", body, None, None, ticks_of(when), 0, user)
        self.emails.append(row)

    def _change(self, record: str, when: dt.datetime | None, user: str | None, after: tuple[str, bytes] | None,
                commit: str | None) -> None:  # fmt: skip
        before = self.objects.pop(record, None)
        if after is not None:
            self.objects[record] = after
        kinds = [side[0] if side else NIL for side in (before, after)]
        contents = [side[1] if side else None for side in (before, after)]
        ticks = None if when is None else ticks_of(when)
        self.changes.append((self.new_key(), commit or self.new_key(), record, user, ticks, *kinds, *contents))

    def write(self, path: Path, *, backwards: bool = False) -> Path:
        """The business as a file, its rows in this order or in the other."""
        objects = [(record, *side, 0) for record, side in self.objects.items()]
        order = -1 if backwards else 1
        return write(path, objects[::order], Changes=self.changes[::order], Emails=self.emails[::order])


def payment(amount: str | int, day: dt.date, reference: str = "", supplier: str | None = None) -> dict[str, Any]:
    """The values of a payment."""
    return _lined(amount, Date=day, Reference=reference, Supplier=supplier)


def invoice(amount: str | int, day: dt.date, reference: str = "", customer: str | None = None) -> dict[str, Any]:
    """The values of a sales invoice."""
    values = _lined(amount, IssueDate=day, Reference=reference, Customer=customer)
    return {**values, "Lines": [{"SalesUnitPrice": Decimal(amount)}]}


def journal(
    amount: str | int, day: dt.date, reference: str = "", *accounts: str, text: str = "As agreed"
) -> dict[str, Any]:
    """The values of a journal entry, its whole amount from the last account to the first."""
    lines = [{"Account": account} for account in accounts] or [{}]
    lines[0]["Debit"] = lines[-1]["Credit"] = Decimal(amount)  # type: ignore[assignment]
    return {"Date": day, "Reference": reference, "Narration": text, "Lines": lines}


def tried(file: Path, rule: str, **parameters: Any) -> Tested:
    """What one test gives on a business."""
    with mn.open_business(file) as business:
        (done,) = audit(business, rules=rule, **parameters).examined
    return done.tested


def said_of(tested: Tested) -> list[str]:
    """The messages of its findings, in English."""
    return [finding.message.told() for finding in tested.findings]


def _lined(amount: str | int, **values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value} | {"Lines": [{"Amount": Decimal(amount)}]}
