"""Stands before Gradio's own routes: lets through what the page needs, and serves files to their owners only.

Gradio gives every cached or static file to every user who knows its path. Here no file comes from Gradio: its file
routes are answered by `files.py`, and its other routes pass only when they stand in `PASSED` or `PAGE`, so that a
route which a later version adds is closed until someone looked at it. No body is read before it is known who asks.
"""

import logging
from collections.abc import Callable

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.bodies import JSON_BYTES, limited, too_large
from components.captured import Captured
from components.users import user_of_page
from storage.database import loggable
from storage.errors import UNREACHABLE, StorageError, fault_of

log = logging.getLogger(__name__)

API = "/gradio_api"
PASSED = {
    "GET": frozenset({"user", "app_id", "info", "theme.css", "queue/data", "call/*/*", "upload_progress"}),
    "POST": frozenset({"queue/join", "call/*", "run/*", "cancel", "reset", "upload"}),
}
"""Gradio's API paths that the page or a program needs, none of which carries a file's content; `*` is any one part."""

OPEN = frozenset({"user", "app_id", "theme.css"})
"""Those that strangers have an answer to: who they are, whether the server was started anew, how a page looks."""

_ANY_PART = frozenset({"call", "run"})

PAGE = frozenset(
    {
        *("config", "login", "logout", "assets", "static", "svelte"),
        *("theme.css", "favicon.ico", "robots.txt", "manifest.json"),
    }
)
"""The first parts of Gradio's other paths that the page needs: what it is made of, and coming in and going out."""

FILE_ROUTES = ("file=", "file/")
"""What Gradio puts before a path to serve it; the router has undone percent-encoding once, as Gradio's would."""


_PAGE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    # A Space is shown in a frame of huggingface.co; nobody else has a reason to frame the page.
    "content-security-policy": "frame-ancestors 'self' https://huggingface.co",
}


class Guard:
    """An ASGI app for the route `/gradio_api/{call:path}` that passes a request on, serves a file, or says 404."""

    def __init__(
        self,
        gradio: ASGIApp,
        serve_upload: Callable[[Request, str], Response],
        record_upload: Callable[[Request, str], None],
        max_upload_mb: int,
    ) -> None:
        self._gradio = gradio
        self._serve_upload = serve_upload
        self._record_upload = record_upload
        self._largest = body_limit(max_upload_mb)
        self._too_large = larger_than(max_upload_mb)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; `call` in the path parameters is what follows `/gradio_api/`.

        A stranger has the answer before a body is read, and nobody's is read further than it may be long.
        """
        call: str = scope["path_params"]["call"]
        path = call.strip("/")
        if _pattern(path) not in PASSED.get(scope["method"], ()):
            await (await self._file(Request(scope, receive), call))(scope, receive, send)
        elif path not in OPEN and user_of_page(Request(scope)) is None:
            await _unknown()(scope, receive, send)
        elif path == "upload":
            await self._upload(scope, limited(scope, receive, self._largest, self._too_large), send)
        else:
            await self._gradio(scope, limited(scope, receive, JSON_BYTES, too_large(JSON_BYTES)), send)

    async def _file(self, request: Request, call: str) -> Response:
        for prefix in FILE_ROUTES:
            if call.startswith(prefix) and request.method in ("GET", "HEAD"):
                return await run_in_threadpool(self._serve_upload, request, call.removeprefix(prefix))
        return not_found()

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Gradio store the files, and write down whose they are before the page hears where they lie."""
        answer = Captured()
        try:
            await answer.ask(self._gradio, scope, receive)
            for path in answer.json() or ():
                await run_in_threadpool(self._record_upload, Request(scope), str(path))
        except (OSError, StorageError) as error:
            words = fault_of(error) or UNREACHABLE if isinstance(error, OSError) else str(error)
            log.error("An upload was not taken: %s", loggable(str(error)))
            await PlainTextResponse(words, status_code=503)(scope, receive, send)
        else:
            await answer.replay(send)


class Shell:
    """An ASGI app for the route `/{path:path}`, Gradio without its API: passes on the page and `PAGE`, or says 404."""

    def __init__(self, gradio: ASGIApp) -> None:
        self._gradio = gradio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path_params"]["path"]
        passed = not path or path.split("/", 1)[0] in PAGE
        answer = self._gradio if passed else not_found()
        await answer(scope, receive, send)


def _pattern(path: str) -> str:
    """The path with a `*` for each part that names something."""
    first, *rest = path.split("/")
    return "/".join([first, *("*" for _ in rest)]) if first in _ANY_PART else path


def _unknown() -> Response:
    """The answer for a stranger."""
    return JSONResponse({"detail": "Not authenticated"}, status_code=401)


def not_found() -> Response:
    """The one answer for what is missing, what is another's and what is not served at all."""
    return JSONResponse({"detail": "Not found"}, status_code=404)


class Front:
    """The outermost layer: refuses writes from other sites and oversized bodies, and adds security headers."""

    def __init__(self, app: ASGIApp, max_upload_mb: int) -> None:
        self._app = app
        self._max_upload_mb = max_upload_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 or 413 in a sentence."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _PAGE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        acts = scope["method"] not in ("GET", "HEAD", "OPTIONS") or scope["path"].rstrip("/").endswith("/logout")
        if acts and headers.get("sec-fetch-site") == "cross-site":
            return PlainTextResponse("Another site may not act in your name.", status_code=403)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > body_limit(self._max_upload_mb):
            return PlainTextResponse(larger_than(self._max_upload_mb), status_code=413)
        return None


def larger_than(max_upload_mb: int) -> str:
    return f"This is larger than the {max_upload_mb} MB that an upload may have."


def body_limit(max_upload_mb: int) -> int:
    """Bytes that a request's body may have: the largest file and what a form puts around it."""
    return max_upload_mb * 1_000_000 + 100_000
