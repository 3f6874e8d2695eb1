"""A verdict on a backup: sound ones pass at every level, each kind of harm is found and named."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.backup.manifest import history_head, read_manifest
from manager_nb.backup.verify import LEVELS, Verification, verify_backup
from manager_nb.errors import CancelledError, ManagerNbError, NotABusinessError, SourceMissingError
from manager_nb.format.digests import digest_history
from manager_nb.model.business import open_business
from tests.crafting import altered, archive, contents
from tests.evidence import untouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = {
    "quick": [
        "The file can be read",
        "The file is the one in its manifest",
        "The schema revision is known",
    ],
    "full": [
        "The database is intact",
        "Every record and change can be read",
        "The attachments are what was attached",
        "Every table holds what the manifest says",
        "The last changes are whole",
    ],
    "restore": ["It can be imported"],
}


def rows(verification: Verification) -> dict[str, tuple[bool, str]]:
    return {row["check"]: (row["ok"], row["detail"]) for row in verification.checks.to_arrow().to_pylist()}


def failed(verification: Verification) -> list[str]:
    assert verification.ok == all(ok for ok, _ in rows(verification).values())
    return [check for check, (ok, _) in rows(verification).items() if not ok]


@pytest.fixture
def backup(himalaya_tar: Path, tmp_path: Path) -> Path:
    return create_backup(himalaya_tar, tmp_path / "backups", name="Himalaya").path


@pytest.mark.parametrize("level", LEVELS)
def test_a_sound_backup_passes_and_is_only_read(backup: Path, level: str) -> None:
    with untouched(backup):
        verification = verify_backup(backup, level)
    expected = [name for step in LEVELS[: LEVELS.index(level) + 1] for name in NAMES[step]]
    assert failed(verification) == []
    assert list(rows(verification)) == expected
    assert repr(verification) == f"Verification(ok=True, checks=<Checks: {len(expected)} rows>)"


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("choices", [{"attachments": False}, {"emails": False, "history": False}])
def test_a_backup_with_choices_passes(
    himalaya_tar: Path, tmp_path: Path, compress: bool, choices: dict[str, bool]
) -> None:
    made = create_backup(himalaya_tar, tmp_path, compress=compress, **choices)
    assert failed(verify_backup(made.path, "restore")) == []


@pytest.mark.parametrize(
    "name",
    [
        "himalaya/Himalaya Traders.manager",
        "himalaya/Himalaya Traders (2026-03-27).manager.tar",
        "small/Empty.manager",
        "small/Old format.manager",
        "upgraded/Revision 370 after the upgrade.manager",
    ],
)
def test_files_that_the_program_wrote_pass_without_a_manifest(data: Path, name: str) -> None:
    verification = verify_backup(data / name, "restore")
    assert failed(verification) == []
    assert rows(verification)["The file is the one in its manifest"][1] == "There is no manifest beside it."


def test_what_an_upgrade_rewrote_is_told_and_not_blamed(data: Path) -> None:
    verification = verify_backup(data / "upgraded/Revision 370 after the upgrade.manager")
    ok, detail = rows(verification)["The last changes are whole"]
    assert ok
    assert "are not: an action was undone, Manager was upgraded" in detail


def test_an_unknown_level_is_refused(himalaya: Path) -> None:
    with pytest.raises(ManagerNbError) as caught:
        verify_backup(himalaya, "thorough")
    assert "quick, full, restore" in caught.value.hint


def test_what_is_no_business_is_an_error_and_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "letter.manager").write_bytes(b"Dear Sir or Madam, " * 100)
    with pytest.raises(NotABusinessError):
        verify_backup(tmp_path / "letter.manager")
    with pytest.raises(SourceMissingError):
        verify_backup(tmp_path / "nothing.manager")


def test_with_its_manifest_even_an_unrecognisable_file_gets_a_verdict(backup: Path) -> None:
    backup.write_bytes(b"\x07" * backup.stat().st_size)
    verification = verify_backup(backup)
    assert failed(verification) == ["The file can be read", "The file is the one in its manifest"]


def test_a_damaged_file_is_a_verdict(data: Path) -> None:
    verification = verify_backup(data / "small/Torn backup.manager")
    assert "The file can be read" in failed(verification)


def test_what_the_business_had_lost_before_is_told_and_does_not_fail_the_backup(data: Path, tmp_path: Path) -> None:
    made = create_backup(data / "small" / "Torn backup.manager", tmp_path, name="Rescued")
    for level in LEVELS:
        verification = verify_backup(made.path, level)
        assert failed(verification) == []
        ok, detail = rows(verification)["What was already wrong with the business"]
        assert ok
        assert "damaged" in detail
        assert detail.endswith(f"… and {made.manifest['problems']['count'] - 5} more")


def test_a_file_that_was_changed_is_not_the_one_in_its_manifest(backup: Path) -> None:
    packed = contents(backup)
    archive(backup, reversed(packed.items()))  # the same files in another order: nothing else is wrong
    assert failed(verify_backup(backup, "restore")) == ["The file is the one in its manifest"]


def doctored(backup: Path, tmp_path: Path, *statements: str) -> Path:
    """The backup with its database changed behind its back."""
    name, *blobs = contents(backup).items()
    (tmp_path / "inner").write_bytes(name[1])
    changed = altered(tmp_path / "inner", tmp_path / "changed", *statements)
    return archive(backup, [(name[0], changed.read_bytes()), *blobs])


NEWEST = 'SELECT "Key" FROM "Changes" ORDER BY "Timestamp" DESC LIMIT 1'


@pytest.mark.parametrize(
    ("statement", "checks"),
    [
        (
            'DELETE FROM "Changes" WHERE "Key" = (SELECT MIN("Key") FROM "Changes")',
            ["Every table holds what the manifest says"],
        ),
        (
            'UPDATE "Changes" SET "User" = \'Somebody else\' WHERE "User" = \'Ravi Kumar\'',
            ["Every table holds what the manifest says"],
        ),
        ('DELETE FROM "Emails"', ["Every table holds what the manifest says"]),
        (
            'UPDATE "Objects" SET "Content" = x\'0a50\' WHERE "Key" = (SELECT MIN("Object") FROM "Changes")',
            ["Every record and change can be read", "Every table holds what the manifest says"],
        ),
        (
            f'UPDATE "Changes" SET "ContentAfter" = x\'0a50\' WHERE "Key" = ({NEWEST})',
            ["Every record and change can be read", "Every table holds what the manifest says"],
        ),
        ("CREATE TABLE later (a)", ["Every table holds what the manifest says"]),
    ],
)
def test_rows_that_were_changed_are_found(backup: Path, tmp_path: Path, statement: str, checks: list[str]) -> None:
    doctored(backup, tmp_path, statement)
    assert failed(verify_backup(backup)) == ["The file is the one in its manifest", *checks]


def test_a_record_that_is_still_as_before_its_last_change_is_the_mark_of_a_torn_copy(
    himalaya: Path, tmp_path: Path
) -> None:
    update = 'SELECT "Key" FROM "Changes" WHERE "ContentBefore" IS NOT NULL AND "ContentAfter" IS NOT NULL'
    torn = altered(
        himalaya,
        tmp_path / "torn.manager",
        # the newest change is an update whose object was not written yet
        f'DELETE FROM "Changes" WHERE "Timestamp" > (SELECT MAX("Timestamp") FROM "Changes" WHERE "Key" IN ({update}))',
        f'UPDATE "Objects" SET "Content" = (SELECT "ContentBefore" FROM "Changes" AS c WHERE c."Key" = ({NEWEST}))'
        f' WHERE "Key" = (SELECT "Object" FROM "Changes" AS c WHERE c."Key" = ({NEWEST}))',
    )
    verification = verify_backup(torn)
    ok, detail = rows(verification)["The last changes are whole"]
    assert not ok
    assert "during a save" in detail


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        (lambda blobs: blobs[1:], "missing"),
        (lambda blobs: [(blobs[0][0], b"x" + blobs[0][1][1:]), *blobs[1:]], "altered"),
    ],
)
def test_an_attachment_that_is_missing_or_altered_is_named(
    backup: Path, harm: Callable[[list[Any]], list[Any]], word: str
) -> None:
    business, *blobs = contents(backup).items()
    archive(backup, [business, *harm(blobs)])
    ok, detail = rows(verify_backup(backup))["The attachments are what was attached"]
    assert not ok
    assert detail.endswith(f": {word}")


def test_without_a_manifest_an_archive_is_expected_to_be_complete(backup: Path) -> None:
    business, *blobs = contents(backup).items()
    alone = archive(backup.with_name("alone.manager.tar"), [business, *blobs[1:]])
    assert failed(verify_backup(alone)) == ["The attachments are what was attached"]


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"[]", b"{}", b"\xff", b'{"format": "manager_nb backup", "version": 99}', b"[" * 100_000],
)
def test_a_manifest_that_cannot_be_read_is_a_verdict(backup: Path, rubbish: bytes) -> None:
    backup.with_name(backup.name + ".manifest.json").write_bytes(rubbish)
    assert read_manifest(backup) is None
    assert failed(verify_backup(backup)) == ["The file is the one in its manifest"]


@pytest.mark.parametrize(
    ("part", "rubbish"),
    [
        ("version", 2),
        ("file", []),
        ("file", {"size": 1}),
        ("choices", None),
        ("attachments", {"missing": 5}),
        ("attachments", {"listed": 1, "missing": [5], "altered": []}),
        ("tables", {"Objects": 5}),
        ("types", []),
    ],
)
def test_a_manifest_with_rubbish_inside_is_none(backup: Path, part: str, rubbish: object) -> None:
    paper = backup.with_name(backup.name + ".manifest.json")
    paper.write_text(json.dumps({**json.loads(paper.read_bytes()), part: rubbish}))
    assert read_manifest(backup) is None
    assert failed(verify_backup(backup)) == ["The file is the one in its manifest"]


def test_a_later_backup_can_be_shown_to_extend_an_earlier_one(data: Path, tmp_path: Path) -> None:
    earlier = create_backup(data / "himalaya/earlier/Himalaya Traders (2025-12-31).manager", tmp_path, name="earlier")
    later = create_backup(data / "himalaya/Himalaya Traders.manager", tmp_path, name="later")
    head = history_head(earlier.manifest)
    assert head.rows < history_head(later.manifest).rows
    with open_business(later.path) as business:
        database = business.open_source.database
        assert digest_history(database, head.columns, head.rows).sha256 == head.sha256
        assert digest_history(database, head.columns, head.rows - 1).sha256 != head.sha256
    trimmed = altered(
        later.path,
        tmp_path / "trimmed.manager",
        'DELETE FROM "Changes" WHERE "Key" = (SELECT "Key" FROM "Changes" ORDER BY "Timestamp" LIMIT 1)',
    )
    assert digest_history(trimmed, head.columns, head.rows).sha256 != head.sha256


def test_cancel_is_heeded(backup: Path) -> None:
    class Cancelled:
        cancelled = True

        def start(self, step: str, total: int | None = None) -> None: ...
        def advance(self, amount: int = 1) -> None: ...
        def finish(self) -> None: ...

    with pytest.raises(CancelledError):
        verify_backup(backup, "restore", progress=Cancelled())


def test_the_manifest_stays_true_when_both_files_move(backup: Path, tmp_path: Path) -> None:
    for path in (backup, backup.with_name(backup.name + ".manifest.json")):
        shutil.move(path, tmp_path / path.name)
    assert failed(verify_backup(tmp_path / backup.name)) == []


def test_the_manifest_is_not_taken_for_the_backup(backup: Path) -> None:
    paper = backup.with_name(f"{backup.name}.manifest.json")
    with pytest.raises(NotABusinessError) as caught:
        verify_backup(paper)
    assert "is the manifest of a backup" in caught.value.message
    assert caught.value.hint == f"Choose {backup.name}, which lies beside it."
    backup.unlink()
    with pytest.raises(NotABusinessError) as caught:
        verify_backup(paper)
    assert f"{backup.name}, is not beside it" in caught.value.hint
