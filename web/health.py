"""`/health`: whether the studio can do its work, for whatever monitors it. It needs no login and tells no more."""

import logging
from collections.abc import Callable
from time import monotonic

from anyio import Lock, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from storage.errors import StorageError

log = logging.getLogger(__name__)

Check = Callable[[], None]
"""Raises an error where its part does not work."""

_CACHED_SECONDS = 2.0  # strangers may ask as often as they like


class Health:
    """Checks each part when it is asked for, at most every two seconds.

    Requests wait for a running check without a thread: a slow part must not take those of the page.
    """

    def __init__(self, parts: dict[str, Check]) -> None:
        self._parts = parts
        self._lock = Lock()
        self._checked_at = -_CACHED_SECONDS
        self._found: dict[str, str] = {}

    def route(self) -> Route:
        """GET answers {part: "ok" or "failing"}, with 503 where any part fails."""
        return Route("/health", self._answer)

    async def _answer(self, _: Request) -> JSONResponse:
        async with self._lock:
            if monotonic() - self._checked_at >= _CACHED_SECONDS:
                self._found = await to_thread.run_sync(self._check_all)
                self._checked_at = monotonic()
            found = self._found
        status = 200 if all(word == "ok" for word in found.values()) else 503
        return JSONResponse(found, status_code=status, headers={"cache-control": "no-store"})

    def _check_all(self) -> dict[str, str]:
        return {part: self._word(part, check) for part, check in self._parts.items()}

    def _word(self, part: str, check: Check) -> str:
        try:
            check()
        except (StorageError, OSError) as error:
            log.warning("Health: the %s does not answer: %s", part, error)
            return "failing"
        return "ok"
