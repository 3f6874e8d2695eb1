from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from manager_nb.backup.create import create_backup
from manager_nb.errors import SourceUnreadableError
from manager_nb.model.business import open_business
from manager_nb.widgets import import_panel
from manager_nb.widgets.import_panel import ImportPanel
from manager_nb.widgets.preferences import preferences
from tests.widgets.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def panel(himalaya_tar: Path, tmp_path: Path) -> ImportPanel:
    made = ImportPanel(himalaya_tar, tmp_path / "data", timezone="Asia/Kolkata")
    made.wait(60)
    return made


def test_a_business_is_imported_checked_and_shown(panel: ImportPanel, himalaya_tar: Path, tmp_path: Path) -> None:
    Screen(panel).fill("Name of the business", "March")
    Screen(panel).press("Import Business")
    path = panel.wait(60)
    assert path == tmp_path / "data" / "Businesses" / "March.manager"
    words = Screen(panel).all_text()
    assert "The business is imported and checked" in words
    assert str(path) in words
    with open_business(himalaya_tar) as source, open_business(path) as placed:
        assert list(placed.objects()) == list(source.objects())


def test_a_cancel_in_the_second_check_does_not_hide_the_business(
    panel: ImportPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = import_panel.prove_import

    def cancelled(*given: Path, progress) -> object:
        Screen(panel).press("Cancel")
        return real(*given, progress=progress)

    monkeypatch.setattr(import_panel, "prove_import", cancelled)
    Screen(panel).press("Import Business")
    path = panel.wait(60)
    assert list((tmp_path / "data" / "Businesses").iterdir()) == [path]
    words = Screen(panel).all_text()
    assert "Nothing was written" not in words
    assert "You cancelled the second check." in words
    assert panel.widget.screen["status"] == f"The business is imported: {path.stem}"


def test_an_error_in_the_second_check_does_not_hide_the_business(
    panel: ImportPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_given: Path, progress) -> object:
        raise SourceUnreadableError("{name} cannot be read: {reason}.", hint="Copy it.", name="x", reason="gone")

    monkeypatch.setattr(import_panel, "prove_import", unreadable)
    Screen(panel).press("Import Business")
    assert panel.wait(60).is_file()
    words = Screen(panel).all_text()
    assert "The second check could not be finished." in words
    assert "x cannot be read: gone. Copy it." in words
    assert not Screen(panel).alerts


@pytest.mark.parametrize(
    ("typed", "called"), [("a/b", "a_b"), ("March.manager", "March"), ("March.manager.tar.zst", "March")]
)
def test_a_name_that_is_changed_is_told_before(panel: ImportPanel, typed: str, called: str) -> None:
    Screen(panel).fill("Name of the business", typed)
    assert Screen(panel).one("entry", "Name of the business")["help"] == f"It will be called “{called}”."
    Screen(panel).press("Import Business")
    assert panel.wait(60).name == f"{called}.manager"


@pytest.mark.parametrize(
    ("typed", "why"), [("x" * 240, "too long"), ("अ" * 80, "too long"), (".March", "hidden"), ("  ", "no name")]
)
def test_a_name_that_cannot_be_used_is_told_before_with_a_hint(panel: ImportPanel, typed: str, why: str) -> None:
    Screen(panel).fill("Name of the business", typed)
    told = Screen(panel).one("entry", "Name of the business")["help"]
    assert why in told
    assert "Give" in told
    assert Screen(panel).one("button", "Import Business")["disabled"] is True


def test_while_importing_its_own_file_is_no_clash(panel: ImportPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    real, helps = import_panel.prove_import, []

    def looking(*given: Path, progress) -> object:
        progress.start("Checking")
        helps.append(Screen(panel).one("entry", "Name of the business").get("help", ""))
        return real(*given, progress=progress)

    monkeypatch.setattr(import_panel, "prove_import", looking)
    panel.import_business()
    panel.wait(60)
    assert helps == [""]
    assert "help" not in Screen(panel).one("entry", "Name of the business")
    Screen(panel).fill("Name of the business", "..")
    assert "Give it a name." in Screen(panel).one("entry", "Name of the business")["help"]


def lines(panel: ImportPanel) -> list[tuple[str, str]]:
    (proof,) = Screen(panel).kinds("proof")
    return [(item["verdict"], item["words"]) for item in proof["items"]]


def test_what_was_left_out_of_the_backup_is_not_ticked_as_if_it_were_there(himalaya_tar: Path, tmp_path: Path) -> None:
    made = create_backup(himalaya_tar, tmp_path, name="Less", history=False, emails=False, attachments=False)
    panel = ImportPanel(made.path, tmp_path / "data")
    panel.wait(60)
    panel.import_business()
    panel.wait(60)
    assert ("Nothing to check:", "History was left out when this backup was made.") in lines(panel)
    assert ("Nothing to check:", "Emails were left out when this backup was made.") in lines(panel)
    assert ("Nothing to check:", "The backup lists 25 attachments; their files were left out.") in lines(panel)
    assert not any(
        words.startswith(("The whole History", "Every e-mail", "Every attachment")) for _, words in lines(panel)
    )
    assert sum("cannot be audited" in node["words"] for node in Screen(panel).kinds("notice")) == 2  # before and after


def test_what_the_backup_never_had_is_told_with_the_result(himalaya: Path, tmp_path: Path) -> None:
    panel = ImportPanel(himalaya, tmp_path / "data")
    panel.wait(60)
    panel.import_business()
    panel.wait(60)
    assert ("Nothing to check:", "The backup lists 25 attachments and has the file of none.") in lines(panel)
    assert "The backup does not have the files of 25 attachments" in Screen(panel).all_text()


def test_an_empty_business_has_nothing_to_check(data: Path, tmp_path: Path) -> None:
    panel = ImportPanel(data / "small/Empty.manager", tmp_path / "data")
    panel.wait(60)
    panel.import_business()
    panel.wait(60)
    assert ("Nothing to check:", "The backup has no emails.") in lines(panel)
    assert ("Nothing to check:", "The business has no attachments.") in lines(panel)


def warnings(panel: ImportPanel) -> list[str]:
    return [node["words"] for node in Screen(panel).kinds("notice") if node["look"] == "warning"]


def test_a_folder_without_anything_of_manager_is_told_before_and_not_promised_after(
    himalaya_tar: Path, tmp_path: Path
) -> None:
    panel = ImportPanel(himalaya_tar, tmp_path)
    panel.wait(60)
    assert any("does not look like Manager’s data folder" in words for words in warnings(panel))
    Screen(panel).press("Import Business")
    panel.wait(60)
    words = Screen(panel).all_text()
    assert "it is in the list" not in words
    assert f"only if it uses this folder. If it does not, press Change Folder there and choose {tmp_path}." in words
    assert any("does not look like Manager’s data folder" in words for words in warnings(panel))
    Screen(panel).press("Import once more")
    panel.wait(60)
    assert "it is in the list" not in Screen(panel).all_text()
    assert preferences().data_folders == []


def test_the_inside_of_a_data_folder_is_told_and_the_right_one_offered(
    data: Path, himalaya_tar: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Manager.io"
    shutil.copytree(data / "data-folder", folder)
    inside = folder / "Packs" / "8c"
    inside.mkdir()
    panel = ImportPanel(himalaya_tar, inside)
    panel.wait(60)
    assert any(f"inside Manager’s data folder {folder}" in words for words in warnings(panel))
    Screen(panel).press("Use this folder: Manager.io")
    assert panel.data_folder == folder
    assert warnings(panel) == []


def test_a_data_folder_is_remembered_and_the_business_is_in_managers_list(
    data: Path, himalaya_tar: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Manager.io"
    shutil.copytree(data / "data-folder", folder)
    panel = ImportPanel(himalaya_tar, folder)
    panel.wait(60)
    assert warnings(panel) == []
    Screen(panel).press("Import Business")
    panel.wait(60)
    assert "it is in the list" in Screen(panel).all_text()
    assert preferences().data_folders == [str(folder)]
    assert ImportPanel(himalaya_tar).data_folder == folder


def test_a_folder_that_is_no_data_folder_any_more_is_not_taken_again(himalaya_tar: Path, tmp_path: Path) -> None:
    preferences().remember_data_folder(tmp_path)
    assert ImportPanel(himalaya_tar).data_folder is None


def test_without_a_data_folder_the_button_says_why_it_is_grey(himalaya_tar: Path) -> None:
    panel = ImportPanel(himalaya_tar)
    panel.wait(60)
    assert Screen(panel).one("button", "Import Business")["disabled"] is True
    assert "To import, first choose Manager’s data folder." in Screen(panel).all_text()
