"""Create a backup: a new file that Manager can import, proven against the business before it gets its name.

The order of writing (docs/design.md "Write order"): a compact copy in a private folder; the backup, then its manifest,
under temporary names in the target folder; to the disk; opened anew and compared with the business object by object;
named, the backup first, never over an existing file; the folder to the disk. A failure leaves nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from manager_nb.backup import manifest as manifests
from manager_nb.backup.choices import Choices
from manager_nb.backup.inventory import take_inventory
from manager_nb.backup.names import backup_name, suggest_name
from manager_nb.backup.packing import pack
from manager_nb.backup.proof import prove, reopened
from manager_nb.backup.target import Target, require_fit, require_free
from manager_nb.errors import SourceChangedError, VerificationError
from manager_nb.format import journals, sources
from manager_nb.format.businesses import absolute
from manager_nb.format.data_folder import kept_if_done, make_folders
from manager_nb.format.placing import Partial, partial, writing
from manager_nb.format.private import PrivateFolder
from manager_nb.format.steps import reached
from manager_nb.format.writer import write_compact
from manager_nb.model.business import Business, open_business
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from manager_nb.backup.inventory import Inventory
    from manager_nb.backup.manifest import Manifest, Written


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was created and proven.

    Attributes:
        path: the file.
        manifest: what is in it, as in ``<file>.manifest.json`` beside it.
    """

    path: Path
    manifest: Manifest = field(hash=False)

    def __repr__(self) -> str:
        return f"<Backup {self.path.name!r}>"


def create_backup(
    source: Business | Path | str,
    folder: Path | str,
    *,
    name: str | None = None,
    attachments: bool = True,
    emails: bool = True,
    history: bool = True,
    compress: bool = False,
    progress: Progress | None = None,
) -> Backup:
    """Create a backup of a business, with its manifest beside it.

    The result is ``NAME.manager.tar`` in Manager's own layout where attachments lie outside the database and are
    wanted, else ``NAME.manager``; with ``.zst`` appended where it is compressed. Attachments whose content is missing
    or altered are named in the manifest.

    Args:
        source: a business file (or a folder or archive with one business), or an open business.
        folder: where the backup goes; made if it is not there.
        name: its name, which is also the business's after an import; None suggests one with today's date
            (:func:`~manager_nb.backup.names.suggest_name`). Signs that some file system cannot store are replaced.
        attachments: whether the contents of attachments go into it.
        emails: whether the e-mails sent go into it.
        history: whether the History goes into it.
        compress: whether to compress it (zstd). Manager cannot open it like that; manager_nb can.
        progress: told of every step; its cancel is heeded at every step and leaves nothing.

    Raises:
        SourceError: the business cannot be read, or has changed since it was opened.
        TargetExistsError: there is such a file already; the hint names a free name.
        TargetError: the folder cannot be written, is full, or is one that Manager lists businesses from.
        BusinessNameError: Manager could not use that name.
        VerificationError: what was written is not what was meant.
        CancelledError: the user cancelled.
    """
    progress = progress or SILENT
    where = absolute(folder)
    require_fit(where)
    with _opened(source, progress) as business:
        created = dt.datetime.now().astimezone()
        wanted = backup_name(suggest_name(business, created.date()) if name is None else name)
        inventory = take_inventory(business, progress)
        tar = ".tar" if attachments and inventory.outside else ""
        target = Target(where, wanted, f"manager{tar}{'.zst' if compress else ''}")
        choices = Choices(attachments=attachments, emails=emails, history=history)
        return write_copy(business, inventory, choices, target, created, progress=progress)


def write_copy(
    business: Business,
    inventory: Inventory,
    choices: Choices,
    target: Target,
    created: dt.datetime,
    *,
    papers: Mapping[str, Callable[[Written], bytes]] | None = None,
    also_prove: Callable[[Business], None] = lambda _copy: None,
    progress: Progress = SILENT,
) -> Backup:
    """Write a business into a new file, with its manifest and other papers beside it, and prove it.

    Args:
        business: what is written.
        inventory: what it holds.
        choices: what of it.
        target: where; the folder is made if it is not there.
        created: when, with a time zone.
        papers: further files beside it: what is appended to its name, and what is in them.
        also_prove: what else the file, opened anew, has to pass before it gets its name.
        progress: told of every step; heeded.

    Raises:
        TargetError: it cannot be written there.
        VerificationError: what was written is not what was meant.
        CancelledError: the user cancelled.
    """
    require_free(target, papers or ())
    with kept_if_done() as undo:
        make_folders(target.folder, undo)
        return _Writing(business, inventory, choices, target, created, papers or {}, also_prove, progress).write()


@contextlib.contextmanager
def _opened(source: Business | Path | str, progress: Progress) -> Iterator[Business]:
    if isinstance(source, Business):
        require_current(source, progress)
        yield source
    else:
        with open_business(source, progress=progress) as business:
            yield business


def require_current(business: Business, progress: Progress) -> None:
    """Refuse to pass off what was read some time ago as the file as it is.

    Where that cannot be told (see :func:`is_current`), the business as it was opened is all there is to go by.

    Raises:
        SourceChangedError: the file has changed since.
    """
    if is_current(business, progress) is False:
        raise SourceChangedError(
            "{name} has changed since it was opened.",
            hint="Open it again, then create the backup.",
            path=business.source.path,
            name=business.source.path.name,
        )


def is_current(business: Business, progress: Progress = SILENT) -> bool | None:
    """Whether the file is as it was when the business was opened.

    What a program has begun to write lies beside the file at first, in a journal: then it has changed, although its own
    bytes are the same.

    Returns:
        None where it cannot be told: the file is gone, or was in use when it was opened, so that its bytes alone do not
        tell its state.

    Raises:
        SourceError: it cannot be read.
        CancelledError: the user cancelled.
    """
    source = business.source
    if business.open_source.live or not source.path.is_file():
        return None
    if journals.beside(source.path):
        return False
    with sources.reading(source.path) as file:
        return sources.digest(file, progress) == source.sha256


@dataclass(frozen=True, slots=True)
class _Writing:
    """One backup on its way: everything is decided, nothing is written."""

    business: Business
    inventory: Inventory
    choices: Choices
    target: Target
    created: dt.datetime
    papers: Mapping[str, Callable[[Written], bytes]]
    also_prove: Callable[[Business], None]
    progress: Progress

    def write(self) -> Backup:
        path, scratch = self.target.path, PrivateFolder()
        with contextlib.ExitStack() as stack:
            stack.callback(scratch.close)
            file = stack.enter_context(partial(path.parent, path.name))
            written = self._pack(self._compact(scratch.path), file)
            file.sync()
            reached("backup synced")
            described = self._describe(written)
            papers = {manifests.beside(path): manifests.encoded(described)}
            papers |= {path.with_name(path.name + suffix): made(written) for suffix, made in self.papers.items()}
            beside = {paper: stack.enter_context(paper_of(paper, content)) for paper, content in papers.items()}
            reached("manifest synced")
            self._prove(file.path, written)
            reached("verified")
            place_all(file, path, beside)
        return Backup(path, described)

    def _compact(self, scratch: Path) -> Path:
        compact = scratch / "compact"
        self.progress.start("Copying")
        source, empty = self.business.open_source.database, self.choices.emptied
        write_compact(source, compact, scratch=scratch, empty=empty, progress=self.progress)
        self.progress.finish()
        reached("compact copy made")
        return compact

    def _pack(self, compact: Path, file: Partial) -> Written:
        attachments = self.inventory.outside if self.target.is_tar else ()
        blobs, time = self.business.open_source.blobs, int(self.created.timestamp())
        written = pack(self.target, file.file, compact, attachments, blobs, time, self.progress)
        compact.unlink()
        return written

    def _describe(self, written: Written) -> Manifest:
        name, created, progress = self.target.name, self.created, self.progress
        return manifests.describe(self.business, self.inventory, self.choices, written, name, created, progress)

    def _prove(self, path: Path, written: Written) -> None:
        """Read it back from the disk, as an import will, and hold it against the business."""
        with reopened(path, self.progress) as copy:
            if copy.source.sha256 != written.sha256:
                raise VerificationError(
                    "The disk does not give back what was written to it. The backup was removed.",
                    hint="Choose a folder on another disk: this one may be failing.",
                    path=self.target.path,
                )
            hashes = {one.sha256 for one in self.inventory.outside if one.sha256} if self.target.is_tar else set()
            emptied = self.choices.emptied
            prove(self.business, self.inventory, copy, emptied=emptied, attachments=hashes, progress=self.progress)
            self.also_prove(copy)


@contextlib.contextmanager
def paper_of(path: Path, content: bytes) -> Iterator[Partial]:
    """A paper on the disk that has no name yet."""
    with partial(path.parent, path.name) as paper:
        with writing(path):
            paper.file.write(content)
        paper.sync()
        yield paper


def place_all(file: Partial, path: Path, papers: Mapping[Path, Partial]) -> None:
    """Give all their names: the backup first, for it is whole without its papers, which are nothing alone."""
    placed = [path]
    file.place(path)
    try:
        for where, paper in papers.items():
            paper.place(where)
            placed.append(where)
    except BaseException:
        for one in placed:
            one.unlink(missing_ok=True)
        raise
