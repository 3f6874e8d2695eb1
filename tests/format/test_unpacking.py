"""A packed file is unpacked whole or as far as it goes, and a small one cannot fill the disk."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest
import zstandard

from manager_nb.errors import CancelledError, DamagedFileError, NotABusinessError
from manager_nb.format import unpacking
from manager_nb.format.kinds import Kind
from manager_nb.format.unpacking import unpack
from manager_nb.progress import SILENT, Silent
from tests import hostile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager_nb.progress import Progress

CONTENT = hostile.noise(3_000_000) + bytes(2_000_000)
PACKINGS: dict[Kind, Callable[[bytes], bytes]] = {Kind.GZIP: gzip.compress, Kind.ZSTD: zstandard.compress}
both = pytest.mark.parametrize("kind", PACKINGS)


def unpacked(
    packed: bytes,
    kind: Kind,
    folder: Path,
    look: Callable[[bytes], None] = lambda _: None,
    progress: Progress = SILENT,
) -> tuple[bytes, str | None]:
    target = folder / "unpacked"
    fault = unpack(io.BytesIO(packed), kind, target, look, folder / "X.gz", progress)
    return target.read_bytes(), fault


@both
def test_what_was_packed_comes_out(kind: Kind, tmp_path: Path) -> None:
    looks: list[bytes] = []
    assert unpacked(PACKINGS[kind](CONTENT), kind, tmp_path, looks.append) == (CONTENT, None)
    assert looks == [CONTENT[:65536]]


@both
def test_parts_that_were_packed_one_by_one_come_out_as_one(kind: Kind, tmp_path: Path) -> None:
    pack = PACKINGS[kind]
    assert unpacked(pack(b"one") + pack(b"") + pack(b"two"), kind, tmp_path) == (b"onetwo", None)
    assert unpacked(pack(b"one") + bytes(1000), kind, tmp_path) == (b"one", None)


def test_a_zstd_file_may_begin_with_a_frame_to_skip(tmp_path: Path) -> None:
    skipped = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"skip"
    assert unpacked(skipped + zstandard.compress(b"one"), Kind.ZSTD, tmp_path) == (b"one", None)


def test_a_window_of_27_bits_is_accepted_and_a_larger_one_is_not(tmp_path: Path) -> None:
    for bits in (27, 28):
        parameters = zstandard.ZstdCompressionParameters(window_log=bits, enable_ldm=True)
        packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
        packed = packer.compress(CONTENT) + packer.flush()
        if bits == 27:
            assert unpacked(packed, Kind.ZSTD, tmp_path) == (CONTENT, None)
        else:
            with pytest.raises(DamagedFileError, match="cannot be unpacked"):
                unpacked(packed, Kind.ZSTD, tmp_path)


@both
def test_a_file_that_was_cut_short_is_unpacked_as_far_as_it_goes(kind: Kind, tmp_path: Path) -> None:
    packed = PACKINGS[kind](CONTENT)
    content, fault = unpacked(packed[: len(packed) // 2], kind, tmp_path)
    assert len(content) > 1_000_000
    assert content == CONTENT[: len(content)]
    assert fault is not None
    assert f"after {len(content)} bytes" in fault


@both
def test_a_file_that_is_damaged_is_unpacked_as_far_as_it_goes(kind: Kind, tmp_path: Path) -> None:
    pack = PACKINGS[kind]
    packed = pack(CONTENT) + pack(b"more" * 1000)[:-20] + hostile.noise(5000)
    content, fault = unpacked(packed, kind, tmp_path)
    assert content[: len(CONTENT)] == CONTENT
    assert fault


@both
def test_a_wrong_checksum_is_told(kind: Kind, tmp_path: Path) -> None:
    packed = bytearray(
        gzip.compress(CONTENT) if kind is Kind.GZIP else zstandard.ZstdCompressor(write_checksum=True).compress(CONTENT)
    )
    packed[-6 if kind is Kind.GZIP else -2] ^= 1
    assert unpacked(bytes(packed), kind, tmp_path)[1]


@both
def test_a_bomb_is_refused(kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "ALWAYS_ALLOWED", 1 << 20)
    monkeypatch.setattr(unpacking, "MOST_TIMES", 100)
    packed = hostile.bomb(1 << 26, packed=kind.value)
    with pytest.raises(NotABusinessError, match="implausibly large"):
        unpacked(packed, kind, tmp_path)
    assert (tmp_path / "unpacked").stat().st_size < 200 * len(packed) + (2 << 20)


@both
def test_what_is_no_business_is_not_unpacked_further(kind: Kind, tmp_path: Path) -> None:
    def refuse(head: bytes) -> None:
        raise NotABusinessError("No.", hint="No.")

    with pytest.raises(NotABusinessError, match="No"):
        unpacked(hostile.bomb(1 << 26, packed=kind.value), kind, tmp_path, refuse)
    assert (tmp_path / "unpacked").stat().st_size == 0


@both
def test_cancel_is_heeded(kind: Kind, tmp_path: Path) -> None:
    class Cancelled(Silent):
        cancelled = True

    with pytest.raises(CancelledError):
        unpacked(PACKINGS[kind](CONTENT), kind, tmp_path, progress=Cancelled())
