"""How JupyterLab is opened; that it asks nothing off this machine is seen in tests/browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager_nb import lab
from manager_nb.errors import NotFoundError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_notebooks_of_this_checkout_are_found() -> None:
    assert (lab.NOTEBOOKS / lab.FIRST).is_file()


def test_without_notebooks_the_user_is_told_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "NOTEBOOKS", tmp_path)
    with pytest.raises(NotFoundError) as caught:
        lab.open_notebooks(browser=False)
    assert "toolkit.py open" in caught.value.hint


def test_jupyter_listens_on_this_machine_only_and_asks_for_no_news(tmp_path: Path) -> None:
    options = dict(option.split("=", 1) for option in lab.quiet_options(tmp_path) if "=" in option)
    assert options["--ServerApp.ip"] == "127.0.0.1"
    assert options["--ServerApp.root_dir"] == str(tmp_path)
    settings = json.loads((lab.PACKAGE / "lab_settings" / "overrides.json").read_text("utf-8"))
    notices = settings["@jupyterlab/apputils-extension:notification"]
    assert notices == {"checkForUpdates": False, "fetchNews": "false"}
    assert options["--LabApp.app_settings_dir"] == str(lab.PACKAGE / "lab_settings")
