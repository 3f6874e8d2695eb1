"""What a clone carries is what the project's shared folder holds."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tests.data.refresh import DEMONSTRATION, README, SHARED, originals

if TYPE_CHECKING:
    from pathlib import Path


def digests(files: dict[str, Path]) -> dict[str, str]:
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def test_the_pack_holds_every_fixture_with_its_truth_and_the_cases(data: Path) -> None:
    packed = {path.relative_to(data).as_posix(): path for path in data.rglob("*") if path.is_file()}
    assert len(packed) == 45
    if SHARED.is_dir():  # only the makers of the fixtures have it
        assert digests(packed) == digests(originals(SHARED))
        assert README.read_bytes() == (SHARED / "fixtures" / README.name).read_bytes()


def test_the_demonstration_business_is_the_fixture_with_attachments(himalaya_tar: Path) -> None:
    assert DEMONSTRATION.read_bytes() == himalaya_tar.read_bytes()
