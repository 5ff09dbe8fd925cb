"""Reads an answer before the browser does."""

import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BufferedResponse:
    """Holds back one response, which must be small."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def ask(self, app: ASGIApp, scope: Scope, receive: Receive) -> None:
        """Let the app answer, uncompressed."""
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await app({**scope, "headers": plain}, receive, self._keep)

    async def _keep(self, message: Message) -> None:
        self._messages.append(message)

    def json(self) -> Any:
        """What was answered; `None` unless all went well."""
        if not self._messages or self._messages[0].get("status") != 200:
            return None
        return json.loads(b"".join(message.get("body", b"") for message in self._messages))

    async def replay(self, send: Send) -> None:
        """Send the response on."""
        for message in self._messages:
            await send(message)
