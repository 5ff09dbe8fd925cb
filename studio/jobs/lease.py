"""A worker's lease on its jobs: it sends heartbeats, and takes over the jobs of workers whose heartbeats stopped.

No clocks of two machines are compared: a worker is dead to another one that has looked regularly, for as long as the
claim lasts by its own clock, and always saw the same last sign.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from storage.errors import DatabaseFaultError
from storage.jobs.workers import WorkerStore
from storage.tables import now

log = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
LASTS_SECONDS = 30.0
"""How long a lease lasts after the last heartbeat; with two beats more, all is taken over within a minute."""

_FILE = "worker.id"


def require_worker(workers: WorkerStore) -> None:
    """Raise ChildProcessError while no worker is at work, as far as this machine's clock can tell."""
    if not any(now() - one.at < timedelta(seconds=2 * LASTS_SECONDS) for one in workers.all().values()):
        raise ChildProcessError("no worker runs")


class Watch:
    """Finds the workers without heartbeats; times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[datetime, float]] = {}  # the last sign of each, and when it was first seen
        self._looked: float | None = None

    def dead(self, seen: Mapping[str, datetime], clock: float) -> dict[str, datetime]:
        """The dead ones of the workers, with their last heartbeats; to be called at each beat with those of all."""
        if self._looked is None or clock - self._looked > 2 * BEAT_SECONDS:
            self._first = {}  # they may have given signs while nobody looked
        self._looked = clock
        before, self._first = self._first, {}
        for worker_id, at in seen.items():
            known = before.get(worker_id)
            self._first[worker_id] = known if known and known[0] == at else (at, clock)
        return {worker_id: at for worker_id, (at, since) in self._first.items() if clock - since >= LASTS_SECONDS}


class Lease:
    """This worker's lease; `lost` is called once when others have taken it for dead, for it must not go on then.

    `lanes` is how many jobs it does side by side, for the estimates.
    """

    def __init__(
        self, workers: WorkerStore, folder: Path, lost: Callable[[], None] = lambda: None, lanes: int | None = None
    ) -> None:
        self._lanes = lanes
        self.worker_id = str(uuid4())
        self._workers = workers
        self._file = folder / _FILE
        self._lost = lost
        self._watch = Watch()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="lease", daemon=True)

    def start(self) -> None:
        """To be called once, by the only worker of the folder: the jobs of its predecessor are free at once."""
        with suppress(FileNotFoundError):
            self._workers.remove(self._file.read_text(encoding="utf-8"))
        self._file.write_text(self.worker_id, encoding="utf-8")
        self._workers.enter(self.worker_id, f"{socket.gethostname()}:{os.getpid()}", self._lanes)
        self._thread.start()

    def stop(self) -> None:
        """Give up the lease: the unfinished jobs are free."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(BEAT_SECONDS)
        with suppress(DatabaseFaultError):  # the others wait for its signs, then
            self._workers.remove(self.worker_id)

    def _work(self) -> None:
        while not self._stopping.wait(BEAT_SECONDS):
            try:
                if not self.beat(time.monotonic()):
                    break
            except DatabaseFaultError as error:
                log.warning("No sign of life can be given; the next is tried in %.0f s: %s", BEAT_SECONDS, error)
            except Exception:  # without signs of life the jobs of this worker would be run by others beside it
                log.exception("No sign of life can be given; the next is tried in %.0f s", BEAT_SECONDS)
        if not self._stopping.is_set():
            log.error("This worker was taken for dead, and its jobs are others' now: it begins again")
            self._lost()

    def beat(self, clock: float) -> bool:
        """Send a heartbeat, and free the jobs of dead workers; `False` when this one was taken for dead itself."""
        if not self._workers.beat(self.worker_id):
            return False
        workers = self._workers.all()
        others = {worker_id: one.at for worker_id, one in workers.items() if worker_id != self.worker_id}
        for worker_id, at in self._watch.dead(others, clock).items():
            if self._workers.remove(worker_id, at):
                log.warning("The worker %s is dead: what it held is free", workers[worker_id].name)
        return True
