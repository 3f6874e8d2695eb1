"""What the README tells people to type exists, and CI types the same."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import manager_nb
import toolkit
from manager_nb.__main__ import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks marked with a language; "" for those without a mark: what is typed in a terminal."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [block for mark, block in found if mark == language]


def test_the_two_commands_are_those_of_the_toolkit() -> None:
    commands = [line for block in blocks("") for line in block.splitlines() if "toolkit.py" in line]
    assert commands == ["python3 toolkit.py open", "python3 toolkit.py test"]


def test_ci_runs_the_readme_test_command_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert script == ["#!/bin/sh", 'cd "$(dirname "$0")/.." && exec python3 toolkit.py test']


def test_the_toolkit_explains_itself_when_it_is_asked_nothing() -> None:
    answer = subprocess.run([sys.executable, ROOT / "toolkit.py"], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "toolkit.py open" in answer.stdout
    assert "toolkit.py test" in answer.stdout


@pytest.mark.parametrize("line", [line for block in blocks("") for line in block.splitlines() if " -m " in line])
def test_a_command_of_the_readme_is_one_of_the_command_line(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    command, *arguments = line.removeprefix("python -m manager_nb ").split()
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    usage = capsys.readouterr().out.split("\n\n")[0].split()
    assert usage[-len(arguments) :] == [word.lower() for word in arguments]


def test_the_names_in_the_readme_example_are_public() -> None:
    used = {
        node.attr
        for block in blocks("python")
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "mn"
    }
    assert used
    assert used <= set(manager_nb.__all__)


def test_every_link_in_the_readme_leads_somewhere() -> None:
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", README) if not target.startswith("https://")]
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_what_the_readme_says_of_python_is_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest, newest = (f"3.{minor}" for _, minor in (toolkit.OLDEST, toolkit.NEWEST))
    assert project["requires-python"] == f">={oldest},<3.{toolkit.NEWEST[1] + 1}"
    assert f"{oldest} to {newest}" in README
