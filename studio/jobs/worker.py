"""A worker: runs jobs, as many side by side as there are lanes, beside other workers of the same database."""

from typing import Protocol

from storage.jobs.queue import QueueStore
from storage.jobs.store import JobStore
from studio.jobs.dispatcher import Dispatcher
from studio.jobs.engine import Engine
from studio.jobs.lanes import Lanes
from studio.jobs.lease import Lease
from studio.settings import Settings


class Hands(Protocol):
    """What does a job: the runner in this process, or processes of their own."""

    def run(self, job_id: str) -> None:
        """Run the job; its row says how it ended, nothing is raised."""
        ...

    def stop(self) -> None:
        """Let the runs under way end soon, with their jobs unfinished."""
        ...


class Worker:
    """Works on the settings' data folder, of which it is the only worker, as whoever the lease names."""

    def __init__(
        self, *, lease: Lease, jobs: JobStore, queue: QueueStore, hands: Hands, lanes: Lanes, settings: Settings
    ) -> None:
        self._lease = lease
        self._hands = hands
        self._engine = Engine(settings.data_dir, self._run)
        self._dispatcher = Dispatcher(lease.worker_id, queue, jobs, lanes, self._engine.begin)

    def start(self, wait: bool = False) -> None:
        """Begin to work, with the jobs that an earlier worker left unfinished first.

        Raises WorkerBusyError when there is another worker, or waits until that has gone.
        """
        self._engine.start(wait)
        self._lease.start()
        self._dispatcher.start()

    def _run(self, job_id: str) -> None:
        try:
            self._hands.run(job_id)
        finally:
            self._dispatcher.ended(job_id)

    def stop(self) -> None:
        """Stop working; jobs under way stay unfinished in their rows and begin again, here or with another worker."""
        self._dispatcher.stop()
        self._hands.stop()
        self._engine.stop()
        self._lease.stop()
