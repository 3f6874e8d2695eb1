"""A random life of a business, told by the test: what was done, what History keeps of it, and what was really there."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from manager_nb.format.encoding import encode
from manager_nb.format.layout import filling, insert
from manager_nb.format.scalars import NIL
from manager_nb.format.schema import SCHEMA

if TYPE_CHECKING:
    import random
    from pathlib import Path

CUSTOMER = SCHEMA.named("Customer")
assert CUSTOMER is not None
GUID = CUSTOMER.guid
START = 638_800_000_000_000_000
SECOND = 10_000_000

State = dict[str, bytes]


@dataclass
class Row:
    """A row of ``Changes``."""

    key: str
    commit: str
    subject: str
    ticks: int
    before: bytes | None
    after: bytes | None

    def values(self) -> tuple[object, ...]:
        """As it is stored."""
        types = [NIL if content is None else GUID for content in (self.before, self.after)]
        return (self.key, self.commit, self.subject, "u", self.ticks, *types, self.before, self.after)


@dataclass
class Life:
    """A business that lives: each action leaves its rows and a memory of what was there after it."""

    dice: random.Random
    now: State = field(default_factory=dict)
    stamps: dict[str, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    memory: list[tuple[int, State]] = field(default_factory=list)
    commits: list[tuple[str, State]] = field(default_factory=list)
    undone: set[str] = field(default_factory=set)
    clock: int = START
    made: int = 0

    def act(self, *, undo: bool, reset: bool) -> None:
        """Do one thing."""
        if reset and self.dice.random() < 0.1:
            self.clock -= self.dice.randrange(1, 40) * SECOND
        else:
            self.clock += self.dice.randrange(1, 10) * SECOND
        if undo and self.rows and self.dice.random() < 0.15:
            self._undo()
        else:
            self._commit(self.dice.choice((1, 1, 1, 2, 5)))
        self.memory.append((self.clock, dict(self.now)))

    def _commit(self, size: int) -> None:
        commit = self._key("c")
        touched: set[str] = set()
        for _ in range(size):
            subject = self.dice.choice([*self.now, ""]) or self._key("o")
            if subject in touched:
                continue
            touched.add(subject)
            before = self.now.get(subject)
            if before is not None and self.dice.random() < 0.25:
                after = None
                del self.now[subject]
                self.stamps.pop(subject)
            else:
                after = encode(CUSTOMER, {"Name": f"{self.dice.randrange(4)}", "Code": subject[-4:]})
                if after == before:
                    continue
                self.now[subject] = after
                self.stamps[subject] = self.clock
            self.rows.append(Row(self._key("r"), commit, subject, self.clock, before, after))
        if self.rows and self.rows[-1].commit == commit:
            self.commits.append((commit, dict(self.now)))

    def _undo(self) -> None:
        """Take the last action back as Manager does: its rows vanish, and the objects are stamped with the time."""
        commit = self.rows[-1].commit
        for row in [row for row in self.rows if row.commit == commit]:
            self.rows.remove(row)
            self.undone.add(row.subject)
            if row.before is None:
                del self.now[row.subject]
                self.stamps.pop(row.subject)
            else:
                self.now[row.subject] = row.before
                self.stamps[row.subject] = self.clock
        self.commits = [(key, state) for key, state in self.commits if key != commit]

    def _key(self, kind: str) -> str:
        self.made += 1
        return f"{ord(kind):08x}-0000-4000-8000-{self.made:012x}"

    def write(self, path: Path) -> Path:
        """The file that this life leaves."""
        with filling(path) as database:
            insert(database, "Objects", [(key, GUID, content, self.stamps[key]) for key, content in self.now.items()])
            insert(database, "Changes", [row.values() for row in self.dice.sample(self.rows, len(self.rows))])
        return path

    def set_back(self) -> list[tuple[int, int]]:
        """The spans that the clock showed twice: set back from the higher to the lower."""
        times = [at for at, _ in self.memory]
        return [(later, earlier) for earlier, later in itertools.pairwise(times) if later < earlier]

    def there(self, ticks: int) -> list[State]:
        """What was there when the clock showed this: one state for each time that it did."""
        found = []
        for place, (at, state) in enumerate([(START - 1, {}), *self.memory]):
            following = self.memory[place][0] if place < len(self.memory) else 1 << 62
            if at <= ticks < following or ticks == at:
                found.append(state)
        return found or [{}]
