"""The durable queue: DBOS on a file of its own, inside the page's process, carrying nothing but job ids."""

from collections.abc import Callable
from pathlib import Path

from dbos import DBOS, SetWorkflowID, WorkflowSerializationFormat
from filelock import FileLock, Timeout
from sqlalchemy.exc import DatabaseError

from storage.database import sqlite_url
from studio.errors import EngineBusyError
from studio.recovery import is_damage, put_aside, recover

ATTEMPTS = 3
"""How often a job that takes the whole process down with it is tried."""

_QUEUE = "jobs"
_POLL_SECONDS = 0.2
_STOP_SECONDS = 5  # for runs to notice that the server stops; then they are left to the next start
_WAITING = frozenset({"ENQUEUED", "DELAYED"})
_ALIVE = _WAITING | {"PENDING"}


class Engine:
    """Hands each enqueued job id to `run` in a thread, again after a crash, `concurrency` of them at a time.

    The engine never learns how a job ended: `run` writes that to the job's row and raises nothing. There is one
    engine to a process, for DBOS is a singleton, and one to a folder, which a lock file sees to.
    """

    def __init__(self, folder: Path, concurrency: int, run: Callable[[str], None]) -> None:
        self._folder = folder
        self._concurrency = concurrency
        self._run = run
        self._lock = FileLock(folder / "engine.lock")

    def start(self) -> None:
        """Take up the work, unfinished runs of a former process included; EngineBusyError when the folder is in use."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise EngineBusyError(self._folder / "engine.lock") from error
        recover(self._folder)
        try:
            self._launch()
        except DatabaseError as error:
            if not is_damage(error.orig):
                raise
            DBOS.destroy(destroy_registry=True)
            put_aside(self._folder / "engine.db", str(error.orig))
            recover(self._folder)
            self._launch()
        DBOS.register_queue(_QUEUE, worker_concurrency=self._concurrency, polling_interval_sec=_POLL_SECONDS)

    def _launch(self) -> None:
        DBOS(
            config={
                "name": "studio",
                "system_database_url": sqlite_url(self._folder / "engine.db"),
                "application_version": "1",  # the default is a hash of the source: an update would strand the queue
                "executor_id": "studio",  # with the lock file: one process owns all runs, so it may recover them all
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )
        self._workflow = self._register()
        DBOS.launch()

    def _register(self) -> Callable[[str], None]:
        def run_job(job_id: str) -> None:
            self._run(job_id)

        portable = WorkflowSerializationFormat.PORTABLE  # JSON; the default would unpickle what stands in the file
        return DBOS.workflow(name="run_job", max_recovery_attempts=ATTEMPTS, serialization_type=portable)(run_job)

    def stop(self) -> None:
        """Give runs a moment to end and let go of the folder; what is left is taken up by the next start."""
        busy = DBOS.list_workflows(status="PENDING", limit=1, load_input=False, load_output=False)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=_STOP_SECONDS if busy else 0)
        self._lock.release()

    def enqueue(self, job_id: str) -> None:
        """Queue a run of the job; does nothing when one is queued or under way. Not to be called on an event loop."""
        status = DBOS.get_workflow_status(job_id)
        if status is not None and status.status in _ALIVE:
            return
        if status is not None:  # a run that the server's stop cut short: a used id cannot be queued again
            DBOS.delete_workflow(job_id)
        with SetWorkflowID(job_id):
            DBOS.enqueue_workflow(_QUEUE, self._workflow, job_id)

    def attempts(self, job_id: str) -> int:
        """How many processes have begun a run of the job and not ended it."""
        status = DBOS.get_workflow_status(job_id)
        alive = status is not None and status.status in _ALIVE
        return (status.recovery_attempts or 0) if alive and status is not None else 0

    def cancel(self, job_id: str) -> None:
        """Take the job off the queue; a run under way is left to find its row cancelled at its next report."""
        status = DBOS.get_workflow_status(job_id)
        if status is not None and status.status in _WAITING:  # DBOS answers a running one's cancel with tracebacks
            DBOS.cancel_workflow(job_id)
