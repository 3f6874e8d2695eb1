"""The steps of a restore plan, before anybody decides about conflicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager_nb.i18n import mark
from manager_nb.model.held import Held, same
from manager_nb.model.references import references
from manager_nb.model.said import Said, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager_nb.model.references import Reference
    from manager_nb.restore.trouble import Trouble

SELECTED = said(mark("It was selected."))
"""The reason of a step that has no other."""

CREATE, REVERT, DELETE, SKIP, CONFLICT = "create", "revert", "delete", "skip", "conflict"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one record.

    Attributes:
        key: in lower case.
        before: what it is, None where it is not there.
        after: what it becomes.
        reason: why.
        depth: 0 for what was selected, 1 for what that needs, and so on.
        troubles: what stands against it.
        skipped: whether it is left alone for that reason.
    """

    key: str
    before: Held | None
    after: Held | None
    reason: Said
    depth: int = 0
    troubles: tuple[Trouble, ...] = ()
    skipped: bool = False

    @property
    def action(self) -> str:
        """What it would do, whatever stands against it: create, revert, delete or skip."""
        if self.skipped or same(self.before, self.after):
            return SKIP
        if self.before is None:
            return CREATE
        return DELETE if self.after is None else REVERT

    @property
    def acts(self) -> bool:
        """Whether it would do anything."""
        return self.action != SKIP

    @property
    def stopped(self) -> bool:
        """Whether something stands against it that has to be decided."""
        return self.acts and any(trouble.stops for trouble in self.troubles)

    @property
    def impossible(self) -> bool:
        """Whether something stands against it that nobody can decide away."""
        return self.acts and any(trouble.final for trouble in self.troubles)

    @property
    def plain(self) -> bool:
        """Whether it needs no reason: it was selected, and that is all."""
        return self.depth == 0 and self.reason == SELECTED

    @property
    def shown(self) -> Held:
        """The version that a person knows it by."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - a step is about something
        return found

    def with_trouble(self, trouble: Trouble) -> Step:
        """The step with one more thing that stands against it."""
        return self if trouble in self.troubles else replace(self, troubles=(*self.troubles, trouble))


def referrers(objects: dict[str, Held]) -> dict[str, list[tuple[str, Reference]]]:
    """Who refers to each record: its key, and the key and reference of each that names it."""
    found: dict[str, list[tuple[str, Reference]]] = {}
    for key, reference in _all_references(objects):
        found.setdefault(reference.key, []).append((key, reference))
    return found


def _all_references(objects: dict[str, Held]) -> Iterator[tuple[str, Reference]]:
    for key, one in objects.items():
        for reference in references(one.content_type, one.content):
            yield key, reference
