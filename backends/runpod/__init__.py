"""Models on serverless endpoints of RunPod, by the account's key: a run is begun, remembered, and waited for.

RunPod bills each run and takes no id of ours, so one is handed over once: before that the job remembers that it is
about to be, and after it what RunPod calls it.
"""

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from backends.base import BackendError, Cancelled, Context, Outputs, Request, Stopped, empty_unless_done
from backends.runpod import inputs, results
from backends.runpod.service import Service, TryAgainError, trust
from backends.runpod.spec import RunPodSpec
from backends.runpod.updates import Update

__all__ = ["RunPodBackend", "RunPodSpec"]

BASE = "https://api.runpod.ai/v2"
HANDED_OVER = "being handed over"
"""What is remembered in place of an id from just before a run is begun until its id is known."""

_SLICE = 0.25
_POLLS = (0.5, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0)
_TRIES = (1, 2, 4, 8, 15, *[30] * 59)
"""The pauses in seconds before each new try: half an hour, for as long is a result kept."""


class RunPodBackend:
    """The models that need a GPU far away."""

    spec_type = RunPodSpec

    def __init__(
        self, environment: Mapping[str, str], wait: Callable[[float], None] = time.sleep, timeout: float = 60
    ) -> None:
        """`wait` is called with each pause, and `timeout` is for how many seconds a call may stay silent."""
        self._key = environment.get("RUNPOD_API_KEY", "")
        self._base = (environment.get("RUNPOD_ENDPOINT_BASE_URL") or BASE).rstrip("/")
        self._environment = environment
        self._wait = wait
        self._timeout = timeout

    def ready(self, spec: RunPodSpec) -> str | None:
        """The first setting that is missing, or that cannot be right."""
        if not self._key:
            return _set("RUNPOD_API_KEY")
        if not (self._key.isascii() and self._key.isprintable() and " " not in self._key):
            return _set("RUNPOD_API_KEY to the key as RunPod shows it")
        if not re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w./~%-]*)?", self._base, re.ASCII):
            return _set("RUNPOD_ENDPOINT_BASE_URL to an address such as https://api.runpod.ai/v2")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", self._endpoint(spec)):
            return _set(f"{spec.endpoint_setting} to the id of your endpoint")
        return None

    def run(self, request: Request, context: Context) -> Outputs:
        """Begin the run or take it up, and bring what it makes; a job that is cancelled cancels it."""
        spec: RunPodSpec = request.spec
        if said := self.ready(spec):
            raise BackendError(said)
        endpoint, run = self._remembered(spec, context)
        with self._client() as client, empty_unless_done(request.folder):
            service = Service(client, endpoint)
            try:
                context.progress(0.0, "Waiting for RunPod" if run else "Sending to RunPod")
                if run is None:
                    body = inputs.body(spec, request.values, request.address)
                    run = self._begin(service, body, context)
                    context.remember(f"{endpoint}/{run}")
                context.ran_with(endpoint=endpoint)
                answer = self._finished(service, run, context)
                made = self._fetch(answer, request, context)
                context.progress(1.0, "Done")
                return made
            except Stopped:
                raise
            except Cancelled:
                if run:
                    self._cancel(service, run)
                raise

    # --- what is known ---

    def _endpoint(self, spec: RunPodSpec) -> str:
        return spec.endpoint or self._environment.get(spec.endpoint_setting or "", "").strip()

    def _remembered(self, spec: RunPodSpec, context: Context) -> tuple[str, str | None]:
        """The endpoint and the run to take up there, if any."""
        if context.remembered == HANDED_OVER:
            raise BackendError(
                "The studio was ended in the moment in which it gave this job to RunPod, so it may run there or not; "
                "it was not sent a second time. Look at the endpoint's requests, or try again with Reuse."
            )
        endpoint, _, run = (context.remembered or "").rpartition("/")
        return endpoint or self._endpoint(spec), run or None

    def _client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self._base}/",
            headers={"Authorization": f"Bearer {self._key}"},
            timeout=self._timeout,
            verify=trust(),
        )

    # --- the run ---

    def _begin(self, service: Service, body: bytes, context: Context) -> str:
        """The id of the run that was begun; nothing is sent again unless it is known that nothing was begun."""
        for _ in self._tries(context, 0.0):
            context.remember(HANDED_OVER)
            try:
                return service.start(body)
            except TryAgainError as error:
                context.remember("")
                said = str(error)
                context.progress(0.0, f"{said}: the job is sent again")
        raise BackendError(f"{said}, and nothing was sent. See that this machine is online, and try again.")

    def _finished(self, service: Service, run: str, context: Context) -> Mapping[str, Any]:
        """The answer of a run that is completed."""
        update = Update()
        polls = iter(_POLLS)
        while True:
            answer = self._status(service, run, context, update)
            state = answer["status"]
            if error := results.failure(answer) if state not in ("IN_QUEUE", "IN_PROGRESS", "RUNNING") else None:
                raise error
            if state == "COMPLETED":
                return answer
            update = update.after(state, answer.get("output"))
            context.progress(update.fraction, update.words, update.step, update.of)
            self._pause(next(polls, 5.0), context)

    def _status(self, service: Service, run: str, context: Context, update: Update) -> Mapping[str, Any]:
        for _ in self._tries(context, update.fraction):
            try:
                return service.status(run)
            except TryAgainError as error:
                said = str(error)
                context.progress(update.fraction, f"{said}: the run goes on, and the studio asks again")
        raise BackendError(
            f"{said} for half an hour. The run may have ended meanwhile: look at the endpoint's requests.",
            detail=f"The run was {run}.",
        )

    def _fetch(self, answer: Mapping[str, Any], request: Request, context: Context) -> Outputs:
        if isinstance(spent := answer.get("executionTime"), int | float) and math.isfinite(spent) and spent >= 0:
            context.spent(seconds=spent / 1000)
        for _ in self._tries(context, 0.99):
            try:
                return results.outputs(
                    answer.get("output"), request.spec.kinds, request.folder, context.check, self._timeout
                )
            except results.GoneError:
                context.progress(0.99, "The result cannot be fetched: the studio tries again")
        raise BackendError(
            "The run is done, and its result could not be fetched: the server that has it does not answer."
        )

    def _cancel(self, service: Service, run: str) -> None:
        """Some tries, for what runs on costs money; a run that was over before is none the worse."""
        for seconds in (0.5, 1, 2, 0):
            if service.cancel(run):
                return
            self._wait(seconds)

    # --- time ---

    def _tries(self, context: Context, fraction: float) -> Iterator[None]:
        yield
        for seconds in _TRIES:
            self._pause(seconds, context)
            yield

    def _pause(self, seconds: float, context: Context) -> None:
        """Wait, and listen to a cancel meanwhile."""
        for _ in range(math.ceil(seconds / _SLICE)):
            context.check()
            self._wait(_SLICE)


def _set(what: str) -> str:
    return f"This model runs on RunPod: set {what} and start the studio again. Your inputs stay here."
