"""Tests on settings that decide who gets in and who sends in the business's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.audit.rule import MEDIUM, NOTE, TESTS, Finding, Rule, Tested, about
from manager_nb.audit.telling import label_of
from manager_nb.format.schema import SCHEMA
from manager_nb.i18n import mark
from manager_nb.model.said import Said, listed, said
from manager_nb.model.secrets import is_secret
from manager_nb.model.wording import caption
from manager_nb.progress import heeded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from manager_nb.audit.books import Books, Entry

_ACCESS = ("AccessToken", "UserPermissions")
_EMAIL = ("EmailSettings",)
_TICKS_A_DAY = 864_000_000_000


def _access(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    return _changes(books, _ACCESS)


def _email(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    return _changes(books, _EMAIL)


def _changes(books: Books, types: Collection[str]) -> Tested:
    entries = [entry for entry in heeded(books.entries, books.progress) if entry.type in types]
    first = min((entry.ticks for entry in books.entries if entry.ticks), default=0)
    found = tuple(finding for entry in entries for finding in _told(books, entry, first))
    return Tested(said("Changes of these settings in History"), len(entries), found)


def _told(books: Books, entry: Entry, first: int) -> Iterator[Finding]:
    label, setting_up = label_of(entry), (entry.ticks or 0) < first + _TICKS_A_DAY
    if entry.action == "create" and setting_up and entry.type != "AccessToken":
        yield about(entry, NOTE, said("{label} was created when the business was set up.", label=label))
    elif entry.action == "create":
        yield about(entry, MEDIUM, said("{label} was created.", label=label))
    elif entry.action == "delete":
        yield about(entry, MEDIUM, said("{label} was deleted.", label=label))
    else:
        secrets, fields = changed_fields(books, entry)
        if secrets:
            words = said(
                "{label}: a password or token was changed ({fields}).", label=label, fields=listed(map(Said, secrets))
            )
            yield about(entry, MEDIUM, words)
        if fields or not secrets:
            words = said("{label} was changed ({fields}).", label=label, fields=listed(map(Said, fields)))
            yield about(entry, MEDIUM, words)


def changed_fields(books: Books, entry: Entry) -> tuple[list[str], list[str]]:
    """The fields that a change altered, in words: those that are secret, and the others. Values are never told."""
    sides = [books.values(entry.change, side) for side in ("Before", "After")]
    before, after = (dict(side[1]) if side else {} for side in sides)
    known = SCHEMA.named(entry.type or "")
    found: tuple[list[str], list[str]] = ([], [])
    for name in sorted(before.keys() | after.keys()):
        field = known.field(name) if known else None
        if before.get(name) != after.get(name):
            found[0 if known and field and is_secret(known.name, field) else 1].append(caption(name))
    return found


RULES = (
    Rule(
        "access rights",
        TESTS,
        mark("Permissions and access tokens"),
        mark(
            "Changes of what users may do, and access tokens, with which a program can read and change everything (ISA"
            " 315: general controls of information systems)."
        ),
        _access,
        weight=2,
        limits=mark(
            "Users themselves, their passwords and logins are kept by the program and not in the business's file."
        ),
    ),
    Rule(
        "e-mail settings",
        TESTS,
        mark("E-mail settings"),
        mark(
            "Changes of the server, the address and the password by which the business sends e-mails: who has them can"
            " send invoices with other bank details in its name (common practice; payment diversion)."
        ),
        _email,
        weight=2,
    ),
)
"""The tests of this module."""
