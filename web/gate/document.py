"""Puts a text into the document of Gradio's page."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class WithHead:
    """An ASGI app in front of Gradio's whose document of the page has a head that begins with another text."""

    def __init__(self, app: ASGIApp, head: bytes) -> None:
        self._app = app
        self._head = b"<head>" + head

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
