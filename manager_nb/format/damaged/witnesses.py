"""What the indexes of a table tell about its rows: an index holds some values and the key of every row once more.

Where a table and its indexes agree a row is right; where they do not, one of them is damaged or of another moment.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from manager_nb.format.damaged.trees import BY_KEY, Tree

if TYPE_CHECKING:
    from manager_nb.format.damaged.definitions import Definition, IndexDefinition
    from manager_nb.format.damaged.record import Value
    from manager_nb.format.damaged.trees import Entry, Walker

_AGREEING = 0.9
"""An index is heard when it knows at least so much of the rows that were found through the table."""

_FEW = 4
"""Of so many rows or more, one that it does not know may be the damaged one."""


class Witness:
    """An index that hangs together.

    Attributes:
        column: the column that it is about.
        position: where the table's records hold it.
        keys: the value of that column by key; only of the first witness of a table, to save memory.
    """

    def __init__(self, column: str, position: int, pairs: array[int], keys: dict[Value, Value]) -> None:
        self.column = column
        self.position = position
        self.keys = keys
        self._pairs = np.unique(np.frombuffer(pairs, np.int64) if pairs else np.empty(0, np.int64))

    def knows(self, key: Value, values: tuple[Value, ...]) -> bool:
        """Whether it holds that key with the value that the row has."""
        pair = hash((values[self.position], key))
        place = int(np.searchsorted(self._pairs, pair))
        return place < len(self._pairs) and int(self._pairs[place]) == pair

    def unknown(self, pairs: array[int]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """The places of those pairs that it does not hold."""
        return np.flatnonzero(~np.isin(np.frombuffer(pairs, np.int64), self._pairs)) if pairs else np.empty(0, np.intp)

    def agrees(self, pairs: array[int]) -> bool:
        """Whether it is about the rows with these pairs at all."""
        allowed = (1 - _AGREEING) * len(pairs)
        return len(self.unknown(pairs)) <= (max(allowed, 1) if len(pairs) >= _FEW else allowed)


def read_witness(
    walker: Walker, definition: Definition, index: IndexDefinition, tree: Tree, *, keys: bool
) -> Witness | None:
    """Walk an index; None where it is damaged.

    Args:
        walker: what walks; it remembers the pages of the index.
        definition: the table.
        index: one of its indexes, of one column and the key.
        tree: where the faults are noted.
        keys: whether to remember the keys.
    """
    if not is_witness(definition, index):
        return None
    pairs: array[int] = array("q")
    named: dict[Value, Value] = {}
    for visit in walker.walk(tree, BY_KEY, _has_two_values, len(index.columns)):
        for entry in visit.entries:
            if entry.record is not None and len(entry.record.values) == 2:
                value, key = entry.record.values
                pairs.append(hash((value, key)))
                if keys:
                    named[key] = value
    column = index.columns[0]
    return None if tree.faults else Witness(column, definition.columns.index(column), pairs, named)


def is_witness(definition: Definition, index: IndexDefinition) -> bool:
    """Whether an index holds one column and the key."""
    key = definition.columns[definition.key]
    return len(index.columns) == 2 and index.columns[0] in definition.columns and index.columns[1] == key


def _has_two_values(entry: Entry) -> bool:
    return entry.record is not None and len(entry.record.values) == 2
