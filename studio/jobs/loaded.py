"""The worker's side of models that stay loaded: it publishes them, and is asked to free some."""

import logging
import time
from collections.abc import Sequence
from threading import Condition, Thread
from typing import Protocol

from storage.errors import DatabaseFaultError
from storage.jobs.loaded import Loaded, LoadedStore

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 2.0


class Board(Protocol):
    """Where a worker publishes its loaded models; jobs run without it too."""

    def tell(self, loaded: Sequence[Loaded]) -> None:
        """Publish these in place of those before; returns at once."""

    def unwanted(self) -> Sequence[str]:
        """The models that it is asked to free; each is returned once."""


class WorkersBoard:
    """Publishes in the database, where page and commands read it.

    One thread writes what is told, always the newest, so that a database which is locked or away keeps no job waiting.
    """

    def __init__(self, store: LoadedStore, worker_id: str) -> None:
        self._store = store
        self._worker_id = worker_id
        self._changed = Condition()
        self._untold: Sequence[Loaded] | None = None
        self._writer: Thread | None = None

    def tell(self, loaded: Sequence[Loaded]) -> None:
        """Have this replace what was told before, as soon as the database takes it; returns at once."""
        with self._changed:
            self._untold = loaded
            self._changed.notify_all()
            if self._writer is None:
                self._writer = Thread(target=self._write, name="loaded", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        while True:
            with self._changed:
                while self._untold is None:
                    self._changed.wait()
                loaded = self._untold
            try:
                self._store.tell(self._worker_id, loaded)
            except Exception as error:  # whatever it was, what comes next is told again
                log.warning("Which models are loaded cannot be published: %s", error)
                time.sleep(_AGAIN_SECONDS)
                continue
            with self._changed:
                if self._untold is loaded:
                    self._untold = None

    def unwanted(self) -> Sequence[str]:
        """The models that it is asked to free; each is returned once."""
        try:
            return self._store.unwanted(self._worker_id)
        except DatabaseFaultError:  # the log has it
            return ()
