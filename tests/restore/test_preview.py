"""What a backup holds is told before anything happens."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.restore.importing import import_business, preview_import
from tests.crafting import altered, below
from tests.evidence import untouched

if TYPE_CHECKING:
    from pathlib import Path


def test_a_backup_of_the_program_is_seen_through(himalaya_tar: Path) -> None:
    with untouched(himalaya_tar):
        seen = preview_import(himalaya_tar)
    assert (seen.name, seen.kind, seen.size) == ("Himalaya Traders (2026-03-27)", "manager.tar", 1_135_616)
    assert (seen.schema_revision, seen.objects, seen.changes, seen.emails) == (419, 695, 794, 74)
    assert dict(seen.types)["Sales Invoice"] == 190
    assert seen.first is not None
    assert seen.last is not None
    assert seen.first.year == 2025
    assert seen.last.replace(microsecond=0) == dt.datetime(2026, 3, 27, 13, 50, 44, tzinfo=dt.UTC)
    assert (seen.attachments, seen.attachments_present, seen.missing, seen.altered) == (25, 25, (), ())
    assert (seen.manifest, seen.matches, seen.choices) == (None, None, None)
    assert (seen.problems, seen.obstacle) == ((), None)
    assert seen.covered == 694, "all but the Schema object were made on the screens"


def test_the_choices_of_a_backup_are_told_by_its_manifest(himalaya_tar: Path, tmp_path: Path) -> None:
    made = create_backup(himalaya_tar, tmp_path, history=False, attachments=False)
    seen = preview_import(made.path)
    assert seen.choices == {"attachments": False, "emails": True, "history": False}
    assert seen.matches is True
    assert (seen.changes, seen.first, seen.last, seen.covered) == (0, None, None, 0)
    assert (seen.attachments, seen.attachments_present, len(seen.missing)) == (25, 0, 25)


def test_a_manifest_of_another_file_does_not_match(himalaya: Path, tmp_path: Path) -> None:
    made = create_backup(himalaya, tmp_path, name="Himalaya")
    made.path.unlink()
    altered(himalaya, made.path, 'DELETE FROM "Emails"')
    assert preview_import(made.path).matches is False


def test_the_name_is_the_one_that_it_will_get(himalaya_tar: Path, tmp_path: Path) -> None:
    assert preview_import(himalaya_tar, tmp_path / "data").name == "Himalaya Traders (2026-03-27)"
    assert below(tmp_path) == []
    import_business(himalaya_tar, tmp_path / "data")
    seen = preview_import(himalaya_tar, tmp_path / "data")
    assert seen.name == "Himalaya Traders (2026-03-27)(2)"
    assert import_business(himalaya_tar, tmp_path / "data").stem == seen.name


@pytest.mark.parametrize("name", ["small/Old format.manager", "small/Empty.manager", "upgraded/Revision 370.manager"])
def test_every_kind_of_file_can_be_looked_into(data: Path, name: str) -> None:
    seen = preview_import(data / name)
    assert seen.obstacle is None
    assert seen.sha256


def test_what_keeps_a_damaged_file_from_being_imported_is_told(data: Path) -> None:
    seen = preview_import(data / "small/Torn backup.manager")
    assert seen.problems
    assert seen.obstacle is not None
    assert seen.obstacle.hint
