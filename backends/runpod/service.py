"""RunPod's API: one endpoint, the calls that a run needs, and what each answer means."""

import json
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx

from backends.base import BackendError

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@cache
def trust() -> ssl.SSLContext:
    """The certificates that are believed; reading them takes longer than a short run."""
    return httpx.create_ssl_context()


class TryAgainError(Exception):
    """The service did nothing of what it was asked for, and may do it later; the message is for who waits."""


class Service:
    """The API of one endpoint."""

    def __init__(self, client: httpx.Client, endpoint: str) -> None:
        self._client = client
        self._endpoint = endpoint

    def start(self, body: bytes) -> str:
        """Start a run and tell its id.

        Raises TryAgainError when nothing was begun, and BackendError when that is final, or when nobody knows.
        """
        try:
            answer = self._client.post(self._path("run"), content=body, headers={"Content-Type": "application/json"})
        except _NOTHING_SENT as error:
            raise TryAgainError("RunPod cannot be reached") from error
        except httpx.HTTPError as error:
            raise _lost(f"{type(error).__name__}: {error}") from error
        _refuse(answer)
        if answer.status_code >= 500:
            raise _lost(_said(answer))
        if answer.status_code >= 400:
            raise BackendError(f"RunPod does not take this job ({answer.status_code}): {_ended(_said(answer))}")
        started = _object(answer)
        if not isinstance(started.get("id"), str) or not started["id"]:
            raise _lost(_said(answer))
        return str(started["id"])

    def status(self, run: str) -> Mapping[str, Any]:
        """How the run is; TryAgainError when that cannot be told now, BackendError when it never can."""
        try:
            answer = self._client.get(self._path("status", run))
        except httpx.HTTPError as error:
            raise TryAgainError("RunPod does not answer") from error
        _refuse(answer)
        if answer.status_code == 404:
            raise BackendError(
                "RunPod does not know this run any more: it waited too long for a worker, or its result was not "
                "fetched within the half hour for which it is kept. Reuse brings the inputs back: try again.",
                detail=f"The run was {run}.",
            )
        if answer.status_code < 500 and answer.status_code != 408 and answer.is_error:
            raise BackendError(f"RunPod does not tell how the run is ({answer.status_code}): {_ended(_said(answer))}")
        told = _object(answer)
        if answer.is_error or not isinstance(told.get("status"), str):
            raise TryAgainError("RunPod does not answer as it should")
        return told

    def cancel(self, run: str) -> bool:
        """Whether the service took note; a run that is over, or unknown, needs no cancel."""
        with suppress(httpx.HTTPError):
            answer = self._client.post(self._path("cancel", run))
            return answer.status_code < 500 and answer.status_code not in (408, 429)
        return False

    def _path(self, *parts: str) -> str:
        return "/".join(quote(part, safe="") for part in (self._endpoint, *parts))


def _refuse(answer: httpx.Response) -> None:
    """What every call may be told."""
    if answer.status_code == 429:
        raise TryAgainError("RunPod asks for patience")
    if answer.status_code in (401, 403):
        raise BackendError("RunPod does not take the key: correct RUNPOD_API_KEY and start the studio again.")
    if answer.status_code == 404 and answer.request.method == "POST":
        raise BackendError("RunPod knows no such endpoint: correct its id in the settings and start the studio again.")
    if answer.is_redirect:
        raise BackendError("RunPod's address leads elsewhere: correct RUNPOD_ENDPOINT_BASE_URL.")


def _lost(detail: str) -> BackendError:
    """Sending it again could pay for it twice, and RunPod has no ids of ours to ask by."""
    return BackendError(
        "RunPod did not answer when it was given this job, so it may run there or not; it was not sent a second time. "
        "Look at the endpoint's requests, or try again with Reuse.",
        detail=without_secrets(detail)[:2000],
    )


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    """An answer as JSON; empty for what is no object."""
    with suppress(ValueError, RecursionError):
        told = json.loads(answer.content)
        return told if isinstance(told, dict) else {}
    return {}


def _said(answer: httpx.Response) -> str:
    """What an answer says, in short."""
    told = _object(answer)
    words = told.get("error") or told.get("message") or told.get("title") or answer.text
    return without_secrets(" ".join(str(words).split()))[:300] or f"status {answer.status_code}"


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def without_secrets(text: str) -> str:
    """A presigned address has its signature in its query, and a worker may repeat it in an error."""
    return re.sub(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+", r"\1?…", text)
