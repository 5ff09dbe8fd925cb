"""Runs jobs: from a job's row to its stored result, once, whatever happens to the process on the way.

The job table is the truth: the engine knows ids only, a cancel is a change of the row, and a run that finds its row
finished does nothing. So a run may be repeated at any point, and a second one starts from a clean folder.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from backends.base import Backend, BackendError, Cancelled, Outputs, Request
from model_configs.schema import ModelConfig, files_in
from storage.errors import DatabaseFaultError, MediaStoreError, StorageError, fault_of
from storage.jobs.store import Job, JobStore
from storage.media.probe import MediaLimits
from storage.media.store import MediaInfo, MediaStore
from studio.errors import InputMissingError, ModelNotHereError, StudioError
from studio.jobs import previews
from studio.jobs.job_context import JobContext
from studio.jobs.job_record import with_records
from studio.jobs.readiness import ready_backend, spec_of
from studio.jobs.signing import signer_of
from studio.log import about, on_behalf_of
from studio.settings import Settings

log = logging.getLogger(__name__)
_T = TypeVar("_T")

RESULTS = MediaLimits(max_bytes=64 * 2**30, max_pixels=2**30, max_seconds=24 * 3600.0)
"""What a result may be: upload limits guard against strangers, not against what a model was asked to make."""


_WITH_RECORDS = "with-records"  # a folder among the outputs
_AGAIN_SECONDS = 2
_PAUSES = (1, 2, 4, 8, 15, *[30] * 59)
"""Pauses between tries to reach the store, in units of two seconds: they grow to a minute, and last an hour in all."""

_STOPPED_ELSEWHERE = "The run was stopped where it runs, and not from here. Reuse brings its inputs back: try again."
_NO_MEMORY = "There was not enough memory for this job. Try it with smaller values."
_UNEXPECTED = "Something unexpected happened. The server's log tells more, under job {}."


class _Wait(NamedTuple):
    """A wait for the store: what the job's card shows meanwhile, and how long the job tries again."""

    words: str
    progress: float
    pauses: tuple[int, ...]


# Ten minutes, for other jobs wait as well; and an hour for what may have taken hours to make.
_FOR_INPUT = _Wait("{}: the job waits, and the studio tries again", 0.0, _PAUSES[:14])
_FOR_RESULT = _Wait("{}: the result waits, and the studio tries again", 1.0, _PAUSES)


class Runner:
    """Runs jobs with the backend that their model names, in the process and the thread that ask for it."""

    def __init__(
        self,
        jobs: JobStore,
        media: MediaStore,
        models: Mapping[str, ModelConfig],
        backends: Mapping[str, Backend],
        settings: Settings,
    ) -> None:
        self._jobs = jobs
        self._media = media
        self._models = models
        self._backends = backends
        self._work = settings.work
        self._records = settings.metadata
        self._signer = signer_of(settings)
        self._stopping = threading.Event()
        self.computes: Callable[[bool], None] = lambda _: None
        """Called with True when a model begins to compute, with False when it ends or waits for the store."""

    def stop(self) -> None:
        """Let runs end at their next report; their jobs stay unfinished in their rows and run again later."""
        self._stopping.set()

    def run(self, job_id: str) -> None:
        """Run the job now, in this thread; its row says how it ended, nothing is raised."""
        with about(job_id):
            self._run(job_id)

    def _run(self, job_id: str) -> None:
        try:
            job = self._insist(lambda: self._jobs.find_any(job_id))
            if job is None or self._stopping.is_set() or not self._insist(lambda: self._jobs.start(job_id)):
                return
            on_behalf_of(job.user_id)
            began = time.monotonic()
            log.info("The job begins, with %s", job.model_id)
            with self._clean_folder(job_id) as folder:
                self.computes(True)
                outputs = self._run_backend(job, folder)
                self.computes(False)
                outputs = self._with_records(job, outputs, folder)
                self._wait_for_store(job, _FOR_RESULT, lambda: self._keep(job, outputs, folder))
            log.info("The job is finished, after %.1f s", time.monotonic() - began)
        except Cancelled:
            log.info("The job was stopped")
            if not self._stopping.is_set():  # nothing happens to a job that was cancelled here
                self._fail(job_id, _STOPPED_ELSEWHERE)
        except BackendError as error:
            log.warning("The job failed: %s", error, exc_info=True)
            self._fail(job_id, str(error), error.fields, error.detail)
        except (StudioError, StorageError) as error:
            log.warning("The job failed: %s", error, exc_info=True)
            self._fail(job_id, str(error))
        except MemoryError:
            log.warning("The job failed", exc_info=True)
            self._fail(job_id, _NO_MEMORY)
        except Exception as error:  # whatever a backend's libraries raise must end the job, not the worker
            log.exception("The job failed")
            self._fail(job_id, fault_of(error) or _UNEXPECTED.format(job_id))

    def _fail(self, job_id: str, words: str, fields: Mapping[str, str] | None = None, detail: str = "") -> None:
        with suppress(Cancelled):
            self._insist(lambda: self._jobs.fail(job_id, words, fields, detail))

    def _insist(self, ask: Callable[[], _T]) -> _T:
        return insist(ask, self._stopping)

    @contextmanager
    def _clean_folder(self, name: str) -> Iterator[Path]:
        folder = self._work / name
        shutil.rmtree(folder, ignore_errors=True)  # what a crashed run left
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run_backend(self, job: Job, folder: Path) -> Outputs:
        model = self._models.get(job.model_id)
        if model is None:
            raise ModelNotHereError(job.model_id)
        backend = ready_backend(model, self._backends)
        with self._clean_folder(inputs_of(job.id)) as inputs, self._preview_ended(job.id):
            values = self._values(job, model, inputs)
            keys = dict(zip(_files(model, values), _files(model, job.options or {}), strict=True))
            request = Request(
                job.id, model.id, spec_of(model, backend), values, folder, lambda path: self._media.address(keys[path])
            )
            outputs = backend.run(request, self._context(job))
        if not outputs.files:
            raise BackendError(f"{model.name} gave no result. Try it again with other values.")
        return outputs

    def _with_records(self, job: Job, outputs: Outputs, folder: Path) -> Outputs:
        ran = self._insist(lambda: self._jobs.find_any(job.id)) or job  # as it is now, with what it ran with
        model, into = self._models[job.model_id], folder / _WITH_RECORDS
        return with_records(outputs, ran, model, into, self._records, self._signer)

    @contextmanager
    def _preview_ended(self, job_id: str) -> Iterator[None]:
        """Delete the live preview when the run ends."""
        try:
            yield
        finally:
            with suppress(DatabaseFaultError):  # the page shows it for a running job alone
                self._jobs.end_preview(job_id)

    def _context(self, job: Job) -> JobContext:
        return JobContext(self._jobs, job, self._stopping)

    def _values(self, job: Job, model: ModelConfig, inputs: Path) -> dict[str, Any]:
        """What the backend gets: visible values only, keys as paths, the seed and the texts resolved for this job."""
        options = model.defaults() | (job.options or {})
        shown = model.visible(options)
        values = {name: job.resolved.get(name, options[name]) for name in model.parameters if name in shown}
        for name in values:
            parameter = model.parameters[name]
            if parameter.kind == "seed":
                values[name] = job.seed
            elif name in model.media():
                fetched = [
                    self._wait_for_store(
                        job, _FOR_INPUT, partial(self._input, job.user_id, key, parameter.label, inputs)
                    )
                    for key in files_in(values[name])
                ]
                values[name] = fetched if parameter.kind == "images" else next(iter(fetched), None)
            else:
                values[name] = parameter.run_value(values[name])
        return values

    def _input(self, user_id: str, key: str, label: str, inputs: Path) -> Path:
        if self._insist(lambda: self._media.find(user_id, key)) is None:
            raise InputMissingError(label)
        return self._media.fetch(key, inputs)

    def _wait_for_store(self, job: Job, wait: _Wait, ask: Callable[[], _T]) -> _T:
        """Ask the media store again while it does not answer, and say so in the job's card.

        Raises Cancelled when the job is cancelled meanwhile.
        """
        context = self._context(job)
        for pauses in wait.pauses:
            try:
                found = ask()
                self.computes(wait is _FOR_INPUT)
                return found
            except MediaStoreError as error:
                self.computes(False)
                log.warning("The job waits: %s", error)
                said = wait.words.format(str(error).partition(":")[0])
            for _ in range(pauses):
                context.progress(wait.progress, said)
                self._stopping.wait(_AGAIN_SECONDS)
        return ask()

    def _keep(self, job: Job, outputs: Outputs, folder: Path) -> None:
        """Store everything first, then the row: a finished job always has its result."""
        numbered = enumerate(outputs.files, start=1)
        stored = [self._insist(partial(self._put, job, path, number)) for number, path in numbered]
        self._keep_preview(job, outputs.files[0], stored[0], folder)
        keys = {path: info.key for path, info in zip(outputs.files, stored, strict=True)}
        seeds = {keys[path]: seed for path, seed in outputs.seeds.items() if path in keys}
        self._insist(lambda: self._jobs.complete(job.id, tuple(keys.values()), outputs.texts, seeds))

    def _put(self, job: Job, path: Path, number: int) -> MediaInfo:
        return self._media.put(job.user_id, path, _name(job, path, number), limits=RESULTS)

    def _keep_preview(self, job: Job, result: Path, stored: MediaInfo, folder: Path) -> None:
        """Store a preview of the result; without one the job still succeeds."""
        try:
            self._media.put_preview(stored.key, previews.preview(result, stored.kind, folder / "preview.webp"))
        except (previews.PreviewError, StorageError, OSError) as error:
            log.warning("The result has no preview: %s", error)


def _files(model: ModelConfig, values: Mapping[str, Any]) -> list[Any]:
    """The files in the values, keys or paths, one by one in the order of the form."""
    given = [values.get(name) for name in model.media() if name in values]
    return [one for value in given for one in (value if isinstance(value, list) else [value]) if one is not None]


def insist(ask: Callable[[], _T], stopping: threading.Event) -> _T:
    """Repeat the call until the database answers, for nothing else records how a job ended.

    Raises Cancelled when the process is stopping.
    """
    while True:
        try:
            return ask()
        except DatabaseFaultError as error:
            log.warning("Asked again in %s s: %s", _AGAIN_SECONDS, error)
        if stopping.wait(_AGAIN_SECONDS):
            raise Cancelled


def inputs_of(job_id: str) -> str:
    """The name of the folder with the job's inputs, beside the one with its outputs."""
    return f"{job_id}-inputs"


def _name(job: Job, path: Path, number: int) -> str:
    """The file's name in a download: pattern-1234.png, and pattern-1234-2.png if it is the second."""
    which = "" if number == 1 else f"-{number}"
    return f"{job.model_id}-{job.id[:8] if job.seed is None else job.seed}{which}{path.suffix}"
