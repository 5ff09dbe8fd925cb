"""The page's own script: its route, and the page's document with it in it.

Gradio would put a script into the page when its own run already. In the document it stands before Gradio's, so that it
has run when the first component is rendered.
"""

import hashlib

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.addresses import SCRIPTS
from components.assets import modules, read
from components.bundle import bundle

_IMMUTABLE = {"cache-control": "public, max-age=31536000, immutable"}  # the address names the text


class PageScript:
    """The modules of the page in one, at an address that changes with them."""

    def __init__(self) -> None:
        self._text = bundle(modules())
        self.address = f"{SCRIPTS}/{hashlib.sha256(self._text.encode()).hexdigest()[:16]}.js"

    def route(self) -> Route:
        """Public: the script is the same for all users."""
        return Route(self.address, GZipMiddleware(self._answer))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Response(self._text, media_type="text/javascript", headers=_IMMUTABLE)(scope, receive, send)

    def document(self, gradio: ASGIApp) -> ASGIApp:
        """Gradio's document of the page, compressed and with the script before all others."""
        # The address is relative, as Gradio's are, for a root path. What looks at the browser is for older ones too.
        head = f'<head><script>{read("kit/browser.js")}</script><script type="module" src=".{self.address}"></script>'
        return GZipMiddleware(_Head(gradio, head.encode()), compresslevel=5)  # it has 200 kB


class _Head:
    """Lets the head of a document begin with another text."""

    def __init__(self, app: ASGIApp, head: bytes) -> None:
        self._app = app
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}

        async def send_with_head(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start:  # this is the first piece of the body; Gradio sends no other
                plain: bytes = message.get("body", b"")
                message["body"] = plain.replace(b"<head>", self._head, 1)
                if message["body"] != plain:
                    MutableHeaders(raw=start["headers"])["content-length"] = str(len(message["body"]))
                await send(start)
                start = {}
            await send(message)

        await self._app(scope, receive, send_with_head)
