"""Models that are an endpoint of any Gradio app: at an address, a Space of Hugging Face, or an `app.py` of one's own.

Gradio has no durable id for a call: the app drops it when nobody listens any more. So nothing is remembered, a job of a
studio that was restarted is sent again, and within one run a call is sent once, whatever becomes of the connection.
"""

import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, field_validator

from backends.base import MACHINE, BackendError, Cancelled, Context, Outputs, Request, Spec, empty_unless_done
from backends.gradio_app import apps, results
from backends.gradio_app.apps import App
from backends.gradio_app.form import Endpoint, call, unknown

if TYPE_CHECKING:
    from gradio_client.client import Job

__all__ = ["GradioBackend", "GradioSpec"]

_POLL_SECONDS = 0.05
_LEAVE_SECONDS = 3.0
"""Seconds that an app has to answer a cancel."""

_PREVIEW_SECONDS = 1.0
"""Seconds between two live previews: each is fetched from the app."""


class GradioSpec(Spec):
    """The app, its endpoint, the revision that the file was made from, and what the app calls some of the inputs."""

    app: str
    endpoint: Annotated[str, Field(pattern=r"^/\S+$")] = "/predict"
    revision: str | None = None
    names: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("app")
    @classmethod
    def _is_known(cls, app: str) -> str:
        if apps.ADDRESS.fullmatch(app) or apps.SPACE.fullmatch(app) or (app.startswith("/") and apps.is_file(app)):
            return app
        raise ValueError(
            "an app is an address such as https://example.org (without a password or a query), "
            "a Space such as owner/name, or the whole path of a file such as /home/me/app.py"
        )


class GradioBackend:
    """Calls the endpoint through Gradio's own client."""

    spec_type = GradioSpec

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def ready(self, spec: GradioSpec) -> str | None:
        """Only what this machine has is known without asking the app."""
        if spec.app.startswith("/") and not Path(spec.app).is_file():
            return f"This model is the app {spec.app}, and there is no such file: put it back."
        return None

    def run(self, request: Request, context: Context) -> Outputs:
        """Connect, send the call once, wait for it, and fetch its files."""
        with empty_unless_done(request.folder):
            app = self._opened(request.spec, context)
            try:
                return _run(app, request, context)
            finally:
                _in_time(app.close)

    def _opened(self, spec: GradioSpec, context: Context) -> App:
        """In a thread that no exit waits for: Gradio's client waits without an end for a Space that is being built."""
        opening: Future[App] = Future()
        over = Event()
        said = ["Connecting"]

        def tell(words: str) -> None:
            if over.is_set():
                raise Cancelled
            said[0] = words

        asked = partial(_resolve, opening, partial(apps.opened, spec.app, self._environment, tell))
        Thread(target=asked, daemon=True).start()
        try:
            context.progress(0.0, said[0])
            _wait(opening, lambda: context.progress(0.0, said[0]))
        except BaseException:
            over.set()
            opening.add_done_callback(_close)
            raise
        try:
            return opening.result()
        except apps.AppError as error:
            raise BackendError(str(error), detail=error.detail) from error


def _resolve(future: "Future[App]", made: Callable[[], App]) -> None:
    try:
        future.set_result(made())
    except BaseException as error:
        future.set_exception(error)


def _close(opening: "Future[App]") -> None:
    """Close an app that came too late."""
    if opening.exception() is None:
        opening.result().close()


def _wait(future: "Future[Any]", check: Callable[[], None]) -> None:
    while not future.done():
        check()
        time.sleep(_POLL_SECONDS)


def _run(app: App, request: Request, context: Context) -> Outputs:
    spec: GradioSpec = request.spec
    endpoint = app.endpoints.get(spec.endpoint)
    if endpoint is None:
        raise BackendError(f"The app has no endpoint {spec.endpoint}: it has {', '.join(app.endpoints) or 'none'}.")
    changed = bool(spec.revision) and spec.revision != app.revision
    note = {"pinned": f"{spec.revision}; the app has changed since"} if changed else {}
    context.ran_with(app=spec.app, revision=app.revision, gradio=str(app.client.app_version), **note)
    if gone := unknown(endpoint, spec.names, request.values):
        sentence = f"The app has no input {', '.join(gone)}: rewrite its model file with models add --replace."
        raise BackendError(sentence, dict.fromkeys(gone, "The app does not have this input any more."))
    try:
        made = _called(app, endpoint, request, context)
        context.progress(1.0, "Fetching the results")
        return results.outputs(app, endpoint, made, request.folder, context.check)
    except BackendError as error:
        if changed:
            sentence = f"{error} The app has changed since its model file was made: models add --replace rewrites it."
            raise BackendError(sentence, error.fields, error.detail) from error
        raise


def _called(app: App, endpoint: Endpoint, request: Request, context: Context) -> tuple[Any, ...]:
    """What the endpoint gave, one value an output. Sent once: what comes back may be lost, and is then a failure."""
    arguments = call(endpoint, request.spec.names, request.values)
    job = app.client.submit(*arguments, api_name=endpoint.name)
    told = _Told(app, context)
    try:
        while not job.done():
            told.tell(job)
            time.sleep(_POLL_SECONDS)
    except BaseException:
        _in_time(partial(_cancel, job))  # when the studio stops too: nobody could take the call up again
        raise
    try:
        made = job.result()
    except (Exception, CancelledError) as error:
        raise _failure(error) from error
    return (made,) if len(endpoint.labels) == 1 else tuple(made)


def _cancel(job: "Job") -> None:
    """The app cancels by the call's number, which it may not have told yet although the call runs."""
    while job.communicator and not job.communicator.event_id and not job.done():
        time.sleep(_POLL_SECONDS)
    job.cancel()


def _in_time(leave: Callable[[], object]) -> None:
    """Run `leave` in a thread, for `_LEAVE_SECONDS` at most: the app may not answer."""
    saying = Thread(target=leave, daemon=True)
    saying.start()
    saying.join(_LEAVE_SECONDS)


def _failure(error: BaseException) -> BackendError:
    """The app's own words where it has any."""
    from gradio_client.exceptions import AppError, ValidationError
    from gradio_client.utils import QueueError

    detail = "".join(traceback.format_exception(error))
    if isinstance(error, OSError) and error.errno in MACHINE:
        raise error
    if isinstance(error, QueueError):
        return BackendError("The app's queue is full: try again later.")
    if isinstance(error, AppError | ValidationError):
        return BackendError(_sentence(str(error)), detail=detail)
    if isinstance(error, CancelledError):
        return BackendError(
            "The connection to the app broke while it worked, and Gradio keeps no result for later: run the job again.",
            detail=detail,
        )
    return BackendError("The app did not answer as a Gradio app does: look whether it is well.", detail=detail)


def _sentence(words: str) -> str:
    words = " ".join(words.split())[:500] or "The app failed and did not say why"
    return words if words.endswith((".", "!", "?")) else f"{words}."


class _Told:
    """Reports the app's progress and previews to the context, each once."""

    def __init__(self, app: App, context: Context) -> None:
        self._app = app
        self._context = context
        self._fraction = 0.0
        self._seen = 0
        self._due = 0.0

    def tell(self, job: "Job") -> None:
        """Report progress and previews; raises `Cancelled` when the run is to stop."""
        status = job.status()
        unit = (status.progress_data or [None])[-1]
        if unit is None:
            waits = status.rank is not None and status.code.name == "IN_QUEUE"
            words = f"Waiting in the app's queue, place {(status.rank or 0) + 1}" if waits else "Running"
            self._context.progress(self._fraction, words)
        else:
            self._fraction = max(self._fraction, min(_fraction(unit), 1.0))
            step, of = (unit.index, unit.length) if _counts(unit) else (None, None)
            self._context.progress(self._fraction, str(unit.desc or "Running"), step, of)
        self._show(job)

    def _show(self, job: "Job") -> None:
        made = job.outputs()
        if len(made) <= self._seen or time.monotonic() < self._due:
            return
        self._seen, self._due = len(made), time.monotonic() + _PREVIEW_SECONDS
        try:
            picture = results.first_picture(self._app, made[-1], self._context.check)
        except BackendError:
            return  # no job fails for want of a preview
        if picture:
            self._context.preview(picture)


def _counts(unit: Any) -> bool:
    return isinstance(unit.index, int) and isinstance(unit.length, int) and 0 <= unit.index <= unit.length


def _fraction(unit: Any) -> float:
    if isinstance(unit.progress, int | float):
        return max(float(unit.progress), 0.0)
    return unit.index / unit.length if _counts(unit) and unit.length else 0.0
