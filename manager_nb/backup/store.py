"""A store: a folder of backups, a folder a business inside it, and which of them are kept.

A backup is known by the manifest beside it. Nothing is removed by making backups: :func:`fates` says what would go and
why the others stay, and :func:`remove` does it. What stands beside a backup whose History does not extend the one
before is evidence: neither of the two ever goes. Nor does what the journal of a restore names: what was there before,
what came of it. A backup takes the place only of one that has nothing besides: where one was made without attachments,
the last with them stays. What is not as long as its manifest says takes no place, and does not go either: it may be
somebody's file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.backup.choices import MEANINGS
from manager_nb.backup.manifest import SUFFIX, read_manifest
from manager_nb.backup.names import LONGEST_BUSINESS, dated, file_name
from manager_nb.errors import BusinessNameError, TargetUnwritableError
from manager_nb.format.businesses import absolute
from manager_nb.format.placing import partial, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from manager_nb.backup.manifest import Manifest

HISTORY_SUFFIX = ".history.json"
"""Of the paper that tells how a backup's History compares with that of the one before."""

RESTORE_SUFFIX = ".restore.json"
"""Of the journal that a restore leaves."""

_JOURNAL_NAMES = ("source", "past", "before", "after")
_ENDINGS = (".manager", ".manager.tar", ".manager.zst", ".manager.tar.zst")
_TAKEN = tuple(f"{ending}{paper}" for ending in _ENDINGS for paper in ("", SUFFIX, HISTORY_SUFFIX))
_YEARS = range(1900, 9000)
"""Of a manifest's date: the calendar of every zone has those."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in a store.

    Attributes:
        path: the file.
        business: whose it is.
        made: when, with a time zone.
        size: bytes.
        earlier: the name of the backup whose History this one does not extend; None where it does, or was not compared.
        contents: which of "attachments", "emails" and "history" are in it.
        restore: whether the journal of a restore names it.
        whole: whether the file is as long as its manifest says.
    """

    path: Path
    business: str
    made: dt.datetime
    size: int
    earlier: str | None = None
    contents: frozenset[str] = frozenset(MEANINGS)
    restore: bool = False
    whole: bool = True

    @property
    def history(self) -> bool:
        """Whether its History is in it."""
        return "history" in self.contents


@dataclass(frozen=True, slots=True)
class Retention:
    """How many backups stay: the newest of each of so many days, weeks, months, and the last of financial years.

    Attributes:
        days: how many days.
        weeks: how many weeks.
        months: how many months.
        years: how many financial years that have ended; None: all, for ever.
        year_end: month and day on which the financial year ends.
    """

    days: int = 14
    weeks: int = 8
    months: int = 24
    years: int | None = None
    year_end: tuple[int, int] = (3, 31)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a backup.

    Attributes:
        backup: it.
        because: why it stays: "newest", "day", "week", "month", "year end", "evidence", "restore", "not whole";
            nothing: it goes.
    """

    backup: Kept
    because: tuple[str, ...]

    @property
    def stays(self) -> bool:
        """Whether it stays."""
        return bool(self.because)


class Store:
    """A folder of backups of several businesses, each in a folder of its own; made when the first comes.

    >>> store = Store("Backups")                                           # doctest: +SKIP
    >>> pd.DataFrame(store.backups("Himalaya Traders"))                    # doctest: +SKIP
    >>> going = [fate for fate in store.fates() if not fate.stays]         # doctest: +SKIP
    >>> store.remove(going)                                                # doctest: +SKIP

    Args:
        folder: where.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = absolute(folder)

    def __repr__(self) -> str:
        return f"<Store {self.folder.name!r}>"

    def folder_of(self, business: str) -> Path:
        """Where the backups of a business go."""
        return self.folder / file_name(business, longest=LONGEST_BUSINESS).text

    def free_name(self, business: str, today: dt.date) -> str:
        """The name of its next backup: with today's date, numbered where there is one of today."""
        folder = self.folder_of(business)
        for number in itertools.count(1):
            name = dated(business, today, number)
            if not any((folder / f"{name}{ending}").exists() for ending in _TAKEN):
                return name
        raise AssertionError

    def businesses(self) -> tuple[str, ...]:
        """The businesses of which it has backups, in alphabetical order."""
        found = set()
        for paper in self.folder.glob(f"*/*{SUFFIX}"):
            manifest = read_manifest(_backup_of(paper))
            name = str(manifest["business"]["name"]) if manifest is not None else ""
            with contextlib.suppress(BusinessNameError):
                found |= {name} if self.folder_of(name) == paper.parent else set()
        return tuple(sorted(found, key=str.casefold))

    def fates(
        self, retention: Retention | None = None, *, business: str | None = None, zone: dt.tzinfo | None = None
    ) -> tuple[Fate, ...]:
        """What would become of its backups, and why; nothing is done.

        Args:
            retention: how many stay; None: as many as :class:`Retention` says.
            business: of which business; None: of each.
            zone: in which days begin; None: this computer's.
        """
        names = self.businesses() if business is None else (business,)
        kept = retention or Retention()
        return tuple(fate for name in names for fate in fates(self.backups(name), kept, zone))

    def remove(self, decided: Iterable[Fate]) -> tuple[Path, ...]:
        """Remove the backups that do not stay, each with its papers.

        Returns:
            What was removed.

        Raises:
            TargetError: the system does not let us.
        """
        return remove(one for one in decided if one.backup.path.is_relative_to(self.folder))

    def backups(self, business: str) -> tuple[Kept, ...]:
        """The backups of a business, the newest first."""
        return tuple(sorted(self._found(business), key=_age, reverse=True))

    def _found(self, business: str) -> Iterator[Kept]:
        folder = self.folder_of(business)
        restores = _named_by_journals(folder)
        for paper in folder.glob(f"*{SUFFIX}"):
            path = _backup_of(paper)
            manifest = read_manifest(path)
            with contextlib.suppress(OSError, ValueError):
                if manifest is not None and manifest["business"]["name"] == business:
                    yield _kept(path, business, manifest, restore=path.name in restores)


def _kept(path: Path, business: str, manifest: Manifest, *, restore: bool) -> Kept:
    made, size = dt.datetime.fromisoformat(manifest["created"]), path.stat().st_size
    if made.tzinfo is None or made.year not in _YEARS:
        raise ValueError(made)
    contents = frozenset(part for part in MEANINGS if manifest["choices"][part]["included"])
    return Kept(path, business, made, size, _earlier(path), contents, restore, size == manifest["file"]["size"])


def _named_by_journals(folder: Path) -> set[str]:
    """The files that restores name which were done from here."""
    names = set()
    for paper in folder.glob(f"*{RESTORE_SUFFIX}"):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            told = json.loads(paper.read_bytes())
            files = [told.get(one) for one in _JOURNAL_NAMES]
            names |= {str(one.get("name")) for one in files if isinstance(one, dict)}
    return names


def _backup_of(paper: Path) -> Path:
    return paper.with_name(paper.name.removesuffix(SUFFIX))


def tell_history(backup: Path, told: dict[str, object]) -> Path:
    """Write beside a backup how its History compares with that of the one before.

    Raises:
        TargetError: it cannot be written.
    """
    paper = backup.with_name(backup.name + HISTORY_SUFFIX)
    with partial(paper.parent, paper.name) as file:
        with writing(paper):
            file.file.write((json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))
        file.place(paper)
    return paper


def _earlier(backup: Path) -> str | None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        told = json.loads(backup.with_name(backup.name + HISTORY_SUFFIX).read_bytes())
        if told.get("extends") is False:
            return str(told.get("earlier"))
    return None


def fates(backups: Iterable[Kept], retention: Retention, zone: dt.tzinfo | None = None) -> tuple[Fate, ...]:
    """What would become of the backups of one business, the newest first; nothing is done.

    Args:
        backups: all of them.
        retention: how many stay.
        zone: in which days begin; None: this computer's.
    """
    ordered = sorted(backups, key=_age, reverse=True)
    reasons: dict[Kept, list[str]] = {one: [] for one in ordered}
    for contents in {one.contents for one in ordered}:
        rivals = [one for one in ordered if one.whole and one.contents >= contents]
        days = [one.made.astimezone(zone).date() for one in rivals]
        for place, word in _chosen(days, retention):
            if word not in reasons[rivals[place]]:
                reasons[rivals[place]].append(word)
    evidence = {one.path.name for one in ordered if one.earlier} | {one.earlier for one in ordered if one.earlier}
    for one, why in reasons.items():
        why += ["evidence"] * (one.path.name in evidence) + ["restore"] * one.restore + ["not whole"] * (not one.whole)
    return tuple(Fate(one, tuple(why)) for one, why in reasons.items())


def _chosen(days: list[dt.date], retention: Retention) -> Iterator[tuple[int, str]]:
    """Of the days of backups that could stand for each other, the newest first: which stay, and why."""
    if days:
        yield 0, "newest"
    for word, most, period in (
        ("day", retention.days, lambda day: day.toordinal()),
        ("week", retention.weeks, lambda day: day.isocalendar()[:2]),
        ("month", retention.months, lambda day: (day.year, day.month)),
    ):
        for place in _first_of_each(days, period)[: max(0, most)]:
            yield place, word
    for place in _first_of_each(days, lambda day: _year(day, retention))[1:][: retention.years]:
        yield place, "year end"


def _age(one: Kept) -> tuple[dt.datetime, int, str]:
    """The manifest tells whole seconds; of two in one the greater number was given later."""
    return one.made, len(one.path.name), one.path.name


def _first_of_each(days: list[dt.date], period: Callable[[dt.date], object]) -> list[int]:
    """The places of the newest backup of each period, the newest first."""
    seen: dict[object, int] = {}
    for place, day in enumerate(days):
        seen.setdefault(period(day), place)
    return list(seen.values())


def _year(day: dt.date, retention: Retention) -> int:
    """The year in which the financial year of a day ends."""
    return day.year + ((day.month, day.day) > retention.year_end)


def remove(decided: Iterable[Fate]) -> tuple[Path, ...]:
    """Remove the backups that do not stay, each with its papers.

    Returns:
        What was removed.

    Raises:
        TargetError: the system does not let us.
    """
    gone = []
    for fate in decided:
        if not fate.stays:
            path = fate.backup.path
            try:
                for paper in (path, *(path.with_name(path.name + one) for one in (HISTORY_SUFFIX, SUFFIX))):
                    paper.unlink(missing_ok=True)  # the manifest last: what has one is found again and removed then
            except OSError as error:
                raise TargetUnwritableError(
                    "{name} cannot be removed: {reason}.",
                    hint="Close it wherever it is open, and see that you may remove files in this folder. Then try"
                    " again.",
                    path=path,
                    name=path.name,
                    reason=error.strerror or str(error),
                ) from error
            gone.append(path)
    return tuple(gone)
