from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import SourceUnreadableError
from manager_nb.model.business import open_business
from manager_nb.widgets import import_panel
from manager_nb.widgets.import_panel import ImportPanel
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
