"""A service seen through a connection that fails as networks and servers do, at the call that a test chooses."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

FAULTS = ("down", "lost", "cut", "slow", "error", "nonsense", "another's")
"""Nothing gets there; the answer gets lost, breaks off, or takes too long; it is a failure, a page, other JSON."""

_ANSWERS = {
    "error": (b"500 Internal Server Error", b"text/plain", b"Internal error"),
    "nonsense": (b"200 OK", b"text/html", b"<!doctype html><title>Welcome</title>"),
    "another's": (b"200 OK", b"application/json", b"[1, 2]"),
}


class Connection:
    """Hands calls on to the service at `target`.

    `fault` is asked before each, by its place and its number from 1: one of `FAULTS`, or what is answered instead.
    """

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.url = ""
        self.well()

    def well(self) -> None:
        """From now on nothing fails, and calls are counted again."""
        self.fault: Callable[[str, int], str | bytes | None] = lambda place, number: None
        self.reached: Callable[[str], object] = lambda place: None
        self.calls: list[str] = []
        self.awake = threading.Event()

    @property
    def places(self) -> list[str]:
        """What was asked for, each once, in the order of the first time."""
        return list(dict.fromkeys(self.calls))


@contextmanager
def through(target: str) -> Iterator[Connection]:
    """The connection at an address of its own."""
    connection = Connection(target)
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: _Call(connection, *given))
    server.daemon_threads = True
    server.block_on_close = False
    connection.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield connection
    finally:
        connection.awake.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _place(method: str, path: str) -> str:
    """The route of a call: ids, and what stands behind an equals sign, are of the run."""
    route = re.sub(r"/([0-9a-f]{8}-[0-9a-f-]{27}|[^/]*\d{3}[^/]*)", "/…", path.partition("?")[0])
    return f"{method} {re.sub('=.*', '=…', route)}"


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, to: Connection, *given: Any) -> None:
        self.to = to
        super().__init__(*given)

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        place = _place(self.command, self.path)
        self.to.calls.append(place)
        self.to.reached(place)
        fault = self.to.fault(place, self.to.calls.count(place))
        if fault == "slow":
            self.to.awake.wait(60)
        elif isinstance(fault, bytes) or fault in _ANSWERS:
            given = (b"200 OK", b"application/octet-stream", fault)
            status, kind, told = given if isinstance(fault, bytes) else _ANSWERS[fault]
            head = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            self.connection.sendall(head % (status, kind, len(told)) + told)
        elif fault != "down":
            with suppress(OSError):  # either side may leave in the midst of it
                self._hand_on(body, fault)

    do_POST = do_GET  # noqa: N815

    def _hand_on(self, body: bytes, fault: str | None) -> None:
        upgrade = "Upgrade" in self.headers
        kept = [f"{name}: {value}" for name, value in self.headers.items() if upgrade or name.lower() != "connection"]
        lines = [f"{self.command} {self.path} HTTP/1.1", *kept, *([] if upgrade else ["Connection: close"]), "", ""]
        there = (self.to.target.hostname or "", self.to.target.port or 80)
        with socket.create_connection(there) as service:
            service.sendall("\r\n".join(lines).encode() + body)
            answer = b""
            while b"\r\n\r\n" not in answer and (chunk := service.recv(2**16)):
                answer += chunk
            if fault == "lost":
                return
            if fault == "cut":
                answer = answer[: answer.index(b"\r\n\r\n") + 5]
            if not upgrade:
                answer = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            self.connection.sendall(answer)
            if fault == "cut":
                return
            if upgrade:
                threading.Thread(target=_pump, args=(self.connection, service), daemon=True).start()
            _pump(service, self.connection)

    def log_message(self, *_: Any) -> None:
        pass


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Everything from one side to the other, until either has gone."""
    with suppress(OSError):
        while chunk := source.recv(2**16):
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
