"""Temporary folders that are removed even after a kill: by the next process that starts."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

_LOCK = ".lock"


@contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """A new folder in `root`, for as long as the block lasts."""
    root.mkdir(parents=True, exist_ok=True)
    folder = root / uuid4().hex
    lock = folder.with_suffix(_LOCK)
    with FileLock(lock):  # a killed process holds none
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)


def clear(root: Path) -> None:
    """Delete all that lies in `root` but what a `scratch` of some process uses."""
    names = {path.name.removesuffix(_LOCK) for path in root.iterdir()} if root.is_dir() else set()
    for path in (root / name for name in names):
        lock = path.with_name(path.name + _LOCK)
        with suppress(Timeout, OSError), FileLock(lock, timeout=0):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            lock.unlink(missing_ok=True)
