"""What a restore into a live server has done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.i18n import mark
from manager_nb.server.live_proof import DONE, NOT_DONE, NOT_KNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.backup.create import Backup
    from manager_nb.backup.verify import Verification
    from manager_nb.errors import ManagerNbError
    from manager_nb.model.tables import Table

RECORDS = pa.schema([(name, pa.string()) for name in ("action", "type", "object", "label", "state")])
"""The columns of :attr:`LiveRestore.records`."""


STATES = {DONE: mark("Done"), NOT_DONE: mark("Not done"), NOT_KNOWN: mark("Not known")}
"""What became of a record, in words."""


@dataclass(frozen=True)
class LiveRestore:
    """What a restore into a server has done.

    Attributes:
        business: the business there.
        records: one row a record in the order of writing: ``action``, ``type``, ``object`` (key), ``label``, ``state``:
            "done", "not done" or "not known".
        error: what stopped it (also CancelledError); None where everything was done.
        before: the proven backup of the server from right before.
        after: the proven backup from right after; None where there is none.
        proof: the two held against each other and against the plan; None where there is no backup from after.
        unproven: why there is no backup from after, or no journal; None where there is, or where nothing was written.
        since: rows of History between the plan and the backup before.
        others: rows of History between the two backups that are not the restore's own.
        journal: the file that tells all of it, beside the backup before; None where it could not be written.
    """

    business: str
    records: Table
    error: ManagerNbError | None
    before: Backup
    after: Backup | None
    proof: Verification | None
    unproven: ManagerNbError | None
    since: Table
    others: Table
    journal: Path | None

    def __repr__(self) -> str:
        done = sum(state == DONE for state in self._states())
        return f"<LiveRestore {self.business!r}: {done} of {len(self.records)} done{'' if self.ok else ', look at it'}>"

    @property
    def ok(self) -> bool:
        """Whether everything was done and proven."""
        proven = self.proof is not None and self.proof.ok and self.unproven is None
        return self.error is None and proven and set(self._states()) <= {DONE}

    def _states(self) -> list[str]:
        return [str(state) for state in self.records.to_arrow(["state"]).column(0).to_pylist()]
