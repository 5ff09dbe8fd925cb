"""Runs a file as if it were called by hand, and ends when whoever started it has gone.

It is called as a file and imports nothing of the studio, so that nothing stands in the way of the app's own imports.
"""

import os
import runpy
import sys
from pathlib import Path
from threading import Thread


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    path = sys.argv[1]
    Thread(target=_end_with_input, daemon=True).start()
    sys.argv, sys.path = [path], [str(Path(path).parent), *sys.path]
    runpy.run_path(path, run_name="__main__")
