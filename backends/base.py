"""The narrow waist between the jobs and whatever runs them."""

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Report = Callable[[float, str], None]
"""`report(fraction, text)`: fraction runs from 0 to 1; raises `Cancelled` once the job was cancelled."""


MACHINE = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        *(errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.EMFILE, errno.ENFILE),
    }
)
"""The errors by which a machine says that it has no room, no right, or too many open files."""


class Cancelled(Exception):  # noqa: N818 - an order to stop, not an error
    """Raised by `report` to stop a backend; let it pass, cleaning up with `finally`."""


class BackendError(Exception):
    """A run failed; the message is one sentence for the user that says what to do.

    An OSError of which the number is in `MACHINE` is not one: let it pass, nothing that the user chose is at fault.
    """


@dataclass(frozen=True, slots=True)
class Request:
    """What one job asks of a backend.

    `values` holds the visible parameters only: media are paths of local files (never to be written to),
    seeds are resolved integers. Outputs belong into `folder`, which is empty and goes away after the run.
    """

    job_id: str
    model_id: str
    values: Mapping[str, Any]
    folder: Path


class Backend(Protocol):
    """One way to run models."""

    def run(self, request: Request, report: Report) -> tuple[Path, ...]:
        """Return the output files, the main result first; call `report` often, it is also how a run is cancelled."""
        ...

    def missing(self) -> str | None:
        """What must be set before this backend can run, as a sentence for the user; `None` when it is ready."""
        ...
