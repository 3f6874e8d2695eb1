"""The script that makes the environment, tried without making one: what it decides and what it says."""

from __future__ import annotations

import ast
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import toolkit

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without an environment."""
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(toolkit, "HERE", tmp_path)
    monkeypatch.setattr(toolkit, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(toolkit, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(toolkit, "STAMP", tmp_path / ".venv" / "made-from.json")
    return tmp_path


@pytest.fixture
def installed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The word lists that pip was given."""
    given: list[list[str]] = []

    def make_empty() -> None:
        for name in ("bin/python", "Scripts/python.exe"):
            (checkout / ".venv" / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / ".venv" / name).touch()

    monkeypatch.setattr(toolkit, "make_empty_environment", make_empty)
    monkeypatch.setattr(toolkit, "install", lambda _python, words: given.append(words))
    return given


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 15), (4, 0)])
def test_another_python_is_refused_in_plain_words(version: tuple[int, int]) -> None:
    with pytest.raises(toolkit.RefusalError, match=r"needs Python 3\.11 to 3\.14, and this is \d\.\d+\. (Run|Install)"):
        toolkit.refuse_other_pythons(version)


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_every_python_that_is_promised_is_taken(minor: int) -> None:
    toolkit.refuse_other_pythons((3, minor))


def test_an_old_python_reads_the_script_far_enough_to_be_refused() -> None:
    ast.parse((ROOT / "toolkit.py").read_bytes(), feature_version=(3, 7))


def test_the_environment_is_made_once_and_then_kept(checkout: Path, installed: list[list[str]]) -> None:
    python = toolkit.make_environment(tests=False)
    assert python.is_relative_to(checkout / ".venv")
    assert len(installed) == 2
    assert toolkit.make_environment(tests=False) == python
    assert len(installed) == 2


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_the_environment_follows_the_files_that_say_what_is_in_it(
    checkout: Path, installed: list[list[str]], name: str
) -> None:
    toolkit.make_environment(tests=False)
    with (checkout / name).open("a") as file:
        file.write("\n# changed\n")
    toolkit.make_environment(tests=False)
    assert len(installed) == 4


def test_line_ends_of_windows_change_nothing(checkout: Path) -> None:
    before = toolkit.fingerprint()
    lock = checkout / "requirements.lock"
    lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
    assert toolkit.fingerprint() == before


def test_tests_bring_their_tools_and_these_stay(checkout: Path, installed: list[list[str]]) -> None:
    toolkit.make_environment(tests=False)
    assert not any(word.startswith("pytest") for word in installed[-2])
    toolkit.make_environment(tests=True)
    assert any(word.startswith("pytest") for word in installed[-2])
    count = len(installed)
    toolkit.make_environment(tests=False)
    assert len(installed) == count


def test_an_installation_that_broke_off_is_done_again(
    checkout: Path, installed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise toolkit.RefusalError("no network")

    with monkeypatch.context() as broken:
        broken.setattr(toolkit, "install", break_off)
        with pytest.raises(toolkit.RefusalError):
            toolkit.make_environment(tests=False)
    toolkit.make_environment(tests=False)
    assert len(installed) == 2


def test_without_a_network_the_user_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    nowhere = ["--isolated", "--retries=1", "--index-url=https://127.0.0.1:9/simple", "no-such-thing-at-all"]
    with pytest.raises(toolkit.RefusalError, match="Check the connection to the internet"):
        toolkit.install(Path(sys.executable), nowhere)


def test_what_pip_refuses_is_shown() -> None:
    with pytest.raises(toolkit.RefusalError, match=r"no-such-thing-at-all[\s\S]*See above"):
        toolkit.install(Path(sys.executable), ["--isolated", "--no-index", "no-such-thing-at-all"])


def test_a_browser_on_the_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "microsoft-edge.exe" if sys.platform == "win32" else "microsoft-edge"
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolkit, "BROWSERS", [entry for entry in toolkit.BROWSERS if not Path(entry).is_absolute()])
    found = toolkit.find_browser()
    assert found is not None
    assert Path(found).name.lower() == name


def test_without_rights_the_user_is_told_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolkit.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(toolkit.os, "geteuid", lambda: 1000, raising=False)
    with pytest.raises(toolkit.RefusalError, match=r"The tests need it\. .*: sudo apt-get install chromium$"):
        toolkit.apt_get(["chromium"], "The tests need it")


def test_the_lock_pins_every_package_that_is_asked_for_and_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==\S+", lock, re.MULTILINE))
    project: Any = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = toolkit.requirements(tests=True)
    assert len(asked) == 1 + len(project["project"]["dependencies"]) + len(project["dependency-groups"]["test"])
    assert {re.split(r"[<>=;~ ]", requirement)[0].lower() for requirement in asked} <= pinned
    assert "://" not in lock
    assert "--index-url" not in lock


def test_conda_users_get_what_the_project_asks_for() -> None:
    """The names and lower bounds of `environment.yml` are those of `pyproject.toml`."""
    listed = re.findall(r"^ +- ([a-z][\w-]*) ?(>=\S+)?$", (ROOT / "environment.yml").read_text("utf-8"), re.MULTILINE)
    conda = {name.removeprefix("python-"): bound for name, bound in listed}
    for requirement in toolkit.requirements(tests=True):
        name, bound = re.match(r"([\w-]+)(>=[\d.]+)", requirement).groups()  # type: ignore[union-attr]
        assert conda[name] == bound
