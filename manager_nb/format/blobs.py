"""The bytes of attachments that are kept outside the database, by their SHA-256 (docs/format.md §1, §2).

A backup (``.manager.tar``) has them as ``Blobs/ab/<sha256>``; a data folder as the same files, and in ``Packs/*.tar``
under the bare hash. A store gives what is stored, altered or not: whoever asks compares the hash. Names are looked up,
never followed: only 64 hex digits become a path.
"""

from __future__ import annotations

import contextlib
import functools
import io
import re
from dataclasses import replace
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from manager_nb.errors import SourceError
from manager_nb.format.private import folder_of
from manager_nb.format.problems import Problem
from manager_nb.format.sources import State, changed, digest, opened, reading, refusal, state, state_at
from manager_nb.format.tars import Content, Entry, entries
from manager_nb.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from manager_nb.progress import Progress

IN_TAR, IN_BLOBS, IN_PACKS = "tar", "Blobs", "Packs"
"""What :meth:`BlobStore.where` says."""

_HASH = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


class BlobStore(Protocol):
    """Where attachments' bytes are, outside the database. Hashes are 64 lower-case hex digits."""

    def find(self, sha256: str) -> bytes | None:
        """The bytes that are stored under a hash, altered or not; None where there are none."""

    def open(self, sha256: str) -> BinaryIO | None:
        """The same as a stream, which the caller closes."""

    def where(self, sha256: str) -> str | None:
        """The place that has it: ``"tar"``, ``"Blobs"`` or ``"Packs"``; None where there is none."""

    def hashes(self) -> Iterator[str]:
        """The hashes that something is stored under, each once."""


class NoBlobs:
    """A file that has none beside it."""

    def find(self, sha256: str) -> bytes | None:
        """Nothing."""
        del sha256
        return None

    def open(self, sha256: str) -> BinaryIO | None:
        """Nothing."""
        del sha256
        return None

    def where(self, sha256: str) -> str | None:
        """Nowhere."""
        del sha256
        return None

    def hashes(self) -> Iterator[str]:
        """None."""
        return iter(())


class TarBlobs:
    """The attachments in a backup with attachments.

    Manager goes by the content when it imports one and ignores the names. So an entry under another name counts as what
    its content is, and only where no content has the hash, the entry of that name is given: it was altered.

    Args:
        archive: the tar file; it is opened for every read and must not change meanwhile.
        seen: its state when `listed` was made.
        listed: its entries below ``Blobs/``.
    """

    def __init__(self, archive: Path, seen: State, listed: Sequence[Entry]) -> None:
        self._archive = archive
        self._folder = folder_of(archive)  # of an archive that was compressed: it stays while it is needed
        self._seen = seen
        self._named = {sha256: entry for entry in listed if (sha256 := hash_named(entry.name))}
        self._listed = listed
        self._hashed: dict[Entry, str] = {}

    def find(self, sha256: str) -> bytes | None:
        """The bytes that are stored under a hash, altered or not; None where there are none."""
        return _all_of(self.open(sha256))

    def open(self, sha256: str) -> BinaryIO | None:
        """The same as a stream, which the caller closes.

        Raises:
            SourceChangedError: the archive is not what it was.
        """
        entry = self._entry(sha256)
        return None if entry is None else _content(self._archive, self._seen, entry)

    def where(self, sha256: str) -> str | None:
        """``"tar"``, or None where it has none."""
        return IN_TAR if self._entry(sha256) else None

    def hashes(self) -> Iterator[str]:
        """The hashes that entries are named by; an entry with another name counts as its content's."""
        others = [self._sha256(entry) for entry in self._listed if hash_named(entry.name) is None]
        return iter(dict.fromkeys([*self._named, *others]))

    def _entry(self, sha256: str) -> Entry | None:
        named = self._named.get(sha256)
        if named is not None and self._sha256(named) == sha256:
            return named
        return self._by_content.get(sha256, named)

    @functools.cached_property
    def _by_content(self) -> dict[str, Entry]:
        return {self._sha256(entry): entry for entry in self._listed}

    def _sha256(self, entry: Entry) -> str:
        if entry not in self._hashed:
            with _content(self._archive, self._seen, entry) as content:
                self._hashed[entry] = digest(content, SILENT)
        return self._hashed[entry]


class FolderBlobs:
    """The attachments in a data folder: loose files, and packs.

    A running Manager moves loose files into packs; what is not found is looked for once more in packs that are new.

    Args:
        folder: the data folder, which has ``Blobs`` or ``Packs``.
        problems: gets what is wrong with the packs, and what may not be read; also later, when that is met.
        progress: its cancel is heeded.
    """

    def __init__(self, folder: Path, problems: list[Problem], progress: Progress = SILENT) -> None:
        self._loose = folder / "Blobs"
        self._packs = folder / "Packs"
        self._problems = problems
        self._read: dict[Path, State] = {}
        self._refused: set[str] = set()
        self._packed: dict[str, tuple[Path, Entry]] = {}
        self._read_packs(progress)

    def find(self, sha256: str) -> bytes | None:
        """The bytes that are stored under a hash, altered or not; None where there are none."""
        return _all_of(self.open(sha256))

    def open(self, sha256: str) -> BinaryIO | None:
        """The same as a stream, which the caller closes."""
        where = self.where(sha256)
        if where == IN_BLOBS:
            with self._telling(self._path(sha256)):
                return self._path(sha256).open("rb")
            self._read_packs(SILENT)  # it went into a pack in between
        if sha256 not in self._packed:
            return None
        pack, entry = self._packed[sha256]
        return _content(pack, self._read[pack], entry)

    def where(self, sha256: str) -> str | None:
        """``"Blobs"`` or ``"Packs"``; None where there is none."""
        if _HASH.fullmatch(sha256) and self._is_file(self._path(sha256)):
            return IN_BLOBS
        if sha256 not in self._packed:
            self._read_packs(SILENT)
        return IN_PACKS if sha256 in self._packed else None

    def hashes(self) -> Iterator[str]:
        """The hashes that something is stored under, each once."""
        self._read_packs(SILENT)
        loose = (path.name for path in sorted(self._loose.glob("??/*")) if self._is_blob(path))
        return iter(dict.fromkeys([*loose, *self._packed]))

    def _is_blob(self, path: Path) -> bool:
        return bool(_HASH.fullmatch(path.name)) and path == self._path(path.name) and self._is_file(path)

    def _path(self, sha256: str) -> Path:
        return self._loose / sha256[:2] / sha256

    def _read_packs(self, progress: Progress) -> None:
        """List the packs that are new or have changed."""
        for pack in self._listed_packs():
            seen = state_at(pack)
            if seen is None:
                with self._telling(pack):
                    pack.stat()
            if seen is None or self._read.get(pack) == seen:
                continue
            self._packed = {sha256: place for sha256, place in self._packed.items() if place[0] != pack}
            self._read[pack] = seen
            met: list[Problem] = []
            try:
                with reading(pack) as file:
                    for entry in entries(file, met, "attachments", progress):
                        if (sha256 := hash_named(entry.name)) and not entry.missing:
                            self._packed.setdefault(sha256, (pack, entry))
            except SourceError as error:
                met.append(Problem("attachments", None, None, error.message))
            self._problems += [replace(one, what=f"The pack {pack.name}: {one.what}") for one in met]

    def _listed_packs(self) -> list[Path]:
        with self._telling(self._packs):  # glob() would take a folder that may not be read for an empty one
            return sorted(place for place in self._packs.iterdir() if place.match("*.tar"))
        return []

    def _is_file(self, path: Path) -> bool:
        with self._telling(path):
            return S_ISREG(path.stat().st_mode)  # later versions of is_file() call what is refused no file
        return False

    @contextlib.contextmanager
    def _telling(self, path: Path) -> Iterator[None]:
        """What the system refuses becomes a problem, told once a folder; that there is nothing is none."""
        try:
            yield
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            where = "/".join((path if path == self._packs else path.parent).parts[-2:])
            what = f"Attachments in {where} could not be looked for: {refusal(error, path).message}"
            if where not in self._refused:
                self._refused.add(where)
                self._problems.append(Problem("attachments", None, None, what))


def hash_named(name: str) -> str | None:
    """The hash that an entry is named by, in lower case; None where its name is something else."""
    last = name.rsplit("/", 1)[-1].lower()
    return last if _HASH.fullmatch(last) else None


def _content(archive: Path, seen: State, entry: Entry) -> BinaryIO:
    file = opened(archive)
    if state(file) != seen:
        file.close()
        raise changed(archive)
    return cast("BinaryIO", io.BufferedReader(Content(file, entry), _CHUNK))


def _all_of(stream: BinaryIO | None) -> bytes | None:
    if stream is None:
        return None
    with stream:
        return stream.read()
