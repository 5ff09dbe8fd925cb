"""`/health`: whether the studio can do its work, for whoever watches over it. It asks no login and tells no more."""

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
"""Raises what stands in the way."""

_CACHED_SECONDS = 2.0  # strangers may ask as often as they like


class Health:
    """Looks at each part when it is asked, but not more often than every two seconds.

    Who asks while it looks waits without a thread: a part that takes long must not have those of the page.
    """

    def __init__(self, parts: dict[str, Check]) -> None:
        self._parts = parts
        self._looking = Lock()
        self._looked = -_CACHED_SECONDS
        self._found: dict[str, str] = {}

    def route(self) -> Route:
        """GET answers {part: "ok" or "failing"}, with 503 where any part fails."""
        return Route("/health", self._answer)

    async def _answer(self, _: Request) -> JSONResponse:
        async with self._looking:
            if monotonic() - self._looked >= _CACHED_SECONDS:
                self._found = await to_thread.run_sync(self._look_at_all)
                self._looked = monotonic()
            found = self._found
        status = 200 if all(word == "ok" for word in found.values()) else 503
        return JSONResponse(found, status_code=status, headers={"cache-control": "no-store"})

    def _look_at_all(self) -> dict[str, str]:
        return {part: self._look(part, check) for part, check in self._parts.items()}

    def _look(self, part: str, check: Check) -> str:
        try:
            check()
        except (StorageError, OSError) as error:
            log.warning("Health: the %s does not answer: %s", part, error)
            return "failing"
        return "ok"
