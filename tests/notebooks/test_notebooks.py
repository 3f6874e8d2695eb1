"""What every notebook keeps to; that its cells run is tested by nbval, on the notebooks themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def notebook(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def test_the_notebooks_of_the_journey_are_there() -> None:
    assert {"00_start", "10_backup", "20_restore", "25_import"} <= {path.stem for path in NOTEBOOKS}


def test_a_notebook_is_valid_and_runs_in_any_python(notebook: Any) -> None:
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


def test_a_notebook_is_short(notebook: Any) -> None:
    assert 5 <= len(notebook.cells) <= 10


def test_a_notebook_stores_nothing_of_a_run(notebook: Any) -> None:
    assert "widgets" not in notebook.metadata
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)


def test_a_notebook_holds_no_logic(notebook: Any) -> None:
    lines = [line for cell in notebook.cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    assert [
        line for line in lines if line.startswith(("def ", "class ", "for ", "while ", "if ", "with ", "try"))
    ] == []


def test_a_notebook_speaks_english_and_hindi(notebook: Any) -> None:
    words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert any("\u0900" <= letter <= "\u097f" for letter in words)
    assert any("a" <= letter <= "z" for letter in words)


def test_a_notebook_leads_to_files_that_exist(path: Path, notebook: Any) -> None:
    words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", words) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_a_notebook_is_stored_as_jupyter_stores_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"
