"""The objects of a business as bytes: what comparing and restoring work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from manager_nb.model.sides import describe, type_name

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Held:
    """One object as a business holds it.

    Attributes:
        key: as the file spells it.
        content_type: the GUID of its type, in lower case.
        content: its bytes, secrets included.
    """

    key: str
    content_type: str
    content: bytes

    @property
    def type(self) -> str:
        """The name of its type, the GUID where it is unknown."""
        return type_name(self.content_type)

    @property
    def label(self) -> str:
        """What Manager's History calls it."""
        return str(describe(self.content_type, pa.array([self.content], pa.binary()))[0][0].as_py())

    def __repr__(self) -> str:
        return f"<{self.type} {self.key}>"


def held(objects: Iterable[tuple[str, str, bytes]]) -> dict[str, Held]:
    """Every object by its key in lower case: settings, form defaults and unknown types too.

    Args:
        objects: as ``Business.objects()`` gives them.
    """
    return {key.lower(): Held(key, kind.lower(), content) for key, kind, content in objects}


def same(mine: Held | None, other: Held | None) -> bool:
    """Whether two objects have one type and the same bytes, or neither is there."""
    if mine is None or other is None:
        return mine is other
    return (mine.content_type, mine.content) == (other.content_type, other.content)
