"""How sure a past is, and whether two files are of one business: pieces that choosing a past and comparing share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.timeline.certificate import EXACT, NOT_POSSIBLE
from manager_nb.widgets import view
from manager_nb.widgets.naming import record_name

if TYPE_CHECKING:
    from manager_nb.timeline.certificate import Certificate
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node

_SOME = 200


def certificate_part(panel: Panel, certificate: Certificate, *, key: str = "doubts", title: str = "") -> Node:
    """The certificate of a past, and which records it is not certain of.

    Args:
        panel: where it is shown.
        certificate: of the past.
        key: of the fold with the records.
        title: its first words; empty: "How sure:".
    """
    text = panel.text
    title = title or text("How sure:")
    if certificate.level == EXACT:
        return view.notice(text("exact. Every record is byte for byte what it was."), look="good", title=title)
    if certificate.level == NOT_POSSIBLE:
        words = text("not possible. The file has no History of that time.")
        return view.notice(words, look="warning", title=title)
    count = len(certificate.reasons)
    words = panel.plural(
        "not certain of {count} record; the others are exact.",
        "not certain of {count} records; the others are exact.",
        count,
    )
    reasons = certificate.reasons.to_arrow().slice(0, _SOME).to_pylist()
    lines = [f"{record_name(panel.words, row['label'], row['type'])}: {text(row['what'])}" for row in reasons]
    return view.group(
        view.notice(words, look="warning", title=title),
        view.fold(text("Which records, and why"), view.bullets(lines), key=key),
    )


def stranger(panel: Panel) -> Node:
    """That two files can hardly be of one business."""
    words = panel.text("They have not one record in common.")
    return view.notice(words, look="warning", title=panel.text("Is this the same business?"))
