"""What the page has of the queue: it puts jobs on it and takes them off it, and computes nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from storage.jobs.store import JobStore
from studio.errors import EngineBusyError
from studio.jobs.recovery import recover

if TYPE_CHECKING:
    from studio.jobs.engine import EngineClient

log = logging.getLogger(__name__)

_NOT_QUEUED = "The job could not be queued, the disk may be full. Reuse brings its inputs back: try again."


class JobQueue:
    """The queue of a data folder; a worker may run its jobs already, or start later."""

    def __init__(self, jobs: JobStore, folder: Path) -> None:
        self._jobs = jobs
        self._folder = folder

    @cached_property
    def _engine(self) -> "EngineClient":
        from studio.jobs.engine import EngineClient  # with all of DBOS, for which a page that starts need not wait

        return EngineClient(self._folder)

    def enqueue(self, job_id: str) -> None:
        """Have the job run as soon as its turn comes; its row must be there already."""
        try:
            self._engine.enqueue(job_id)
        except Exception:  # its database is one of its own, with all the faults that one can have
            log.exception("Job %s cannot be queued", job_id)
            self._jobs.fail(job_id, _NOT_QUEUED)

    def cancel(self, job_id: str) -> None:
        """Stop the run of a job whose row says cancelled already; nothing happens when there is none."""
        self._engine.cancel(job_id)

    def close(self) -> None:
        """Let go of the queue's file."""
        self._engine.close()


@contextmanager
def only_page(folder: Path) -> Iterator[None]:
    """For as long as the block runs, no other page may open the folder; EngineBusyError when one has."""
    lock = FileLock(folder / "engine.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise EngineBusyError(folder) from error
    try:
        _recover_unless_worked_on(folder)
        yield
    finally:
        lock.release()


def _recover_unless_worked_on(folder: Path) -> None:
    """Set the folder right before the page opens its queue; a worker that runs already has done so."""
    with suppress(Timeout), FileLock(folder / "worker.lock", thread_local=False).acquire(timeout=0):
        recover(folder)
