"""Back up, restore and audit Manager.io business files.

>>> import manager_nb as mn
>>> business = mn.open_business("Himalaya Traders.manager")    # doctest: +SKIP
>>> business.history.to_pandas()                               # doctest: +SKIP

The source file is opened read-only and never changes. Every error is a :class:`ManagerNbError` with a ``hint``.
"""

from manager_nb.audit.compare import Comparison, compare
from manager_nb.audit.examine import audit
from manager_nb.audit.findings import Findings
from manager_nb.audit.reviews import Reviews
from manager_nb.audit.sampling import Sample, draw_sample
from manager_nb.audit.search import commits_of, find_changes, life_of
from manager_nb.backup.create import Backup, create_backup
from manager_nb.backup.names import suggest_name
from manager_nb.backup.store import Retention, Store
from manager_nb.backup.verify import Verification, verify_backup
from manager_nb.demo import demonstration
from manager_nb.errors import ManagerNbError, NewerSchemaWarning
from manager_nb.model.records import Record
from manager_nb.model.tables import Table
from manager_nb.restore.apply import apply_restore
from manager_nb.restore.importing import import_business, preview_import
from manager_nb.restore.plan import RestorePlan, plan_restore
from manager_nb.restore.selection import Selection
from manager_nb.server.client import Server
from manager_nb.server.everything import back_up_all
from manager_nb.server.live_result import LiveRestore
from manager_nb.timeline.business import Business, PastBusiness, open_business
from manager_nb.timeline.certificate import Certificate
from manager_nb.version import __version__

__all__ = [
    "Backup",
    "Business",
    "Certificate",
    "Comparison",
    "Findings",
    "LiveRestore",
    "ManagerNbError",
    "NewerSchemaWarning",
    "PastBusiness",
    "Record",
    "RestorePlan",
    "Retention",
    "Reviews",
    "Sample",
    "Selection",
    "Server",
    "Store",
    "Table",
    "Verification",
    "__version__",
    "apply_restore",
    "audit",
    "back_up_all",
    "commits_of",
    "compare",
    "create_backup",
    "demonstration",
    "draw_sample",
    "find_changes",
    "import_business",
    "life_of",
    "open_business",
    "plan_restore",
    "preview_import",
    "suggest_name",
    "verify_backup",
]
