"""What the accountant touches: panels in notebooks, each over one engine."""

from manager_nb.demo import demonstration
from manager_nb.widgets.audit_panel import AuditPanel
from manager_nb.widgets.backup_panel import BackupPanel
from manager_nb.widgets.compare_panel import ComparePanel
from manager_nb.widgets.contents_panel import ContentsPanel
from manager_nb.widgets.downloaded_panel import DownloadedPanel
from manager_nb.widgets.emails_panel import EmailsPanel
from manager_nb.widgets.history_panel import HistoryPanel
from manager_nb.widgets.import_panel import ImportPanel
from manager_nb.widgets.paged_table import PagedTable
from manager_nb.widgets.panel import Panel
from manager_nb.widgets.preferences import chosen_business
from manager_nb.widgets.restore_panel import RestorePanel
from manager_nb.widgets.server_backup_panel import ServerBackupPanel
from manager_nb.widgets.server_import_panel import ServerImportPanel
from manager_nb.widgets.start_panel import StartPanel

__all__ = [
    "AuditPanel",
    "BackupPanel",
    "ComparePanel",
    "ContentsPanel",
    "DownloadedPanel",
    "EmailsPanel",
    "HistoryPanel",
    "ImportPanel",
    "PagedTable",
    "Panel",
    "RestorePanel",
    "ServerBackupPanel",
    "ServerImportPanel",
    "StartPanel",
    "chosen_business",
    "demonstration",
]
