"""Make `pack.tar.zst` anew from the project's shared folder: ``python tests/data/refresh.py [SHARED]``.

The pack holds the fixtures, their truth and the format's cases under the names that they have there. The same files
give the same bytes, so a refresh that changes nothing leaves no trace in git. The fixtures' README lies beside it.
"""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

import zstandard

HERE = Path(__file__).parent
PACK = HERE / "pack.tar.zst"
README = HERE / "README.md"
SHARED = HERE.parents[2] / "shared"
DEMONSTRATION = HERE.parents[1] / "manager_nb" / "data" / "Himalaya Traders (2026-03-27).manager.tar"


def originals(shared: Path) -> dict[str, Path]:
    """The files to pack: name in the pack to original."""
    found = {path.relative_to(shared / "fixtures").as_posix(): path for path in (shared / "fixtures").rglob("*")}
    found |= {f"format/{path.name}": path for path in (shared / "format").glob("*-cases.jsonl")}
    return {name: path for name, path in sorted(found.items()) if path.is_file() and path.name != README.name}


def write_pack(shared: Path, pack: Path) -> None:
    """Write the pack; owners, modes and times are left out of it."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in originals(shared).items():
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            with path.open("rb") as content:
                archive.addfile(entry, content)
    parameters = zstandard.ZstdCompressionParameters.from_level(19, enable_ldm=True, window_log=24)
    pack.write_bytes(zstandard.ZstdCompressor(compression_params=parameters).compress(tar.getvalue()))


def unpack(pack: Path, folder: Path) -> None:
    """Write the pack's files under `folder`."""
    tar = zstandard.ZstdDecompressor().stream_reader(pack.open("rb"), closefd=True)
    with tar, tarfile.open(fileobj=tar, mode="r|") as archive:
        for entry in archive:
            target = folder / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(entry)
            assert content is not None
            target.write_bytes(content.read())


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    write_pack(given, PACK)
    README.write_bytes((given / "fixtures" / README.name).read_bytes())
    DEMONSTRATION.write_bytes((given / "fixtures" / "himalaya" / DEMONSTRATION.name).read_bytes())
    print(f"{PACK.name}: {PACK.stat().st_size:,} bytes, {len(originals(given))} files")
