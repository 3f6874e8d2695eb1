"""The rows of a file that a finding rests on, as a person can open them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from manager_nb.audit.fields import ACTIONS
from manager_nb.audit.paper_evidence import EARLIER
from manager_nb.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from manager_nb.timeline.business import Business
    from manager_nb.widgets.panel import Panel

CHANGE, RECORD, EMAIL = "change", "record", "email"


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A row of the file.

    Attributes:
        number: its place among the rows of the finding.
        table: the table of the file that it is in.
        key: its key there.
        earlier: whether it is in the earlier backup.
        label: what Manager's History calls the record.
        type: the name of the record's type.
        opens: what it opens as: a change, a record, an e-mail; "" where it is not there.
        facts: of a change its row of History, of an e-mail its row.
    """

    number: int
    table: str
    key: str
    earlier: bool
    label: str | None = None
    type: str | None = None
    opens: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def told(self, panel: Panel) -> str:
        """What it says in short: who did what and when."""
        if self.opens == CHANGE:
            action = self.facts["action"]
            did = panel.text(ACTIONS[action]) if action in ACTIONS else panel.text("Something was done")
            return _joined(did, self.facts["user"], _moment(self.facts["time"], panel))
        if self.opens == EMAIL:
            return _joined(panel.text("Sent"), self.facts["user"], _moment(self.facts["time"], panel))
        return panel.text("The record as it is") if self.opens == RECORD else panel.text("not in the file now")


def evidence_rows(evidence: Sequence[str], business: Business, earlier: Business | None) -> Iterator[EvidenceRow]:
    """The rows that a finding names, in their order.

    Args:
        evidence: as the finding has it: table and key.
        business: the business.
        earlier: the earlier backup, where one was looked at.
    """
    for number, row in enumerate(evidence):
        old = row.startswith(EARLIER)
        table, _, key = row.removeprefix(EARLIER).partition(" ")
        side = earlier if old else business
        plain = EvidenceRow(number, table, key, old)
        yield plain if side is None else _found(plain, side)


def is_gone(business: Business, key: str) -> bool:
    """Whether a record was deleted and can come back: History knows it, the business does not have it."""
    named = business.named(key)
    return named is not None and named.gone


def _found(row: EvidenceRow, side: Business) -> EvidenceRow:
    if row.table == "Changes":
        changes = side.history_rows([row.key]).to_arrow().to_pylist()
        if changes:
            facts = changes[0]
            return EvidenceRow(
                row.number, row.table, row.key, row.earlier, facts["label"], facts["type"], CHANGE, facts
            )
    if row.table == "Emails":
        mails = [mail for mail in side.emails.to_arrow().to_pylist() if mail["email"] == row.key]
        if mails:
            return EvidenceRow(row.number, row.table, row.key, row.earlier, mails[0]["subject"], None, EMAIL, mails[0])
    return _record(row, side) if row.table == "Objects" else row


def _record(row: EvidenceRow, side: Business) -> EvidenceRow:
    try:
        record = side.record(row.key)
    except NotFoundError:
        named = side.named(row.key)
        if named is None:
            return row
        opens = RECORD if named.gone else ""
        return EvidenceRow(row.number, row.table, row.key, row.earlier, named.label, named.type, opens)
    return EvidenceRow(row.number, row.table, row.key, row.earlier, record.label, record.type, RECORD)


def _joined(did: str, user: str | None, when: str) -> str:
    return " · ".join(filter(None, (did, user, when)))


def _moment(time: Any, panel: Panel) -> str:
    return panel.moment(time) if time is not None else ""
