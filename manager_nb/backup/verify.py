"""Verify a backup: that it is what its manifest says, that everything in it can be read, that it can be imported."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.backup import checks
from manager_nb.backup.checks import Check
from manager_nb.backup.fitness import require_sound
from manager_nb.backup.found import found
from manager_nb.backup.inventory import take_inventory
from manager_nb.backup.manifest import read_manifest, require_no_manifest
from manager_nb.backup.names import imported_name
from manager_nb.backup.rebuild import rebuild
from manager_nb.errors import (
    BusinessNameError,
    DamagedFileError,
    EncryptedFileError,
    ManagerNbError,
    NotABusinessError,
    VerificationError,
)
from manager_nb.format import sources
from manager_nb.format.businesses import absolute
from manager_nb.format.private import PrivateFolder
from manager_nb.i18n import mark
from manager_nb.model.business import Business, open_business
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from manager_nb.backup.manifest import Manifest

LEVELS = ("quick", "full", "restore")

CHECKS = pa.schema([("check", pa.string()), ("ok", pa.bool_()), ("detail", pa.string())])


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on a backup.

    Attributes:
        ok: whether every check found it as it should be.
        checks: one row a check: ``check`` (what was checked), ``ok``, ``detail`` (what was found).
        found: the same as `Check` values, which a panel tells in its reader's language.
    """

    ok: bool
    checks: Table
    found: tuple[Check, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, found: Iterable[Check]) -> Verification:
        """The verdict that some checks make together."""
        found = tuple(found)
        rows = [{"check": one.check, "ok": one.ok, "detail": one.detail} for one in found]
        table = Table.of("Checks", pa.Table.from_pylist(rows, CHECKS))
        return cls(all(one.ok for one in found), table, found)


def verify_backup(path: Path | str, level: str = "full", *, progress: Progress | None = None) -> Verification:
    """Verify a backup, or any business file; with a manifest beside it or without.

    Args:
        path: the file.
        level: ``"quick"``: it can be opened, and is the file that the manifest was written for. ``"full"``: also
            SQLite's integrity check, every record and both images of every change decode, every attachment has its
            hash, every table holds what the manifest says, the last changes are whole. ``"restore"``: also an import
            into a private folder, compared object by object. (Bringing a past instant back is no part of it yet.)
        progress: told of every step; heeded.

    Raises:
        NotABusinessError: it is something else (also SourceError's other cases: missing, locked, several businesses).
            A damaged business is no error but a verdict; so is a name that an import would refuse.
        CancelledError: the user cancelled.
        ManagerNbError: there is no such level.
    """
    if level not in LEVELS:
        raise ManagerNbError(
            "There is no level {level}.", hint="The levels are: {levels}.", level=repr(level), levels=", ".join(LEVELS)
        )
    progress = progress or SILENT
    path = absolute(path)
    require_no_manifest(path)
    return Verification.of(_run(path, level, progress))


def _run(path: Path, level: str, progress: Progress) -> Iterator[Check]:
    manifest = read_manifest(path)
    try:
        business = open_business(path, progress=progress)
    except (DamagedFileError, EncryptedFileError, NotABusinessError) as error:
        if manifest is None and not isinstance(error, DamagedFileError):
            raise
        yield Check(mark("The file can be read"), False, error.message)
        with contextlib.suppress(ManagerNbError):
            yield _against_manifest(path, manifest, progress)
        return
    with business:
        yield checks.readable(business)
        yield checks.as_the_manifest_says(path, manifest, business.source.size, business.source.sha256)
        yield from checks.lost_before(manifest)
        yield checks.revision(business)
        if level != "quick":
            yield from _full(business, manifest, level, progress)


def _against_manifest(path: Path, manifest: Manifest | None, progress: Progress) -> Check:
    with sources.reading(path) as file:
        return checks.as_the_manifest_says(path, manifest, path.stat().st_size, sources.digest(file, progress))


def _full(business: Business, manifest: Manifest | None, level: str, progress: Progress) -> Iterator[Check]:
    yield checks.intact(business, progress)
    yield checks.decodes(business, progress)
    inventory = take_inventory(business, progress)
    yield checks.attachments(business, inventory, manifest)
    yield checks.counts(inventory, manifest)
    yield checks.complete(business)
    if level == "restore":
        scratch = PrivateFolder()
        with contextlib.closing(scratch):
            try:
                require_sound(business, progress)
                name = imported_name(business.name, business.source.path).text
                rebuild(business, inventory, scratch.path, name, progress)
            except (BusinessNameError, DamagedFileError, VerificationError) as error:
                yield Check(mark("It can be imported"), False, error.message)
            else:
                yield Check(mark("It can be imported"), True, found(mark("Every object came back byte by byte.")))
