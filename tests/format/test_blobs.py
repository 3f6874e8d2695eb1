"""Attachments are found by what they are, wherever they lie; a name never leads anywhere else."""

from __future__ import annotations

import errno
import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager_nb.errors import SourceChangedError
from manager_nb.format import sources, tars
from manager_nb.format.blobs import FolderBlobs, NoBlobs, TarBlobs
from tests import hostile
from tests.evidence import untouched

if TYPE_CHECKING:
    from manager_nb.format.blobs import BlobStore
    from manager_nb.format.problems import Problem


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def in_tar(path: Path, *entries: tuple[str, bytes]) -> TarBlobs:
    path.write_bytes(hostile.archive_of(*entries))
    with path.open("rb") as file:
        return TarBlobs(path, sources.state(file), list(tars.entries(file, [])))


def loose(folder: Path, content: bytes, *, named: str | None = None) -> Path:
    name = named or sha(content)
    path = folder / "Blobs" / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def pack(folder: Path, name: str, *contents: bytes) -> Path:
    path = folder / "Packs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(hostile.archive_of(*((sha(content), content) for content in contents)))
    return path


def agrees(store: BlobStore, where: str, contents: list[bytes]) -> None:
    assert sorted(store.hashes()) == sorted(map(sha, contents))
    for content in contents:
        assert store.find(sha(content)) == content
        assert store.where(sha(content)) == where
        stream = store.open(sha(content))
        assert stream is not None
        with stream:
            assert (stream.read(2), stream.seek(1), stream.read()) == (content[:2], 1, content[1:])
    for absent in (sha(b"absent"), "../../etc/passwd", "", "0" * 63 + "/"):
        assert (store.find(absent), store.open(absent), store.where(absent)) == (None, None, None)


def test_a_store_without_attachments_has_none() -> None:
    agrees(NoBlobs(), "", [])


def test_an_archive_gives_its_attachments(tmp_path: Path) -> None:
    contents = [b"one", b"", b"x" * 3_000_000]
    agrees(in_tar(tmp_path / "x.tar", *(hostile.blob(content) for content in contents)), "tar", contents)


def test_in_an_archive_an_attachment_is_what_its_content_is(tmp_path: Path) -> None:
    """Manager takes them for that, too: swapped names do no harm."""
    one, two, three = b"one", b"two", b"three"
    entries = [(hostile.blob(one)[0], two), (hostile.blob(two)[0], one), ("Blobs/zz/readme.txt", three)]
    agrees(in_tar(tmp_path / "x.tar", *entries), "tar", [one, two, three])


def test_an_altered_attachment_of_an_archive_is_given_as_it_is(tmp_path: Path) -> None:
    store = in_tar(tmp_path / "x.tar", (hostile.blob(b"bill")[0], b"forged"))
    assert store.find(sha(b"bill")) == b"forged"
    assert store.where(sha(b"bill")) == "tar"


def test_of_the_same_name_twice_the_right_content_is_taken(tmp_path: Path) -> None:
    name = hostile.blob(b"bill")[0]
    agrees(in_tar(tmp_path / "x.tar", (name, b"bill"), (name, b"bill")), "tar", [b"bill"])
    store = in_tar(tmp_path / "y.tar", (name, b"bill"), (name, b"forged"))
    assert store.find(sha(b"bill")) == b"bill"


def test_an_archive_that_is_another_now_is_not_read(tmp_path: Path) -> None:
    store = in_tar(tmp_path / "x.tar", hostile.blob(b"bill"))
    in_tar(tmp_path / "x.tar", hostile.blob(b"longer" * 1000))
    with pytest.raises(SourceChangedError):
        store.find(sha(b"bill"))


def test_a_data_folder_gives_loose_attachments_and_packed_ones(tmp_path: Path) -> None:
    loose(tmp_path, b"loose")
    (tmp_path / "Blobs" / "notes.txt").write_text("no blob")
    (tmp_path / "Blobs" / "zz").mkdir()
    (tmp_path / "Blobs" / "zz" / sha(b"elsewhere")).write_bytes(b"elsewhere")
    agrees(FolderBlobs(tmp_path, []), "Blobs", [b"loose"])
    shutil.rmtree(tmp_path / "Blobs")
    pack(tmp_path, "1.tar", b"one", b"two")
    pack(tmp_path, "2.tar", b"three", b"two")
    with untouched(tmp_path):
        agrees(FolderBlobs(tmp_path, []), "Packs", [b"one", b"two", b"three"])


def test_an_altered_loose_attachment_is_given_as_it_is(tmp_path: Path) -> None:
    loose(tmp_path, b"forged", named=sha(b"bill"))
    assert FolderBlobs(tmp_path, []).find(sha(b"bill")) == b"forged"


def test_what_manager_moves_into_a_pack_meanwhile_is_found_there(tmp_path: Path) -> None:
    path = loose(tmp_path, b"moved")
    store = FolderBlobs(tmp_path, [])
    assert store.where(sha(b"moved")) == "Blobs"
    pack(tmp_path, "new.tar", b"moved", b"other")
    path.unlink()
    assert store.find(sha(b"moved")) == b"moved"
    assert store.where(sha(b"moved")) == "Packs"


def test_a_pack_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    pack(tmp_path, "1.tar", b"old", b"same")
    store = FolderBlobs(tmp_path, [])
    pack(tmp_path, "1.tar", b"something that comes first", b"same")
    with pytest.raises(SourceChangedError):
        store.find(sha(b"same"))
    assert sorted(store.hashes()) == sorted(map(sha, [b"something that comes first", b"same"]))
    assert store.find(sha(b"same")) == b"same"


def test_a_bad_pack_does_not_hide_the_others(tmp_path: Path) -> None:
    pack(tmp_path, "good.tar", b"one")
    whole = pack(tmp_path, "cut.tar", b"two", b"three" * 1000)
    whole.write_bytes(whole.read_bytes()[:3000])
    (tmp_path / "Packs" / "noise.tar").write_bytes(hostile.noise(5000))
    (tmp_path / "Packs" / "folder.tar").mkdir()
    problems: list[tars.Problem] = []
    agrees(FolderBlobs(tmp_path, problems), "Packs", [b"one", b"two"])
    assert {problem.where for problem in problems} == {"attachments"}
    assert len(problems) == 3
    assert all(any(name in problem.what for problem in problems) for name in ("cut.tar", "noise.tar", "folder.tar"))


@pytest.mark.parametrize("closed", ["Packs", "Packs/00.tar", "Blobs/{hash:.2}/{hash}"])
@pytest.mark.parametrize("act", ["iterdir", "stat", "open"])
def test_what_may_not_be_read_is_told_once_and_does_not_hide_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str, act: str
) -> None:
    pack(tmp_path, "00.tar", b"packed")
    loose(tmp_path, b"loose")
    path = tmp_path / closed.format(hash=sha(b"loose"))
    allowed = getattr(Path, act)

    def refuse(place: Path, *arguments: object, **others: object) -> object:
        if place == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(place))
        return allowed(place, *arguments, **others)

    monkeypatch.setattr(Path, act, refuse)
    problems: list[Problem] = []
    store = FolderBlobs(tmp_path, problems)
    lost = b"loose" if "Blobs" in closed else b"packed"
    found = {content: store.find(sha(content)) for content in (b"loose", b"packed")}
    used = {"Packs": {"iterdir"}, "Packs/00.tar": {"stat", "open"}}.get(closed, {"stat", "open"})
    assert found == {content: None if act in used and content == lost else content for content in found}
    store.find(sha(lost))
    list(store.hashes())
    assert len(problems) == (act in used)
    assert all("You may not read" in problem.what for problem in problems)
