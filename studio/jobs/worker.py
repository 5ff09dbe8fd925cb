"""A worker: takes the jobs of a data folder off the queue and has them done."""

from typing import Protocol

from storage.jobs.store import JobStore
from studio.jobs.engine import Engine, EngineClient
from studio.settings import Settings


class Hands(Protocol):
    """What does a job: the runner in this process, or processes of their own."""

    def run(self, job_id: str) -> None:
        """Do the job; how it went is in its row, nothing is raised."""
        ...

    def stop(self) -> None:
        """Let the runs under way end soon, with their jobs unfinished."""
        ...


class Worker:
    """Runs the jobs of the settings' data folder, of which it is the only worker."""

    def __init__(self, jobs: JobStore, hands: Hands, settings: Settings) -> None:
        self._jobs = jobs
        self._hands = hands
        self._engine = Engine(settings.data_dir, settings.concurrency, hands.run)
        self._client = EngineClient(settings.data_dir)

    def start(self, wait: bool = False) -> None:
        """Begin to work, with the jobs that an earlier worker left unfinished first.

        Raises WorkerBusyError when there is another worker, or waits until that has gone.
        """
        self._engine.start(wait)
        for job in self._jobs.unfinished():
            self._client.enqueue(job.id)

    def stop(self) -> None:
        """Stop working; jobs under way stay unfinished in their rows and begin anew at the next start."""
        self._hands.stop()
        self._client.close()
        self._engine.stop()
