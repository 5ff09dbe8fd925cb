"""Stands before Gradio's own routes: lets through what the page needs, and serves files to their owners only.

Gradio gives every cached or static file to every user who knows its path. Here no file comes from Gradio: its file
routes are answered by `files.py`, and its other routes pass only when they stand in `PASSED` or `PAGE`, so that a
route which a later version adds is closed until someone looked at it. No body is read before it is known who asks.
"""

import logging
from collections.abc import Callable, Iterable

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from components.users import user_of_page
from storage.database import log_safe
from storage.errors import UNREACHABLE, StorageError, fault_of
from web.gate.bodies import JSON_BYTES, in_pieces, limited, too_large
from web.gate.buffered import BufferedResponse
from web.gate.hosts import Hosts, asked_hosts
from web.gate.uploads import leaving_nothing

log = logging.getLogger(__name__)

API = "/gradio_api"
PASSED = {
    "GET": frozenset({"user", "app_id", "info", "theme.css", "queue/data", "call/*/*", "upload_progress"}),
    "POST": frozenset({"queue/join", "call/*", "run/*", "cancel", "reset", "upload"}),
}
"""Gradio's API paths that the page or a program needs, none of which carries a file's content; `*` is any one part."""

OPEN = frozenset({"user", "app_id", "theme.css"})
"""Those that strangers have an answer to: who they are, whether the server was restarted, how a page looks."""

_ANY_PART = frozenset({"call", "run"})

PAGE = frozenset(
    {
        *("config", "assets", "static", "svelte"),
        *("theme.css", "favicon.ico", "robots.txt", "manifest.json"),
    }
)
"""The first parts of Gradio's other paths that the page needs: what it is made of."""

FILE_ROUTES = ("file=", "file/")
"""What Gradio puts before a path to serve it; the router has undone percent-encoding once, as Gradio's would."""


_PAGE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    # A Space is shown in a frame of huggingface.co; nobody else has a reason to frame the page.
    "content-security-policy": "frame-ancestors 'self' https://huggingface.co",
}

_OTHER_NAME = (
    "This studio does not go by the name {!r}: open it by another one, or let whoever runs it add the name to "
    "STUDIO_HOSTS."
)
_OTHER_SITE = (
    "Another site may not act in your name. If this is no other site, a proxy in between has to pass on the Host "
    "header, or its address has to stand in STUDIO_PROXIES."
)


class Guard:
    """An ASGI app for the route `/gradio_api/{call:path}` that passes a request on, serves a file, or says 404."""

    def __init__(
        self,
        gradio: ASGIApp,
        serve_upload: Callable[[Request, str], Response],
        record_upload: Callable[[Request, str], None],
        drop_uploads: Callable[[Iterable[str]], None],
        max_upload_mb: int,
    ) -> None:
        self._gradio = gradio
        self._serve_upload = serve_upload
        self._record_upload = record_upload
        self._drop_uploads = drop_uploads
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
            await unknown()(scope, receive, send)
        elif path == "upload":
            await self._upload(scope, in_pieces(limited(scope, receive, self._largest, self._too_large)), send)
        else:
            await self._gradio(scope, limited(scope, receive, JSON_BYTES, too_large(JSON_BYTES)), send)

    async def _file(self, request: Request, call: str) -> Response:
        for prefix in FILE_ROUTES:
            if call.startswith(prefix) and request.method in ("GET", "HEAD"):
                return await run_in_threadpool(self._serve_upload, request, call.removeprefix(prefix))
        return not_found()

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Gradio store the files, and write down whose they are before the page hears where they lie.

        Of those that cannot be stored or written down, none stays.
        """
        answer = BufferedResponse()
        try:
            async with leaving_nothing():
                await answer.ask(self._gradio, scope, receive)
            for path in answer.json() or ():
                await run_in_threadpool(self._record_upload, Request(scope), str(path))
        except ClientDisconnect:
            log.info("An upload was cut off by who sent it")
        except (OSError, StorageError) as error:
            await run_in_threadpool(self._drop_uploads, [str(path) for path in answer.json() or ()])
            words = fault_of(error) or UNREACHABLE if isinstance(error, OSError) else str(error)
            log.error("An upload was not taken: %s", log_safe(str(error)))
            await PlainTextResponse(words, status_code=503)(scope, receive, send)
        else:
            await answer.replay(send)


class Shell:
    """An ASGI app for the route `/{path:path}`, Gradio without its API: passes on the page and `PAGE`, or says 404."""

    def __init__(self, gradio: ASGIApp, document: ASGIApp) -> None:
        """`document` answers for the page itself."""
        self._gradio = gradio
        self._document = document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path_params"]["path"]
        passed = self._gradio if path.split("/", 1)[0] in PAGE else not_found()
        answer = passed if path else self._document
        await answer(scope, receive, send)


def _pattern(path: str) -> str:
    """The path with a `*` for each part that names something."""
    first, *rest = path.split("/")
    return "/".join([first, *("*" for _ in rest)]) if first in _ANY_PART else path


def unknown() -> Response:
    """The answer for a stranger."""
    return JSONResponse({"detail": "Not authenticated"}, status_code=401)


def not_found() -> Response:
    """The one answer for what is missing, what is another's and what is not served at all."""
    return JSONResponse({"detail": "Not found"}, status_code=404)


class Front:
    """The outermost layer: refuses other hosts, other sites and oversized bodies, and adds security headers."""

    def __init__(self, app: ASGIApp, max_upload_mb: int, hosts: Hosts) -> None:
        self._app = app
        self._max_upload_mb = max_upload_mb
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 or 413 in a sentence."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _PAGE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope)
        if refusal and scope["type"] == "websocket":
            await _deny(WebSocket(scope, receive, send), refusal)
        else:
            await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = asked_hosts(headers)
        if (stranger := self._hosts.stranger(hosts)) is not None:
            return PlainTextResponse(_OTHER_NAME.format(stranger[:100]), status_code=403)
        if _acts(scope) and self._crosses(headers, hosts[0]):
            return PlainTextResponse(_OTHER_SITE, status_code=403)
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > body_limit(self._max_upload_mb):
            return PlainTextResponse(larger_than(self._max_upload_mb), status_code=413)
        return None

    def _crosses(self, headers: Headers, host: str) -> bool:
        """Whether a page of another site asks; one at another port of this machine is another site.

        Browsers say so, but on plain HTTP only by the page's origin; a program says nothing.
        """
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            return site not in ("same-origin", "none")
        return origin is not None and not self._hosts.publishes(origin, host)


def _acts(scope: Scope) -> bool:
    """Whether the request may change something, or opens a line on which that is done."""
    if scope["type"] == "websocket":
        return True
    return scope["method"] not in ("GET", "HEAD", "OPTIONS") or scope["path"].rstrip("/").endswith("/logout")


async def _deny(socket: WebSocket, refusal: Response) -> None:
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(refusal)
    else:
        await socket.close()


def larger_than(max_upload_mb: int) -> str:
    """The sentence for an upload above the limit."""
    return f"This is larger than the {max_upload_mb} MB that an upload may have."


def body_limit(max_upload_mb: int) -> int:
    """Bytes that a request's body may have: the largest file and what a form puts around it."""
    return max_upload_mb * 1_000_000 + 100_000
