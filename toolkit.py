"""The two commands of this project, on every system, with Python's standard library only.

``python3 toolkit.py open`` opens the notebooks in JupyterLab (``--no-browser``: only tells their address).
``python3 toolkit.py test`` runs every check; further words go to pytest.

Both first make the environment: the folder ``.venv`` beside this file with the versions of `requirements.lock` and this
checkout itself. It is kept until the lock, `pyproject.toml` or Python changes, and is then used without the network.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
STAMP = ENVIRONMENT / "made-from.json"
LOCK = HERE / "requirements.lock"
OLDEST, NEWEST = (3, 11), (3, 14)
CHECKS = (
    "ruff check .",
    "ruff format --check .",
    "mypy --strict -p manager_nb -m toolkit",
    "pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder",
)
NO_NETWORK = ("connection broken", "ConnectionError", "Max retries", "ProxyError", "getaddrinfo", "timed out")
WINDOWS_BROWSERS = ("Google\\Chrome\\Application\\chrome.exe", "Microsoft\\Edge\\Application\\msedge.exe")
BROWSERS = [
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"),
    *(f"/Applications/{x}.app/Contents/MacOS/{x}" for x in ("Google Chrome", "Chromium", "Microsoft Edge")),
    *(f"{os.environ.get(x)}\\{path}" for x in ("PROGRAMFILES", "PROGRAMFILES(X86)") for path in WINDOWS_BROWSERS),
]


class RefusalError(Exception):
    """It cannot go on: a text that says why and what to do."""


def main(words: list[str]) -> int:
    """Run one command and return its exit code."""
    commands = {"open": open_notebooks, "test": run_checks}
    if not words or words[0] not in commands:
        print(__doc__)
        return 2
    try:
        refuse_other_pythons(sys.version_info[:2])
        return commands[words[0]](words[1:])
    except RefusalError as refusal:
        print(f"\n{refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def open_notebooks(words: list[str]) -> int:
    """Open JupyterLab on the first notebook, until Ctrl+C."""
    python = make_environment(tests=False)
    print("Opening the notebooks. Keep this window open; to stop, press Ctrl+C here.", flush=True)
    return run([str(python), "-m", "manager_nb", *words])


def run_checks(words: list[str]) -> int:
    """Run every check, also after one has failed, and say at the end which did not pass."""
    need_browser()
    python = make_environment(tests=True)
    failed = []
    for check in CHECKS:
        print(f"\n== {check}", flush=True)
        if run([str(python), "-m", *check.split(), *(words if check.startswith("pytest") else [])]) != 0:
            failed.append(check)
    print(f"\nNot passed: {', '.join(failed)}" if failed else "\nEvery check passed.")
    return 1 if failed else 0


def refuse_other_pythons(version: tuple[int, ...]) -> None:
    """Stop, in plain words, where Python is too old or not known yet."""
    if OLDEST <= version <= NEWEST:
        return
    usable = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    advice = (
        f"Run it with {usable[0]}, which you have" if usable else "Install one from https://www.python.org/downloads"
    )
    raise RefusalError(f"manager_nb needs Python 3.11 to 3.14, and this is {version[0]}.{version[1]}. {advice}.")


def make_environment(*, tests: bool) -> Path:
    """Make the environment, or find it as it should be, and return its Python."""
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made = read_stamp() if python.exists() else {}
    wanted = {
        "python": "{}.{}".format(*sys.version_info),
        "files": fingerprint(),
        "tests": tests or made.get("tests", False),  # what was once installed is kept up to date
    }
    if made == wanted:
        return python
    print("Making the environment: some minutes, once.", flush=True)
    if made.get("python") != wanted["python"]:
        make_empty_environment()
    STAMP.unlink(missing_ok=True)  # until all is done again: an interrupted installation is no environment
    install(python, ["--constraint", str(LOCK), *requirements(tests=bool(wanted["tests"]))])
    install(python, ["--no-deps", "--no-build-isolation", "--no-index", "--editable", str(HERE)])
    STAMP.write_text(json.dumps(wanted), "utf-8")
    print(" done.", flush=True)
    return python


def fingerprint() -> str:
    """The state of the files that say what is installed."""
    content = LOCK.read_bytes() + (HERE / "pyproject.toml").read_bytes()
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def read_stamp() -> dict[str, object]:
    """What the environment was made from; nothing where it is unfinished."""
    try:
        return dict(json.loads(STAMP.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def requirements(*, tests: bool) -> list[str]:
    """What `pyproject.toml` asks for, the tool that installs the checkout included."""
    import tomllib  # only here: an old Python shall reach the words that refuse it

    project = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))
    asked = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    return asked + (project["dependency-groups"]["test"] if tests else [])


def make_empty_environment() -> None:
    """Make a fresh `.venv`, on Debian with the package that lets Python do so."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        apt_get([f"python3.{sys.version_info[1]}-venv"], "Python here cannot make environments")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if run([sys.executable, "-m", "venv", str(ENVIRONMENT)]) != 0:
        raise RefusalError(f"{ENVIRONMENT} could not be made: see above. Is the disk full, or the folder read-only?")


def install(python: Path, words: list[str]) -> None:
    """Run pip, a dot a package, and tell a failure in plain words."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *words]
    said: list[str] = []
    with subprocess.Popen(command, env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as pip:
        for raw in pip.stdout or ():
            said.append(raw.decode("utf-8", "replace").rstrip())
            if said[-1].startswith("Collecting "):
                print(".", end="", flush=True)
    if pip.returncode:
        told = "\n".join(said[-15:])
        offline = any(sign in line for line in said for sign in NO_NETWORK)
        advice = "Check the connection to the internet (behind a proxy: set HTTPS_PROXY)" if offline else "See above"
        raise RefusalError(f"\n{told}\n\nThe packages were not installed. {advice}, then run the same command again.")


def find_browser() -> str | None:
    """The path of an installed Chromium, Chrome or Edge."""
    return next((found for found in map(shutil.which, BROWSERS) if found), None)


def need_browser() -> None:
    """See to it that the tests find a browser and can drive it; on Debian also a font for Hindi."""
    if find_browser() is None:
        apt_get(["chromium", "fonts-noto-core"], "The tests need Chromium, Chrome or Edge, and none is installed")
    try:
        _ = sys.platform == "linux" and ctypes.CDLL("libatomic.so.1")
    except OSError:
        apt_get(["libatomic1"], "What drives the browser needs the library libatomic")


def apt_get(packages: list[str], trouble: str) -> None:
    """Install Debian's packages where we may, else say what to do."""
    if not shutil.which("apt-get") or getattr(os, "geteuid", lambda: -1)() != 0:
        raise RefusalError(f"{trouble}. First install it; on Debian: sudo apt-get install {' '.join(packages)}")
    print(f"{trouble}: installing {' '.join(packages)}.", flush=True)
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    if run([*quiet, "update"]) or run([*quiet, "install", "--yes", "--no-install-recommends", *packages]):
        raise RefusalError(f"{trouble}, and apt-get could not install it: see above.")


def run(command: list[str]) -> int:
    """Run a command in the checkout, its output shown, and return its exit code."""
    with subprocess.Popen(command, cwd=HERE, env=surroundings()) as program:
        try:
            return program.wait()
        except KeyboardInterrupt:  # Ctrl+C has reached the program too, which ends in its own way
            return program.wait()


def surroundings() -> dict[str, str]:
    """The environment variables of what is run: nothing in them makes another Python's packages seen."""
    ours = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
    return {**ours, "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1", "DEBIAN_FRONTEND": "noninteractive"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
