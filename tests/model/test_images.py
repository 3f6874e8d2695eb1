"""Pictures are listed with the record they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager_nb.model.business import open_business
from manager_nb.model.images import LOGO
from tests.model.small_files import TICKS, key, record, write

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.model.business import Business


def test_images_are_labelled_by_their_record(traders: Business) -> None:
    rows = traders.images.to_arrow().to_pylist()
    assert [(row["label"], row["mime"], row["size"]) for row in rows] == [
        ("Customer — C001 - Asha एंटरप्राइज़ेज़", "image/png", 78),
        ("Customer — C002 - Bharat & Sons", "image/png", 79),
        ("Customer — C003 - Chetan & Sons", "image/png", 79),
        ("Business Details", "image/png", 93),
    ]
    assert rows[-1]["image"] == rows[-1]["object"] == LOGO
    assert all(row["time"].year == 2025 for row in rows)


def test_the_picture_of_a_deleted_record_has_no_label(tmp_path: Path) -> None:
    images = [(key(1), "image/png", b"png", TICKS), (key(2), None, None, None)]
    path = write(tmp_path / "a.manager", [record(1, "Customer", Name="A")], Images=images)
    with open_business(path) as business:
        first, second = business.images.to_arrow().to_pylist()
    assert (first["label"], first["size"]) == ("Customer — A", 3)
    assert (second["label"], second["mime"], second["size"], second["time"]) == (None, None, 0, None)
