"""Bad things that were met and kept, so that one bad record never hides the others."""

from __future__ import annotations

from dataclasses import dataclass

TORN, CUT, REMARK, LOST, ABOUT, FAULT = "torn", "cut", "remark", "lost", "about", "fault"
"""What a problem means for the books: a copy that was made while somebody saved; a file that ends too early; nothing is
lost by it; rows are lost, so many or about so many (none: nobody knows how many); something is wrong with a row, which
was left out or is there.
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One of them: a row of :attr:`manager_nb.Business.problems`.

    Attributes:
        where: the table it is in ("Objects", "Changes" ...), or "file", "attachments", "salvage".
        key: the key of the row, None where there is none.
        part: the column or the path of the field, None where it is the whole row.
        what: what is wrong, a sentence for an accountant.
        data: the bytes that could not be read, as they are.
        lost: whether a row of the business is not there for it, or may not be: such a file is not imported.
        effect: what it means for the books, one of the words above.
        rows: of LOST and ABOUT, how many rows.
    """

    where: str
    key: str | None
    part: str | None
    what: str
    data: bytes | None = None
    lost: bool = False
    effect: str = FAULT
    rows: int = 0

    @property
    def torn(self) -> bool:
        """Whether it is a mark of a copy that was made while somebody was saving."""
        return self.effect == TORN
