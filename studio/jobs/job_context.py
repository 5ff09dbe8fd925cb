"""The contract's `Context` of a running backend, which writes to the job's row."""

import io
import logging
import threading
import time
from dataclasses import dataclass

from PIL import Image

from backends.base import Cancelled, Stopped
from backends.local_models import images
from storage.errors import DatabaseFaultError
from storage.jobs.store import Job, JobStore
from storage.tables import storable
from studio.jobs.previews import SIDE

log = logging.getLogger(__name__)

_REPORT_SECONDS = 0.25
_PREVIEW_SECONDS = 0.5
_AGAIN_SECONDS = 2
_MOST_PIXELS = 64_000_000  # of a live preview, before it is made small


@dataclass(slots=True)
class Pace:
    """Steps a second, counted from the first report: what comes before is loading."""

    first: tuple[int, float] | None = None
    last: int = 0
    of: int | None = None

    def at(self, step: int | None, of: int | None, now: float) -> float | None:
        """The pace when this step is reached at this time in seconds; `None` until two steps have been reported."""
        if step is None:
            return None
        if self.first is None or step < self.last or of != self.of:  # another round of steps begins
            self.first, self.of = (step, now), of
        self.last = step
        steps, seconds = step - self.first[0], now - self.first[1]
        return steps / seconds if steps > 0 and seconds > 0 else None


class JobContext:
    """The context of one run of a job; `stopping` is set when the whole studio stops.

    What cannot be written because the database does not answer is dropped, and the work goes on; but for what a run
    must find again: `remember` waits until it is written.
    """

    def __init__(self, jobs: JobStore, job: Job, stopping: threading.Event) -> None:
        self._jobs = jobs
        self._id = job.id
        self._stopping = stopping
        self._remembered = job.backend_job_id
        self._ran_with: dict[str, str] = {}
        self._runs = True
        self._is_lost = False
        self._pace = Pace()
        self._report_due = self._check_due = self._preview_due = 0.0

    def progress(self, fraction: float, words: str = "", step: int | None = None, of: int | None = None) -> None:
        """Write how far the run is, at most four times a second; raises `Cancelled` when the run is to stop."""
        now = time.monotonic()
        rate = self._pace.at(step, of, now)
        self._raise_if_over()
        if now < self._report_due:
            return
        try:
            self._note_whether(self._jobs.report(self._id, fraction, words, step, of, rate))
        except DatabaseFaultError:  # the log has it; the next report may get through
            log.info("The job goes on without a report")
        self._report_due = time.monotonic() + _REPORT_SECONDS
        self._raise_if_over()

    def check(self) -> None:
        """Raise `Cancelled` when the run is to stop; the row is read at most four times a second."""
        self._raise_if_over()
        if time.monotonic() < self._check_due:
            return
        try:
            self._note_whether(self._jobs.runs(self._id))
        except DatabaseFaultError:
            log.info("The job goes on without a check")
        self._check_due = time.monotonic() + _REPORT_SECONDS
        self._raise_if_over()

    @property
    def cancelled(self) -> bool:
        """Whether `check` would raise."""
        try:
            self.check()
        except Cancelled:
            return True
        return False

    def preview(self, image: Image.Image | bytes) -> None:
        """Store a scaled-down preview, at most two a second; an image that cannot be read is skipped."""
        if time.monotonic() < self._preview_due:
            return
        try:
            self._jobs.show(self._id, _small(image), "image/webp")
        except DatabaseFaultError:
            log.info("The job goes on without a preview")
        except Exception as error:  # a decoder may raise anything, and no job fails for want of a preview
            log.info("The job shows what is no picture: %r", error)
        self._preview_due = time.monotonic() + _PREVIEW_SECONDS

    def remember(self, remote_id: str) -> None:
        """Store the remote id before returning: without it a run on the remote service would be started a second time.

        Raises `Cancelled` when another worker has the job: that one does not know of this run.
        """
        while True:
            try:
                if not self._jobs.note(self._id, backend_job_id=remote_id):
                    raise Cancelled
                break
            except DatabaseFaultError as error:
                log.warning("The remote id %s is written again in %s s: %s", remote_id, _AGAIN_SECONDS, error)
            if self._stopping.wait(_AGAIN_SECONDS):
                raise Stopped
        self._remembered = remote_id

    @property
    def remembered(self) -> str | None:
        """The remote service's id of this job, as the last run noted it; None where none did."""
        return self._remembered

    def spent(self, cost: float | None = None, seconds: float | None = None) -> None:
        """Store what is given, in place of the earlier values."""
        self._note(cost=cost, spent_seconds=seconds)

    def ran_with(self, **versions: str) -> None:
        """Add to the versions and devices that the job runs with."""
        self._ran_with |= {name: storable(str(version)) for name, version in versions.items()}
        self._note(ran_with=self._ran_with)

    def _note(self, **told: object) -> None:
        try:
            self._jobs.note(self._id, **told)  # type: ignore[arg-type]
        except DatabaseFaultError:
            log.warning("Not noted: %s", told)

    def _note_whether(self, runs: bool) -> None:
        self._is_lost = not runs and self._jobs.is_lost(self._id)
        self._runs = runs

    def _raise_if_over(self) -> None:
        if self._stopping.is_set() or self._is_lost:  # what runs far away is for who has the job by now
            raise Stopped
        if not self._runs:
            raise Cancelled


def _small(image: Image.Image | bytes) -> bytes:
    """The preview as WebP, whatever a backend gave: the browser gets no image that was not decoded here."""
    picture = image if isinstance(image, Image.Image) else Image.open(io.BytesIO(image), formats=images.READABLE)
    if picture.width * picture.height > _MOST_PIXELS:
        raise ValueError(f"{picture.width} × {picture.height} pixels are too many")
    small = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    small.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=80, method=0)
    return file.getvalue()
