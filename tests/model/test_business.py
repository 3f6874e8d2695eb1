"""A business opens from whatever it comes in, and tells what it is."""

from __future__ import annotations

import hashlib
import warnings
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import NewerSchemaWarning, NotFoundError, SourceMissingError
from manager_nb.model.business import open_business
from tests.evidence import untouched
from tests.model.conftest import SHOP
from tests.model.small_files import record, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager_nb.model.business import Business


def test_it_says_what_it_is(traders: Business, himalaya: Path) -> None:
    assert repr(traders) == '<Business "Himalaya Traders">'
    assert traders.name == "Himalaya Traders"
    assert traders.schema_revision == 419
    assert traders.source.path == himalaya
    assert traders.source.kind == "manager"
    assert traders.source.sha256 == hashlib.sha256(himalaya.read_bytes()).hexdigest()
    assert traders.source.size == himalaya.stat().st_size


@pytest.mark.parametrize(
    ("name", "objects", "revision"),
    [
        ("himalaya/Himalaya Traders (2026-03-27).manager.tar", 695, 419),
        ("himalaya/earlier/Himalaya Traders (2025-12-31).manager", 550, 419),
        ("data-folder", 695, 419),
        ("small/Empty.manager", 0, None),
        ("small/Desktop.manager", 2, 419),
        ("small/Old format.manager", 695, 419),
        ("small/Restored by appending.manager", 697, 419),
        (SHOP, 7, 419),
        ("upgraded/Revision 370.manager", 695, 370),
        ("upgraded/Revision 370 after the upgrade.manager", 702, 419),
    ],
)
def test_every_fixture_opens_whole(
    opened: Callable[[str], Business], name: str, objects: int, revision: int | None
) -> None:
    business = opened(name)
    assert business.schema_revision == revision
    assert sum(1 for _ in business.objects()) == objects == sum(business.summary()["count"])
    assert len(business.problems) == 0
    for type_name in business.types():
        table = business.records(type_name).to_arrow()
        assert table.num_rows == len(business.records(type_name)) > 0
        assert table["label"].null_count == 0


def test_objects_are_the_truth_in_key_order(traders: Business, opened: Callable[[str], Business]) -> None:
    objects = list(traders.objects())
    assert objects == sorted(objects)
    assert objects == list(opened("data-folder").objects())
    assert all(isinstance(content, bytes) for _, _, content in objects)


def test_the_old_format_has_the_records_that_the_program_made_of_it(
    traders: Business, opened: Callable[[str], Business]
) -> None:
    ours = {key: content for key, _, content in traders.objects()}
    old = {key: content for key, _, content in opened("small/Old format.manager").objects()}
    assert old.keys() <= ours.keys()
    assert old.items() <= ours.items()


def test_reading_leaves_the_file_as_it_is(himalaya: Path) -> None:
    with untouched(himalaya), open_business(himalaya) as business:
        for table in (business.history, business.emails, business.attachments, business.images, business.problems):
            table.to_pandas()
        business.summary()


def test_a_torn_backup_opens_with_its_losses_listed(data: Path) -> None:
    with open_business(data / "small/Torn backup.manager") as business:
        assert len(business.history) > 700
        assert sum(business.summary()["count"]) > 600
        assert len(business.problems) > 0
        assert len(business.problems.to_pandas()) == len(business.problems)


def test_a_newer_manager_s_file_opens_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "New.manager", [record(1, "Customer", Name="A")], revision=420)
    with pytest.warns(NewerSchemaWarning, match="420"):
        business = open_business(path)
    with business:
        assert business.records("Customer").to_arrow()["Name"].to_pylist() == ["A"]
        (problem,) = business.problems.to_arrow().to_pylist()
    assert (problem["where"], problem["key"]) == ("file", None)
    assert "420" in problem["what"]


def test_a_known_schema_gives_no_warning(himalaya: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_business(himalaya).close()


def test_closing_removes_the_private_copy_at_once(himalaya: Path) -> None:
    business = open_business(himalaya)
    private = business.open_source.database
    assert private.exists()
    business.close()
    assert not private.exists()
    business.close()


def test_a_table_kept_after_closing_says_so(himalaya: Path) -> None:
    with open_business(himalaya) as business:
        history, customers = business.history, business.records("Customer")
    for read in (
        history.to_arrow,
        lambda: history.page(0, 1),
        lambda: len(history),
        customers.to_arrow,
        lambda: business.record("x"),
        lambda: list(business.objects()),
    ):
        with pytest.raises(SourceMissingError, match="closed"):
            read()


def test_labels_of_a_page_can_be_looked_up_again(traders: Business) -> None:
    for row in traders.records("Supplier").page(0, 3, ["key", "label"]).to_pylist():
        assert traders.record(row["key"]).label == row["label"]
        assert traders.record(row["key"].upper()).key == row["key"]
    with pytest.raises(NotFoundError):
        traders.record("")
