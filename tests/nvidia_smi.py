"""The queries of nvidia-smi that the studio makes, answered as the real one answers them, of GPUs that are not there.

A process holds memory by a file of its number in the folder, with the MiB in it, for as long as it lives.
"""

import stat
import sys
from pathlib import Path

TOTAL = 24564  # MiB, of an RTX 4090
UUID = "GPU-8f2a61c4-5d0e-4b7a-9c33-1f2e6a7b8c9d"
PROGRAM = """#!{python}
import os, sys
from pathlib import Path

query, *form = sys.argv[1:]
if form != ["--format=csv,noheader,nounits"]:
    sys.exit("the peer knows no other format")
held = {{}}
for file in Path({folder!r}).glob("[0-9]*"):
    status = Path("/proc", file.name, "status")
    if status.exists() and "State:\tZ" not in status.read_text():
        held[int(file.name)] = int(file.read_text())
what, _, fields = query.removeprefix("--query-").partition("=")
rows = {{
    "compute-apps": [{{"pid": pid, "used_gpu_memory": mib}} for pid, mib in held.items()],
    "gpu": [{{"index": 0, "uuid": {uuid!r}, "memory.free": {total} - sum(held.values())}}],
}}[what]
for row in rows:
    print(", ".join(str(row[field]) for field in fields.split(",")))
"""


def install(bin_: Path, folder: Path) -> None:
    """Put the program into a folder that is to be on the path."""
    bin_.mkdir()
    program = bin_ / "nvidia-smi"
    program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder), uuid=UUID, total=TOTAL))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
