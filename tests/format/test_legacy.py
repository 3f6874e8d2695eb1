"""The old format becomes a database with the same objects; what is broken is listed and hides nothing else."""

from __future__ import annotations

import sqlite3
import struct
import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manager_nb.errors import CancelledError, DamagedFileError
from manager_nb.format.legacy import MAGIC, convert

if TYPE_CHECKING:
    from pathlib import Path

    from manager_nb.format.problems import Problem

TYPE = uuid.UUID("ec37c11e-2b67-49c6-8a58-6eccb7dd75ee")
Rows = dict[str, tuple[str, bytes, int]]


def record(key: int, content: bytes, checksum: int | None = None) -> bytes:
    value = TYPE.bytes_le + content
    summed = sum(value) if checksum is None else checksum
    inside = b"\1" + uuid.UUID(int=key).bytes_le + struct.pack("<i", len(value)) + value + struct.pack("<i", summed)
    return struct.pack("<i", len(inside)) + inside


def hole(size: int) -> bytes:
    return struct.pack("<i", size) + bytes(size)


def objects(database: Path) -> Rows:
    connection = sqlite3.connect(database)
    try:
        rows = connection.execute("SELECT Key, ContentType, Content, Timestamp FROM Objects").fetchall()
    finally:
        connection.close()
    return {key: (content_type, content, time) for key, content_type, content, time in rows}


def converted(tmp_path: Path, *parts: bytes) -> tuple[Rows, list[Problem]]:
    source, target = tmp_path / "Old.manager", tmp_path / "new.manager"
    source.write_bytes(MAGIC + b"".join(parts))
    target.unlink(missing_ok=True)
    problems = convert(source, target)
    return objects(target), problems


def row(content: bytes) -> tuple[str, bytes, int]:
    return str(TYPE), content, 0


def key(number: int) -> str:
    return str(uuid.UUID(int=number))


def test_every_object_equals_the_one_the_program_made_of_it(data: Path, himalaya: Path, tmp_path: Path) -> None:
    problems = convert(data / "small" / "Old format.manager", tmp_path / "new.manager")
    ours = {
        key: (content_type, content) for key, (content_type, content, _) in objects(tmp_path / "new.manager").items()
    }
    programs = {key: (content_type, content) for key, (content_type, content, _) in objects(himalaya).items()}
    assert ours == programs
    assert problems == []


def test_times_are_unknown_as_the_program_writes_it(data: Path, tmp_path: Path) -> None:
    convert(data / "small" / "Old format.manager", tmp_path / "new.manager")
    programs = objects(data / "upgraded" / "Revision 370 after the upgrade.manager")
    added_by_an_upgrade = "0dbdbf8a-d80c-48e6-b453-bb7862445b7c"
    assert {time for _, _, time in objects(tmp_path / "new.manager").values()} == {programs[added_by_an_upgrade][2]}


def test_the_first_record_of_a_key_wins_and_holes_are_passed_over(tmp_path: Path) -> None:
    rows, problems = converted(
        tmp_path, hole(1), record(1, b"new"), hole(300), record(1, b"old"), record(2, b""), hole(9)
    )
    assert rows == {key(1): row(b"new"), key(2): row(b"")}
    assert problems == []


def test_a_wrong_checksum_leaves_one_record_out_and_keeps_its_bytes(tmp_path: Path) -> None:
    rows, problems = converted(tmp_path, record(1, b"a"), record(2, b"b", checksum=7), record(3, b"c"))
    assert rows == {key(1): row(b"a"), key(3): row(b"c")}
    assert [(p.where, p.key, p.part, p.data) for p in problems] == [
        ("Objects", key(2), "Content", TYPE.bytes_le + b"b")
    ]


def test_a_value_too_short_to_name_its_type_is_listed(tmp_path: Path) -> None:
    inside = b"\1" + uuid.UUID(int=5).bytes_le + struct.pack("<i", 3) + b"\1\1\1" + struct.pack("<i", 3)
    rows, problems = converted(tmp_path, struct.pack("<i", len(inside)), inside, record(1, b"a"))
    assert rows == {key(1): row(b"a")}
    assert [(p.key, p.data) for p in problems] == [(key(5), b"\1\1\1")]


@pytest.mark.parametrize(
    "broken",
    [
        b"\xff\xff\xff\x7f" + record(9, b"lost")[4:],
        b"\xff\xff\xff\xff" + record(9, b"lost")[4:],
        record(9, b"lost")[:21] + b"\xff\xff\xff\xff" + record(9, b"lost")[25:],
        bytes(4096),
        b"\0\1\0\0" + hole(8)[4:],
        b"\xa5" * 3_000_000,
    ],
    ids=["too long", "negative", "lengths disagree", "zeros", "a hole too long", "more than we look at once"],
)
def test_after_a_broken_stretch_the_next_sound_record_is_found(tmp_path: Path, broken: bytes) -> None:
    rows, problems = converted(tmp_path, record(1, b"a"), broken, record(2, b"b"), record(3, b"c"))
    assert rows == {key(1): row(b"a"), key(2): row(b"b"), key(3): row(b"c")}
    assert [(p.where, p.data) for p in problems] == [("file", broken[: 1 << 20])]
    assert str(len(broken)) in problems[0].what


def test_a_file_cut_short_gives_the_whole_records_and_the_rest(tmp_path: Path) -> None:
    whole = record(1, b"a") + record(2, b"b" * 50)
    for cut in range(len(record(1, b"a")) + 1, len(whole)):
        rows, problems = converted(tmp_path, whole[:cut])
        assert rows == {key(1): row(b"a")}
        assert [p.data for p in problems] == [whole[len(record(1, b"a")) : cut]]


def test_nothing_readable_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "Old.manager"
    for content in (MAGIC, MAGIC + b"\xa5" * 1000, MAGIC + record(1, b"a", checksum=1)):
        source.write_bytes(content)
        with pytest.raises(DamagedFileError):
            convert(source, tmp_path / "new.manager")
        assert list(tmp_path.iterdir()) == [source]


def test_cancelling_leaves_nothing(data: Path, tmp_path: Path) -> None:
    class Impatient:
        cancelled = True

        def start(self, step: str, total: int | None = None) -> None: ...
        def advance(self, amount: int = 1) -> None: ...
        def finish(self) -> None: ...

    source = tmp_path / "Old.manager"
    source.write_bytes(MAGIC + b"".join(record(number, b"a") for number in range(1500)))
    with pytest.raises(CancelledError):
        convert(source, tmp_path / "new.manager", Impatient())
    assert list(tmp_path.iterdir()) == [source]


def test_progress_is_told_the_whole_file(tmp_path: Path) -> None:
    class Counting:
        cancelled = False
        total: int | None = None
        done = 0

        def start(self, step: str, total: int | None = None) -> None:
            self.total = total

        def advance(self, amount: int = 1) -> None:
            self.done += amount

        def finish(self) -> None: ...

    source = tmp_path / "Old.manager"
    source.write_bytes(MAGIC + b"".join(record(number, b"a") for number in range(2500)))
    counting = Counting()
    convert(source, tmp_path / "new.manager", counting)
    assert counting.total == source.stat().st_size
    assert counting.done == source.stat().st_size


def test_lengths_that_agree_everywhere_do_not_make_it_search_for_ever(tmp_path: Path) -> None:
    longest = 25 * 300_000
    tempting = b"".join(struct.pack("<i", longest - 25 * i) + b"\1" + bytes(16) for i in range(290_000))
    rows, problems = converted(tmp_path, record(1, b"a"), b"\0\0\0\0", tempting)
    assert rows == {key(1): row(b"a")}
    assert len(problems) == 1


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_random_damage_costs_only_the_records_it_touches(tmp_path: Path, data: st.DataObject) -> None:
    contents = data.draw(st.lists(st.binary(max_size=40), min_size=3, max_size=12))
    parts = [record(number, content) for number, content in enumerate(contents)]
    start = data.draw(st.integers(0, len(b"".join(parts))))
    noise = data.draw(st.binary(max_size=30))
    damaged = bytearray(b"".join(parts))
    damaged[start : start + len(noise)] = noise
    rows, _ = converted(tmp_path, bytes(damaged))
    position = 0
    for number, (content, part) in enumerate(zip(contents, parts, strict=True)):
        touched = start < position + len(part) and position < start + len(noise)
        position += len(part)
        if not touched:
            assert rows.get(key(number)) == row(content)
