"""Words for rows that are not as an earlier backup has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.i18n import mark
from manager_nb.model.said import Fact, Said, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager_nb.audit.rule import Finding

COLUMNS = {
    "Commit": mark("the action"),
    "Object": mark("the record"),
    "User": mark("the user"),
    "Timestamp": mark("the time"),
    "ContentTypeBefore": mark("the type before"),
    "ContentTypeAfter": mark("the type after"),
    "ContentBefore": mark("the content before"),
    "ContentAfter": mark("the content after"),
    "Sender": mark("the sender"),
    "Recipient": mark("the recipient"),
    "Subject": mark("the subject"),
    "Body": mark("the text"),
    "Content": mark("the attachment"),
    "Filename": mark("the attachment's name"),
}
"""The columns of History and e-mails that are compared."""


def from_to(name: Fact, before: Fact, after: Fact) -> Said:
    """What something was, and what it is."""
    return said("{field}: {before} → {after}", field=name, before=before, after=after)


def many(alike: Sequence[Finding]) -> Said:
    """What is said of many findings of one kind."""
    return said("{count} times the same; the first: {example}", count=len(alike), example=alike[0].message)
