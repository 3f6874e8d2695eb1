"""Opens the notebooks in JupyterLab, on this machine only and without a word to the network."""

from __future__ import annotations

import os
from pathlib import Path

from manager_nb.errors import NotFoundError

PACKAGE = Path(__file__).parent
NOTEBOOKS = PACKAGE.parent / "notebooks"
FIRST = "00_start.ipynb"


def open_notebooks(*, browser: bool = True) -> None:
    """Run JupyterLab on the first notebook until Ctrl+C.

    Args:
        browser: whether a browser is opened; the address is printed in any case.

    Raises:
        NotFoundError: the package is installed without the notebooks.
    """
    if not (NOTEBOOKS / FIRST).is_file():
        raise NotFoundError(
            "The notebooks are not beside this installation.",
            hint="Open them from the downloaded manager_nb folder with: python3 toolkit.py open",
            path=NOTEBOOKS,
        )
    from jupyterlab.labapp import LabApp  # takes a second, and scripts never need it

    shown = [] if browser else ["--no-browser"]
    LabApp.launch_instance(argv=[*quiet_options(NOTEBOOKS), f"--LabApp.default_url=/lab/tree/{FIRST}", *shown])


def quiet_options(folder: Path) -> list[str]:
    """The options of ``jupyter lab`` over a folder: this machine only, no news, no update check, no shop of extensions.

    Nothing is saved into a notebook unless the user does it: see ``lab_settings/overrides.json``. A notebook that only
    shows panels runs when it is opened: see ``widgets/lab``.
    """
    options = [
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.answer_yes=True",
        "--Application.log_level=ERROR",
        f"--LabApp.app_settings_dir={PACKAGE / 'lab_settings'}",
        f"--LabApp.extra_labextensions_path={PACKAGE / 'widgets' / 'lab'}",
        "--LabApp.extension_manager=readonly",
    ]
    as_root = getattr(os, "geteuid", lambda: -1)() == 0  # Jupyter refuses root unless told; in a container one is root
    return [*options, "--allow-root"] if as_root else options
