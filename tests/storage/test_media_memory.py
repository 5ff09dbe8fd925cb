"""What a large file takes of memory: as much as a small one, for it is never held whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests import media_samples
from tests.storage.shelves import Shelf

SIZE = 200_000_000
MOST = 64_000_000
ROOT = Path(__file__).parents[2]
_PUT_AND_READ = """
import sys
from pathlib import Path
from storage.database import open_database
from storage.media.store import MediaStore

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))

store = MediaStore(open_database(sys.argv[1]), Path(sys.argv[2]), url=sys.argv[3])
for path in map(Path, sys.argv[4:]):
    before = peak()
    info = store.put("ann", path, path.name)
    assert sum(map(len, store.read(info.key, 0, info.size))) == path.stat().st_size
    print(info.size, peak() - before)
"""


@pytest.mark.parametrize("shelf", ["folder", "swift"], indirect=True)
def test_a_large_file_is_put_and_read_in_little_memory(sqlite_engine: Engine, shelf: Shelf, tmp_path: Path) -> None:
    small, large = (
        media_samples.video(tmp_path / f"{name}.mp4", 0.3, seed=seed) for seed, name in enumerate(("s", "l"))
    )
    with large.open("ab") as file:
        file.write((SIZE - large.stat().st_size).to_bytes(4) + b"free")
        file.truncate(SIZE)
    arguments = [sqlite_engine.url.render_as_string(), str(shelf.root), shelf.url, str(small), str(large)]
    command = [sys.executable, "-c", _PUT_AND_READ, *arguments]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    size, grown = map(int, said.splitlines()[-1].split())
    assert size == SIZE
    assert grown < MOST, f"{grown / 1e6:.0f} MB more for a file of {SIZE / 1e6:.0f} MB"
