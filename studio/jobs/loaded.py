"""The worker's side of models that stay loaded: it publishes them, and is asked to free some."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.errors import DatabaseFaultError
from storage.jobs.loaded import Loaded, LoadedStore

log = logging.getLogger(__name__)


class Board(Protocol):
    """Where a worker publishes its loaded models; jobs run without it too."""

    def tell(self, loaded: Sequence[Loaded]) -> bool:
        """Publish these in place of those before; returns whether that succeeded."""

    def unwanted(self) -> Sequence[str]:
        """The models that it is asked to free; each is returned once."""


@dataclass(frozen=True, slots=True)
class WorkersBoard:
    """Publishes in the database, where page and commands read it."""

    store: LoadedStore
    worker_id: str

    def tell(self, loaded: Sequence[Loaded]) -> bool:
        """Publish these in place of those before; returns whether that succeeded."""
        try:
            self.store.tell(self.worker_id, loaded)
        except DatabaseFaultError as error:
            log.warning("Which models are loaded cannot be published: %s", error)
            return False
        return True

    def unwanted(self) -> Sequence[str]:
        """The models that it is asked to free; each is returned once."""
        try:
            return self.store.unwanted(self.worker_id)
        except DatabaseFaultError:  # the log has it
            return ()
