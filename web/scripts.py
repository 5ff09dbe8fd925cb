"""The page's own script: its route, and the page's document with it in it.

Gradio would put a script into the page when its own run already. In the document it stands before Gradio's, so that it
has run when the first component is rendered.
"""

import hashlib

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from components.addresses import SCRIPTS
from components.assets import modules, read
from components.bundle import bundle
from web.gate.document import WithHead

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
        head = f'<script>{read("kit/browser.js")}</script><script type="module" src=".{self.address}"></script>'
        return GZipMiddleware(WithHead(gradio, head.encode()), compresslevel=5)  # it has 300 kB
