"""The engine: DBOS on a file of its own, which runs the jobs it is told of, again after a crash. It knows ids only.

What waits is in the job table; the dispatcher tells the engine of a job when its turn has come (`EngineClient`).
"""

import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from dbos import DBOS, DBOSClient, WorkflowSerializationFormat, WorkflowStatus
from filelock import FileLock, Timeout
from sqlalchemy.exc import DatabaseError

from storage.database import sqlite_url
from studio.errors import WorkerBusyError
from studio.jobs.recovery import is_damage, put_aside, recover

log = logging.getLogger(__name__)

_QUEUE = "jobs"
_WORKFLOW = "run_job"
_VERSION = "1"  # the default is a hash of the source: an update would strand the queue
_POLL_SECONDS = 0.2
_STOP_SECONDS = 5  # for runs to notice that the worker stops; then they are left to the next start
_LOOK_SECONDS = 0.5  # between two looks whether the worker that holds the folder has gone
_ALIVE = frozenset({"ENQUEUED", "DELAYED", "PENDING"})


def _url(folder: Path) -> str:
    return sqlite_url(folder / "engine.db")


class EngineClient:
    """Tells the engine of a folder what to run; the file is opened, or made, when it is first needed.

    None of this is to be called on an event loop.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _client(self) -> DBOSClient:
        DBOS.migrate(_url(self._folder))  # a client makes no tables
        return DBOSClient(system_database_url=_url(self._folder), retry_connection_errors=False)

    def enqueue(self, job_id: str) -> None:
        """Have the job run at once; does nothing when it runs already, or is about to."""
        status = self._status(job_id)
        if status is not None and status.status in _ALIVE:
            return
        if status is not None:  # a run that the worker's stop cut short: a used id cannot be queued again
            self._client.delete_workflow(job_id)
        self._client.enqueue(
            {
                "workflow_name": _WORKFLOW,
                "queue_name": _QUEUE,
                "workflow_id": job_id,
                "app_version": _VERSION,
                "serialization_type": WorkflowSerializationFormat.PORTABLE,
            },
            job_id,
        )

    def alive(self) -> set[str]:
        """The jobs that run, or are about to."""
        found = self._client.list_workflows(status=list(_ALIVE), load_input=False, load_output=False)
        return {one.workflow_id for one in found}

    def _status(self, job_id: str) -> WorkflowStatus | None:
        found = self._client.list_workflows(workflow_ids=[job_id], load_input=False, load_output=False)
        return found[0] if found else None

    def close(self) -> None:
        """Let go of the file; it is opened again when it is needed again."""
        if "_client" in self.__dict__:
            self._client.destroy()
            del self._client


class Engine:
    """Hands each queued job id to `run` in a thread, again after a crash, `concurrency` of them at a time.

    The engine never learns how a job ended: `run` writes that to the job's row and raises nothing. There is one
    engine to a process, for DBOS is a singleton, and one to a folder, which a lock file sees to.
    """

    def __init__(self, folder: Path, concurrency: int, run: Callable[[str], None]) -> None:
        self._folder = folder
        self._concurrency = concurrency
        self._run = run
        self._lock = FileLock(folder / "worker.lock", thread_local=False)

    def start(self, wait: bool = False) -> None:
        """Take up the work, unfinished runs of a former process included.

        Raises WorkerBusyError when another process works on the folder, or waits until it has gone.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            if not wait:
                raise WorkerBusyError(self._folder) from error
            log.info("Another worker runs the jobs of %s; this one waits until that has gone", self._folder)
            self._lock.acquire(poll_interval=_LOOK_SECONDS)
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
                "system_database_url": _url(self._folder),
                "application_version": _VERSION,
                "executor_id": "studio",  # with the lock file: one process owns all runs, so it may recover them all
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )
        self._register()
        DBOS.launch()

    def _register(self) -> None:
        def run_job(job_id: str) -> None:
            self._run(job_id)

        portable = WorkflowSerializationFormat.PORTABLE  # JSON; the default would unpickle what stands in the file
        # Any number of attempts: that the worker was ended is no fault of the jobs that it ran.
        DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None, serialization_type=portable)(run_job)

    def stop(self) -> None:
        """Give runs a moment to end and let go of the folder; what is left is taken up by the next start."""
        busy = DBOS.list_workflows(status="PENDING", limit=1, load_input=False, load_output=False)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=_STOP_SECONDS if busy else 0)
        self._lock.release()
