"""Who History names: nobody, the older API, one person under two names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from manager_nb.audit.rule import LOW, MEDIUM, NOTE, TRAIL, Finding, Rule, Tested
from manager_nb.audit.telling import rows_of, some
from manager_nb.i18n import mark
from manager_nb.model.said import When, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from manager_nb.audit.books import Books, Entry

USERS = "users"

_API, _DESKTOP = "api", "desktop"


def _users(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    changes = Counter(entry.user for entry in books.entries if entry.user)
    emails = Counter(filter(None, books.business.emails.to_arrow(["user"])["user"].to_pylist()))
    names = sorted(changes.keys() | emails.keys())
    found = [
        *_unnamed(books),
        *_by_api(books),
        *_on_desktop(books, changes + emails),
        *_alike(names, changes + emails),
        *_alone(names, len(books.entries)),
    ]
    notes = (
        said(
            "The file does not say who may log in, and not whether a name is a display name or a login name. What comes"
            " by the API carries the login name."
        ),
    )
    return Tested(said("Names of users in History and e-mails"), len(names), tuple(found), notes)


def _unnamed(books: Books) -> Iterator[Finding]:
    """Rows without a user: the program writes such when it makes records itself, and its History hides them."""
    unnamed = [entry for entry in books.entries if not entry.user]
    made = [entry for entry in unnamed if entry.action == "create"]
    others = [entry for entry in unnamed if entry.action != "create"]
    if made:
        message = said(
            "{count} records were created without a user, from {first} to {last}: {names}. The program writes such rows"
            " itself, for example on an import; Manager's own History does not show them.",
            count=len(made),
            first=When(made[0].ticks),
            last=When(made[-1].ticks),
            names=some(books, dict.fromkeys(entry.object for entry in made)),
        )
        yield Finding(NOTE, message, ticks=made[0].ticks, evidence=rows_of(made))
    if others:
        message = said(
            "{count} rows without a user change or delete records, from {first} to {last}: {names}. Manager's own"
            " History does not show rows without a user.",
            count=len(others),
            first=When(others[0].ticks),
            last=When(others[-1].ticks),
            names=some(books, dict.fromkeys(entry.object for entry in others)),
        )
        yield Finding(MEDIUM, message, ticks=others[0].ticks, evidence=rows_of(others))


def _by_api(books: Books) -> Iterator[Finding]:
    by_api: list[Entry] = [entry for entry in books.entries if entry.user and _same(entry.user) == _API]
    if by_api:
        message = said(
            "{count} changes have the user {user}: they came by an older API, which does not say who used it.",
            count=len(by_api),
            user=str(by_api[0].user),
        )
        yield Finding(LOW, message, ticks=by_api[0].ticks, user=by_api[0].user, evidence=rows_of(by_api))


def _on_desktop(books: Books, rows: Counter[str]) -> Iterator[Finding]:
    """The name that says no more than where something was done: among others it says nothing of who it was."""
    for name in sorted(rows):
        if _same(name) == _DESKTOP and len(rows) > 1:
            done = [entry for entry in books.entries if entry.user == name]
            message = said(
                "{count} changes and e-mails have the user {name}. The desktop edition of Manager has no login: such a"
                " name is that of the computer's user, or none, and not of a person who logged in. Who sat there, the"
                " file does not tell; ask who has opened the business on a computer of their own, and why.",
                count=rows[name], name=name,
            )  # fmt: skip
            yield Finding(LOW, message, ticks=done[0].ticks if done else None, user=name, evidence=rows_of(done))


def _alike(names: list[str], rows: Counter[str]) -> Iterator[Finding]:
    """Names that may be one person's: the same but for case and blanks, or one the first name of the other."""
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            same = _same(name) == _same(other)
            first = _same(name) in _words(other) or _same(other) in _words(name)
            if same or first:
                message = said(
                    "{name} ({count}) and {other} ({others}) may be one person: History has the display name for what"
                    " is done on the screens and the login name for what comes by the API.",
                    name=name,
                    count=rows[name],
                    other=other,
                    others=rows[other],
                )
                yield Finding(NOTE, message, user=name)


def _alone(names: list[str], changes: int) -> Iterator[Finding]:
    if len(names) == 1 and changes:
        message = said(
            "Everything was done under one name, {name}. The desktop edition of Manager has no login: there, this is"
            " the user of the computer and not a person who logged in. Whoever sat there is meant.",
            name=names[0],
        )
        yield Finding(NOTE, message, user=names[0])


def _same(name: str) -> str:
    return " ".join(name.casefold().split())


def _words(name: str) -> list[str]:
    words = _same(name).split()
    return words if len(words) > 1 else []


RULES = (
    Rule(
        USERS,
        TRAIL,
        mark("Who History names"),
        mark(
            "Whether each change names a person who can be asked. Rows without a user, the user of an older API, and"
            " one person under two names weaken that (ISA 240, A45: entries made by people who usually make none)."
        ),
        _users,
        weight=1,
        limits=mark(
            "A name tells which login was used, not who used it. Somebody who can edit the file can write any name."
        ),
    ),
)
"""The tests of this module."""
