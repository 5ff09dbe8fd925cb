"""Cleans the data folder up after a crash; the caller must hold the folder's lock."""

from datetime import datetime
from pathlib import Path

from storage.private import make_database_private
from storage.scratch import clear

ENGINE_FILE = "engine.db"

# The third for tables that are another program's, the last for a file that was deleted under who has it open.
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_READONLY_DBMOVED")


def recover(folder: Path) -> None:
    """Give the engine an empty file, readable by its owner alone, and delete the temporary files of ended processes.

    Which jobs wait, and which ran when a process was killed, stands in their rows: of what the file said nothing is
    needed, whether it is whole or damaged.
    """
    engine = folder / ENGINE_FILE
    if engine.is_dir():  # something else's
        engine.rename(f"{engine}.{datetime.now():%Y%m%d-%H%M%S-%f}")
    for suffix in ("", "-wal", "-shm", "-journal"):
        engine.with_name(engine.name + suffix).unlink(missing_ok=True)
    make_database_private(engine)
    clear(folder / "work")


def is_damage(error: BaseException | None) -> bool:
    """Whether an error means that the engine's file is none any more, and not that it cannot be used just now."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(_DAMAGE)
