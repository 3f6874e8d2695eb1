"""Looks whether a private copy can be read throughout, and sees to it that it can.

Damaged indexes are made anew in the private copy; from a file whose tables are damaged, salvage takes what can be read.
Marks of a copy that was made while somebody saved look like tampering and are not: they are named as what they are
(docs/format.md §6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.errors import NotABusinessError
from manager_nb.format import checks, layout
from manager_nb.format.database import Database
from manager_nb.format.mending import rebuilt, reindexed
from manager_nb.format.problems import CUT, FAULT, REMARK, TORN, Problem
from manager_nb.format.salvage import salvage

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.progress import Progress

_REQUIRED = {"Key", "ContentType"}


class Examination:
    """Of one private copy; what is found goes into its problems.

    Attributes:
        problems: what is wrong, with what was done about it.
    """

    def __init__(self, database: Path, original: Path, problems: list[Problem], progress: Progress) -> None:
        self._database = database
        self._original = original
        self.problems = problems
        self._progress = progress
        self._cut = False
        self._torn: list[str] = []

    def readable(self) -> Path:
        """The copy, or another file in its folder with what could be read of it: SQLite reads it without a complaint.

        Raises:
            NotABusinessError: it is the database of another program.
            DamagedFileError: not one row can be read.
            CancelledError: the user cancelled.
        """
        self._progress.start("Checking")
        found = checks.complaints(self._database, self._progress)
        if found:
            path = self._mended(found)
        elif found := checks.misspelled(Database(self._database)):
            path = self._salvaged(found)
        else:
            self._look_at_length()
            path = self._with_sound_indexes()
        database = Database(path)
        self._require_business(database)
        if half := checks.half_saved(database):
            self._torn.append(f"{half} of the last records are as they were before their last change")
        if self._torn:
            self._tell(
                f"This copy was probably made while somebody was saving: {'; '.join(self._torn)}. That alone is no sign"
                " of tampering. Make a fresh copy when nobody is working in the business.",
                TORN,
            )
        self._progress.finish()
        return path

    def _look_at_length(self) -> None:
        length = checks.length(self._database)
        self._cut = length.missing > 0
        if self._cut:
            words = f"The file was cut short: {length.missing} of {length.told} bytes are missing at its end."
            self._tell(words, CUT)
        if length.surplus:
            self._torn.append(f"the file is {length.surplus} bytes longer than it says of itself")

    def _with_sound_indexes(self) -> Path:
        found = checks.index_faults(self._database, self._progress)
        if not found:
            return self._database
        if disordered := [one for one in found if checks.DISORDER in one]:
            return self._mended(disordered)  # with the indexes as they are: they still have the right key
        if not self._cut and not found[0].startswith(checks.UNREADABLE):
            self._torn.append("rows are missing in an index of the file")
        if not reindexed(self._database):
            return self._mended(found)
        self._tell(f"An index of the file is damaged ({found[0]}). It was made anew here; no row is lost by that.")
        return self._database

    def _mended(self, found: list[str]) -> Path:
        target = self._database.with_name("rebuilt.manager")
        if rebuilt(self._database, target, self._progress):
            self._tell(f"The file is damaged, but not its tables ({found[0]}). Every row can be read.")
            return target
        return self._salvaged(found)

    def _salvaged(self, found: list[str]) -> Path:
        self._tell(f"The file is damaged ({found[0]}). What can be read of it was saved from it.")
        target = self._database.with_name("salvaged.manager")
        self.problems += salvage(self._database, target, self._progress)
        return target

    def _require_business(self, database: Database) -> None:
        tables = database.tables() & set(layout.TABLES)
        if "Objects" in tables and not set(database.columns("Objects")) >= _REQUIRED:
            tables = frozenset()
        if not tables & {"Objects", "Changes"}:
            raise NotABusinessError(
                "{name} is a database, but not a Manager business.",
                hint="Choose a .manager file, a backup, or the data folder of Manager.",
                path=self._original,
                name=self._original.name,
            )
        for name in database.impostors():
            self._tell(f"The file has a view or a virtual table in place of the table {name}. It was left out.", FAULT)

    def _tell(self, what: str, effect: str = REMARK) -> None:
        self.problems.append(Problem("file", None, None, what, effect=effect))
