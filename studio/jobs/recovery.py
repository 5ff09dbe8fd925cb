"""Sets right what a stop in the midst left in the data folder; for who holds the lock of the folder."""

import logging
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from storage.private import make_database_private
from storage.scratch import clear

log = logging.getLogger(__name__)

# The third for tables that are another program's, the last for a file that was deleted under who has it open.
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_READONLY_DBMOVED")


def recover(folder: Path) -> None:
    """Have a queue in the folder that can be read, which only its owner may, and no scratch of those who are gone."""
    queue = folder / "engine.db"
    if problem := _problem(queue):
        put_aside(queue, problem)
    make_database_private(queue)
    clear(folder / "work")


def is_damage(error: BaseException | None) -> bool:
    """Whether an error means that the file is no queue, and not that it cannot be used just now."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(_DAMAGE)


def put_aside(queue: Path, problem: str) -> None:
    """Keep a queue under another name: the jobs that it had are in the job table, from which they are queued again."""
    aside = queue.with_name(f"{queue.name}.damaged-{datetime.now():%Y%m%d-%H%M%S-%f}")
    for suffix in ("", "-wal", "-shm"):
        path = queue.with_name(queue.name + suffix)
        if path.exists():
            path.rename(f"{aside}{suffix}")
    log.error("The queue %s is damaged (%s). It is built anew; what it was is kept as %s", queue, problem, aside.name)


def _problem(queue: Path) -> str:
    """Why it is no queue; empty when it may be one, or when that cannot be found out now."""
    if not queue.exists():
        return ""
    if not queue.is_file():
        return "it is no file"
    try:
        with closing(sqlite3.connect(queue)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error) if is_damage(error) else ""
    return "" if found == "ok" else str(found)
