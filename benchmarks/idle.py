"""What a studio that nobody uses takes of a processor, beside a bare Gradio page that nobody uses.

    .venv/bin/python benchmarks/idle.py [ROUNDS]

It reads /proc, so it needs Linux.
"""

import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness

SETTLED = 5  # seconds after which what a server does when it starts is done
SECONDS = 2  # of a sample

AIMS = {"idle": 1.0}


def main(rounds: int) -> None:
    """Start both servers, let them be, print."""
    samples: harness.Samples = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as data,
        harness.process("studio_ui.py", "--port", STUDIO_DATA_DIR=data, STUDIO_LOG_LEVEL="warning") as (_, studio),
        harness.process("benchmarks/bare_page.py") as (_, bare),
    ):
        servers = {"bare": bare, "idle": studio}
        time.sleep(SETTLED)
        for _ in range(rounds):
            before = {name: worked(pid) for name, pid in servers.items()}
            time.sleep(SECONDS)
            for name, pid in servers.items():
                samples[name].append((worked(pid) - before[name]) / SECONDS)
    harness.report(samples, "bare", AIMS)


def worked(pid: int) -> float:
    """The processor time that the process has had, in milliseconds."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(harness.rounds())
