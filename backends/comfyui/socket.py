"""What ComfyUI tells while a run goes on: messages and live previews, or nothing at all."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from websockets.exceptions import InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

TICK_SECONDS = 0.3
"""Seconds between two looks at the history, and at whether the job is cancelled."""

OPEN_SECONDS = 10
"""Seconds that a server has to take a connection."""

_LARGEST = 64 * 2**20
_PREVIEWS = {1: 8, 4: None}
"""By a frame's type, how many bytes stand before the picture; `None` where their own length does."""


class Socket:
    """The messages of one client; once the connection is lost there are none, and the history tells the rest."""

    def __init__(self, connection: ClientConnection | None) -> None:
        self._connection = connection

    def receive(self) -> Mapping[str, Any] | bytes | None:
        """The next message or picture; `None` when none came for a while."""
        if self._connection is None:
            time.sleep(TICK_SECONDS)
            return None
        try:
            return _read(self._connection.recv(timeout=TICK_SECONDS))
        except TimeoutError:
            return None
        except (WebSocketException, OSError):
            self._connection = None
            return None


@contextmanager
def listen(url: str, client_id: str, headers: Mapping[str, str]) -> Iterator[Socket]:
    """Connect as the client; a server whose socket cannot be had is polled."""
    address = f"ws{url.removeprefix('http')}/ws?clientId={client_id}"
    with ExitStack() as closing:
        connection = None
        with suppress(WebSocketException, InvalidURI, OSError, ValueError):
            connection = closing.enter_context(
                connect(
                    address, additional_headers=headers, max_size=_LARGEST, open_timeout=OPEN_SECONDS, close_timeout=1
                )
            )
        yield Socket(connection)


def _read(frame: str | bytes) -> Mapping[str, Any] | bytes | None:
    if isinstance(frame, bytes):
        return _picture(frame)
    with suppress(ValueError, RecursionError):
        message = json.loads(frame)
        if isinstance(message, dict) and isinstance(message.get("data"), dict):
            return message
    return {}


def _picture(frame: bytes) -> bytes | Mapping[str, Any]:
    """A frame begins with its type: 1 has the picture's format then, 4 the length of what is said about it."""
    kind = int.from_bytes(frame[:4], "big")
    if kind not in _PREVIEWS:
        return {}
    start = _PREVIEWS[kind] or 8 + int.from_bytes(frame[4:8], "big")
    return frame[start:] or {}
