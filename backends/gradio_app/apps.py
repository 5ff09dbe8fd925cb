"""Where an app is: at an address, as a Space of Hugging Face, or a file that is started here."""

import atexit
import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Lock
from typing import IO, TYPE_CHECKING, Any

from backends.gradio_app.form import Endpoint, endpoints

if TYPE_CHECKING:
    from gradio_client import Client

ROOT = Path(__file__).parents[2]
SPACE = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
ADDRESS = re.compile(r"https?://[^\s/@?#]+(/[^\s@?#]*)?")

SILENCE = 60.0
"""Seconds without a heartbeat after which an app counts as gone: it sends one every 15 s."""

_START = 300.0
"""Seconds that a file has until its app answers: it may load weights first."""

_LONGEST = 100  # letters of what an app prints while it is started

_LOG = re.compile(rb"Running on local URL:\s+(http://\S+)")


class AppError(Exception):
    """An app that cannot be used: the sentence says why, `detail` is a log for whoever unfolds it."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class App:
    """An app that answers, by its client."""

    client: "Client"
    endpoints: Mapping[str, Endpoint]
    revision: str

    def close(self) -> None:
        """Close the connection; the app itself goes on."""
        self.client.close()
        for one in (self.client.executor, self.client.helper_executor, self.client.stream_executor):
            one.shutdown(wait=False)


def is_file(app: str) -> bool:
    """Whether the app is a file of this machine."""
    return app.endswith(".py")


Tell = Callable[[str], None]
"""Told again and again what is done just now; what it raises ends that."""


def opened(app: str, environment: Mapping[str, str], tell: Tell) -> App:
    """Connect to the app, starting it where it is a file; raises AppError."""
    address = _started(Path(app), environment, tell) if is_file(app) else app
    tell("Connecting")
    client = _connected(app, address, environment)
    try:
        info = client.view_api(print_info=False, return_format="dict")
        found = endpoints(client.config, info)
        return App(client, found, _revision(app, client, info, environment))
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        client.close()
        raise AppError(f"What answers at {app} is no Gradio app that can be read.", repr(error)) from error


def _connected(app: str, address: str, environment: Mapping[str, str]) -> "Client":
    """The token goes to Hugging Face only, never to an address that a model file names."""
    from gradio_client import Client
    from gradio_client.exceptions import AuthenticationError

    token: Any = (environment.get("HF_TOKEN") or False) if SPACE.fullmatch(app) else False
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # the client's own argument does not keep it from reporting
    try:
        return Client(
            address, token=token, verbose=False, download_files=False, httpx_kwargs={"timeout": SILENCE},
            analytics_enabled=False,
        )  # fmt: skip
    except AuthenticationError as error:
        raise AppError(f"{app} asks for a login, which the studio does not have: open it to the studio.") from error
    except Exception as error:  # an address may answer with anything, and the client then raises anything
        what = "find it on Hugging Face, or set HF_TOKEN if it is private" if SPACE.fullmatch(app) else "start it"
        raise AppError(f"The app {app} cannot be reached: {what}, and try again.", repr(error)) from error


def _revision(app: str, client: "Client", info: Any, environment: Mapping[str, str]) -> str:
    """A Space's commit, a file's digest, and of an address the digest of what its endpoints take and give."""
    if is_file(app):
        return hashlib.sha256(Path(app).read_bytes()).hexdigest()[:12]
    if SPACE.fullmatch(app):
        from huggingface_hub import HfApi

        sha = HfApi(token=environment.get("HF_TOKEN") or False).space_info(app).sha
        return str(sha)
    told = {
        name: [[one.get(key) for key in ("parameter_name", "type", "component")] for one in both]
        for name, endpoint in sorted(info["named_endpoints"].items())
        for both in [[*endpoint["parameters"], *endpoint["returns"]]]
    }
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


# --- an app that is a file -------------------------------------------------------------------------------------------


@dataclass
class _Process:
    """A file's app in a process of its own; it ends when its standard input does, and so with whoever started it.

    Its files are in a `folder` of its own: apps that share one write over each other's results of the same content.
    """

    process: subprocess.Popen[bytes]
    log: IO[bytes]
    folder: TemporaryDirectory[str]
    digest: str
    port: int
    address: str = ""

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        self.log.close()
        self.folder.cleanup()

    @property
    def words(self) -> bytes:
        self.log.seek(0)
        return self.log.read()[-20_000:]


_running: dict[Path, _Process] = {}
_lock = Lock()


def _started(path: Path, environment: Mapping[str, str], tell: Tell) -> str:
    """The address of the file's app, which stays for the next job as long as the file is the same."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise AppError(f"The app {path} cannot be read: put the file back.", repr(error)) from error
    with _lock:
        known = _running.get(path)
        if known and known.address and known.digest == digest and known.process.poll() is None:
            return known.address
        if known:
            _running.pop(path).stop()
        started = _running[path] = _start(path, digest, environment)
        try:
            started.address = _address(started, path, tell)
        except BaseException:
            _running.pop(path).stop()
            raise
        return started.address


def _start(path: Path, digest: str, environment: Mapping[str, str], python: str = sys.executable) -> _Process:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_ANALYTICS_ENABLED": "False"}
    log = TemporaryFile()  # noqa: SIM115 - `stop` closes it
    folder = TemporaryDirectory(prefix="studio-app-", ignore_cleanup_errors=True)
    own["GRADIO_TEMP_DIR"] = folder.name
    process = subprocess.Popen(
        [python, "-P", str(ROOT / "backends" / "gradio_app" / "host.py"), str(path)],
        env={**os.environ, **environment, **own, "PYTHONUNBUFFERED": "1"},
        cwd=path.parent,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    return _Process(process, log, folder, digest, port)


def _address(started: _Process, path: Path, tell: Tell) -> str:
    """Where it listens: an app may choose its port itself, and say so."""
    end = time.monotonic() + _START
    while time.monotonic() < end:
        words = started.words
        tell(f"Starting {path.name}{_last(words)}")
        if found := _LOG.search(words):
            return found[1].decode()
        if started.process.poll() is not None:
            raise AppError(f"{path.name} ended before its app listened: let it call launch().", _text(words))
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", started.port)) == 0:
                return f"http://127.0.0.1:{started.port}"
        time.sleep(0.05)
    raise AppError(f"{path.name} did not listen within {_START:g} s: load weights in its function.", _text(words))


def _text(log: bytes) -> str:
    return log.decode(errors="replace")


def _last(log: bytes) -> str:
    """The line that it has printed last, as an addition to a sentence; a bar of progress writes over its own."""
    lines = [line for line in re.split(r"[\r\n]+", _text(log)) if line.strip()]
    shown = "".join(one for one in lines[-1] if one.isprintable()).strip() if lines else ""
    return f": {shown[:_LONGEST]}" if shown else ""


@atexit.register
def stop_all() -> None:
    """End the apps that were started here."""
    while _running:
        _running.popitem()[1].stop()
