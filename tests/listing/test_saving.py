"""Saving what is attached: the very bytes, a safe name, nothing overwritten, nothing that is not what it claims."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

import manager_nb as mn
from manager_nb.errors import CancelledError, NotFoundError
from manager_nb.listing.saving import picture_kind, safe_name, save_attachment, save_bytes, save_picture
from manager_nb.progress import Silent
from tests.crafting import archive, attach, place

if TYPE_CHECKING:
    from pathlib import Path

KEY = "01900000-0000-7000-8000-000000000001"


def test_every_attachment_is_saved_with_its_recorded_hash_and_a_second_time_beside_it(
    himalaya_tar: Path, tmp_path: Path
) -> None:
    with mn.open_business(himalaya_tar) as business:
        files = business.attachments.to_arrow().to_pylist()
        for file in files:
            saved = save_attachment(business, file["attachment"], tmp_path / "new" / "folder")
            assert saved.name == file["name"]
            assert hashlib.sha256(saved.read_bytes()).hexdigest() == file["sha256"]
        again = save_attachment(business, files[0]["attachment"], tmp_path / "new" / "folder")
    assert again.name == "PO 2025-04(2).txt"
    assert not list((tmp_path / "new" / "folder").glob(".*"))


def test_a_missing_attachment_is_refused_and_nothing_is_left(himalaya: Path, tmp_path: Path) -> None:
    with mn.open_business(himalaya) as business:
        key = business.attachments.page(0, 1)["attachment"][0].as_py()
        with pytest.raises(NotFoundError, match="is not in this copy"):
            save_attachment(business, key, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_altered_attachment_is_refused(himalaya: Path, tmp_path: Path) -> None:
    file = shutil.copy(himalaya, tmp_path / "Acme.manager")
    digest = attach(file, KEY, "contract.pdf", b"as it was signed")
    tar = archive(tmp_path / "Acme.manager.tar", [("Acme.manager", file.read_bytes()), (place(digest), b"as it suits")])
    with mn.open_business(tar) as business, pytest.raises(NotFoundError, match="is not what was attached"):
        save_attachment(business, KEY, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../.bashrc", "__.._.bashrc"),
        ("C:\\Windows\\evil.exe", None),
        ("/etc/passwd", None),
        (".profile", None),
        ("con.txt", "con_.txt"),
        ("", "_"),
        ("...", None),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("a" * 400 + ".pdf", None),
        ("नमस्ते" * 60 + ".png", None),
        ("x\ud800\x00\n.txt", None),
        ("रसीद 2025-04.png", "रसीद 2025-04.png"),
    ],
)
def test_no_name_leads_out_of_the_folder_or_hides(name: str, safe: str | None, tmp_path: Path) -> None:
    saved = save_bytes(b"content", name, tmp_path / "out")
    assert saved.parent == tmp_path / "out"
    assert saved.read_bytes() == b"content"
    assert not saved.name.startswith(".")
    assert len(saved.name.encode()) <= 210
    if safe is not None:
        assert saved.name == safe
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_the_ending_stays_when_a_name_is_shortened() -> None:
    stem, ending = safe_name("नमस्ते" * 60 + ".png")
    assert ending == ".png"
    assert len((stem + ending).encode()) <= 200
    assert safe_name("no ending")[1] == ""
    assert safe_name("Mr. A. Verma signed this")[1] == ""


def test_a_cancelled_save_leaves_nothing(tmp_path: Path) -> None:
    class Cancelled(Silent):
        cancelled = True

    with pytest.raises(CancelledError):
        save_bytes(b"content", "a.txt", tmp_path, progress=Cancelled())
    assert list(tmp_path.iterdir()) == []


def test_a_picture_is_saved_by_what_its_bytes_are(himalaya: Path, tmp_path: Path) -> None:
    with mn.open_business(himalaya) as business:
        row = business.images.to_arrow().to_pylist()[0]
        saved = save_picture(business, row["image"], "C001 - Asha", tmp_path)
        image = business.image(row["image"])
        assert image is not None
        assert (saved.name, saved.read_bytes()) == ("C001 - Asha.png", image.content)
        with pytest.raises(NotFoundError, match="has no picture"):
            save_picture(business, KEY, "Nobody", tmp_path)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"RIFF1234AVI LIST", None),
        (b"<svg onload=alert(1)>", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_only_pictures_that_run_nothing_count_as_pictures(content: bytes, kind: str | None) -> None:
    assert picture_kind(content) == kind
