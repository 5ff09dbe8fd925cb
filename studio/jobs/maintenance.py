"""Runs the sweep of deleted jobs and unused files, at intervals, beside the page."""

import logging
import threading
from datetime import timedelta

from storage.media.sweep import Sweep
from storage.tables import now

log = logging.getLogger(__name__)

FIRST = timedelta(minutes=1)
"""How long after its start a studio is swept first: soon, for some are restarted often, but not while pages open."""

EVERY = timedelta(hours=1)


class Maintenance:
    """Sweeps in a thread of its own; what stands in the way is logged and tried again the next time."""

    def __init__(self, sweep: Sweep, first: timedelta = FIRST, every: timedelta = EVERY) -> None:
        self._sweep = sweep
        self._first, self._every = first, every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="maintenance", daemon=True)

    def start(self) -> None:
        """To be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Sweep no more; one under way may be cut off, which does no harm."""
        self._stopping.set()
        self._thread.join(timeout=1)

    def _work(self) -> None:
        wait = self._first
        while not self._stopping.wait(wait.total_seconds()):
            self._run()
            wait = self._every

    def _run(self) -> None:
        try:
            swept = self._sweep.run(now())
        except Exception:  # a fault of the database, the store or the disk may pass, and the thread must outlive it
            log.exception("Not everything could be swept; the next try is in %s", self._every)
        else:
            if any((swept.jobs, swept.media, swept.uploads)):
                log.info("Deleted for good: %s", swept)
