"""One record as it is or as it was last, and who refers to it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.audit.records import last_known
from manager_nb.audit.references import references_to
from manager_nb.errors import CancelledError, NotFoundError
from manager_nb.model.references import references
from manager_nb.progress import Silent
from tests.restore.test_plan import CUSTOMER, INVOICE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def demo(himalaya: Path) -> Iterator[mn.Business]:
    with mn.open_business(himalaya) as business:
        yield business


def test_a_record_that_is_there_is_given_as_it_is(demo: mn.Business) -> None:
    key = demo.records("Customer").page(0, 1)["key"][0].as_py()
    assert last_known(demo, key.upper()).record == demo.record(key)
    assert last_known(demo, key).deleted is None


def test_a_deleted_record_is_given_as_it_was_last(demo: mn.Business) -> None:
    known = last_known(demo, INVOICE)
    assert known.record.label.startswith("Sales Invoice — 1111")
    (deletion,) = [row for row in demo.history_of(INVOICE).to_arrow().to_pylist() if row["action"] == "delete"]
    assert known.deleted == deletion["change"]
    before = demo.as_at(deletion["ticks"] - 1).record(INVOICE)
    assert (known.record.fields, known.record.raw) == (before.fields, before.raw)


def test_a_key_that_nothing_knows_is_refused(demo: mn.Business) -> None:
    with pytest.raises(NotFoundError):
        last_known(demo, "00000000-0000-4000-8000-000000000000")


def test_who_refers_is_what_decoding_every_record_tells(demo: mn.Business) -> None:
    objects = list(demo.objects())
    for key, _, _ in random.Random(5).sample(objects, 30):
        told = [
            other
            for other, kind, content in objects
            if any(reference.key == key.lower() for reference in references(kind, content)) and other != key
        ]
        assert references_to(demo, key).to_arrow()["object"].to_pylist() == told


def test_where_a_record_is_named_is_told_in_words(demo: mn.Business) -> None:
    key = next(row["key"] for row in demo.records("TaxCode").to_arrow(["key", "label"]).to_pylist())
    row = references_to(demo, key).to_arrow().to_pylist()[0]
    assert row["fields"] == ["Lines — Tax code"]
    assert row["label"].startswith(("Sales Invoice", "Purchase Invoice"))


def test_a_deleted_record_may_be_asked_for_and_nonsense_has_no_referrers(demo: mn.Business) -> None:
    assert len(references_to(demo, CUSTOMER)) == 0
    assert len(references_to(demo, "no key")) == 0


def test_looking_for_referrers_heeds_a_cancel(demo: mn.Business) -> None:
    class Cancelled(Silent):
        cancelled = True

    with pytest.raises(CancelledError):
        references_to(demo, CUSTOMER, progress=Cancelled())


def test_one_records_life_is_the_same_whether_all_are_read_or_it_alone(himalaya: Path) -> None:
    with mn.open_business(himalaya) as all_read, mn.open_business(himalaya) as alone:
        for key in list(all_read.trail.lives)[::23]:
            assert alone.trail.life(key.upper()) == all_read.trail.lives[key]
        assert "lives" not in vars(alone.trail)


def test_what_is_referred_to_has_a_name_also_when_it_is_gone(demo: mn.Business) -> None:
    there = demo.records("Customer").page(0, 1)["key"][0].as_py()
    named = [demo.named(key) for key in (there, CUSTOMER, "7b04b8cf-4e20-4ef6-b2f0-000000000000")]
    assert named[0] is not None
    assert (named[0].type, named[0].there, named[0].gone) == ("Customer", True, False)
    assert named[1] is not None
    assert (named[1].there, named[1].gone) == (False, True)
    assert "अस्थायी ग्राहक" in named[1].name
    assert named[2] is None


def test_a_picture_is_given_with_its_bytes(demo: mn.Business) -> None:
    row = demo.images.to_arrow().to_pylist()[0]
    image = demo.image(row["image"])
    assert image is not None
    assert (image.mime, len(image.content)) == (row["mime"], row["size"])
    assert image.content.startswith(b"\x89PNG")
    assert demo.image(CUSTOMER) is None
