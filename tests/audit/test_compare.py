"""Two businesses held against each other."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import manager_nb as mn
from manager_nb.errors import CancelledError
from manager_nb.format.scalars import NIL
from tests.model.small_files import TICKS, content, guid, key, record, write
from tests.timeline.lives import Life

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


def states(found: mn.Comparison) -> dict[str, str]:
    return {row["key"]: row["state"] for row in found.records.to_arrow().to_pylist()}


def test_a_file_and_an_instant_of_it(demo: mn.Business, data: Path) -> None:
    then = json.loads((data / "himalaya/truth/as_at/2025-09.json").read_text("utf-8"))
    now = json.loads((data / "himalaya/truth/as_at/2026-03.json").read_text("utf-8"))["objects"]
    with demo.as_at(then["ticks"]) as past, demo.as_at(max(row["ticks"] for row in _ends(demo))) as today:
        found = states(mn.compare(past, today))
    expected = {
        one: "only left" if one not in now else "only right" if one not in then["objects"] else "differing"
        for one in now.keys() | then["objects"].keys()
        if now.get(one) != then["objects"].get(one)
    }
    assert found == expected
    assert set(expected.values()) == {"only left", "only right", "differing"}


def _ends(demo: mn.Business) -> list[dict[str, int]]:
    return demo.history.page(0, 1).to_pylist()


def test_an_earlier_backup_shows_what_the_months_since_did(demo: mn.Business, data: Path) -> None:
    with mn.open_business(data / "himalaya/earlier/Himalaya Traders (2025-12-31).manager") as earlier:
        found = mn.compare(earlier, demo)
        assert len(found.records) + found.same == len(set(dict.fromkeys(_keys(earlier))) | set(_keys(demo)))
        fields = found.changes.to_arrow().to_pylist()
    lost = [row for row in fields if row["type"] == "NumberCustomField"]
    assert {row["kind"] for row in lost} == {"deleted"}
    assert all(row["after"] is None for row in lost)
    assert mn.compare(demo, demo).same == 695
    assert len(mn.compare(demo, demo).records) == 0


def _keys(business: mn.Business) -> list[str]:
    return [one for one, _, _ in business.objects()]


def test_each_side_is_told_in_its_own_names_and_secrets_are_masked(tmp_path: Path) -> None:
    left = [record(1, "Customer", Name="Old"), record(2, "SalesInvoice", Customer=key(1), Reference="1")]
    right = [record(1, "Customer", Name="New"), record(2, "SalesInvoice", Customer=key(3), Reference="1")]
    right += [record(3, "Customer", Name="Third"), (guid("EmailSettings"), guid("EmailSettings"), _secret(), TICKS)]
    paths = write(tmp_path / "l.manager", left), write(tmp_path / "r.manager", right)
    with mn.open_business(paths[0]) as a, mn.open_business(paths[1]) as b:
        rows = mn.compare(a, b).changes.to_arrow().to_pylist()
    told = {(row["field"], row["before"], row["after"]) for row in rows}
    assert {("Name", "Old", "New"), ("Customer", "Old", "Third"), ("Password", None, "********")} <= told
    assert "hunter2" not in str(rows)


def _secret() -> bytes:
    return content("EmailSettings", Password="hunter2")


def test_unknown_types_are_compared_too(tmp_path: Path) -> None:
    strange = "77777777-7777-4777-8777-777777777777"
    paths = [
        write(tmp_path / f"{n}.manager", [(key(1), strange, bytes([8, n]), TICKS), (key(2).upper(), NIL, b"", TICKS)])
        for n in (1, 2)
    ]
    with mn.open_business(paths[0]) as a, mn.open_business(paths[1]) as b:
        found = mn.compare(a, b)
        assert [tuple(row.values()) for row in found.records.to_arrow().to_pylist()] == [
            (key(1), strange, strange, "differing")
        ]
        assert found.changes.to_arrow()["kind"].to_pylist() == ["unreadable"]


def test_cancel_is_heeded(demo: mn.Business) -> None:
    class Stop:
        cancelled = True

        def start(self, step: str, total: int | None = None) -> None: ...
        def advance(self, amount: int = 1) -> None: ...
        def finish(self) -> None: ...

    with pytest.raises(CancelledError):
        mn.compare(demo, demo, progress=Stop())


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.integers(2, 40))
def test_two_instants_of_any_life_differ_in_what_was_done_between(seed: int, actions: int) -> None:
    life = Life(random.Random(seed))
    for _ in range(actions):
        life.act(undo=False, reset=False)
    (early, old), (late, new) = sorted(life.dice.sample(life.memory, 2), key=lambda one: one[0])
    with (
        tempfile.TemporaryDirectory() as folder,
        mn.open_business(life.write(Path(folder) / "a.manager")) as business,
        business.as_at(early) as past,
        business.as_at(late) as later,
    ):
        found = mn.compare(past, later)
    assert states(found) == {
        one: "only left" if one not in new else "only right" if one not in old else "differing"
        for one in old.keys() | new.keys()
        if old.get(one) != new.get(one)
    }
