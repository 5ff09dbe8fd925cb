"""The page's view of the workers, and its lock on the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from storage.errors import DatabaseFaultError
from storage.jobs.loaded import Loaded, LoadedStore
from storage.tables import now
from studio.errors import EngineBusyError
from studio.jobs.lease import LASTS_SECONDS
from studio.jobs.recovery import recover


class WorkersView:
    """The engine of a studio whose jobs run in workers; it reads and writes the database alone."""

    def __init__(self, store: LoadedStore) -> None:
        self._store = store

    def loaded(self) -> tuple[Loaded, ...]:
        """The models that the workers keep loaded now; none while the database does not answer."""
        try:
            return self._store.all(now() - timedelta(seconds=2 * LASTS_SECONDS))
        except DatabaseFaultError:  # what else the page asks for says so
            return ()

    def unload(self, model_id: str) -> None:
        """Have every worker free the model as soon as none of its jobs runs there."""
        self._store.ask_unload(model_id)


@contextmanager
def only_page(folder: Path) -> Iterator[None]:
    """For as long as the block runs, no other page may open the folder; EngineBusyError when one has."""
    lock = FileLock(folder / "engine.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise EngineBusyError(folder) from error
    try:
        _recover_unless_worked_on(folder)
        yield
    finally:
        lock.release()


def _recover_unless_worked_on(folder: Path) -> None:
    """Set the folder right before the page opens its queue; a worker that runs already has done so."""
    with suppress(Timeout), FileLock(folder / "worker.lock", thread_local=False).acquire(timeout=0):
        recover(folder)
