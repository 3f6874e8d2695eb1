"""Opens a business, whatever it comes in: a private copy of its database, and the way to its attachments.

::

    .manager          a snapshot                                            snapshot.py
    .manager.tar      its .manager entry is taken out, attachments stay in  tars.py, blobs.py
    MNGR|             converted                                             legacy.py
    .gz, .zst         unpacked first, then one of the three above           unpacking.py
    a data folder     the business that is named                            folders.py
    a damaged one     what can be read of it                                health.py, salvage.py
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from manager_nb.errors import NotABusinessError
from manager_nb.format import health, journals, kinds, legacy, snapshot, sources
from manager_nb.format.blobs import BlobStore, FolderBlobs, NoBlobs, TarBlobs
from manager_nb.format.folders import ENDING, business_in, business_name, choose, data_folder_of
from manager_nb.format.kinds import HEAD, Kind
from manager_nb.format.private import PrivateFolder
from manager_nb.format.problems import Problem
from manager_nb.format.tars import Entry, entries
from manager_nb.format.unpacking import unpack
from manager_nb.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from manager_nb.progress import Progress


@dataclass(frozen=True, slots=True)
class Source:
    """What was opened.

    Attributes:
        path: where it is, as it was given, made absolute.
        kind: ``"manager"``, ``"manager.tar"`` or ``"legacy"``, each perhaps followed by ``".gz"`` or ``".zst"``.
        sha256: of the file at `path`, as it was read.
        size: its bytes.
    """

    path: Path
    kind: str
    sha256: str
    size: int


class OpenSource:
    """A business that is open; close it, or use it in a ``with`` block, to remove the private copy at once.

    Attributes:
        source: the file that was opened.
        name: the business's name.
        database: a private SQLite file in today's layout or an older one, that nobody else touches and nobody changes.
        blobs: attachments outside the database.
        problems: what was met on the way: what salvage lost, marks of a torn copy, a damaged archive.
        live: whether another program was at work on it.
    """

    def __init__(self, private: PrivateFolder, opening: _Opening, source: Source, name: str, blobs: BlobStore) -> None:
        self._private = private
        self.source = source
        self.name = name
        self.database = opening.database
        self.blobs = blobs
        self.problems = opening.problems
        self.live = opening.live

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the private copy; nothing can be read afterwards."""
        self._private.close()


def open_source(path: Path | str, *, name: str | None = None, progress: Progress = SILENT) -> OpenSource:
    """Open a business for reading.

    The source is neither changed nor held: what can be read later lies in a private folder, except the attachments of an
    archive or a data folder, which are read where they are.

    Args:
        path: a file or a data folder.
        name: which business, where the folder or archive holds several.
        progress: told in bytes; heeded.

    Raises:
        SourceError: it cannot be read; the subclass and its hint say why.
        DiskFullError: there is no room for the private copy.
        CancelledError: the user cancelled; nothing is left behind.
    """
    given = Path(path).expanduser().absolute()
    file = business_in(given, name) if given.is_dir() else given
    private = PrivateFolder()
    try:
        return _Opening(file, None if file != given else name, private, progress).open(given)
    except BaseException:
        private.close()
        raise


class _Opening:
    """One business on its way from its file into the private folder."""

    def __init__(self, path: Path, name: str | None, private: PrivateFolder, progress: Progress) -> None:
        self._path = path
        self._wanted = name
        self._private = private
        self._progress = progress
        self.database = private.path / "business.manager"
        self.problems: list[Problem] = []
        self.live = False

    def open(self, given: Path) -> OpenSource:
        """Recognise it and open it."""
        with sources.reading(self._path) as file:
            head, size = file.read(HEAD), file.seek(0, 2)
        kind = self._recognise(head, size)
        if kind is Kind.SQLITE:
            taken = snapshot.take(self._path, self.database, self._progress)
            self.problems += taken.problems
            self.live = taken.live
            source = Source(given, kind.value, taken.sha256, taken.size)
            name, blobs = self._only(business_name(self._path.name)), self._beside()
        else:
            source, name, blobs = self._from_archive(given, kind)
        self.database = health.readable(self.database, self._path, self.problems, self._progress)
        return OpenSource(self._private, self, source, name, blobs)

    def _from_archive(self, given: Path, kind: Kind) -> tuple[Source, str, BlobStore]:
        """What no other program writes to: it is read where it is, and must be the same afterwards."""
        with sources.reading(self._path) as file:
            seen = sources.state(file)
            self._progress.start("Reading", seen.size)
            sha256 = sources.digest(file, self._progress)
            self._progress.finish()
            material, inner = (self._path, kind) if kind not in kinds.PACKED else self._unpacked(kind)
            told = inner.value if inner is kind else f"{inner.value}.{kind.value}"
            name, blobs = self._taken(material, inner)
            if sources.state(file) != seen or sources.state_at(self._path) != seen:
                raise sources.changed(self._path)
        return Source(given, told, sha256, seen.size), name, blobs

    def _unpacked(self, kind: Kind) -> tuple[Path, Kind]:
        target = self._private.path / "unpacked"
        with sources.reading(self._path) as file:
            self._progress.start("Unpacking", file.seek(0, 2))
            fault = unpack(file, kind, target, self._look_inside, self._progress)
            self._progress.finish()
        if fault:
            self.problems.append(Problem("file", None, None, fault))
        with target.open("rb") as unpacked:
            return target, self._recognise(unpacked.read(HEAD), unpacked.seek(0, 2), packed=True)

    def _look_inside(self, head: bytes) -> None:
        self._recognise(head, len(head), packed=True)

    def _recognise(self, head: bytes, size: int, *, packed: bool = False) -> Kind:
        kind = kinds.recognise(head)
        if kind is None or (packed and kind in kinds.PACKED):
            raise kinds.refusal(self._path, head, size, packed=packed)
        return kind

    def _taken(self, material: Path, kind: Kind) -> tuple[str, BlobStore]:
        """Bring the database out of a file that nobody writes to; its name, and where its attachments are."""
        if kind is Kind.TAR:
            return self._from_tar(material)
        self._place(material, kind)
        return self._only(business_name(self._path.name)), self._beside()

    def _place(self, material: Path, kind: Kind) -> None:
        if kind is Kind.LEGACY:
            self.problems += legacy.convert(material, self.database, self._progress)
        else:
            material.rename(self.database)
            self.problems += journals.settle(self.database)

    def _from_tar(self, archive: Path) -> tuple[str, BlobStore]:
        with sources.reading(archive) as file:
            seen = sources.state(file)
            businesses, attachments = sort_entries(entries(file, self.problems, "file", self._progress))
            if not businesses:
                raise NotABusinessError(
                    "There is no business in the archive {name}.",
                    hint="Choose a backup that Manager has made: its first entry ends in .manager.",
                    path=self._path,
                    name=self._path.name,
                )
            name = choose(businesses, self._wanted, self._path)
            extracted = self._private.path / "extracted"
            sources.copy_part(file, businesses[name].offset, businesses[name].size, extracted, self._progress)
        with extracted.open("rb") as business:
            self._place(extracted, self._recognise(business.read(HEAD), businesses[name].size, packed=True))
        return name, TarBlobs(archive, seen, attachments)

    def _only(self, name: str) -> str:
        """The name of a file that holds one business; the name that was asked for must be it."""
        choose([name], self._wanted, self._path)
        return name

    def _beside(self) -> BlobStore:
        """The attachments in the data folder that the file lies in, if it does."""
        folder = data_folder_of(self._path)
        with contextlib.suppress(OSError):
            if (folder / "Blobs").is_dir() or (folder / "Packs").is_dir():
                return FolderBlobs(folder, self.problems, self._progress)
        return NoBlobs()


def sort_entries(listed: Iterable[Entry]) -> tuple[dict[str, Entry], list[Entry]]:
    """The businesses of an archive by name, and its attachments; Manager ignores everything else in one.

    A second business of the same name is called ``NAME(2)``, as Manager would call it.
    """
    businesses: dict[str, Entry] = {}
    attachments = []
    for entry in listed:
        parts = entry.name.replace("\\", "/").removeprefix("./").split("/")
        if parts[-1].lower().endswith(ENDING) and entry.size:
            name, number = business_name(parts[-1]), 1
            while (free := name if number == 1 else f"{name}({number})") in businesses:
                number += 1
            businesses[free] = entry
        elif parts[0].lower() == "blobs" and len(parts) > 1 and not entry.missing:
            attachments.append(entry)
    return businesses, attachments
