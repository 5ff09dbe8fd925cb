"""Signing out: a page with a button, for a link to sign out could stand anywhere, and what it ends."""

import hashlib
import json
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from storage.database import log_safe
from storage.errors import StorageError
from storage.media.blobs import sync

log = logging.getLogger(__name__)


def sign_out_route(end: Callable[[Request, Response], None]) -> Route:
    """The route that asks, and, asked to by its button, lets `end` end the login of the request's user."""

    async def sign_out(request: Request) -> Response:
        if request.method != "POST":
            page = Path(__file__).with_name("sign_out.html").read_text(encoding="utf-8")
            return HTMLResponse(page, headers={"cache-control": "no-store"})
        response = RedirectResponse("./", 303)
        try:
            await run_in_threadpool(end, request, response)
        except StorageError as error:
            return PlainTextResponse(str(error), 503)
        return response

    return Route("/logout", sign_out, methods=["GET", "POST"])


class EndedLogins:
    """The logins that were ended before their time, kept in a file until that: their cookie alone does not tell."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ends = _read(path) if path.exists() else {}

    def has(self, login: dict[str, Any]) -> bool:
        """Whether this login of Hugging Face was ended."""
        return _id(login) in self._ends

    def add(self, login: dict[str, Any]) -> None:
        """End it, also for a studio that is started again."""
        now, new = time.time(), self._path.with_suffix(".new")
        self._ends = {id_: end for id_, end in self._ends.items() if end > now}
        self._ends[_id(login)] = login.get("expires_at", math.inf)
        try:
            new.touch(0o600)
            new.write_text(json.dumps(self._ends))
            sync(new)
            new.replace(self._path)
        except OSError as error:
            log.error("A login that was ended will count again after a restart: %s", log_safe(str(error)))


def _read(path: Path) -> dict[str, float]:
    """What was ended, by id, with the time until which it counts."""
    try:
        return {str(id_): float(end) for id_, end in dict(json.loads(path.read_bytes())).items()}
    except (ValueError, TypeError):
        log.error("%s is damaged: logins that were ended may count again until their time is over", path)
        return {}


def _id(login: dict[str, Any]) -> str:
    """A login from before each had an id is known by its end: two within the same second are as one."""
    told = login.get("id", login.get("expires_at"))
    return hashlib.sha256(f"{login['userinfo']['sub']} {told}".encode()).hexdigest()
