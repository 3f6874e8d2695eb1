"""The proof after a backup or an import: what was made, what was checked, what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager_nb.errors import CancelledError, ManagerNbError
from manager_nb.widgets import view
from manager_nb.widgets.parts import folded_lines, left_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from manager_nb.backup.checks import Check
    from manager_nb.backup.create import Backup
    from manager_nb.backup.manifest import Manifest
    from manager_nb.backup.verify import Verification
    from manager_nb.restore.preview import ImportPreview
    from manager_nb.widgets.panel import Panel
    from manager_nb.widgets.view import Node


def second_look(check: Callable[[], Verification]) -> Verification | Exception:
    """Check once more what is made, for people to see; whatever happens meanwhile, it is made and was proven before.

    Returns:
        The checks, or what kept them from being finished: a cancel, a disk that was unplugged.
    """
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - raised, it would hide what is made; it is told with the result
        return error


def backup_verdict(panel: Panel, backup: Backup, look: Verification | Exception) -> str:
    """In one line what became of a backup."""
    if not isinstance(look, Exception) and not look.ok:
        return panel.text("The backup is made, but a check failed: do not rely on it")
    if _unread(backup.manifest):
        return panel.text("The backup is made, but of a damaged business: it holds what could be read")
    if isinstance(look, Exception):
        return panel.text("The backup is made")
    return panel.text("The backup is made and checked")


def backup_outcome(panel: Panel, backup: Backup, look: Verification | Exception) -> Node:
    """What a backup is, what is in it, and how it was checked."""
    return view.section(
        backup_verdict(panel, backup, look),
        view.paragraph(backup.path.name, look="name"),
        panel.copyable(panel.text("Where it is"), str(backup.path), key="result-path"),
        _damage(panel, backup.manifest),
        _compressed(panel, backup.manifest),
        _contents(panel, backup.manifest),
        _wanting(panel, backup.manifest),
        *_how_checked(panel, look, details=False),
        panel.copyable(
            panel.text("Fingerprint (SHA-256)"), str(backup.manifest["file"]["sha256"]), key="result-digest"
        ),
        key="result",
        look="warned" if _unread(backup.manifest) and _frame(look) == "result" else _frame(look),
    )


def import_verdict(panel: Panel, look: Verification | Exception) -> str:
    """In one line what became of an import."""
    if isinstance(look, Exception):
        return panel.text("The business is imported")
    if not look.ok:
        return panel.text("The business is imported, but it differs from the backup: do not work in it")
    return panel.text("The business is imported and checked")


def import_outcome(
    panel: Panel, path: Path, look: Verification | Exception, *, preview: ImportPreview | None, unlisted: Path | None
) -> Node:
    """Where the business is now, and the proof that it is the one in the backup.

    Args:
        panel: where it is shown.
        path: the business file.
        look: the checks, or what kept them from being finished.
        preview: what was seen in the backup before.
        unlisted: the folder that it is in, where that did not look like Manager's data folder before.
    """
    there = panel.text("Open Manager and look in the Businesses tab: it is in the list.")
    perhaps = panel.text(
        "Manager lists it in the Businesses tab only if it uses this folder. If it does not, press Change Folder there"
        " and choose {folder}.",
        folder=unlisted,
    )
    return view.section(
        import_verdict(panel, look),
        view.paragraph(path.stem, look="name"),
        view.paragraph(perhaps if unlisted is not None else there),
        left_out(panel, preview) if preview is not None else None,
        _lacking(panel, preview) if preview is not None else None,
        *_how_checked(panel, look, details=True),
        panel.copyable(panel.text("Where it is"), str(path), key="result-path"),
        key="result",
        look=_frame(look),
    )


def _frame(look: Verification | Exception) -> str:
    return "result" if isinstance(look, Exception) or look.ok else "failed"


def _how_checked(panel: Panel, look: Verification | Exception, *, details: bool) -> Iterable[Node]:
    yield view.paragraph(panel.text("How it was checked"), look="label")
    if not isinstance(look, Exception):
        yield proof_list(panel, look, details=details)
        return
    before = panel.text("When it was made, it was read back from the disk and compared record by record.")
    yield _proof(panel, [(True, before, "")])
    if isinstance(look, CancelledError):
        words = panel.text("You cancelled the second check. What is made stays.")
        yield view.notice(words, title=panel.text("Not checked again:"))
        return
    why = " ".join(look.in_language(panel.text)) if isinstance(look, ManagerNbError) else repr(look)
    words = panel.text("The second check could not be finished. What is made stays. {why}", why=why)
    yield view.notice(words, look="warning", title=panel.text("Not checked again:"))


def proof_list(panel: Panel, verification: Verification, *, details: bool) -> Node:
    """The checks, each with its verdict in words.

    Args:
        panel: where it is shown.
        verification: the checks.
        details: whether what was found stands beside each check; else it is folded, and told at once of a failure only.
    """
    items = [_line(panel, check, details=details) for check in verification.found]
    proof = _proof(panel, items)
    if details:
        return proof
    title, columns = panel.text("What exactly was found"), [panel.text("Check"), panel.text("Found")]
    found = [[panel.text(check.check), _found(panel, check)] for check in verification.found]
    table = view.table(title, columns, found, key="found-table", hide_caption=True)
    return view.group(proof, view.fold(title, table, key="found"))


def _proof(panel: Panel, items: Iterable[tuple[bool | None, str, str]]) -> Node:
    passed, failed, nothing = panel.text("Verified:"), panel.text("Failed:"), panel.text("Nothing to check:")
    return view.proof(items, passed=passed, failed=failed, nothing=nothing)


def _line(panel: Panel, check: Check, *, details: bool) -> tuple[bool | None, str, str]:
    if check.nothing:
        return None, _found(panel, check), ""
    return check.ok, panel.text(check.check), _found(panel, check) if details or not check.ok else ""


def _found(panel: Panel, check: Check) -> str:
    """What a check found, in the language and the zone of the panel."""
    return check.found if isinstance(check.found, str) else check.found.told(panel.words, panel.timezone)


def _contents(panel: Panel, manifest: Manifest) -> Node:
    """What the business has, and what of it is in the backup."""
    columns = [panel.text("Part"), panel.text("In the business"), panel.text("In the backup")]
    rows = [[part, panel.words.number(has), kept] for part, has, kept in _parts(panel, manifest)]
    size = panel.words.size(manifest["file"]["size"])
    caption = panel.text("What is in the backup ({size})", size=size)
    return view.table(caption, columns, rows, numbers=(1, 2), key="result-contents")


def _parts(panel: Panel, manifest: Manifest) -> Iterable[tuple[str, int, str]]:
    names = {
        "Objects": panel.text("Records and form defaults"),
        "Changes": panel.text("History"),
        "Emails": panel.text("Emails"),
        "Images": panel.text("Pictures"),
    }
    left_out = panel.text("left out")
    for table, part in names.items():
        rows = manifest["tables"].get(table, {"rows": 0})
        gone = rows.get("left_out", 0)
        yield part, rows["rows"] + gone, left_out if gone else panel.words.number(rows["rows"])
    files = manifest["attachments"]
    kept = panel.words.number(files["contents"])
    yield (
        panel.text("Attachments"),
        files["listed"],
        kept if manifest["choices"]["attachments"]["included"] else left_out,
    )


def _wanting(panel: Panel, manifest: Manifest) -> Node | None:
    files = [*manifest["attachments"]["missing"], *manifest["attachments"]["altered"]]
    if not files:
        return None
    words = panel.plural(
        "The business itself no longer has {count} attachment as it was attached, so the backup cannot have it.",
        "The business itself no longer has {count} attachments as they were attached, so the backup cannot have them.",
        len(files),
    )
    names = [str(file["name"] or file["attachment"]) for file in files]
    return view.group(
        view.notice(words, look="warning", title=panel.text("Attachments missing:")),
        folded_lines(panel.text("Names of the missing attachments"), names, key="result-missing"),
    )


def _lacking(panel: Panel, preview: ImportPreview) -> Node | None:
    """The attachments that the business lists and the backup did not have."""
    names = [one.name or one.key for one in (*preview.missing, *preview.altered)]
    if not names or not (preview.choices or {}).get("attachments", True):
        return None  # where they were left out, that has been said
    words = panel.plural(
        "The backup does not have the file of {count} attachment: Manager lists it and cannot open it.",
        "The backup does not have the files of {count} attachments: Manager lists them and cannot open them.",
        len(names),
    )
    return view.group(
        view.notice(words, look="warning", title=panel.text("Attachments missing:")),
        folded_lines(panel.text("Names of the missing attachments"), names, key="result-missing"),
    )


def _compressed(panel: Panel, manifest: Manifest) -> Node | None:
    if not str(manifest["file"]["kind"]).endswith(".zst"):
        return None
    words = panel.text(
        "Manager cannot open this compressed file until it is unpacked. Import Business here can, as it is."
    )
    return view.notice(words, title=panel.text("Compressed:"))


def _damage(panel: Panel, manifest: Manifest) -> Node | None:
    """What of the business could not be read when the backup was made."""
    count = _unread(manifest)
    if not count:
        return None
    words = panel.plural(
        "Something in the business could not be read, in {count} place. What is lost there, this backup cannot hold."
        " Keep the file of the business as it is, and look for an older backup that is sound.",
        "Something in the business could not be read, in {count} places. What is lost there, this backup cannot hold."
        " Keep the file of the business as it is, and look for an older backup that is sound.",
        count,
    )
    listed = [" ".join(filter(None, (one["where"], one["key"], one["what"]))) for one in _listed(manifest)]
    return view.group(
        view.notice(words, look="warning", title=panel.text("Damage:")),
        folded_lines(panel.text("What could not be read"), listed, key="result-problems"),
    )


def _listed(manifest: Manifest) -> list[dict[str, Any]]:
    """The problems that the manifest lists; attachments are told by their names."""
    return [one for one in manifest["problems"]["listed"] if one["where"] != "attachments"]


def _unread(manifest: Manifest) -> int:
    """In how many places the business could not be read."""
    listed = manifest["problems"]["listed"]
    return int(manifest["problems"]["count"]) - len(listed) + len(_listed(manifest))
