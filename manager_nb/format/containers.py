"""Opens a business, whatever it comes in: a private copy of its database, and the way to its attachments.

::

    .manager          a snapshot                                            snapshot.py
    .manager.tar      its .manager entry is taken out, attachments stay in  tars.py, blobs.py
    MNGR|             converted                                             legacy.py
    .gz, .zst         unpacked first, then one of the three above           unpacking.py
    a data folder     the business that is named                            businesses.py
    a damaged one     what can be read of it                                health.py, salvage.py
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Self

from manager_nb.errors import NotABusinessError, SourceError
from manager_nb.format import connections, journals, legacy, snapshot, sources
from manager_nb.format.blobs import BlobStore, FolderBlobs, NoBlobs, TarBlobs
from manager_nb.format.businesses import (
    USERS_LIST,
    absolute,
    business_in,
    business_name,
    choose,
    data_folder_of,
    is_folder,
    sort_entries,
)
from manager_nb.format.health import Examination
from manager_nb.format.kinds import PACKED, Kind, recognise
from manager_nb.format.private import PrivateFolder
from manager_nb.format.problems import Problem
from manager_nb.format.tars import entries
from manager_nb.format.unpacking import unpack
from manager_nb.format.wrong_files import no_business
from manager_nb.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
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
        database: a private SQLite file that nobody writes to; :class:`manager_nb.format.database.Database` reads it.
        blobs: attachments outside the database.
        problems: what was met on the way: rows that are lost, marks of a torn copy, a damaged archive.
        live: whether another program was at work on it.
    """

    def __init__(
        self,
        source: Source,
        name: str,
        database: Path,
        blobs: BlobStore,
        problems: list[Problem],
        *,
        live: bool,
        private: PrivateFolder,
    ) -> None:
        self.source = source
        self.name = name
        self.database = database
        self.blobs = blobs
        self.problems = problems
        self.live = live
        self._private = private

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

    The source is neither changed nor held: what is read later lies in a private folder, except the attachments of an
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
    given = absolute(path)
    file, wanted = (business_in(given, name), None) if is_folder(given) else (given, name)
    private = PrivateFolder()
    with _all_or_nothing(private, file):
        return _Opening(file, wanted, private, progress).open()


@contextlib.contextmanager
def _all_or_nothing(private: PrivateFolder, file: Path) -> Iterator[None]:
    """If it fails, nothing is left, and the error is of our family and about the file that the user knows."""
    try:
        with sources.writing_privately(private.path), connections.telling_damage(file):
            yield
    except BaseException as error:
        private.close()
        if isinstance(error, SourceError) and error.path and error.path.parent == private.path:
            error.path, error.facts["name"] = file, file.name
        raise


class _Opening:
    """One business on its way from its file into the private folder."""

    def __init__(self, path: Path, wanted: str | None, private: PrivateFolder, progress: Progress) -> None:
        self._path = path
        self._wanted = wanted
        self._progress = progress
        self.private = private
        self.database = private.path / "business.manager"
        self.problems: list[Problem] = []
        self.live = False

    def open(self) -> OpenSource:
        """Recognise the file by its first bytes and open it."""
        if self._path.stem == USERS_LIST:
            raise NotABusinessError(
                "{name} is Manager's list of users and businesses, not a business.",
                hint="Choose another .manager file of this folder.",
                path=self._path,
                name=self._path.name,
            )
        with sources.reading(self._path) as file:
            kind = self._recognise(file)
        source, name, blobs = self._from_sqlite() if kind is Kind.SQLITE else self._from_still(kind)
        self.database = Examination(self.database, self._path, self.problems, self._progress).readable()
        return OpenSource(source, name, self.database, blobs, self.problems, live=self.live, private=self.private)

    def _from_sqlite(self) -> tuple[Source, str, BlobStore]:
        """A file that another program may be writing to."""
        taken = snapshot.take(self._path, self.database, self._progress)
        self.problems += taken.problems
        self.live = taken.live
        return Source(self._path, Kind.SQLITE.value, taken.sha256, taken.size), self._only_name(), self._beside()

    def _from_still(self, kind: Kind) -> tuple[Source, str, BlobStore]:
        """A file that no program writes to once it is there: read where it is, it must be the same afterwards."""
        with sources.reading(self._path) as file:
            seen = sources.state(file)
            self._progress.start("Reading the file", seen.size)
            sha256 = sources.digest(file, self._progress)
            self._progress.finish()
            if kind in PACKED:
                material, inner = self._unpacked(file, kind)
                told = f"{inner.value}.{kind.value}"
            else:
                material, inner, told = self._path, kind, kind.value
            name, blobs = self._from_tar(material) if inner is Kind.TAR else self._from_single(material, inner)
            if not seen == sources.state(file) == sources.state_at(self._path):
                raise sources.changed(self._path)
        return Source(self._path, told, sha256, seen.size), name, blobs

    def _unpacked(self, file: BinaryIO, kind: Kind) -> tuple[Path, Kind]:
        target = self.private.path / "unpacked"
        self._progress.start("Unpacking", file.seek(0, 2))
        fault = unpack(file, kind, target, self._look_inside, self._path, self._progress)
        self._progress.finish()
        if fault:
            self._tell(fault)
        with target.open("rb") as unpacked:
            return target, self._recognise(unpacked, packed=True)

    def _from_single(self, material: Path, kind: Kind) -> tuple[str, BlobStore]:
        self._place(material, kind)
        return self._only_name(), self._beside()

    def _from_tar(self, archive: Path) -> tuple[str, BlobStore]:
        extracted = self.private.path / "extracted"
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
            self._progress.start("Copying", businesses[name].size)
            sources.copy_part(file, businesses[name].offset, businesses[name].size, extracted, self._progress)
            self._progress.finish()
        with extracted.open("rb") as business:
            kind = self._recognise(business, packed=True, whole=False)
        self._place(extracted, kind)
        return name, TarBlobs(archive, seen, attachments)

    def _place(self, material: Path, kind: Kind) -> None:
        """Make the private database of a file that holds one."""
        if kind is Kind.LEGACY:
            self.problems += legacy.convert(material, self.database, self._progress)
        else:
            material.rename(self.database)
            self.problems += journals.settle(self.database)

    def _recognise(self, file: BinaryIO, *, packed: bool = False, whole: bool = True) -> Kind:
        """What a file is; `packed`: it must not be packed once more; not `whole`: it is an entry of an archive."""
        kind = recognise(file)
        if kind is None or (packed and kind in PACKED) or (kind is Kind.TAR and not whole):
            raise no_business(self._path, file, packed=packed)
        return kind

    def _look_inside(self, head: bytes) -> None:
        self._recognise(io.BytesIO(head), packed=True)

    def _only_name(self) -> str:
        """The name of a file that holds one business; what was asked for must be it."""
        return choose([business_name(self._path.name)], self._wanted, self._path)

    def _beside(self) -> BlobStore:
        """The attachments in the data folder that the file lies in, if it does."""
        folder = data_folder_of(self._path)
        if is_folder(folder / "Blobs") or is_folder(folder / "Packs"):
            return FolderBlobs(folder, self.problems, self._progress)
        return NoBlobs()

    def _tell(self, what: str) -> None:
        self.problems.append(Problem("file", None, None, what))
