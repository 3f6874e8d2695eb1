"""What stands against bringing a record back, or has to be known before it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager_nb.model.said import Said

CHANGED_SINCE, TARGET_GONE, IN_USE = "changed since", "target gone", "in use"
NUMBER_REUSED, LOCKED_PERIOD = "number reused", "locked period"
LEFT_BEHIND, NOT_CERTAIN = "left behind", "not certain"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One reason to stop, or to look.

    Attributes:
        kind: "changed since", "target gone", "in use" or "number reused" stop; "locked period", "left behind" and "not
            certain" warn.
        what: the sentence.
        stops: whether it has to be decided; a warning does not stop.
        final: whether not even the mode "force" does it.
    """

    kind: str
    what: Said
    stops: bool = True
    final: bool = False
