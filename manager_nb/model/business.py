"""A business, opened: its records, History, e-mails and attachments."""

from __future__ import annotations

import difflib
import functools
import warnings
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from manager_nb.errors import NewerSchemaWarning, NotFoundError
from manager_nb.format.containers import open_source
from manager_nb.format.database import Database
from manager_nb.format.schema import REVISION, SCHEMA
from manager_nb.i18n import mark
from manager_nb.model import labels
from manager_nb.model.amount_tables import amounts_table
from manager_nb.model.amounts import Amount, amount_of
from manager_nb.model.attachments import ATTACHMENT, attachment_bytes, attachments_table
from manager_nb.model.changes import changes_table
from manager_nb.model.checking import ProblemsReader, find_problems
from manager_nb.model.contents import Contents
from manager_nb.model.emails import emails_table
from manager_nb.model.history import history_table
from manager_nb.model.images import Image, find_image, images_table
from manager_nb.model.lookup import Lookup
from manager_nb.model.naming import Named, named
from manager_nb.model.objects import all_objects, find_object, types_present
from manager_nb.model.records import Record, record_of, records_table
from manager_nb.model.tables import Table
from manager_nb.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from manager_nb.format.containers import OpenSource, Source
    from manager_nb.model.damage import Damage
    from manager_nb.model.objects import Present

FORM_DEFAULTS = "FormDefaults"
"""The row of :meth:`Business.summary` that counts form defaults."""
FORM_DEFAULTS_TITLE = mark("Form Defaults")
"""Its label."""


_SUMMARY = pa.schema([("type", pa.string()), ("label", pa.string()), ("count", pa.int64())])


def open_business(path: Path | str, name: str | None = None, *, progress: Progress = SILENT) -> Business:
    """Open a business for reading; the file is not changed and not held.

    Args:
        path: a ``.manager`` or ``.manager.tar`` file, also compressed (``.gz``, ``.zst``), a file of the format before
            SQLite, or Manager's data folder.
        name: which business, where the folder or archive holds several.
        progress: told how far opening is.

    Returns:
        The business. Close it, or use it in a ``with`` block, to remove its private copy at once.

    Raises:
        SourceError: it cannot be read; the subclass and its hint say why.
        CancelledError: the user cancelled.

    Warns:
        NewerSchemaWarning: a newer Manager wrote it; what is unknown here is kept as it is.
    """
    business = Business(open_source(path, name=name, progress=progress))
    warn_of_newer_schema(business)
    return business


def warn_of_newer_schema(business: Business) -> None:
    """Warn whoever opened the business that a newer Manager wrote it, if so.

    Warns:
        NewerSchemaWarning: what is unknown here is kept as it is.
    """
    revision = business.schema_revision
    if revision is not None and revision > REVISION:
        text = (
            f"{business.name} was written by a newer Manager (schema revision {revision}; {REVISION} is known here)."
            " Fields and types that are unknown here are kept as they are."
        )
        warnings.warn(text, NewerSchemaWarning, stacklevel=3)


class Business:
    """A business as its file holds it; made by :func:`open_business`.

    Attributes:
        open_source: the file's private copy and its attachments, for what copies or writes whole businesses.
    """

    def __init__(self, opened: OpenSource) -> None:
        self.open_source = opened
        self._database = Database(opened.database)
        self._records: dict[str, Table] = {}

    @property
    def name(self) -> str:
        """The business's name: that of its file."""
        return str(self.open_source.name)

    @property
    def source(self) -> Source:
        """What was opened: path, kind, SHA-256 and size."""
        return self.open_source.source

    @functools.cached_property
    def schema_revision(self) -> int | None:
        """The revision of Manager's schema that wrote the file, None where the file does not say."""
        return self._database.schema_revision()

    def __repr__(self) -> str:
        return f'<Business "{self.name}">'

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the private copy; the business and its tables can no longer be read."""
        self.open_source.close()

    def summary(self) -> pd.DataFrame:
        """What is in the business: ``type``, ``label`` (its title) and ``count`` of every type that has records.

        Form defaults (templates for new records) are no records; a last row counts them, so that the counts add up to
        the rows of ``Objects``.
        """
        rows = [(present.name, _title(present), present.records) for present in self._types.values() if present.records]
        defaults = sum(present.defaults for present in self._types.values())
        if defaults:
            rows.append((FORM_DEFAULTS, FORM_DEFAULTS_TITLE, defaults))
        told = [dict(zip(_SUMMARY.names, row, strict=True)) for row in rows]
        frame: pd.DataFrame = pa.Table.from_pylist(told, _SUMMARY).to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def types(self) -> list[str]:
        """The names of the content types that have records; an unknown one is its GUID."""
        return [present.name for present in self._types.values() if present.records]

    def records(self, type: str) -> Table:  # noqa: A002 - the word that people use
        """The records of one type.

        Args:
            type: its name (``"SalesInvoice"``), its title (``"Sales Invoice"``) or its GUID.

        Returns:
            The table that :func:`manager_nb.model.records.records_table` describes; empty where there are none.

        Raises:
            NotFoundError: there is no such type.
        """
        known = labels.find_type(type)
        guid = known.guid if known else type.lower()
        present = self._types.get(guid)
        if known is None and present is None:
            raise self._no_type(type)
        if guid not in self._records:
            self._records[guid] = records_table(self._database, known, present)
        return self._records[guid]

    def amounts(self, type: str) -> Table:  # noqa: A002 - the word that people use
        """What the documents of one type come to; see :func:`manager_nb.model.amount_tables.amounts_table`.

        Args:
            type: its name (``"SalesInvoice"``), its title (``"Sales Invoice"``) or its GUID.

        Raises:
            NotFoundError: there is no such type, or this version does not know it.
        """
        known = labels.find_type(type)
        if known is None:
            raise self._no_type(type)
        return amounts_table(self._database, self._lookup, known, self._types.get(known.guid))

    def record(self, key: str, *, unmask: bool = False) -> Record:
        """One record by its key.

        Args:
            key: its key; upper and lower case are the same.
            unmask: show passwords and tokens as they are.

        Raises:
            NotFoundError: the business has no such record now.
        """
        stored = find_object(self._database, key)
        if stored is None:
            raise NotFoundError(
                "There is no record with the key {key}.",
                hint="Take a key from a table of records. A deleted record is in History only.",
                key=key,
            )
        return record_of(stored, unmask=unmask)

    @functools.cached_property
    def history(self) -> Table:
        """The History, newest first: see :func:`manager_nb.model.history.history_table` for its columns."""
        return history_table(self._database, self._lookup)

    def history_of(self, key: str) -> Table:
        """The changes of one record, newest first, with the columns of :attr:`history`."""
        return history_table(self._database, self._lookup, key)

    def history_rows(self, changes: Sequence[str]) -> Table:
        """Single changes by their keys, at most 30,000, newest first, with the columns of :attr:`history`."""
        return history_table(self._database, self._lookup, changes=changes)

    @functools.cached_property
    def changes(self) -> Table:
        """What every change did, a row a changed field: see :func:`manager_nb.model.changes.changes_table`."""
        return changes_table(self._database, self._lookup)

    @functools.cached_property
    def emails(self) -> Table:
        """The e-mails sent, newest first: see :func:`manager_nb.model.emails.emails_table` for the columns."""
        return emails_table(self._database)

    @functools.cached_property
    def attachments(self) -> Table:
        """The attachments: see :func:`manager_nb.model.attachments.attachments_table` for the columns."""
        return attachments_table(self._database, self._types.get(ATTACHMENT), self._contents)

    @functools.cached_property
    def images(self) -> Table:
        """The pictures of records and the logo: see :func:`manager_nb.model.images.images_table` for the columns."""
        return images_table(self._database)

    def image(self, key: str) -> Image | None:
        """The picture of a record, None where it has none.

        Args:
            key: the record's key; that of Business Details gives the logo.
        """
        return find_image(self._database, key)

    def amount(self, record: Record) -> Amount:
        """What one document comes to, with today's tax codes and currencies; see :meth:`amounts`."""
        return amount_of(SCHEMA.type_of(record.content_type.lower()), record.raw, self._lookup)

    def named(self, key: str) -> Named | None:
        """What other records call the record with that key, also where it is deleted; None where nothing is known."""
        return named(self._lookup, key)

    @functools.cached_property
    def problems(self) -> Table:
        """What is wrong with the file, one row each; the first look reads everything once.

        Columns: ``where`` (table, "file", "attachments", "salvage"), ``key`` (of the row), ``part`` (column and path of
        the field), ``what`` (a sentence), ``data`` (the bytes; masked where they may be secret). See
        :func:`manager_nb.model.checking.find_problems` for what counts as a problem.
        """
        return Table("Problems", self._problems)

    def check(self, progress: Progress = SILENT) -> Table:
        """Read everything once, telling how far it is, and give :attr:`problems`.

        Raises:
            CancelledError: the user cancelled.
        """
        self._problems.find(progress)
        return self.problems

    def damage(self, progress: Progress = SILENT) -> Damage:
        """What :attr:`problems` mean for the books: which parts lack rows, and what is no loss.

        Raises:
            CancelledError: the user cancelled.
        """
        return self._problems.damage(progress)

    def objects(self) -> Iterator[tuple[str, str, bytes]]:
        """Key, content type and content of every object, as they are in the file, secrets included, in key order.

        NULL content is ``b""``. Form defaults and unknown types are among them: this is the truth of the file.
        """
        return all_objects(self._database)

    def attachment_bytes(self, key: str) -> bytes:
        """The content of an attachment, proven by its SHA-256.

        Args:
            key: the attachment's key.

        Raises:
            NotFoundError: there is no such attachment, or this copy does not have its content unaltered.
        """
        return attachment_bytes(self._database, self._contents, key)

    @functools.cached_property
    def _problems(self) -> ProblemsReader:
        revision = self.schema_revision
        return ProblemsReader(
            lambda progress: find_problems(self.open_source, self._database, self.attachments, revision, progress)
        )

    @functools.cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self._database)

    @functools.cached_property
    def _types(self) -> dict[str, Present]:
        return types_present(self._database)

    @functools.cached_property
    def _contents(self) -> Contents:
        return Contents(self._database, self.open_source.blobs)

    def _no_type(self, wanted: str) -> NotFoundError:
        names = {known.name.casefold(): known.name for known in SCHEMA.types()}
        names |= {name.casefold(): name for name in self.types()}
        near = difflib.get_close_matches(wanted.casefold().replace(" ", ""), names, n=3)
        if near:
            return NotFoundError(
                "There is no type called {type}.",
                hint="Did you mean {near}?",
                type=wanted,
                near=", ".join(names[name] for name in near),
            )
        return NotFoundError(
            "There is no type called {type}.",
            hint="The types of this business are: {types}.",
            type=wanted,
            types=", ".join(self.types()),
        )


def _title(present: Present) -> str:
    return labels.title(present.known) if present.known else present.guid
