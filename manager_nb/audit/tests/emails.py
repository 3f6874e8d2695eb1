"""A test on e-mails: bodies that hold more than words. They are searched as text and never rendered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager_nb.audit.rule import LOW, NOTE, TESTS, Finding, Rule, Tested, row
from manager_nb.i18n import mark
from manager_nb.model.said import listed, said
from manager_nb.model.stored import Rows
from manager_nb.progress import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager_nb.audit.books import Books

_ROWS = 500
_SCRIPT, _FORM, _REMOTE, _EMBEDDED = (
    mark("scripts"),
    mark("forms"),
    mark("content from elsewhere"),
    mark("embedded pages or programs"),
)
#: Every pattern moves on with each sign that it reads: a hostile body takes no longer than its length.
_SIGNS = {
    _SCRIPT: re.compile(
        r"<script|(?:java|vb)script:|data:text/html|srcdoc\s{0,9}=|[\s\"'/]on(?:error|load|unload|click|dblclick|focus\w{0,5}"
        r"|blur|change|input|submit|reset|toggle|begin|end|copy|cut|paste|wheel|scroll|drop|resize|message|hashchange"
        r"|(?:mouse|key|pointer|touch|drag|animation|transition|before|after|page)\w{1,20})\s{0,9}=",
        re.IGNORECASE,
    ),
    _FORM: re.compile(r"<(?:form|input|button|textarea|select)\b", re.IGNORECASE),
    _EMBEDDED: re.compile(
        r"<(?:iframe|frame|object|embed|applet|portal|base)\b|<meta[^<>]{0,200}\brefresh\b", re.IGNORECASE
    ),
    _REMOTE: re.compile(
        r"\b(?:src|srcset|background|poster)\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:https?:)?//|url\(\s{0,9}[\"']?(?:https?:)?//|"
        r"@import|<link\b",
        re.IGNORECASE,
    ),
}


def active_parts(body: str) -> tuple[str, ...]:
    """What a body holds besides words: texts of the catalogue, none where it is only words and pictures of its own."""
    return tuple(name for name, pattern in _SIGNS.items() if "<" in body and pattern.search(body))


def _active(books: Books, chosen: Mapping[str, Any]) -> Tested:
    del chosen
    rows = Rows(books.database, "Emails", ("Timestamp", "Key"))
    found, tested = [], 0
    for batch in rows.read(("Key", "Timestamp", "User", "Subject", "Body"), rows=_ROWS):
        check(books.progress)
        columns = (batch[name].to_pylist() for name in ("Key", "Timestamp", "User", "Subject", "Body"))
        for key, ticks, user, subject, body in zip(*columns, strict=True):
            tested += 1
            parts = active_parts(body or "")
            if parts:
                severity = NOTE if parts == (_REMOTE,) else LOW
                words = said(
                    "The e-mail {subject} holds {parts}. Read it as text.",
                    subject=subject or "?",
                    parts=listed(map(said, parts)),
                )
                found.append(Finding(severity, words, None, None, ticks, user, (row("Emails", key or ""),)))
    return Tested(said("E-mails that were sent"), tested, tuple(found))


RULES = (
    Rule(
        "active e-mails",
        TESTS,
        mark("E-mails that hold more than words"),
        mark(
            "E-mails sent in the business's name with scripts, forms or content from elsewhere: somebody may have used"
            " the mail account for something else (common practice)."
        ),
        _active,
        limits=mark("It looks for what an e-mail program could run or fetch; it does not tell what that would do."),
    ),
)
"""The tests of this module."""
