"""The e-mails of a business with what they were about: who was mailed what and when, and what was changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from manager_nb.audit.emailed import match_emails
from manager_nb.audit.standing import links_since
from manager_nb.progress import SILENT, Progress, check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manager_nb.audit.emailed import Matched, Sent
    from manager_nb.timeline.business import Business

SEVERAL, NONE = "several", "none"
"""What stands for a confidence where several records are possible, or none was found."""

MATCHED = pa.schema(
    [
        ("parties", pa.list_(pa.string())),
        ("record", pa.string()),
        ("confidence", pa.string()),
        ("changed", pa.int64()),
    ]
)
"""The columns of :attr:`Outbox.rows` besides those of ``business.emails``."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """The e-mails of a business.

    Attributes:
        rows: a row an e-mail, the newest first, with the columns of ``business.emails`` and: ``parties`` (names of the
            customers, suppliers and employees that had one of its addresses then), ``record`` (the label of the record
            that it was about; null where none was found, or several are possible), ``confidence`` ("certain",
            "likely", "possible", "several", "none"), ``changed`` (how often that record was changed after it; null
            where there is not one record).
        sent: the records that each e-mail was or may have been about, by its key.
    """

    rows: pa.Table
    sent: Mapping[str, Sequence[Sent]]


def read_emails(business: Business, *, match: bool = True, progress: Progress = SILENT) -> Outbox:
    """The e-mails of a business.

    Args:
        business: the business.
        match: whether the records are looked for that the e-mails were about; without, those columns are missing.
        progress: told of what is read; heeded.

    Raises:
        CancelledError: the user cancelled.
    """
    rows = business.emails.to_arrow(progress=progress)
    if not match:
        return Outbox(rows, {})
    matched = match_emails(business, progress)
    names: dict[str, str] = {}
    told = [_row(business, one, names, progress) for one in matched]
    found = pa.Table.from_pylist(told, MATCHED)
    for name in MATCHED.names:
        rows = rows.append_column(name, found[name])
    return Outbox(rows, {one.email: one.sent for one in matched})


def changes_since(business: Business, sent: Sent) -> pa.Table:
    """The changes of a record after an e-mail, in the order in which they happened, as in ``business.history``."""
    links = () if sent.ticks is None else links_since(business.trail, sent.object, sent.ticks)
    places = {link.change: place for place, link in enumerate(links)}
    rows = business.history_of(sent.object).to_arrow()
    order = sorted(
        (places[change], number) for number, change in enumerate(rows["change"].to_pylist()) if change in places
    )
    return rows.take(pa.array([number for _, number in order], pa.int64()))


def label_of(business: Business, key: str) -> tuple[str, str]:
    """Label and type of a record as it is, or was last; "" where the file knows it no more."""
    named = business.named(key)
    return (named.label, named.type) if named else ("", "")


def _row(business: Business, one: Matched, names: dict[str, str], progress: Progress) -> dict[str, Any]:
    check(progress)
    for party in one.parties:
        if party not in names:
            named = business.named(party)
            names[party] = named.name if named else party
    single = one.sent[0] if len(one.sent) == 1 else None
    changed = None
    if single is not None and single.ticks is not None:
        changed = len(links_since(business.trail, single.object, single.ticks))
    return {
        "parties": [names[party] for party in one.parties],
        "record": label_of(business, single.object)[0] or None if single else None,
        "confidence": single.confidence if single else SEVERAL if one.sent else NONE,
        "changed": changed,
    }
