"""A small RunPod: endpoints by id, with the API of runs, a queue, and faults that a test asks for.

Written from RunPod's documentation. Each question for a run's status moves it one state on, so nothing has to wait;
with `asynchronous` runs stay in the queue until a worker takes them at /job-take, as the `runpod` package's does.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Handler = Callable[[dict[str, Any]], Iterator[Any]]
"""What an endpoint does: it yields its progress, and last its result; an exception is the run's failure."""

KEY = "rpa_top-secret"
MOST_BYTES = 10_000_000
OVER = ("COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT")


@dataclass
class Run:
    """One run, paid for as soon as it is there."""

    id: str
    endpoint: str
    input: dict[str, Any]
    states: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False

    @property
    def now(self) -> dict[str, Any]:
        return self.states[0]


Fault = Callable[[str, int], "int | str | None"]
"""What happens to a call, by its name and its number from 1: a status, or "down", "lost", "slow", "nonsense"."""


class Platform:
    """What all of the account's endpoints know."""

    def __init__(self, handlers: Mapping[str, Handler], asynchronous: bool = False) -> None:
        self.handlers = dict(handlers)
        self.asynchronous = asynchronous
        self.runs: dict[str, Run] = {}
        self.calls: list[str] = []
        self.fault: Fault = lambda call, number: None
        self.files: dict[str, bytes] = {}
        self.after: list[dict[str, Any]] = []
        """Raw answers that a run's status has before those of its handler."""
        self.awake = threading.Event()
        self._lock = threading.Lock()
        self.url = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "RUNPOD_API_KEY": KEY,
            "RUNPOD_ENDPOINT_BASE_URL": f"{self.url}/v2",
            **{f"RUNPOD_ENDPOINT_{name.upper().replace('-', '_')}": name for name in self.handlers},
        }

    def forget(self) -> None:
        self.runs.clear()
        self.calls.clear()

    def count(self, call: str) -> int:
        return self.calls.count(call)

    def answer(self, call: str, endpoint: str, run_id: str, body: bytes) -> tuple[int, Any]:
        if endpoint not in self.handlers:
            return 404, {"error": "endpoint not found"}
        with self._lock:
            if call == "run":
                return self._start(endpoint, body)
            run = self.runs.get(run_id)
            if run is None or run.endpoint != endpoint:
                return 404, {"error": "request does not exist"}
            if call == "cancel":
                if run.now["status"] not in OVER:
                    run.cancelled, run.states = True, [{"status": "CANCELLED"}]
                return 200, {"id": run.id, **run.now}
            state = run.now
            if len(run.states) > 1 and not self.asynchronous:
                run.states.pop(0)
            return 200, {"id": run.id, "delayTime": 120, **state}

    def _start(self, endpoint: str, body: bytes) -> tuple[int, Any]:
        if len(body) > MOST_BYTES:
            return 413, {"error": "request body too large"}
        given = json.loads(body)["input"]
        run = Run(f"{len(self.runs):04}-u1", endpoint, given, [{"status": "IN_QUEUE"}])
        if not self.asynchronous:
            run.states += [*self.after, *_work(self.handlers[endpoint], given)]
        self.runs[run.id] = run
        return 200, {"id": run.id, "status": "IN_QUEUE"}

    # --- what a worker of the `runpod` package asks ---

    def take(self) -> tuple[int, Any]:
        with self._lock:
            for run in self.runs.values():
                if run.now["status"] == "IN_QUEUE":
                    run.states = [{"status": "IN_PROGRESS"}]
                    return 200, {"id": run.id, "input": run.input}
        return 204, None

    def done(self, run_id: str, body: bytes) -> None:
        """A worker tells progress and results by one address; what it tells of a run that is over is left out."""
        told = json.loads(body)
        with self._lock:
            run = self.runs[run_id]
            if run.now["status"] in OVER:
                return
            if told.get("status") == "IN_PROGRESS":
                run.states = [{"status": "IN_PROGRESS", "output": told["output"]}]
            elif "error" in told:
                run.states = [{"status": "FAILED", **told}]
            else:
                run.states = [{"status": "COMPLETED", "executionTime": 900, "output": told.get("output")}]


def _work(handler: Handler, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    told: list[Any] = []
    try:
        told.extend(handler(given))
    except Exception as error:
        words = {"error_type": str(type(error)), "error_message": str(error), "error_traceback": "Traceback …"}
        yield {"status": "FAILED", "error": json.dumps(words), "executionTime": 40}
        return
    yield {"status": "IN_PROGRESS"}
    yield from ({"status": "IN_PROGRESS", "output": output} for output in told[:-1])
    result = told[-1]
    if isinstance(result, dict) and "error" in result:
        left = {name: value for name, value in result.items() if name != "error"}
        yield {"status": "FAILED", "error": result["error"], **({"output": left} if left else {})}
    elif isinstance(result, dict) and result.get("status") in OVER:
        yield result
    else:
        yield {"status": "COMPLETED", "executionTime": 900, "output": result}


@contextmanager
def running(platform: Platform) -> Iterator[Platform]:
    """The platform at an address of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: _Call(platform, *given))
    server.daemon_threads = True
    platform.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield platform
    finally:
        platform.awake.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet: the second of two waits for the first's receipt

    def __init__(self, platform: Platform, *given: Any) -> None:
        self.platform = platform
        super().__init__(*given)

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # who sent it was killed meanwhile: a request that is not whole is none
            self.close_connection = True
        else:
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/files/"):
            self._file(path)
        elif path.startswith("/job-take/"):
            status, told = self.platform.take()
            if told is None:
                time.sleep(0.05)  # as a long poll ends
            self._send(status, b"" if told is None else json.dumps(told).encode())
        elif path.startswith("/job-done/"):
            self.platform.done(path.split("/")[3], body)
            self._send(200, b"{}")
        else:
            self._call(path, body)

    def _call(self, path: str, body: bytes) -> None:
        found = re.fullmatch(r"/v2/([^/]+)/(run|status|cancel)(?:/([^/]+))?", path)
        call = found[2] if found else "nowhere"
        self.platform.calls.append(call)
        fault = self.platform.fault(call, self.platform.count(call))
        if fault == "down":
            self.close_connection = True
        elif isinstance(fault, int):
            self._send(fault, b'{"error": "a fault"}')
        elif not found:
            self._send(404, b"{}")
        elif self.headers.get("Authorization") != f"Bearer {KEY}":
            self._send(401, b"{}")
        else:
            self._reply(fault, *self.platform.answer(call, found[1], found[3] or "", body))

    def _reply(self, fault: str | None, status: int, told: Any) -> None:
        if fault == "slow":
            self.platform.awake.wait(30)
        if fault in ("lost", "slow"):
            self.close_connection = True
        elif fault == "nonsense":
            self._send(200, b"<html>Not what you think")
        else:
            self._send(status, json.dumps(told).encode())

    def _file(self, path: str) -> None:
        self.platform.calls.append("file")
        fault = self.platform.fault("file", self.platform.count("file"))
        assert "Authorization" not in self.headers, "the key is RunPod's only"
        if fault == "down":
            self.close_connection = True
        elif isinstance(fault, int):
            self._send(fault, b"")
        else:
            content = self.platform.files.get(path)
            self._send(404 if content is None else 200, content or b"")

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass
