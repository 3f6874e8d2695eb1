"""What a backup is called: a name that Manager, and every file system that the file may travel to, can hold.

Manager takes the name of a business from its file. It cannot use an empty name or one of its own reserved names, and
the file's name, with what Manager and manager_nb append, has to fit 255 bytes (docs/format.md §1).
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.errors import BusinessNameError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from manager_nb.model.business import Business

LONGEST_BUSINESS = 239
"""Bytes in UTF-8 of the longest name that Manager can work with: ``-journal`` has to fit after ``.manager``."""

LONGEST_BACKUP = 255 - len(".manager.tar.zst.manifest.json")
"""Bytes of the longest name that a backup may have: its manifest's name has to fit too. ``(2)`` fits in any case."""

RESERVED = frozenset({"238097db79f84dc5a44a0c6f8aa04e6c", "0" * 32})
"""Manager's own files among the businesses: never listed as one."""

_ENDINGS = re.compile(r"\.manager(\.tar)?(\.(gz|zst))?$", re.IGNORECASE)
_DATE = re.compile(r" \(\d{4}-\d{2}-\d{2}\)$")
_DATED = re.compile(r"( \([^()]*\d{4}-\d{2}-\d{2}\)( ?\(\d+\))?)+$")
_NOWHERE = re.compile(r"[/\x00\ud800-\udfff]")
_NOT_ON_WINDOWS = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(?=\.|$)", re.IGNORECASE)
_VIRAMA, _JOINER = 9, "\u200d"


@dataclass(frozen=True, slots=True)
class FileName:
    """A name that can be a file's, and what had to be changed for it.

    Attributes:
        text: the name, without an ending.
        replaced: whether signs were replaced or left out that some system cannot store.
        shortened: whether it was too long.
    """

    text: str
    replaced: bool = False
    shortened: bool = False


def suggest_name(business: Business, today: dt.date) -> str:
    """The name that a backup of a business gets unless another is chosen: ``Himalaya Traders (2026-03-27)``.

    Args:
        business: an open business; a date that its own name ends in, since it is a backup itself, is left out.
        today: the date in the name.

    Raises:
        BusinessNameError: nothing of the business's name can be used.
    """
    return dated(business.name, today)


def dated(name: str, today: dt.date, number: int = 1) -> str:
    """The name that a backup of a business of that name gets; see :func:`suggest_name`.

    Args:
        name: the business.
        today: the date in the name.
        number: which of that day; from the second on it stands behind the date.

    Raises:
        BusinessNameError: nothing of the name can be used.
    """
    date = numbered(f" ({today:%Y-%m-%d})", number)
    while _DATE.search(name):
        name = _DATE.sub("", name)
    return file_name(name, longest=LONGEST_BACKUP - len(date)).text + date


def backup_name(typed: str) -> FileName:
    """The name that a backup gets when this was typed; a file ending that was typed along is taken off.

    Raises:
        BusinessNameError: nothing of it can be used.
    """
    return file_name(_ENDINGS.sub("", typed), longest=LONGEST_BACKUP)


def imported_name(typed: str, path: Path | None = None) -> FileName:
    """The name that an imported business gets when this was typed; a file ending that was typed along is taken off.

    What this computer's file system cannot store is replaced; nothing else is changed.

    Args:
        typed: what it is to be called; or the name that it has.
        path: the file that it comes from, for the error.

    Raises:
        BusinessNameError: nothing of it can be used, it is too long, or it would be hidden.
    """
    longest = len(typed.encode("utf-8", "replace")) + 1  # never cut: a name that is cut is another one
    try:
        name = file_name(_ENDINGS.sub("", typed), longest=longest, everywhere=os.name == "nt")
    except BusinessNameError as error:
        error.path = path
        raise
    if name.text.startswith("."):
        raise BusinessNameError(
            "The name {name} begins with a dot: files of such names are hidden.",
            hint="Give it a name that begins with a letter or a digit.",
            path=path,
            name=name.text,
        )
    if len(name.text.encode()) > LONGEST_BUSINESS:
        raise BusinessNameError(
            "The name {name} is too long: Manager could open such a business, but not save in it.",
            hint="Give a shorter name, of at most {longest} bytes.",
            path=path,
            name=name.text,
            longest=LONGEST_BUSINESS,
        )
    return name


def file_name(name: str, *, longest: int, everywhere: bool = True) -> FileName:
    """A name as a file's name; no sign is changed that can stay.

    Args:
        name: any text, from anywhere.
        longest: bytes in UTF-8 that it may have.
        everywhere: whether Windows has to be able to store it too, since a file travels.

    Raises:
        BusinessNameError: it is empty, or reserved by Manager.
    """
    text = _storable_everywhere(name) if everywhere else _NOWHERE.sub("_", name)
    if not text.strip() or text.strip(". ") == "":
        raise BusinessNameError("The business has no name that can be used.", hint="Give it a name.", name=name)
    if text.casefold() in RESERVED:
        raise BusinessNameError(
            "Manager keeps the name {name} for itself and would not show such a business.",
            hint="Give it another name.",
            name=text,
        )
    short = _shortened(text, longest)
    return FileName(short, replaced=text != name, shortened=short != text)


def numbered(name: str, number: int) -> str:
    """The name that Manager gives to the second (2), third (3) … business of one name: ``Acme(2)``, without a blank."""
    return name if number < 2 else f"{name}({number})"


def _storable_everywhere(name: str) -> str:
    text = _NOT_ON_WINDOWS.sub("_", name).rstrip(". ")
    device = _DEVICES.match(text)
    return f"{text[: device.end()]}_{text[device.end() :]}" if device else text


def _shortened(text: str, longest: int) -> str:
    """Cut so that no letter is torn from its vowel signs and accents, and no conjunct is left half."""
    if len(text.encode("utf-8")) <= longest:
        return text
    cut = text.encode("utf-8")[:longest].decode("utf-8", "ignore")
    kept = cut
    while kept and _belongs_together(kept[-1], text[len(kept)]):
        kept = kept[:-1]
    return (kept or cut).rstrip(". ")


def _belongs_together(last: str, following: str) -> bool:
    return (
        unicodedata.category(following).startswith("M")
        or following == _JOINER
        or last == _JOINER
        or unicodedata.combining(last) == _VIRAMA
        or 0x1F3FB <= ord(following) <= 0x1F3FF  # a skin tone
    )


def undated(name: str) -> str:
    """A business's name without what backups, restored files and browsers put behind it: "(2026-03-27) (1)"."""
    return _DATED.sub("", name) or name
