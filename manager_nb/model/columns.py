"""Columns of field values out of the bytes of many records of one type, secrets masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager_nb.format.scan import scan
from manager_nb.model.secrets import mask_column

if TYPE_CHECKING:
    from collections.abc import Collection

    import pyarrow as pa

    from manager_nb.format.schema import ContentType


@dataclass(frozen=True, slots=True)
class Columns:
    """What was read.

    Attributes:
        values: a column a field, by its name; :class:`manager_nb.format.scan.Scanned` tells the types.
        flaws: what is wrong in what was read, one row a flaw: ``row``, ``path``, ``what``, ``data``.
    """

    values: dict[str, pa.Array]
    flaws: pa.Table


def read_columns(content_type: ContentType, blobs: pa.Array, fields: Collection[str]) -> Columns:
    """Read some fields of many records.

    Args:
        content_type: the type of all of them.
        blobs: their contents; null is a record with all defaults.
        fields: the names of the fields that are wanted.
    """
    read = scan(content_type, blobs, fields=set(fields), keep_unused_obsolete=False)
    values = {}
    for place, field in enumerate(read.struct.type):
        kind = content_type.field(field.name)
        assert kind is not None  # noqa: S101 - the engine's columns are the schema's
        values[field.name] = mask_column(content_type.name, kind, read.struct.field(place))
    return Columns(values, read.problems)


def used_fields(content_type: ContentType, blobs: pa.Array, fields: Collection[str]) -> frozenset[str]:
    """Which of these fields hold more than their default in some record."""
    return scan(content_type, blobs, fields=set(fields), keep_unused_obsolete=False).used


def read_flaws(content_type: ContentType, blobs: pa.Array) -> pa.Table:
    """What is wrong with the bytes of many records, at every depth; columns as in :attr:`Columns.flaws`."""
    return scan(content_type, blobs, keep_unused_obsolete=False).problems
