"""What a slow or silent client can hold, asked of a real server over a socket."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Event, Thread

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from web.gate.connections import TimedProtocol

PATIENCE = 30  # seconds after which a connection counts as held for ever
HEAD = b"GET / HTTP/1.1\r\nHost: studio\r\n"
STARTED = Event()
GO_ON = Event()


class Hasty(TimedProtocol):
    head_seconds = 0.2
    rest_seconds = 0.2


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/slow":  # longer than a header may take
        STARTED.set()
        await asyncio.get_running_loop().run_in_executor(None, GO_ON.wait, PATIENCE)
    if scope["path"] == "/read":
        await Request(scope, receive).body()
    await PlainTextResponse("well")(scope, receive, send)


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    server = uvicorn.Server(uvicorn.Config(_app, log_config=None, lifespan="off", ws="none", http=Hasty))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()
        server.should_exit = True
        thread.join()


def _connected(address: tuple[str, int], sent: bytes) -> socket.socket:
    client = socket.create_connection(address, timeout=PATIENCE)
    client.sendall(sent)
    return client


def _all(client: socket.socket) -> bytes:
    """What comes until the server closes the connection; a timeout when it never does."""
    return b"".join(iter(lambda: client.recv(65_536), b""))


@pytest.mark.parametrize("sent", [b"", b"GET", HEAD, HEAD + b"X-Long: " + b"a" * 10_000])
def test_a_header_that_never_ends_is_given_up(address: tuple[str, int], sent: bytes) -> None:
    with closing(_connected(address, sent)) as client:
        assert _all(client) == b""


def test_a_header_that_trickles_is_given_up(address: tuple[str, int]) -> None:
    """No byte begins the count again."""
    with closing(_connected(address, HEAD)) as client:
        assert _trickle(client)


def _trickle(client: socket.socket) -> bool:
    """Send a header line by line; whether the server closed the connection."""
    client.settimeout(0.02)
    for _ in range(PATIENCE * 50):
        try:
            client.sendall(b"X-More: a\r\n")
            if not client.recv(1):
                return True
        except TimeoutError:
            continue
        except OSError:  # reset, or broken pipe
            return True
    return False


def test_a_second_header_that_never_ends_is_given_up(address: tuple[str, int]) -> None:
    with closing(_connected(address, HEAD + b"\r\n")) as client:
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        client.sendall(HEAD)
        assert _all(client) in (b"", b"well")


def test_the_rest_of_a_body_that_was_answered_unread_is_given_up(address: tuple[str, int]) -> None:
    with closing(_connected(address, HEAD.replace(b"GET", b"POST") + b"Content-Length: 99\r\n\r\na")) as client:
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        client.sendall(b"a")
        assert _all(client) in (b"", b"well")


def test_an_answer_and_a_body_that_is_read_may_take_longer(address: tuple[str, int]) -> None:
    """While the same server gives up a header that came later."""
    reading = HEAD.replace(b"GET /", b"POST /read") + b"Content-Length: 2\r\n\r\n"
    with (
        closing(_connected(address, HEAD.replace(b"GET /", b"GET /slow") + b"Connection: close\r\n\r\n")) as slow,
        closing(_connected(address, reading + b"a")) as read,
    ):
        assert STARTED.wait(PATIENCE)
        for _ in range(2):
            with closing(_connected(address, HEAD)) as given_up:
                assert _all(given_up) == b""
        GO_ON.set()
        read.sendall(b"a")
        assert _all(slow).endswith(b"well")
        assert read.recv(65_536).startswith(b"HTTP/1.1 200")
