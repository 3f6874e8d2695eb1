"""The proof after a backup or an import: what was made, what was checked, what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.widgets import view

if TYPE_CHECKING:
    from manager_nb.backup.create import Backup
    from manager_nb.backup.verify import Verification
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


def backup_outcome(panel: Panel, backup: Backup, verification: Verification) -> Node:
    """What a backup is and how it was checked."""
    text, words = panel.text, panel.words
    manifest: dict[str, Any] = backup.manifest
    return view.section(
        text("The backup is made and checked") if verification.ok else text("The backup is made, but a check failed"),
        view.facts([(text("File"), backup.path.name), (text("Size"), words.size(backup.path.stat().st_size))]),
        proof_list(panel, verification),
        view.copyable(
            text("Where it is"), str(backup.path), key="result-path", copy=text("Copy"), copied=text("Copied")
        ),
        view.copyable(
            text("Fingerprint (SHA-256)"),
            str(manifest["file"]["sha256"]),
            key="result-digest",
            copy=text("Copy"),
            copied=text("Copied"),
        ),
        key="result",
        look="result",
    )


def proof_list(panel: Panel, verification: Verification) -> Node:
    """The checks, each with its verdict in words."""
    text = panel.text
    lines = verification.checks.to_arrow().to_pylist()
    items = [(bool(line["ok"]), text(str(line["check"])), str(line["detail"] or "")) for line in lines]
    return view.proof(items, passed=text("Verified:"), failed=text("Failed:"))
