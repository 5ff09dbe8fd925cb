"""The dispatcher: starts the next job in turn whenever a lane is free.

The jobs' rows are the queue. The engine gets a job only when it is to run at once; so after a kill a job that was not
given out still waits in its row, and one whose row says that it runs, but which no process has, runs again. Of several
workers the one that claims a job in its row runs it.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.exc import DatabaseError

from storage.errors import DatabaseFaultError
from storage.jobs.queue import Entry, QueueStore, in_turn
from storage.jobs.store import JobStore
from studio.jobs.lanes import Lanes
from studio.jobs.lifeline import end_in_order
from studio.jobs.recovery import is_damage
from studio.log import about

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_AGAIN_SECONDS = 2.0


class Dispatcher:
    """Calls `begin` with each job when its turn has come; `ended` must be called when its run is over."""

    def __init__(
        self, worker_id: str, queue: QueueStore, jobs: JobStore, lanes: Lanes, begin: Callable[[str], None]
    ) -> None:
        self._worker_id = worker_id
        self._queue = queue
        self._jobs = jobs
        self._lanes = lanes
        self._begin = begin
        self._busy: dict[str, Entry] = {}  # the jobs under way by their ids
        self._left = set[str]()  # jobs that a run has left unfinished: the next worker may have better luck
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)

    def start(self) -> None:
        """To be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Start no further jobs."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(_AGAIN_SECONDS)

    def ended(self, job_id: str) -> None:
        """The run of a job is over."""
        entry = self._busy.get(job_id)
        try:
            if not self._stopping.is_set() and self._jobs.is_unfinished(job_id):
                with about(job_id, entry.user_id if entry else None):
                    log.error("The run ended and the job did not: it begins again with the next worker")
                self._left.add(job_id)
        except DatabaseFaultError:
            pass  # should its row be unfinished, it is begun again
        finally:
            self._busy.pop(job_id, None)
            self._wake.set()

    def fill(self) -> None:
        """Start every job that may start now, first those whose run was cut off."""
        while entry := self._next():
            if not self._queue.take(entry, self._worker_id):  # another worker has, or its user cancelled it
                continue
            self._busy[entry.job_id] = entry
            try:
                self._begin(entry.job_id)
            except BaseException:  # it waits, or was cut off, as before
                del self._busy[entry.job_id]
                raise

    def _next(self) -> Entry | None:
        busy = {job_id: one.model_id for job_id, one in dict(self._busy).items()}  # now: a run may end meanwhile
        if len(busy) >= self._lanes.total:
            return None
        but = busy.keys() | self._left
        if not self._queue.has_work(self._worker_id, but):
            return None
        cut_off = self._fitting(self._queue.cut_off(self._worker_id, but), busy)
        if cut_off:
            return cut_off[0]
        waiting = self._queue.waiting(but, each=1, worker_id=self._worker_id)
        return next(iter(in_turn(self._fitting(waiting, busy))), None)

    def _fitting(self, entries: Iterable[Entry], busy: Mapping[str, str]) -> list[Entry]:
        return [one for one in entries if self._lanes.have_room(one.model_id, busy.values())]

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            pause = _LOOK_SECONDS
            try:
                self.fill()
            except DatabaseFaultError as error:
                log.warning("The queue is looked at again in %.0f s: %s", _AGAIN_SECONDS, error)
                pause = _AGAIN_SECONDS
            except Exception as error:  # the engine has a database of its own, with all the faults that one can have
                log.exception("No job can be started; it is tried again in %.0f s", _AGAIN_SECONDS)
                if isinstance(error, DatabaseError) and is_damage(error.orig):
                    end_in_order()  # the next worker puts the file aside
                pause = _AGAIN_SECONDS
            if pause == _LOOK_SECONDS:
                self._wake.wait(pause)
            else:
                self._stopping.wait(pause)
