"""The rows of one of Manager's tables in a damaged file: found, weighed against each other and against the indexes.

A row comes from the table's own tree, or from an orphan: a page of the table that nothing points to any more. A row of
the tree wins over an orphan. Nothing is repaired: a row is right as it stands, or it is left out and its bytes are
kept in a problem.
"""

from __future__ import annotations

import enum
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from manager_nb.format.damaged.contents import decodes
from manager_nb.format.damaged.definitions import could_be, looks_right, nearly_equal
from manager_nb.format.damaged.trees import BY_KEY, BY_NUMBER, Fault, Tree
from manager_nb.format.damaged.witnesses import Witness, is_witness, read_witness
from manager_nb.format.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager_nb.format.damaged.cells import CellReader
    from manager_nb.format.damaged.definitions import Definition
    from manager_nb.format.damaged.losses import Losses
    from manager_nb.format.damaged.record import Value
    from manager_nb.format.damaged.trees import Entry, Visit, Walker

FOREIGN = frozenset({"Blobs", "Blobs2", "Images"})
"""Tables that hold files of others, in which long stretches of zeros may be right."""

_MOST_COMPARED = 100


class Place(NamedTuple):
    """Where a row is."""

    page: int
    slot: int


class Doubt(enum.Enum):
    """Why a row of the tree is not believed at once."""

    DISPLACED = "its key is not in its place"
    ODD = "it does not look like the others"
    HOLLOW = "a part of it lies in zeros"
    UNDECODABLE = "it is on a damaged page, and its content cannot be read to the end"


@dataclass(slots=True)
class Carved:
    """The rows of a table.

    Attributes:
        definition: the table.
        tree: its tree as far as it could be walked.
        guessed: whether the root was guessed, so that the tree may be a part only.
        places: where the row of each key is.
        chains: the overflow pages of the rows that have some.
        found_again: the keys that come from orphans.
        witnesses: the indexes that can be heard.
        index_trees: the trees of its indexes, by name.
        lost: what the first witness knows of rows that are not there: key and value.
    """

    definition: Definition
    tree: Tree
    guessed: bool
    places: dict[Value, Place] = field(default_factory=dict)
    chains: dict[Value, tuple[int, ...]] = field(default_factory=dict)
    found_again: set[Value] = field(default_factory=set)
    witnesses: list[Witness] = field(default_factory=list)
    index_trees: dict[str, Tree] = field(default_factory=dict)
    lost: dict[Value, Value] = field(default_factory=dict)


class TableCarver:
    """Finds and weighs the rows of one table. Call the methods in the order in which they stand here."""

    def __init__(
        self, walker: Walker, reader: CellReader, definition: Definition, losses: Losses, *, guessed: bool
    ) -> None:
        self.carved = Carved(definition, Tree(definition.root), guessed)
        self._walker = walker
        self._reader = reader
        self._definition = definition
        self._losses = losses
        self._doubts: dict[Value, Doubt] = {}
        self._order: list[Value] = []
        positions = [
            definition.columns.index(index.columns[0]) for index in definition.indexes if is_witness(definition, index)
        ]
        self._pairs: dict[int, array[int]] = {position: array("q") for position in positions}
        self._halves: dict[str, list[str]] = {}
        self._widths = {len(definition.columns)}

    def read_tree(self) -> Iterator[int]:
        """Take the rows of the tree; yields 1 after each page."""
        if not self._definition.root:
            return
        kinds, columns = (BY_NUMBER, None) if self._definition.by_number else (BY_KEY, 1)
        for visit in self._walker.walk(self.carved.tree, kinds, self._belongs, columns):
            self._take_page(visit)
            yield 1

    def read_indexes(self) -> Iterator[int]:
        """Hear the indexes; yields the pages of each."""
        preferred = sorted(
            self._definition.indexes, key=lambda index: index.columns[0] not in ("ContentType", "Object")
        )
        for index in preferred:
            if not index.root:
                continue
            tree = self.carved.index_trees[index.name] = Tree(index.root)
            first = not self.carved.witnesses
            witness = read_witness(self._walker, self._definition, index, tree, keys=first)
            if witness is not None and witness.agrees(self._pairs[witness.position]):
                self.carved.witnesses.append(witness)
            yield tree.pages

    def weigh_doubts(self) -> None:
        """Decide on the rows that are doubtful."""
        name = self._definition.name
        for key, doubt in self._doubts.items():
            entry = self.entry(key)
            if entry is None:
                continue
            if not self._stands(key, doubt, entry):
                self.drop(key)
                self._losses.damaged_row(name, key, entry)
            elif doubt is Doubt.ODD:
                self._losses.odd_row(name, key)

    def _stands(self, key: Value, doubt: Doubt, entry: Entry) -> bool:
        """Whether a doubtful row is kept: of content no index knows, of keys and types it does."""
        sound = entry.cell.page not in self.carved.tree.faults
        if doubt is Doubt.UNDECODABLE:
            return False
        if doubt is Doubt.HOLLOW:
            return sound and self._definition.name in FOREIGN
        if self.carved.witnesses:
            return self._confirmed(key, self.values(key))
        return doubt is Doubt.ODD and sound

    def fits(self, entry: Entry) -> bool:
        """Whether a cell of an orphan looks like a row of this table."""
        return entry.record is not None and (
            len(entry.record.values) in self._widths and looks_right(self._definition, entry.record.values)
        )

    def take_orphan(self, visit: Visit, entry: Entry) -> None:
        """Decide on a row of an orphan page."""
        if entry.record is None or not self.fits(entry) or entry.payload.hollow:
            self._losses.damaged_row(self._definition.name, None, entry)
            return
        values = self._definition.padded(entry.record.values)
        key = values[self._definition.key]
        if key in self.carved.places:
            self._weigh_duplicate(key, values, entry)
        elif self._damaged_orphan(visit, entry, key, values):
            self._losses.damaged_row(self._definition.name, key, entry)
        elif self._alive(key, values):
            self._take(key, entry)
            self.carved.found_again.add(key)
        else:
            self._losses.stale_row(self._definition.name, key, entry)

    def find_lost(self) -> None:
        """Name the rows that the first witness knows and that are not there."""
        if self.carved.witnesses:
            known = self.carved.witnesses[0].keys
            self.carved.lost = {key: value for key, value in known.items() if key not in self.carved.places}

    def weigh_disagreements(self, referred: Callable[[Value], bool]) -> None:
        """Decide on the rows with which a witness does not agree.

        Args:
            referred: whether other tables know an object by that key.
        """
        keys = {
            self._order[int(at)]
            for witness in self.carved.witnesses
            for at in witness.unknown(self._pairs[witness.position])
        }
        for key in sorted(keys - self._doubts.keys(), key=repr):
            if key in self.carved.places:
                self._weigh_disagreement(key, self.values(key), referred)

    def entry(self, key: Value) -> Entry | None:
        """The row of that key, read again."""
        place = self.carved.places.get(key)
        cell = self._reader.cell(*place) if place else None
        return self._walker.entry(cell) if cell else None

    def values(self, key: Value) -> tuple[Value, ...]:
        """The values of the row of that key."""
        entry = self.entry(key)
        return self._definition.padded(entry.record.values if entry and entry.record else ())

    def drop(self, key: Value) -> None:
        """Leave a row out."""
        self.carved.places.pop(key, None)
        self.carved.chains.pop(key, None)
        self.carved.found_again.discard(key)

    def drop_overwritten(self, key: Value) -> None:
        """Leave out a row whose overflow pages belong to others."""
        entry = self.entry(key)
        self.drop(key)
        if entry is not None:
            self._losses.contested_row(self._definition.name, key, entry)

    def rows(self) -> Iterator[tuple[Value, ...]]:
        """The rows by key, read again."""
        for key in sorted(self.carved.places, key=repr):
            entry = self.entry(key)
            if entry is not None and entry.record is not None:
                yield self._readable(key, entry, self._definition.padded(entry.record.values), entry.record.garbled)

    def _readable(
        self, key: Value, entry: Entry, values: tuple[Value, ...], garbled: dict[int, bytes]
    ) -> tuple[Value, ...]:
        """The values; bytes that are no text are kept as bytes in a column that is for bytes."""
        mended = list(values)
        for at, data in garbled.items():
            if self._definition.types[at].upper() == "BLOB":
                mended[at] = data
            else:
                self._losses.garbled_text(self._definition.name, key, self._definition.columns[at], entry)
        return tuple(mended)

    def _belongs(self, entry: Entry) -> bool:
        return entry.record is not None and looks_right(self._definition, entry.record.values)

    def _damaged_orphan(self, visit: Visit, entry: Entry, key: Value, values: tuple[Value, ...]) -> bool:
        if entry.cell.slot in visit.displaced and not self._confirmed(key, values):
            return True
        return not visit.node.sound and not decodes(self._definition, values)

    def _take_page(self, visit: Visit) -> None:
        for entry in visit.entries:
            if entry.record is None or not could_be(self._definition, entry.record.values):
                self._losses.damaged_row(self._definition.name, None, entry)
                continue
            values = self._definition.padded(entry.record.values)
            doubt = self._doubt(visit, entry, values)
            self._take_row(values, entry, doubt)
            if doubt is None:
                self._widths.add(len(entry.record.values))

    def _doubt(self, visit: Visit, entry: Entry, values: tuple[Value, ...]) -> Doubt | None:
        if entry.payload.hollow:
            return Doubt.HOLLOW
        if self.carved.tree.faults.get(visit.node.number) is Fault.UNSOUND and not decodes(self._definition, values):
            return Doubt.UNDECODABLE
        if entry.cell.slot in visit.displaced:
            return Doubt.DISPLACED
        return None if entry.record and looks_right(self._definition, entry.record.values) else Doubt.ODD

    def _take_row(self, values: tuple[Value, ...], entry: Entry, doubt: Doubt | None) -> None:
        """Take a row of the tree, if it is better than one of the same key that is there."""
        key = values[self._definition.key]
        if key in self.carved.places:
            better = doubt is None and key in self._doubts
            worse = doubt is not None and key not in self._doubts
            if not (better or (not worse and self._newer(values, key))):
                self._tell_older(key, values, entry)
                return
            before = self.entry(key)
            if before is not None and before.record is not None:
                self._tell_older(key, self._definition.padded(before.record.values), before, values)
        self._doubts.pop(key, None)
        if doubt is not None:
            self._doubts[key] = doubt
        self._take(key, entry)
        self._order.append(key)
        for position, pairs in self._pairs.items():
            pairs.append(hash((values[position], key)))

    def _take(self, key: Value, entry: Entry) -> None:
        self.carved.places[key] = Place(entry.cell.page, entry.cell.slot)
        self.carved.chains.pop(key, None)
        if entry.payload.chain:
            self.carved.chains[key] = entry.payload.chain

    def _weigh_duplicate(self, key: Value, values: tuple[Value, ...], entry: Entry) -> None:
        """An orphan of a key that is there: it loses, unless both are orphans and it is newer."""
        before = self.entry(key)
        if key in self.carved.found_again and before is not None and self._newer(values, key):
            self._tell_older(key, self.values(key), before, values)
            self._take(key, entry)
        else:
            self._tell_older(key, values, entry)

    def _tell_older(
        self, key: Value, values: tuple[Value, ...], entry: Entry, kept: tuple[Value, ...] | None = None
    ) -> None:
        if values != (self.values(key) if kept is None else kept):
            self._losses.older_row(self._definition.name, key, entry)

    def _newer(self, values: tuple[Value, ...], key: Value) -> bool:
        if "Timestamp" not in self._definition.columns:
            return False
        position = self._definition.columns.index("Timestamp")
        ours, theirs = values[position], self.values(key)[position]
        return isinstance(ours, int) and (not isinstance(theirs, int) or ours > theirs)

    def _confirmed(self, key: Value, values: tuple[Value, ...]) -> bool:
        return bool(self.carved.witnesses) and all(witness.knows(key, values) for witness in self.carved.witnesses)

    def _alive(self, key: Value, values: tuple[Value, ...]) -> bool:
        """Whether the row of an orphan is one that the table has lost, not one that it has given up."""
        if self.carved.witnesses:
            return self._confirmed(key, values)
        return self.carved.guessed or not self._definition.root or bool(self.carved.tree.faults)

    def _weigh_disagreement(self, key: Value, values: tuple[Value, ...], referred: Callable[[Value], bool]) -> None:
        silent = [witness for witness in self.carved.witnesses if not witness.knows(key, values)]
        named = self.carved.witnesses[0].keys
        if key in named or len(silent) < len(self.carved.witnesses):
            for witness in silent:
                self._weigh_value(key, values[witness.position], witness)
            return
        twin = self._twin(key)
        entry = self.entry(key)
        if twin is None or entry is None:
            self._losses.unindexed_row(self._definition.name, key)
        elif len(silent) > 1 or (referred(twin) and not referred(key)):
            self.drop(key)
            self._losses.damaged_row(self._definition.name, key, entry)
        else:
            del self.carved.lost[twin]
            self._losses.disputed_key(self._definition.name, key, twin)

    def _weigh_value(self, key: Value, value: Value, witness: Witness) -> None:
        """The index has another value: a content type that Manager does not know must give way to one that it knows."""
        other = witness.keys.get(key)
        wrong = (
            (self._definition.name, witness.column) == ("Objects", "ContentType")
            and SCHEMA.type_of(str(value)) is None
            and SCHEMA.type_of(str(other)) is not None
        )
        entry = self.entry(key) if wrong else None
        self._losses.disputed_value(self._definition.name, key, witness.column, dropped=entry)
        if wrong:
            self.drop(key)

    def _twin(self, key: Value) -> Value:
        """A lost key that differs from this one in one letter: one half of it is then the same."""
        if not isinstance(key, str):
            return None
        if not self._halves:
            for lost in self.carved.lost:
                for half in _halves(str(lost)):
                    self._halves.setdefault(half, []).append(str(lost))
        alike = [lost for half in _halves(key) for lost in self._halves.get(half, [])[:_MOST_COMPARED]]
        return next((lost for lost in alike if lost in self.carved.lost and nearly_equal(lost, key)), None)


def _halves(key: str) -> tuple[str, str]:
    return f"{key[:18]} ", f" {key[18:]}"
