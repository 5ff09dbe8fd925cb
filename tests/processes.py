"""Which processes work on a data folder, wherever they come from."""

import os
from contextlib import suppress
from pathlib import Path


def processes_of(data_dir: Path) -> list[int]:
    """The ids of the processes, this one left out, whose environment names the folder; none that has ended."""
    wanted = f"STUDIO_DATA_DIR={data_dir}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if int(folder.name) != os.getpid() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found
