"""How many records have their creation in History is counted over records, not over templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import CancelledError
from manager_nb.model.business import open_business
from manager_nb.progress import Silent
from manager_nb.timeline.business import Business
from manager_nb.timeline.business import open_business as open_with_trail
from manager_nb.timeline.coverage import Coverage, coverage_of

if TYPE_CHECKING:
    from pathlib import Path


def test_all_but_the_schema_were_made_on_the_screens(himalaya: Path) -> None:
    with open_business(himalaya) as business:
        assert coverage_of(business) == Coverage(told=693, records=694)
        assert coverage_of(business).records == int(business.summary()["count"].sum()) - 1


def test_it_agrees_with_the_chains_of_the_trail(data: Path) -> None:
    for file in sorted(data.glob("small/*.manager")):
        with open_with_trail(file) as business:
            assert isinstance(business, Business)
            lives = [life for life in business.trail.lives.values() if life.now is not None]
            created = sum(any(link.before is None for link in life.chain.links) for life in lives)
            covered = coverage_of(business)
            templates = len(lives) - covered.records
            assert created - templates <= covered.told <= created, file.name


def test_without_history_none_is_told(himalaya: Path, tmp_path: Path) -> None:
    import manager_nb as mn

    backup = mn.create_backup(himalaya, tmp_path, history=False, attachments=False)
    with open_business(backup.path) as business:
        assert coverage_of(business) == Coverage(told=0, records=694)


def test_cancel_is_heard(himalaya: Path) -> None:
    class Stopped(Silent):
        cancelled = True

    with open_business(himalaya) as business, pytest.raises(CancelledError):
        coverage_of(business, Stopped())
