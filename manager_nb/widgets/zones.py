"""The choice of a time zone in the head of every panel: typed, found by place, followed everywhere at once."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from manager_nb.i18n import Language, available
from manager_nb.widgets import view
from manager_nb.widgets.preferences import local_timezone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager_nb.widgets.view import Node

#: How many places are listed at once: who types a little more sees those that are meant.
MOST = 10

_BREAKS = re.compile(r"[/_()-]+| +")
"""What parts words in names of places."""

_YEAR = 2026

_NO_COUNTRY = frozenset({"ZZ", "001"})


class Host(Protocol):
    """What it needs of the panel, which is made with one: its words, its zone, and where the focus goes."""

    timezone: str
    focus: str

    @property
    def words(self) -> Language:
        """The panel's language."""

    def text(self, msgid: str) -> str:
        """A text of the catalogue."""


class ZoneChooser:
    """A button that says the zone, and the list that it opens.

    Args:
        panel: the panel it is in.
        choose: called with the IANA name of the zone that was chosen.
    """

    def __init__(self, panel: Host, choose: Callable[[str], None]) -> None:
        self._panel, self._choose = panel, choose
        self._words = ""
        self._opened = False

    def opener(self) -> Node:
        """The button that says the zone."""
        panel = self._panel
        label = panel.words.text("Time zone: {zone}", zone=panel.words.zone(panel.timezone))
        return view.button(label, self._toggle, key="zone", look="quiet", expanded=self._opened)

    def nodes(self) -> Node | None:
        """The search field and the places that answer, while it is open."""
        if not self._opened:
            return None
        panel = self._panel
        usual = dict.fromkeys((panel.timezone, local_timezone(), "UTC"))
        found = find_zones(self._words, panel.words) if self._words.strip() else tuple(usual)
        field = view.entry(
            panel.text("Country or city"),
            self._words,
            self._search,
            key="zone-search",
            help=panel.text("Times on this page are shown in this zone. Files keep the exact moment."),
            on_enter=self._first,
        )
        none = view.paragraph(
            panel.text(
                "No time zone is called so. Only some cities give their name to one: type the country, for example"
                " India, and choose from its zones."
            )
        )
        more = panel.words.plural("{count} more: type on.", "{count} more: type on.", len(found) - MOST)
        return view.group(
            field,
            self._list(found[:MOST]) if found else none,
            view.paragraph(more, look="muted") if len(found) > MOST else None,
            look="browser",
        )

    def _list(self, names: Iterable[str]) -> Node:
        text = self._panel.text
        rows: list[list[str | Node]] = [
            [
                view.button(self._told(name), self._taking(name), key=f"zone-{name}", look="place"),
                self._panel.words.country(country_of(name)),
                offset(name),
                name,
            ]
            for name in names
        ]
        columns = [text("Time zone"), text("Country"), text("Ahead of UTC now"), text("Its name in files")]
        return view.table(
            text("Time zones"), columns, rows, numbers=(2,), key="zone-list", arrows=True, hide_caption=True
        )

    def _told(self, name: str) -> str:
        text, told = self._panel.words.text, self._panel.words.zone(name)
        if name == self._panel.timezone:
            return text("{zone} — chosen now", zone=told)
        return text("{zone} — this computer’s", zone=told) if name == local_timezone() else told

    def _toggle(self) -> None:
        self._opened, self._words = not self._opened, ""

    def _search(self, words: str) -> None:
        self._words = words

    def _first(self) -> None:
        found = find_zones(self._words, self._panel.words) if self._words.strip() else ()
        if found:
            self._take(found[0])

    def _taking(self, name: str) -> Callable[[], None]:
        return lambda: self._take(name)

    def _take(self, name: str) -> None:
        self._opened = False
        self._panel.focus = "zone"
        self._choose(name)


def find_zones(words: str, language: Language) -> tuple[str, ...]:
    """The IANA names of the zones that answer to typed words, those that come nearest first.

    Args:
        words: how words of a country, a city or an IANA name begin, in any of the languages; or all of what the clock
            is called there for short, as IST: where it is called so all year comes first.
        language: the reader's, whose names order them.
    """
    wanted = _BREAKS.sub(" ", words.casefold()).split()
    if not wanted:
        return ()
    told = " ".join(wanted)
    zones = _zones(language.code)
    short = sorted((zone for zone in zones if told in zone.short), key=lambda zone: len(zone.short))
    found = [zone for zone in zones if zone not in short and all(_begins(word, zone.words) for word in wanted)]
    found.sort(key=lambda zone: _nearness(told, zone.words.split("\n")))
    return tuple(zone.name for zone in (*short, *found))


def _begins(word: str, words: str) -> bool:
    """Whether some word begins so: IST is no part of Pakistan."""
    return words.startswith(word) or any(f"{gap}{word}" in words for gap in " \n")


def _nearness(words: str, told: list[str]) -> int:
    """0 where a country is called so, 1 where a name begins so, 2 for the rest."""
    if words in told:
        return 0
    return 1 if any(part.startswith(words) for part in told[:-1]) else 2  # the last is the IANA name: Indian/Cocos


def country_of(name: str) -> str:
    """The code of a zone's country, nothing where it has none."""
    code = str(get_global("zone_territories").get(name, ""))
    return "" if code in _NO_COUNTRY else code


def offset(name: str) -> str:
    """How far a zone is ahead of UTC now: "+05:30"."""
    told = datetime.now(UTC).astimezone(ZoneInfo(name)).strftime("%z")
    return f"{told[:3]}:{told[3:5]}"


@dataclass(frozen=True, slots=True)
class _Zone:
    name: str
    words: str
    short: frozenset[str]


@functools.cache
def _zones(code: str) -> tuple[_Zone, ...]:
    language, known = Language(code), available_timezones()
    names = {name for name in get_global("zone_territories") if country_of(name) and name in known}
    return tuple(_Zone(name, _searched(name), _short(name)) for name in sorted(names | {"UTC"}, key=language.zone))


def _searched(name: str) -> str:
    """All that a person may type for a zone, in all languages, a line each."""
    languages = [Language(code) for code in available()]
    told = [words for language in languages for words in (language.zone(name), language.country(country_of(name)))]
    return _BREAKS.sub(" ", "\n".join([*told, name]).casefold())


def _short(name: str) -> frozenset[str]:
    """What the clock is called there for short, in winter and in summer: IST, GMT and BST."""
    zone = ZoneInfo(name)
    told = (datetime(_YEAR, month, 1, tzinfo=zone).tzname() or "" for month in (1, 7))
    return frozenset(words.casefold() for words in told if words.isalpha())
