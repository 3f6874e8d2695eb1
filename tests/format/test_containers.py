"""Every container opens to the same business; what is none is named; nothing is touched and nothing is left behind."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard

from manager_nb.errors import (
    CancelledError,
    DamagedFileError,
    DiskFullError,
    EncryptedFileError,
    NotABusinessError,
    SeveralBusinessesError,
    SourceChangedError,
    SourceError,
    SourceMissingError,
    SourceUnreadableError,
)
from manager_nb.format.containers import OpenSource, open_source
from manager_nb.format.database import Database
from tests import hostile
from tests.evidence import untouched

if TYPE_CHECKING:
    from collections.abc import Callable


def objects(opened: OpenSource) -> dict[str, tuple[str, bytes]]:
    sql = 'SELECT lower("Key"), lower("ContentType"), CAST("Content" AS BLOB) FROM "Objects"'
    return {key: (content_type, content) for key, content_type, content in Database(opened.database).rows(sql)}


def blobs(opened: OpenSource) -> dict[str, bytes | None]:
    return {sha256: opened.blobs.find(sha256) for sha256 in opened.blobs.hashes()}


@pytest.fixture(scope="module")
def truth(himalaya: Path) -> dict[str, tuple[str, bytes]]:
    with contextlib.closing(sqlite3.connect(f"{himalaya.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        rows = connection.execute('SELECT "Key", "ContentType", "Content" FROM "Objects"').fetchall()
    assert len(rows) == 695
    return {key: (content_type, content) for key, content_type, content in rows}


@pytest.fixture
def packed(folder: Path, himalaya: Path, himalaya_tar: Path) -> dict[str, Path]:
    """The demonstration business in every container, by the kind that it is."""
    long_distance = zstandard.ZstdCompressionParameters.from_level(3, enable_ldm=True, window_log=27)
    zstd = zstandard.ZstdCompressor(compression_params=long_distance)
    made = {}
    for kind, original in (("manager", himalaya), ("manager.tar", himalaya_tar)):
        made[kind] = original
        made[f"{kind}.gz"] = folder / f"Himalaya.{kind}.gz"
        made[f"{kind}.gz"].write_bytes(gzip.compress(original.read_bytes(), 1))
        made[f"{kind}.zst"] = folder / f"Himalaya.{kind}.zst"
        with original.open("rb") as content, made[f"{kind}.zst"].open("wb") as file:
            zstd.copy_stream(content, file)
    return made


@pytest.mark.parametrize(
    "kind", ["manager", "manager.gz", "manager.zst", "manager.tar", "manager.tar.gz", "manager.tar.zst"]
)
def test_every_container_holds_the_same_business(
    kind: str, packed: dict[str, Path], truth: dict[str, tuple[str, bytes]], temporary: Path
) -> None:
    path = packed[kind]
    with untouched(path), open_source(path) as opened:
        assert objects(opened) == truth
        assert opened.source.kind == kind
        assert opened.source.path == path
        assert opened.source.size == path.stat().st_size
        assert opened.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert opened.problems == []
        assert not opened.live
        found = blobs(opened)
    assert len(found) == (25 if ".tar" in kind else 0)
    assert all(
        content is not None and hashlib.sha256(content).hexdigest() == sha256 for sha256, content in found.items()
    )
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("kind", ["", ".gz", ".zst"])
def test_the_old_format_is_converted(kind: str, data: Path, folder: Path) -> None:
    original, path = data / "small" / "Old format.manager", folder / f"Old format.manager{kind}"
    packings: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}
    path.write_bytes(packings[kind](original.read_bytes()))
    with untouched(path), open_source(path) as opened:
        assert len(objects(opened)) == 695
        assert (opened.source.kind, opened.name) == (f"legacy{kind}", "Old format")


def test_a_data_folder_gives_its_business_and_the_attachments_in_packs(data: Path) -> None:
    folder = data / "data-folder"
    with untouched(folder):
        for path in (folder, folder / "Businesses", folder / "Businesses" / "Himalaya Traders.manager"):
            with open_source(path) as opened:
                assert opened.name == "Himalaya Traders"
                assert opened.source.path == folder / "Businesses" / "Himalaya Traders.manager"
                found = blobs(opened)
                assert len(found) == 25
                assert {opened.blobs.where(sha256) for sha256 in found} == {"Packs"}


def test_a_name_chooses_among_the_businesses_of_a_folder(folder: Path, data: Path) -> None:
    inside = folder / "Businesses"
    inside.mkdir()
    shutil.copyfile(data / "small" / "Empty.manager", inside / "Empty.manager")
    shutil.copyfile(data / "small" / "Desktop.manager", inside / "Çelik.manager")
    (inside / f"{'0' * 32}.manager").write_bytes(b"users")
    with pytest.raises(SeveralBusinessesError, match=r"Empty, Çelik"):
        open_source(folder)
    with pytest.raises(SourceMissingError, match="no business called Full"):
        open_source(folder, name="Full")
    with open_source(folder, name="Çelik") as opened:  # as a Mac writes it
        assert opened.name == "Çelik"


def test_an_older_data_folder_has_its_businesses_at_the_top(folder: Path, data: Path) -> None:
    shutil.copyfile(data / "small" / "Empty.manager", folder / "Shop.manager")
    users = folder / f"{'0' * 32}.manager"
    shutil.copyfile(data / "small" / "Empty.manager", users)
    with open_source(folder) as opened:
        assert opened.name == "Shop"
    with pytest.raises(NotABusinessError, match="list of users"):
        open_source(users)


def test_a_name_chooses_among_the_businesses_of_an_archive(folder: Path, data: Path) -> None:
    empty, desktop = ((data / "small" / f"{name}.manager").read_bytes() for name in ("Empty", "Desktop"))
    path = folder / "several.tar"
    path.write_bytes(
        hostile.archive_of(("A.manager", empty), ("A.manager", desktop), ("B.manager", empty), ("C.manager", b""))
    )
    with pytest.raises(SeveralBusinessesError, match=r"A, A\(2\), B\."):
        open_source(path)
    with open_source(path, name="A(2)") as opened:
        assert Database(opened.database).count("Changes") == 2


def test_the_name_of_the_only_business_must_be_right(himalaya: Path, himalaya_tar: Path) -> None:
    with open_source(himalaya, name="Himalaya Traders") as opened:
        assert opened.name == "Himalaya Traders"
    for path in (himalaya, himalaya_tar):
        with pytest.raises(SourceMissingError, match="Himalaya Traders"):
            open_source(path, name="Annapurna")


WRONG = {
    "empty": "is empty",
    "zeros": "nothing but zeros",
    "text": "is a text",
    "text in UTF-16": "is a text",
    "json": "JSON",
    "login page": "web page",
    "script": "web page",
    "zip": "ZIP",
    "pdf": "PDF",
    "office": "Office",
    "picture": "picture",
    "companion": "companion",
    "unknown": "is not a Manager business",
    "compressed twice": "compressed twice",
    "compressed text": "is a text",
    "compressed nothing": "is empty",
    "archive without a business": "no business in the archive",
    "archive with a text": "is a text",
    "empty archive": "nothing but zeros",
    "empty database": "not a Manager business",
    "other database": "not a Manager business",
    "other Objects": "not a Manager business",
    "broken gzip": "cannot be unpacked",
    "broken zstd": "cannot be unpacked",
    "encrypted": "encrypted",
}
ERRORS = {"encrypted": EncryptedFileError, "broken gzip": DamagedFileError, "broken zstd": DamagedFileError}


def test_what_is_no_business_is_named(folder: Path, temporary: Path) -> None:
    files = hostile.wrong_files(folder)
    assert files.keys() == WRONG.keys()
    for what, path in files.items():
        with untouched(path), pytest.raises(ERRORS.get(what, NotABusinessError), match=WRONG[what]) as caught:
            open_source(path)
        assert caught.value.path == path
        assert caught.value.hint
    assert list(temporary.iterdir()) == []


def test_a_folder_without_a_business_is_named(folder: Path) -> None:
    (folder / "notes.txt").write_text("nothing here")
    with pytest.raises(NotABusinessError, match="no business in the folder sources"):
        open_source(folder)


def test_what_is_not_there_is_named(folder: Path, himalaya: Path) -> None:
    for path in (
        folder / "gone.manager",
        himalaya / "inside.manager",
        folder / "nul\0.manager",
        Path("~nobody/x.manager"),
    ):
        with pytest.raises(SourceMissingError, match="There is no file"):
            open_source(path)


def test_a_device_is_no_business() -> None:
    with pytest.raises(NotABusinessError, match="is not a file"):
        open_source(os.devnull)


def test_a_file_that_may_not_be_read_is_named(himalaya: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Path.open

    def refuse(path: Path, *arguments: str) -> object:
        if path == himalaya:
            raise PermissionError(13, "Permission denied", str(path))
        return usual(path, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        with pytest.raises(SourceUnreadableError, match="may not read Himalaya Traders"):
            open_source(himalaya)
    assert list(temporary.iterdir()) == []


def test_odd_files_read_normally(folder: Path, himalaya: Path, truth: dict[str, tuple[str, bytes]]) -> None:
    for what, path in hostile.odd_businesses(folder, himalaya).items():
        with untouched(path), open_source(path) as opened:
            assert len(objects(opened)) == 695, what
            if what not in ("content as text", "UTF-16"):
                assert objects(opened) == truth, what
            assert Database(opened.database).schema_revision() == 419, what
            assert len(opened.problems) == (what == "trailing zeros"), what


def test_what_is_left_of_a_damaged_file_is_read_and_the_damage_told(folder: Path, himalaya: Path) -> None:
    left = {"cut in half": 300, "beginning lost": 500, "a page of noise": 680}
    for what, path in hostile.damaged_businesses(folder, himalaya).items():
        with untouched(path), open_source(path) as opened:
            assert len(objects(opened)) >= left.get(what, 695), what
            assert opened.problems, what
            assert opened.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_without_a_single_row_left_is_damaged(folder: Path, himalaya: Path, temporary: Path) -> None:
    path = folder / "lost.manager"
    path.write_bytes(himalaya.read_bytes()[:100] + hostile.noise(5000))
    with pytest.raises(DamagedFileError, match=r"lost\.manager"):
        open_source(path)
    assert list(temporary.iterdir()) == []


def test_views_and_virtual_tables_are_not_read_in_place_of_tables(folder: Path, himalaya: Path) -> None:
    for what, path in hostile.hostile_schemas(folder, himalaya).items():
        table = what.split()[0]
        with open_source(path) as opened:
            database = Database(opened.database)
            assert table not in database.tables(), what
            assert database.columns(table) == ()
            assert any(table in problem.what for problem in opened.problems), what
            with pytest.raises(sqlite3.DatabaseError, match=r"prohibited|unsafe"):
                list(database.rows(f'SELECT * FROM "{table}"'))


def test_hostile_archives_give_the_business_and_nothing_from_outside(
    folder: Path, himalaya: Path, truth: dict[str, tuple[str, bytes]]
) -> None:
    bill = hashlib.sha256(b"bill").hexdigest()
    told = {"rubbish in between": "passed over", "size beyond all bounds": "cut short", "negative size": "passed over"}
    for what, path in hostile.hostile_archives(folder, himalaya).items():
        with untouched(folder), open_source(path) as opened:
            assert objects(opened) == truth, what
            assert opened.name == "X", what
            assert blobs(opened) == {bill: b"bill"}, what
            assert [told[what] in problem.what for problem in opened.problems] == [True] * (what in told), what


def test_of_a_cut_archive_everything_before_the_cut_is_read(folder: Path, himalaya: Path) -> None:
    whole = hostile.archive_of(("X.manager", himalaya.read_bytes()), hostile.blob(b"one"), hostile.blob(b"two" * 1000))
    path = folder / "cut.tar"
    path.write_bytes(whole[: whole.index(b"two") + 700])
    with open_source(path) as opened:
        assert len(objects(opened)) == 695
        assert blobs(opened) == {hashlib.sha256(b"one").hexdigest(): b"one"}
        assert "2300 bytes" in opened.problems[0].what
    path.write_bytes(whole[: himalaya.stat().st_size])
    with open_source(path) as opened:
        assert len(objects(opened)) > 600
        assert "cut short" in opened.problems[0].what


def test_of_a_cut_compressed_file_what_can_be_unpacked_is_read(folder: Path, himalaya: Path) -> None:
    for ending, pack in ((".gz", gzip.compress), (".zst", zstandard.compress)):
        packed = pack(himalaya.read_bytes())
        path = folder / f"cut.manager{ending}"
        path.write_bytes(packed[: len(packed) * 9 // 10])
        with open_source(path) as opened:
            assert len(objects(opened)) > 500
            assert "cut short" in opened.problems[0].what


def test_an_archive_that_changes_meanwhile_is_refused(folder: Path, himalaya_tar: Path, temporary: Path) -> None:
    path = folder / "changing.tar"
    shutil.copyfile(himalaya_tar, path)

    class Changing:
        cancelled = False

        def start(self, step: str, total: int | None = None) -> None:
            if step == "Copying":
                os.utime(path, ns=(1, 1))

        def advance(self, amount: int = 1) -> None: ...
        def finish(self) -> None: ...

    with pytest.raises(SourceChangedError, match="changed while it was read"):
        open_source(path, progress=Changing())
    assert list(temporary.iterdir()) == []


def test_an_archive_that_changed_later_gives_no_attachments(folder: Path, himalaya_tar: Path) -> None:
    path = folder / "changing.tar"
    shutil.copyfile(himalaya_tar, path)
    with open_source(path) as opened:
        sha256 = next(opened.blobs.hashes())
        with path.open("ab") as file:
            file.write(bytes(512))
        with pytest.raises(SourceChangedError):
            opened.blobs.find(sha256)


def test_a_full_disk_is_named(
    himalaya: Path, packed: dict[str, Path], temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(temporary)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    for path in packed.values():
        with pytest.raises(DiskFullError, match="not enough room"):
            open_source(path)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("step", ["Reading the file", "Unpacking", "Copying", "Checking"])
def test_cancel_leaves_nothing_behind(step: str, packed: dict[str, Path], temporary: Path) -> None:
    class Impatient:
        cancelled = False

        def start(self, now: str, total: int | None = None) -> None:
            self.cancelled = now == step

        def advance(self, amount: int = 1) -> None: ...
        def finish(self) -> None: ...

    with pytest.raises(CancelledError):
        open_source(packed["manager.tar.gz"], progress=Impatient())
    assert list(temporary.iterdir()) == []


def test_the_private_copy_is_for_its_owner_alone_and_goes_when_it_is_closed(himalaya: Path, temporary: Path) -> None:
    opened = open_source(himalaya)
    private = opened.database.parent
    assert private.parent == temporary
    if os.name == "posix":
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    opened.close()
    opened.close()
    assert list(temporary.iterdir()) == []
    with pytest.raises(SourceMissingError, match="is closed"):
        Database(opened.database).tables()


def test_the_private_copy_stays_while_anything_reads_it(
    himalaya: Path, packed: dict[str, Path], temporary: Path
) -> None:
    opened = open_source(himalaya)
    database = Database(opened.database)
    del opened
    assert database.count("Objects") == 695
    store = open_source(packed["manager.tar.gz"]).blobs
    assert len(list(temporary.iterdir())) == 2
    assert store.find(next(store.hashes()))
    del database, store
    assert list(temporary.iterdir()) == []


def test_every_error_of_opening_is_of_the_family(folder: Path, himalaya: Path) -> None:
    raw = himalaya.read_bytes()
    for seed in range(60):
        noise = hostile.noise(2000, seed)
        path = folder / "any.manager"
        start = int.from_bytes(noise[:3], "big") % (len(raw) - 2000)
        path.write_bytes(raw[: 100 * (seed % 3)] + noise + raw[start : start + 40 * seed])
        with contextlib.suppress(SourceError):
            open_source(path).close()
