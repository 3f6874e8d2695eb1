"""The demonstration business that ships with manager_nb."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def demonstration() -> Path:
    """The path of "Himalaya Traders", a year of a small trader's books with attachments, e-mails and four users.

    The real program wrote it; every name and figure in it is made up.
    """
    folder = Path(str(resources.files("manager_nb") / "data"))
    return next(folder.glob("Himalaya Traders*"))
