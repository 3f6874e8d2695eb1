"""What is in a folder, for the choosers: values only, nothing of the screen."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from manager_nb.errors import SourceMissingError, SourceUnreadableError, TargetUnwritableError
from manager_nb.widgets.file_facts import FileFacts, facts_of

#: Names of businesses and backups: Manager's own endings, perhaps compressed.
BUSINESS = re.compile(r"\.manager(\.tar)?(\.(gz|zst))?$", re.IGNORECASE)
#: A longer listing is cut: a path can be typed.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Item:
    """A folder or a business file in a listing.

    Attributes:
        path: where it is.
        folder: whether it is a folder.
        size: bytes of a file.
        modified: when it was last written.
        facts: what is known of a file without opening it; None for a folder.
    """

    path: Path
    folder: bool
    size: int
    modified: datetime
    facts: FileFacts | None = None

    @property
    def name(self) -> str:
        """Its name without the folder."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder's content: sub-folders by name, then business files, the newest first.

    Attributes:
        folder: the folder.
        items: what is in it, at most `MOST`.
        hidden: how many more there are.
    """

    folder: Path
    items: tuple[Item, ...]
    hidden: int


def list_folder(folder: Path, *, files: bool = True) -> Listing:
    """Sub-folders and business files of a folder; hidden ones and all else are left out.

    Args:
        folder: the folder.
        files: whether files are listed too.

    Raises:
        SourceMissingError: there is no such folder.
        SourceUnreadableError: it may not be listed.
    """
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except NotADirectoryError as error:
        raise no_folder(folder) from error
    except FileNotFoundError as error:
        raise SourceMissingError(
            "There is no folder {name}.",
            hint="Check the path, or go up and choose another folder.",
            path=folder,
            name=folder.name,
        ) from error
    except OSError as error:
        raise SourceUnreadableError(
            "The folder {name} may not be opened.",
            hint="Choose another folder, or ask its owner for permission to read it.",
            path=folder,
            name=folder.name,
        ) from error
    items = [item for item in (_item(entry, files=files) for entry in entries) if item is not None]
    items.sort(key=lambda item: (not item.folder, item.name.casefold() if item.folder else -item.modified.timestamp()))
    names = {entry.name for entry in entries}
    return Listing(folder, tuple(_known(item, names) for item in items[:MOST]), max(0, len(items) - MOST))


def no_folder(file: Path) -> SourceMissingError:
    """What to tell of a file that was named where a folder is wanted."""
    return SourceMissingError(
        "{name} is a file, not a folder.",
        hint="Take the folder that it is in: {folder}.",
        path=file,
        name=file.name,
        folder=file.parent.name or str(file.parent),
    )


def make_folder(parent: Path, name: str) -> Path:
    """Make a new folder.

    Raises:
        TargetUnwritableError: the name is no single folder name, or it may not be made there.
    """
    name = name.strip()
    if not name or name in {".", ".."} or re.search(r'[/\\:*?"<>|\x00-\x1f]', name):
        raise TargetUnwritableError(
            "“{name}” cannot be the name of a folder.",
            hint='Use letters, digits and spaces, without / \\ : * ? " < > |.',
            path=parent,
            name=name,
        )
    folder = parent / name
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise TargetUnwritableError(
            "The folder {name} could not be made.",
            hint="Choose a folder of your own, such as Documents.",
            path=folder,
            name=name,
        ) from error
    return folder


def typed_path(words: str) -> Path:
    """A pasted path: quotes and `file://` taken off, `~` opened, made absolute."""
    words = words.strip().strip("\"'").strip()
    if words.startswith("file://"):
        from urllib.parse import unquote, urlsplit
        from urllib.request import url2pathname

        words = (
            url2pathname(unquote(urlsplit(words).path)) if sys.platform == "win32" else unquote(urlsplit(words).path)
        )
    path = Path(words)
    with contextlib.suppress(RuntimeError):  # ~somebody that this computer does not know
        path = path.expanduser()
    return Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are


def manager_folders() -> tuple[Path, ...]:
    """Where Manager's desktop edition keeps its data by default, those that exist.

    Source: Manager's guide "Change Folder": `Documents/Manager.io` on Windows, macOS and Linux, on Windows perhaps
    inside `OneDrive`.
    """
    home = Path.home()
    usual = (home / "Documents" / "Manager.io", home / "OneDrive" / "Documents" / "Manager.io")
    return tuple(folder for folder in usual if folder.is_dir())


def backup_folder() -> Path:
    """Where backups go unless another folder is chosen; made when the first one is."""
    return Path.home() / "Manager backups"


def export_folder() -> Path:
    """Where exported tables and saved attachments go unless another folder is chosen; made when the first one is."""
    return Path.home() / "Manager exports"


def _known(item: Item, names: set[str]) -> Item:
    """The same with what is known of the file from outside."""
    if item.folder:
        return item
    try:
        return replace(item, facts=facts_of(item.path, item.path.stat(), names))
    except OSError:
        return item  # gone meanwhile


def _item(entry: os.DirEntry[str], *, files: bool) -> Item | None:
    if entry.name.startswith("."):
        return None
    try:
        folder = entry.is_dir()
        if not folder and not (files and BUSINESS.search(entry.name) and entry.is_file()):
            return None
        state = entry.stat()
    except OSError:
        return None  # gone meanwhile, or a link to nowhere
    return Item(Path(entry.path), folder, state.st_size, datetime.fromtimestamp(state.st_mtime, UTC))
