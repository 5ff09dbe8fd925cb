"""Closes connections whose request does not arrive: uvicorn itself waits for ever, and each takes a socket."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class TimedProtocol(H11Protocol):
    """uvicorn's HTTP, with an end to what may trickle in while no request is being answered."""

    head_seconds = 10.0
    """For the first byte of a connection, and from the first to the last of a request's header."""

    rest_seconds = 120.0
    """For the rest of a body that was answered unread; a browser may hear the answer only behind it."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop()

    def _watch(self) -> None:
        """Let the time run while the client is the one to speak."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._end is None:
            rest = self.conn.their_state is h11.SEND_BODY
            self._end = self.loop.call_later(self.rest_seconds if rest else self.head_seconds, self.transport.close)

    def _stop(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None
