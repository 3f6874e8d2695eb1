"""What a person chose to bring back: records, types, a user's work, actions, a window of time, a search, everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.errors import SelectionError
from manager_nb.model.labels import guid_of
from manager_nb.timeline.moments import Moment, first_tick, last_tick

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records a restore is about. Each criterion that is given narrows the choice; one that is not is None.

    Args:
        keys: records by their keys; upper and lower case are the same.
        types: names, titles or GUIDs of content types.
        users: names as History shows them; None among them is the program itself.
        commits: keys of actions, as in the column ``commit`` of History.
        changes: keys of single changes, as in the column ``change`` of History.
        between: the first and the last moment of a window of History, both included: aware datetimes, dates (whole days
            in `zone`) or .NET ticks.
        text: words that the record's label contains; upper and lower case are the same.
        fields: names of fields ("CreditLimit", "Lines"): only these are brought back, the rest of the record stays as
            it is now.
        zone: the time zone of dates in `between`.
        all: everything; see :meth:`everything`.
    """

    keys: Iterable[str] | None = None
    types: Iterable[str] | None = None
    users: Iterable[str | None] | None = None
    commits: Iterable[str] | None = None
    changes: Iterable[str] | None = None
    between: tuple[Moment, Moment] | None = None
    text: str | None = None
    fields: Iterable[str] | None = None
    zone: str = "UTC"
    all: bool = False

    def __post_init__(self) -> None:
        for name in ("keys", "types", "users", "commits", "changes", "fields"):
            given = getattr(self, name)
            if given is not None:
                one = (given,) if isinstance(given, str) else tuple(given)
                object.__setattr__(self, name, one)

    @classmethod
    def everything(cls) -> Selection:
        """Every record, settings included: the whole business becomes what the past is, and what came since goes."""
        return cls(all=True)

    @property
    def in_history(self) -> bool:
        """Whether it names changes of History: by user, action, time, or one by one."""
        named = (self.users, self.commits, self.changes, self.between)
        return any(given is not None for given in named)

    def require_something(self) -> None:
        """Refuse a selection that says nothing: restoring everything has to be asked for.

        Raises:
            SelectionError: no criterion is given.
        """
        if not self.all and not self.in_history and self.keys is self.types is self.text is None:
            raise SelectionError(
                "Nothing was selected.",
                hint="Name records, types, users, actions, a window of time or words; for all: Selection.everything().",
            )

    def window(self) -> tuple[int, int]:
        """The window of time in ticks, both ends included; the widest where none is given."""
        if self.between is None:
            return -1 << 63, (1 << 63) - 1
        first, last = self.between
        return first_tick(first, self.zone), last_tick(last, self.zone)

    def rows_of(self, history: Iterable[Mapping[str, object]]) -> Iterable[Mapping[str, object]]:
        """The rows of History that it names.

        Args:
            history: rows with ``change``, ``commit``, ``user`` and ``ticks``.
        """
        low, high = self.window()
        commits, changes = _lower(self.commits), _lower(self.changes)
        users = set(self.users) if self.users is not None else None
        for row in history:
            if users is not None and row["user"] not in users:
                continue
            if commits is not None and str(row["commit"] or "").lower() not in commits:
                continue
            if changes is not None and str(row["change"] or "").lower() not in changes:
                continue
            ticks = row["ticks"]
            if self.between is None or (isinstance(ticks, int) and low <= ticks <= high):
                yield row

    def guids(self) -> frozenset[str] | None:
        """The GUIDs of the types it names, in lower case.

        Raises:
            NotFoundError: there is no such type.
        """
        return None if self.types is None else frozenset(map(guid_of, self.types))


def _lower(keys: Iterable[str] | None) -> frozenset[str] | None:
    return None if keys is None else frozenset(key.lower() for key in keys)
