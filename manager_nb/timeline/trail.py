"""All chains of a business, read once, and what they say about one moment."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager_nb.format.scalars import NIL
from manager_nb.progress import SILENT, Progress, heeded
from manager_nb.timeline.chains import Chain, Link, State, chain, state
from manager_nb.timeline.keys import is_own

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager_nb.format.database import Database


@dataclass(frozen=True, slots=True)
class Present:
    """An object as the file has it now.

    Attributes:
        key: as the file spells it.
        state: its digest.
        ticks: ``Objects.Timestamp``, None where the row does not say.
    """

    key: str
    state: State
    ticks: int | None


@dataclass(frozen=True, slots=True)
class Life:
    """One object: what it is now, and the chain of its changes.

    Attributes:
        key: of the object, in lower case.
        now: None where it is gone.
        chain: its changes in the order in which they happened.
    """

    key: str
    now: Present | None
    chain: Chain


class Trail:
    """The History of a whole business as chains.

    Args:
        database: of the business.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @functools.cached_property
    def lives(self) -> dict[str, Life]:
        """Every object that is there or that History tells of, by its key in lower case."""
        return self._read(SILENT)

    def read(self, progress: Progress) -> None:
        """Read all lives, if they have not been read; a cancel is heard meanwhile.

        Raises:
            CancelledError: the user cancelled.
        """
        if "lives" not in vars(self):
            vars(self)["lives"] = self._read(progress)

    def _read(self, progress: Progress) -> dict[str, Life]:
        now = dict(heeded(self._now(), progress))
        links = self._links(progress=progress)
        return {
            key: Life(key, now.get(key), chain(links.get(key, ()), now[key].state if key in now else None))
            for key in heeded(sorted(now.keys() | links.keys()), progress)
        }

    def life(self, key: str) -> Life | None:
        """One object by its key; only its own rows are read, unless all have been read anyway."""
        if "lives" in vars(self):
            return self.lives.get(key.lower())
        spellings = tuple(dict.fromkeys((key, key.lower(), key.upper())))
        now = dict(self._now(spellings)).get(key.lower())
        links = self._links(spellings).get(key.lower())
        if now is None and links is None:
            return None
        return Life(key.lower(), now, chain(links or (), now.state if now else None))

    @functools.cached_property
    def last(self) -> int:
        """Ticks of the newest change; -1 where there is none."""
        return max((link.ticks or -1 for life in self.lives.values() for link in life.chain.links), default=-1)

    @functools.cached_property
    def first(self) -> int:
        """Ticks of the oldest change that is left; the largest number where there is none."""
        times = (link.ticks for life in self.lives.values() for link in life.chain.links if link.ticks is not None)
        return min(times, default=1 << 63)

    @functools.cached_property
    def upgraded(self) -> bool:
        """Whether there are objects that the program adds of its own when it upgrades a file (docs/format.md §2).

        They have the keys of their types and no time. A record with another key shows no upgrade: anybody can add one.
        """
        return any(
            life.now is not None and not life.now.ticks and not life.chain.links and is_own(life.key)
            for life in self._all()
        )

    @functools.cached_property
    def doubled(self) -> list[tuple[int, int]]:
        """The spans of time that the clock showed twice, in ticks, both ends included, merged and in order."""
        return merged(itertools.chain.from_iterable(life.chain.set_back() for life in self._all()))

    def doubled_at(self, ticks: int) -> tuple[int, int] | None:
        """The span that the clock showed twice and that holds this moment."""
        place = bisect.bisect_right(self.doubled, (ticks, 1 << 63)) - 1
        return self.doubled[place] if place >= 0 and ticks <= self.doubled[place][1] else None

    def commit(self, key: str) -> list[tuple[str, int]]:
        """The changes of a commit: the object, and how many changes of it are done after the commit."""
        return [
            (life.key, place + 1)
            for life in self._all()
            for place, link in enumerate(life.chain.links)
            if link.commit is not None and link.commit.lower() == key.lower()
        ]

    def _all(self) -> Iterator[Life]:
        return iter(self.lives.values())

    def _now(self, keys: tuple[str, ...] = ()) -> Iterator[tuple[str, Present]]:
        if "Objects" not in self._database.tables():
            return
        sql = (
            'SELECT "Key", "ContentType", CAST("Content" AS BLOB), "Timestamp" FROM "Objects"'  # noqa: S608 - our words
            + _among("Key", keys)
        )
        for key, content_type, content, ticks in self._database.rows(sql, keys):
            yield str(key).lower(), Present(str(key), _state(content_type, content), _ticks(ticks))

    def _links(self, keys: tuple[str, ...] = (), progress: Progress = SILENT) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = defaultdict(list)
        if "Changes" not in self._database.tables():
            return found
        sql = (
            'SELECT "Key", "Commit", "Object", "Timestamp", "ContentTypeBefore", CAST("ContentBefore" AS BLOB),'  # noqa: S608
            ' "ContentTypeAfter", CAST("ContentAfter" AS BLOB) FROM "Changes"' + _among("Object", keys)
        )
        for key, commit, subject, ticks, type_before, before, type_after, after in heeded(
            self._database.rows(sql, keys), progress
        ):
            link = Link(str(key), commit, _ticks(ticks), _state(type_before, before), _state(type_after, after))
            if subject and (link.before is not None or link.after is not None):  # else it tells of nothing
                found[str(subject).lower()].append(link)
        return found


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of time, those that touch put together, in order."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _among(column: str, keys: tuple[str, ...]) -> str:
    """The condition that a column has one of these values; none for all."""
    return f' WHERE "{column}" IN ({", ".join("?" * len(keys))})' if keys else ""


def _state(content_type: Any, content: Any) -> State:
    guid = str(content_type).lower() if content_type else NIL
    return None if guid == NIL else state(guid, content if isinstance(content, bytes) else None)


def _ticks(value: Any) -> int | None:
    return value if isinstance(value, int) else None
