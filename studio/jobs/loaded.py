"""What a worker has to do with models that stay loaded: it tells them, and is asked to let one go."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.errors import DatabaseFaultError
from storage.jobs.loaded import Loaded, LoadedStore

log = logging.getLogger(__name__)


class Board(Protocol):
    """Where it tells so; nothing depends on it."""

    def tell(self, loaded: Sequence[Loaded]) -> bool:
        """Replace what was told before; whether that succeeded."""

    def unwanted(self) -> Sequence[str]:
        """The models that it is asked to free; each is told once."""


@dataclass(frozen=True, slots=True)
class WorkersBoard:
    """That of a worker, which page and commands read."""

    store: LoadedStore
    worker_id: str

    def tell(self, loaded: Sequence[Loaded]) -> bool:
        """Replace what was told before; whether that succeeded."""
        try:
            self.store.tell(self.worker_id, loaded)
        except DatabaseFaultError as error:
            log.warning("Which models are loaded cannot be told: %s", error)
            return False
        return True

    def unwanted(self) -> Sequence[str]:
        """The models that it is asked to let go of; each is told once."""
        try:
            return self.store.unwanted(self.worker_id)
        except DatabaseFaultError:  # the log has it
            return ()
