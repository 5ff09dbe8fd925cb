"""Puts files into a media store, each in a process that is killed one line of its code later than the one before.

    python -m tests.storage.killed_puts DATABASE FOLDER BUCKET_URL SOURCE

The last put is the first that came to its end. SOURCE is written again for each, with other samples.
"""

import os
import signal
import sys
import wave
from itertools import count
from pathlib import Path

from sqlalchemy import delete

from storage import tables
from storage.database import open_database
from storage.media.store import MediaStore
from tests.killing import killing

TRACED = ("/storage/media/store.py", "/storage/media/blobs.py", "/storage/database.py")


class RowsOnly(MediaStore):
    """Warms up SQLAlchemy, but not obstore, whose threads would not outlive a fork."""

    def _write(self, key: str, path: Path) -> None:
        pass


def main(database: str, folder: str, url: str, source: str) -> None:
    engine = open_database(database)
    _write(Path(source), 0)
    RowsOnly(engine, Path(folder), url=url).put("ann", Path(source), "a tone.wav")
    with engine.begin() as connection:
        connection.execute(delete(tables.table(tables.Media)))
    engine.dispose()
    for line in count(1):
        _write(Path(source), line)
        child = os.fork()
        if not child:
            _put(MediaStore(engine, Path(folder), url=url), Path(source), line)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
            break


def _write(path: Path, number: int) -> None:
    path.unlink(missing_ok=True)  # the store may have the file that lies there
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(number.to_bytes(2, "little") * 4_000)


def _put(store: MediaStore, path: Path, line: int) -> None:
    sys.settrace(killing(line, TRACED))
    store.put("ann", path, "a tone.wav")
    sys.settrace(None)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
