"""Files that only their owner may read."""

import os
import stat
from contextlib import suppress
from pathlib import Path

_BESIDE = ("", "-wal", "-shm", "-journal")


def make_private(path: Path) -> None:
    """Restrict a file or folder to its owner; another user's stays as it is, and so does a shared one such as /tmp."""
    with suppress(OSError):
        found = path.stat()
        if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
            path.chmod(0o700 if stat.S_ISDIR(found.st_mode) else 0o600)


def make_database_private(path: Path) -> None:
    """The same for an SQLite file, made when it is missing, and what lies beside it: SQLite gives that its rights."""
    with suppress(OSError):
        path.touch(0o600)
    for suffix in _BESIDE:
        make_private(path.with_name(path.name + suffix))
