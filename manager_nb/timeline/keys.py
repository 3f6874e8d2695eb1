"""What a key tells: a UUID of version 7 carries the moment at which it was made (docs/format.md §2)."""

from __future__ import annotations

import re

from manager_nb.format.scalars import TICKS_AT_UNIX_EPOCH
from manager_nb.format.schema import SCHEMA, SCHEMA_TYPE

TICKS_PER_MILLISECOND = 10_000
"""A key is exact to a millisecond."""

_SEVEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


def born(key: str | None) -> int | None:
    """When a key was made, in ticks; None where it does not tell."""
    if not isinstance(key, str) or not _SEVEN.fullmatch(key):
        return None
    return int(key[:8] + key[9:13], 16) * TICKS_PER_MILLISECOND + TICKS_AT_UNIX_EPOCH


def is_own(key: str) -> bool:
    """Whether a record with such a key is one that the program makes of its own: a setting, or the defaults of a form.

    The object of the schema itself is in every file and tells nothing.
    """
    return key.lower() != SCHEMA_TYPE and SCHEMA.type_of(key.lower()) is not None
