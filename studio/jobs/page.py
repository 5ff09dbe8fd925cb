"""What the page has to do with the worker of its data folder; it computes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from studio.errors import EngineBusyError
from studio.jobs.loaded import Loaded, ask_unload, read
from studio.jobs.recovery import recover


@dataclass(frozen=True, slots=True)
class WorkerView:
    """What the page sees of the worker of a data folder."""

    folder: Path

    def loaded(self) -> tuple[Loaded, ...]:
        """The models that the worker keeps loaded now."""
        return read(self.folder)

    def unload(self, model_id: str) -> None:
        """Have the worker let go of a model as soon as none of its jobs runs."""
        ask_unload(self.folder, model_id)


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
