"""Keeps a worker running beside the page: starts one, restarts it when it ends, and ends it with the page."""

import logging
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 60.0
_STOP_SECONDS = 15.0  # for a worker to stop in order


def next_pause(pause: float, lived: float) -> float:
    """The seconds before the next worker starts: none after one that worked for a while, else ever more."""
    return 0.0 if lived > _LONGEST_PAUSE else min(max(2 * pause, 1.0), _LONGEST_PAUSE)


class Supervisor:
    """Runs `command`, whose standard input closes when the page ends, again and again until it is stopped."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        # The thread that starts a worker lives as long as the page: a worker ends with the thread that started it.
        self._thread = threading.Thread(target=self._work, name="supervisor", daemon=True)

    def start(self) -> None:
        """To be called once; returns at once, for the page may be used before its worker is ready."""
        self._thread.start()

    @property
    def worker_id(self) -> int:
        """The process of the newest worker; 0 when there was none yet."""
        return self._worker.pid if self._worker else 0

    def check(self) -> None:
        """Raise ChildProcessError while there is no worker."""
        if self._worker is None or self._worker.poll() is not None:
            raise ChildProcessError("no worker runs")

    def stop(self) -> None:
        """End the worker, in order if it can."""
        with self._changing:
            self._stopping.set()
            if self._worker:
                self._worker.terminate()
        self._thread.join(_STOP_SECONDS)
        if self._worker:
            self._worker.kill()

    def _work(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            began = time.monotonic()
            try:
                status = self._run()
            except OSError as error:
                log.error("No worker can be started: %s", error)
                status = None
            pause = next_pause(pause, time.monotonic() - began)
            if not self._stopping.is_set():
                log.warning("The worker has ended with status %s; the next one starts in %.0f s", status, pause)

    def _run(self) -> int | None:
        with self._changing:
            if self._stopping.is_set():
                return None
            self._worker = worker = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                start_new_session=True,  # a Ctrl-C in the terminal is for the page, which ends its worker
            )
        with worker:
            return worker.wait()
