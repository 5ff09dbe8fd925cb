"""The engine: DBOS on an SQLite file of its own, which runs each job it is given in a thread. It knows ids only.

The job table has the jobs that wait, and those that ran when a process was killed: the dispatcher gives them to the
engine when their turn has come. An engine therefore begins with an empty file, and polls no queue of its own.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from dbos import DBOS, WorkflowSerializationFormat
from filelock import FileLock, Timeout

from storage.database import sqlite_url
from studio.errors import WorkerBusyError
from studio.jobs.recovery import ENGINE_FILE, recover

log = logging.getLogger(__name__)

_WORKFLOW = "run_job"
_VERSION = "1"
_STOP_SECONDS = 5  # for runs to notice that the worker stops; then they are left to the next start
_LOOK_SECONDS = 0.5  # between two checks whether the folder's worker has ended


class Engine:
    """Calls `run` with each job id that it is given, in a thread.

    The engine never learns how a job ended: `run` writes that to the job's row and raises nothing. There is one
    engine to a process, for DBOS is a singleton, and one to a folder, which a lock file sees to.
    """

    def __init__(self, folder: Path, run: Callable[[str], None]) -> None:
        self._folder = folder
        self._run = run
        self._lock = FileLock(folder / "worker.lock", thread_local=False)
        self._workflow: Callable[[str], None] | None = None

    def start(self, wait: bool = False) -> None:
        """Get ready to run jobs.

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
        DBOS(
            config={
                "name": "studio",
                "system_database_url": sqlite_url(self._folder / ENGINE_FILE),
                "application_version": _VERSION,
                "executor_id": "studio",
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )
        self._workflow = self._register()
        DBOS.listen_queues([])
        DBOS.launch()

    def _register(self) -> Callable[[str], None]:
        def run_job(job_id: str) -> None:
            self._run(job_id)

        portable = WorkflowSerializationFormat.PORTABLE  # JSON; the default would unpickle what stands in the file
        return DBOS.workflow(name=_WORKFLOW, serialization_type=portable)(run_job)

    def begin(self, job_id: str) -> None:
        """Run the job now; to be called once for each run."""
        assert self._workflow is not None
        DBOS.start_workflow(self._workflow, job_id)

    def stop(self) -> None:
        """Give runs a moment to end and release the folder; unfinished jobs run again after the next start."""
        busy = DBOS.list_workflows(status="PENDING", limit=1, load_input=False, load_output=False)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=_STOP_SECONDS if busy else 0)
        self._lock.release()
