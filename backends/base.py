"""The contract of backends: what one is given for a job, what it may report, and what it returns.

A backend declares a `Spec`, says for each model whether it is `ready`, and runs one request at a time. Built-in ones
and those of plug-ins are found by `backends.registry`.
"""

import errno
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from PIL import Image
from pydantic import BaseModel, ConfigDict

MACHINE = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        *(errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.EMFILE, errno.ENFILE),
    }
)
"""The errors by which a machine says that it has no room, no right, or too many open files."""


class Cancelled(Exception):  # noqa: N818 - an order to stop, not an error
    """Raised by the context to stop a backend; let it pass, cleaning up with `finally`."""


class Stopped(Cancelled):
    """The studio stops, not the job: it begins again at the next start, and `remembered` tells what is under way then.

    A backend that stops remote work when its job is cancelled lets it go on for this one.
    """


class BackendError(Exception):
    """A run failed; the message is one sentence for the user that says what to do.

    `fields` maps parameters to a sentence each; `detail` is a traceback or a log for whoever unfolds it.
    An OSError whose number is in `MACHINE` is not one: let it pass, nothing that the user chose is at fault.
    """

    def __init__(self, sentence: str, fields: Mapping[str, str] = MappingProxyType({}), detail: str = "") -> None:
        super().__init__(sentence)
        self.fields = dict(fields)
        self.detail = detail


class Spec(BaseModel):
    """The `backend:` block of a model file; a backend declares its own subclass, by which files are checked at load."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str


def _nowhere(_: Path) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Request:
    """What one job asks of a backend.

    `spec` is of the backend's own type. `values` holds the visible parameters only: media are paths of local files
    (never to be written to), seeds are resolved integers. Outputs belong into `folder`, which is empty and goes away
    after the run. `address` tells, of a file of the values, where a service far away can fetch it for a day: a secret,
    or `None` where the files lie in a folder.
    """

    job_id: str
    model_id: str
    spec: Any
    values: Mapping[str, Any]
    folder: Path
    address: Callable[[Path], str | None] = _nowhere


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files that a run made, the main one first, and texts and numbers besides, by name.

    `seeds` has the seed of each file that was made with one of its own, other than that of the run.
    """

    files: tuple[Path, ...]
    texts: Mapping[str, str | int | float] = field(default_factory=dict)
    seeds: Mapping[Path, int] = field(default_factory=dict)


class Context(Protocol):
    """How a backend reports while it runs; only `check` or `progress`, now and then, is required."""

    def progress(self, fraction: float, words: str = "", step: int | None = None, of: int | None = None) -> None:
        """Report the progress of the run, from 0 to 1, and its step of how many.

        Call it often, nothing is written more than some times a second; raises `Cancelled` when the run is to stop.
        """
        ...

    def preview(self, image: Image.Image | bytes) -> None:
        """Show a live preview, Pillow's image or an encoded one; it is never kept as a result."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether the run is to stop, for a backend that polls rather than be interrupted by an exception."""
        ...

    def check(self) -> None:
        """Raise `Cancelled` when the run is to stop, or `Stopped` when it is the whole studio that does."""
        ...

    def remember(self, remote_id: str) -> None:
        """Store the run's id on the remote service; it is in the database when this returns, and survives a crash."""
        ...

    @property
    def remembered(self) -> str | None:
        """The remote id that an earlier run of this job stored: go on with that instead of starting twice."""
        ...

    def spent(self, cost: float | None = None, seconds: float | None = None) -> None:
        """Note what the run has cost so far in all, in US dollars, and how many seconds of computing it took."""
        ...

    def ran_with(self, **versions: str) -> None:
        """Store what the job runs with, such as `device="cuda:0", torch="2.9"`; later calls add to it."""
        ...


class Backend(Protocol):
    """One way to run models. It is made with the environment's variables, where its keys and addresses stand."""

    @property
    def spec_type(self) -> type[Spec]:
        """What a model file says beside `kind`; a plain class attribute."""
        ...

    def ready(self, spec: Any) -> str | None:
        """What is missing before a model of this spec can run, as a sentence for the user; `None` when nothing is.

        It is asked often, so it answers from memory.
        """
        ...

    def run(self, request: Request, context: Context) -> Outputs:
        """Do the work; raises `BackendError`, and lets `Cancelled` pass with the folder empty."""
        ...


@runtime_checkable
class ListsChoices(Protocol):
    """What a backend has besides whose service knows choices, such as checkpoints: `choices_from: service` asks it."""

    def choices(self, spec: Any, parameter: str) -> Sequence[str]:
        """The choices that a parameter has now; raises BackendError when the service does not say."""
        ...


@contextmanager
def empty_unless_done(folder: Path) -> Iterator[None]:
    """Whatever stops the block, no half-written file stays in the folder."""
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
