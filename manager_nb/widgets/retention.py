"""Which old backups of a store may go: what would be removed and why the others stay, then removing, after a tick."""

from __future__ import annotations

import calendar
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa

from manager_nb.backup.store import Fate, Retention, Store
from manager_nb.i18n import mark
from manager_nb.listing.columns import Column
from manager_nb.widgets import view
from manager_nb.widgets.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from manager_nb.progress import Progress
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_WHY = {
    "newest": mark("the newest"),
    "day": mark("the last of its day"),
    "week": mark("the last of its week"),
    "month": mark("the last of its month"),
    "year end": mark("the last of its financial year"),
    "evidence": mark("evidence: its History does not fit"),
    "restore": mark("evidence: the journal of a restore names it"),
    "not whole": mark("not whole: its size is not that in its manifest"),
}
_GOES, _STAYS = mark("would be removed"), mark("stays")
_ROWS = pa.schema(
    [
        ("business", pa.string()),
        ("backup", pa.string()),
        ("made", pa.timestamp("us", "UTC")),
        ("size", pa.string()),
        ("becomes", pa.string()),
        ("because", pa.string()),
    ]
)
_COLUMNS = (
    Column("backup", mark("Backup")),
    Column("business", mark("Business"), hidden=True),
    Column("made", mark("Made")),
    Column("size", mark("Size")),
    Column("becomes", mark("What becomes of it"), words={_GOES: _GOES, _STAYS: _STAYS}),
    Column("because", mark("Why")),
)
_MONTHS = range(1, 13)
_MOST = 999


class RetentionPart:
    """The part of a panel about old backups.

    Args:
        panel: the panel it is in.
        place: its name there.
        folder: gives the store as it is chosen now.

    Attributes:
        fates: what would become of each backup; None until somebody asks.
        grid: the table of them.
    """

    def __init__(self, panel: Panel, place: str, folder: Callable[[], Path]) -> None:
        self._panel, self._place, self._folder = panel, place, folder
        self._numbers = {"days": "14", "weeks": "8", "months": "24", "years": ""}
        self._month, self._day = 3, 31
        self._agreed = False
        self._removed: int | None = None
        self.fates: tuple[Fate, ...] | None = None
        self.grid = Grid(panel, f"{place}-grid")

    @property
    def chosen(self) -> Retention:
        """How many stay, as typed; what is no number counts as at first."""
        usual = Retention()

        def number(name: str) -> int:
            typed = self._numbers[name].strip()
            return min(int(typed), _MOST) if typed.isdecimal() else getattr(usual, name)

        years = self._numbers["years"].strip()
        return Retention(
            number("days"),
            number("weeks"),
            number("months"),
            int(years) if years.isdecimal() else None,
            (self._month, min(self._day, _last_day(self._month))),
        )

    # ---- what it does --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Find out what would be removed; nothing is."""
        store, retention, zone = Store(self._folder()), self.chosen, ZoneInfo(self._panel.timezone)

        def work(progress: Progress) -> tuple[Fate, ...]:
            progress.start("Reading")
            return store.fates(retention, zone=zone)

        with self._panel.change(self._place):
            self.forget()
            self._panel.run("Reading", work, self._show, place=self._place)

    def remove(self) -> None:
        """Remove what was shown, if the tick says so."""
        going = [one for one in self.fates or () if not one.stays]
        store = Store(self._folder())
        if not self._agreed or not going:
            return

        def done(gone: tuple[Path, ...]) -> None:
            self.forget()
            self._removed = len(gone)
            self._panel.focus = self._place

        with self._panel.change(self._place):
            self._panel.run("Removing", lambda _progress: store.remove(going), done, place=self._place)

    def forget(self) -> None:
        """Drop what was shown: the store or the choice is another by now."""
        self.fates, self._agreed, self._removed = None, False, None
        self.grid.clear()

    # ---- the screen ----------------------------------------------------------------------------------------------

    def nodes(self) -> Node:
        """How many stay, and what would go."""
        panel, text = self._panel, self._panel.text
        button = view.button(
            text("Show what would be removed"), self.look, key=self._key("look"), disabled=panel.busy, focus=True
        )
        inside = view.group(
            view.paragraph(
                text(
                    "Making backups removes nothing. Here you may let go of old ones: of each business stay the newest"
                    " of each day, week and month, as many as you say, the last of each financial year, and every one"
                    " that is evidence: where a History does not fit the one before, and what the journal of a restore"
                    " names. A backup from which something was left out takes the place of none that has it."
                ),
                look="muted",
            ),
            self._settings(),
            panel.trouble(self._place),
            panel.under_way(self._place) or button,
            *self._found(),
        )
        done = None
        if self._removed is not None:
            words = panel.plural("{count} backup was removed.", "{count} backups were removed.", self._removed)
            done = view.notice(words, look="good")
        heading = text("Old backups in the folder")
        return view.section(
            heading, done, view.fold(text("Which backups stay"), inside, key=self._key("fold")), key=self._place
        )

    def _settings(self) -> Node:
        text = self._panel.text
        labels = {
            "days": text("Days"),
            "weeks": text("Weeks"),
            "months": text("Months"),
            "years": text("Financial years (empty: all)"),
        }
        entries = [
            view.entry(label, self._numbers[name], self._typing(name), key=self._key(name), disabled=self._panel.busy)
            for name, label in labels.items()
        ]
        months = {str(month): self._panel.words.month(month) for month in _MONTHS}
        days = {str(day): self._panel.words.number(day) for day in range(1, _last_day(self._month) + 1)}
        busy = self._panel.busy
        last = str(min(self._day, _last_day(self._month)))
        return view.fields(
            *entries,
            view.select(
                text("Financial year ends in"), months, str(self._month), self._choose_month, key=self._key("month"),
                disabled=busy,
            ),
            view.select(text("on day"), days, last, self._choose_day, key=self._key("day"), disabled=busy),
        )  # fmt: skip

    def _found(self) -> Iterable[Node | None]:
        if self.fates is None or self._panel.busy:
            return
        panel, going = self._panel, [one for one in self.fates if not one.stays]
        stay = len(self.fates) - len(going)
        told = panel.plural("{count} backup stays.", "{count} backups stay.", stay)
        if not going:
            yield view.notice(f"{told} {panel.text('None would be removed.')}")
        else:
            size = panel.words.size(sum(one.backup.size for one in going))
            goes = panel.plural(
                "{count} backup would be removed ({size}).", "{count} backups would be removed ({size}).", len(going),
                size=size,
            )  # fmt: skip
            yield view.paragraph(f"{goes} {told}", look="strong")
        if not self.fates:
            return
        self.grid.rename(panel.text("Backups in the folder"))
        yield self.grid.nodes()
        if going:
            yield view.check(
                panel.plural(
                    "I have read the list: remove {count} backup for good",
                    "I have read the list: remove {count} backups for good",
                    len(going),
                ),
                self._agreed,
                self._agree,
                key=self._key("agree"),
                help=panel.text("They are not put into a recycle bin; nothing brings them back."),
            )
            label = panel.plural("Remove {count} backup", "Remove {count} backups", len(going))
            yield view.button(label, self.remove, key=self._key("remove"), disabled=not self._agreed)

    # ---- what happens --------------------------------------------------------------------------------------------

    def _show(self, found: tuple[Fate, ...]) -> None:
        self.fates = tuple(sorted(found, key=lambda one: one.stays))
        rows = [
            {
                "business": one.backup.business,
                "backup": one.backup.path.name,
                "made": one.backup.made,
                "size": self._panel.words.size(one.backup.size),
                "becomes": _STAYS if one.stays else _GOES,
                "because": ", ".join(self._panel.text(_WHY[why]) for why in one.because),
            }
            for one in self.fates
        ]
        self.grid.show(self._panel.text("Backups in the folder"), pa.Table.from_pylist(rows, _ROWS), _COLUMNS)

    def _agree(self, agreed: bool) -> None:
        self._agreed = agreed

    def _typing(self, name: str) -> Callable[[str], None]:
        def typed(value: str) -> None:
            self.forget()
            self._numbers[name] = value

        return typed

    def _choose_month(self, value: str) -> None:
        self.forget()
        self._month = int(value)
        self._day = _last_day(self._month)

    def _choose_day(self, value: str) -> None:
        self.forget()
        self._day = int(value)

    def _key(self, name: str) -> str:
        return f"{self._place}-{name}"


def _last_day(month: int) -> int:
    """Of a month; February is taken as in a year without a 29th."""
    return calendar.monthrange(2023, month)[1]
