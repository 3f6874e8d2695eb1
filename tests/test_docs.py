"""The pages under docs/: what they tell people to type works, what they quote is said, what they link to is there."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import shlex
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

import manager_nb
from manager_nb import i18n
from manager_nb.__main__ import main
from tests import guide_of_tests
from tests.translations import FAMILY, PACKAGE, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GUIDE = DOCS / "guide"
PAGES = sorted(page.name for page in (GUIDE / "en").glob("*.md"))
LANGUAGES = sorted(i18n.available())
TROUBLE = "05-when-something-is-wrong.md"

#: How that page quotes a sentence of the screen.
QUOTE = r"^- \*\*(.+)\*\*$"

#: Errors that only those meet who write code; their hints are enough.
FOR_CODE = {"ManagerNbError", "EncodeError", "MomentError", "NotFoundError", "WireError"}

#: Bold words of the guide that are not on our screen: Manager's, the notebook's and the system's.
OF_OTHERS = {
    *("Backup", "Import Business", "Change Folder"),
    *("Run ▸ Run All Cells", "10_backup", "20_restore", "25_import", "30_history", "40_emails", "50_contents"),
    *("60_audit", "70_compare"),
    *("Terminal", "Open in Terminal"),
}


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def blocks(page: Path) -> list[tuple[str, str]]:
    """The code blocks of a page: language and content."""
    return re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text_of(page), re.DOTALL | re.MULTILINE)


def without_code(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```$|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE)


def anchor(heading: str) -> str:
    """The name that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


# ---- links, and the two languages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sheet", sorted(DOCS.rglob("*.md")), ids=lambda sheet: sheet.relative_to(DOCS).as_posix())
def test_every_link_leads_somewhere(sheet: Path) -> None:
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text_of(sheet))):
        path, _, part = unquote(target).partition("#")
        other = (sheet.parent / path).resolve() if path else sheet
        found = not target.startswith("http") and other.exists()
        if not found or (part and part not in map(anchor, headings(text_of(other)))):
            wrong.append(target)
    assert wrong == []


@pytest.mark.parametrize("section", sorted(set(re.findall(r"docs/format\.md (§\d)", " ".join(
    path.read_text("utf-8") for path in PACKAGE.rglob("*.py")
)))))  # fmt: skip
def test_a_section_that_the_code_cites_is_there(section: str) -> None:
    assert any(heading.startswith(f"{section[1:]}.") for heading in headings(text_of(DOCS / "format.md")))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_page_of_the_guide_is_there_in_each_language_and_listed(code: str) -> None:
    assert sorted(page.name for page in (GUIDE / code).glob("*.md")) == PAGES
    assert re.findall(rf"\]\({code}/([^)]+)\)", text_of(GUIDE / "README.md")) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_same_shape_and_the_same_code_in_each_language(name: str) -> None:
    def shape(page: Path) -> list[str]:
        return re.findall(r"^ *(#+|\||\d+\.|-) ", without_code(text_of(page)), re.MULTILINE)

    pages = [GUIDE / code / name for code in LANGUAGES]
    assert len({tuple(blocks(page)) for page in pages}) == 1
    assert len({tuple(shape(page)) for page in pages}) == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_of_the_tests_of_an_audit_says_what_the_code_knows(code: str) -> None:
    said = text_of(GUIDE / code / guide_of_tests.NAME)
    assert said == guide_of_tests.page(i18n.Language(code)), "python -m tests.guide_of_tests writes it anew"


def test_the_design_lists_every_public_name() -> None:
    told = re.findall(r"`([\w.]+)", text_of(DOCS / "design.md"))
    assert [name for name in manager_nb.__all__ if name not in told] == []


# ---- code ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(himalaya_tar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the file that the guide speaks of."""
    shutil.copy(himalaya_tar, tmp_path / "Himalaya Traders.manager.tar")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PAGES)
def test_the_python_of_a_page_runs_and_prints_what_the_page_says(name: str, desk: Path) -> None:
    names: dict[str, Any] = {}
    found = blocks(GUIDE / "en" / name)
    for (language, code), (following, expected) in pairwise([*found, ("", "")]):
        if language == "python":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(code, names)
            assert said.getvalue() == (expected if following == "text" else "")


def test_the_commands_of_the_guide_succeed(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        line
        for name in PAGES
        for language, block in blocks(GUIDE / "en" / name)
        if language == "sh"
        for line in block.splitlines()
    ]
    assert lines
    for line in lines:
        assert line.startswith("python -m manager_nb "), line
        sound = {0, 1} if " audit " in line else {0}  # 1: something was found, as the guide says
        assert main(shlex.split(line)[3:]) in sound, f"{line}\n{capsys.readouterr().err}"


# ---- what is quoted from the screen ----------------------------------------------------------------------------------


def messages() -> Iterator[str]:
    """What is wrong, of every error that somebody who clicks may meet."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FAMILY - FOR_CODE:
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
                yield str(node.args[0].value)


def quoted(template: str) -> str:
    return re.sub(r"\{\w+\}", "…", template)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_guide_says_what_to_do_about_every_error_in_the_words_of_the_screen(code: str) -> None:
    said = {quoted(i18n.Language(code).text(message)) for message in messages()}
    told = re.findall(QUOTE, text_of(GUIDE / code / TROUBLE), re.MULTILINE)
    assert sorted(set(told) - said) == [], "no longer said"
    assert sorted(said - set(told)) == [], "not in the guide"
    assert len(told) == len(set(told))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("04")])
def test_what_the_guide_says_to_press_is_on_the_screen(name: str, code: str) -> None:
    language = i18n.Language(code)
    on_screen = {language.text(text).rstrip(":") for text in texts()} | OF_OTHERS
    prose = re.sub(QUOTE, "", without_code(text_of(GUIDE / code / name)), flags=re.MULTILINE).replace("\n", " ")
    bold = set(re.findall(r"\*\*(.+?)\*\*", prose))
    named = {part for words in bold - OF_OTHERS for part in words.rstrip(".।").split(" ▸ ")}
    assert sorted(named - on_screen) == []
