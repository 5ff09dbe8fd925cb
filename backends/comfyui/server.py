"""A client of ComfyUI's HTTP API."""

import json
import mimetypes
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, Field, ValidationError

from backends.base import BackendError

_M = TypeVar("_M", bound=BaseModel)
TIMEOUT = httpx.Timeout(30, connect=10)
"""Seconds to wait for an answer, which a healthy server gives at once."""


class UnreachableError(BackendError):
    """The server does not answer, or says that it cannot now: asked again it may."""


class RefusedError(BackendError):
    """The server does not take the workflow; `nodes` has a sentence by (node, input) where it says which one."""

    def __init__(self, sentence: str, nodes: Mapping[tuple[str, str], str], detail: str) -> None:
        super().__init__(sentence, detail=detail)
        self.nodes = nodes


class _Problem(BaseModel):
    type: str = ""
    message: str = ""
    details: str = ""
    extra_info: dict[str, Any] = Field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return sentence(": ".join(filter(None, (self.message, self.details))) or self.type or "it does not say why")

    @property
    def input_name(self) -> str:
        return str(self.extra_info.get("input_name") or self.details.partition(":")[0].strip())


class _NodeProblems(BaseModel):
    class_type: str = ""
    errors: list[_Problem] = Field(default_factory=list)


class _Refusal(BaseModel):
    error: _Problem
    node_errors: dict[str, _NodeProblems] | list[Any] = Field(default_factory=dict)


class _Accepted(BaseModel):
    prompt_id: str


class _Uploaded(BaseModel):
    name: str
    subfolder: str = ""


class _Queue(BaseModel):
    """Each entry begins with its number and its prompt's id."""

    queue_running: list[list[Any]]
    queue_pending: list[list[Any]]


class Status(BaseModel):
    """How a run ended: each message is its name and its data."""

    status_str: str = "success"
    messages: list[tuple[str, dict[str, Any]]] = Field(default_factory=list)


class Finished(BaseModel):
    """What the history has of a run that is over."""

    outputs: dict[str, dict[str, Any]]
    status: Status | None = None


class File(BaseModel):
    """One file that a node made."""

    filename: str
    subfolder: str = ""
    type: str = "output"


class Server:
    """A client of one server; `with` closes its connections."""

    def __init__(self, url: str, token: str = "") -> None:
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.url = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, headers=self.headers, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def versions(self) -> dict[str, str]:
        """The server's version and its device, as far as it tells."""
        answer = self._ask("GET", "/system_stats")
        found: dict[str, str] = {}
        with suppress(ValueError, LookupError, TypeError):
            stats = answer.json()
            found["comfyui"] = str(stats["system"]["comfyui_version"])
            found["device"] = str(stats["devices"][0]["name"])
        return {name: version for name, version in found.items() if version}

    def object_info(self, class_type: str = "") -> dict[str, Any]:
        """Every class of nodes with its inputs, or one alone; nothing for one that the server does not have."""
        path = f"/object_info/{quote(class_type, safe='')}" if class_type else "/object_info"
        found = self._data(self._ask("GET", path))
        if not isinstance(found, dict):
            raise self._nonsense("/object_info")
        return found

    def upload(self, path: Path) -> str:
        """Upload a file to the server's inputs, named by its content; returns the name to use in a node."""
        with path.open("rb") as file:
            digest = sha256()
            while chunk := file.read(2**20):
                digest.update(chunk)
            file.seek(0)
            name = f"studio-{digest.hexdigest()[:24]}{path.suffix}"
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            files = {"image": (name, file, kind)}
            data = {"overwrite": "true", "type": "input"}
            done = self._read(_Uploaded, self._ask("POST", "/upload/image", files=files, data=data))
        return f"{done.subfolder}/{done.name}" if done.subfolder else done.name

    def submit(self, prompt_id: str, prompt: Mapping[str, Any]) -> None:
        """Queue the workflow under an id of ours.

        Raises RefusedError when it is not taken, and UnreachableError when nobody knows whether it was.
        """
        body = {"prompt": prompt, "client_id": prompt_id, "prompt_id": prompt_id}
        answer = self._send("POST", "/prompt", json=body)
        if answer.status_code == 400:
            raise self._refusal(answer)
        if self._read(_Accepted, self._good(answer)).prompt_id != prompt_id:
            raise BackendError("This ComfyUI gives runs ids of its own: update it to a newer version.")

    def knows(self, prompt_id: str) -> bool:
        """Whether the run waits, runs or is over."""
        return self.finished(prompt_id) is not None or self._is_queued(prompt_id) or bool(self.finished(prompt_id))

    def finished(self, prompt_id: str) -> Finished | None:
        """The run if it is over, else `None`."""
        found = self._data(self._ask("GET", f"/history/{prompt_id}"))
        if not isinstance(found, dict):
            raise self._nonsense("/history")
        return self._valid(Finished, found[prompt_id], "/history") if prompt_id in found else None

    def cancel(self, prompt_id: str) -> None:
        """Take the run from the queue, or interrupt it; older servers interrupt whatever runs, so ours must."""
        self._ask("POST", "/queue", json={"delete": [prompt_id]})
        if prompt_id in map(_id, self._queue().queue_running):
            self._ask("POST", "/interrupt", json={"prompt_id": prompt_id})

    def fetch(self, file: File, path: Path) -> None:
        """Write one of the server's files to the path."""
        try:
            with self._client.stream("GET", "/view", params=file.model_dump()) as answer:
                self._good(answer)
                with path.open("wb") as written:
                    for chunk in answer.iter_bytes(2**16):
                        written.write(chunk)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from error

    def _is_queued(self, prompt_id: str) -> bool:
        queue = self._queue()
        return prompt_id in map(_id, [*queue.queue_running, *queue.queue_pending])

    def _queue(self) -> _Queue:
        return self._read(_Queue, self._ask("GET", "/queue"))

    # --- answers ------------------------------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        return self._good(self._send(method, path, **content))

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from error

    def _good(self, answer: httpx.Response) -> httpx.Response:
        code, path = answer.status_code, answer.request.url.path
        if code in (401, 403):
            raise BackendError("ComfyUI lets nobody in without a right token: set STUDIO_COMFYUI_TOKEN.")
        if code in (408, 425, 429) or code >= 500:
            raise UnreachableError(f"ComfyUI fails at {path} (HTTP {code}): its own log tells why. Try it again later.")
        if code != 200:
            raise BackendError(f"ComfyUI answers {path} with HTTP {code}: see that STUDIO_COMFYUI_URL leads to it.")
        return answer

    def _data(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:
            raise self._nonsense(answer.request.url.path) from error

    def _read(self, kind: type[_M], answer: httpx.Response) -> _M:
        return self._valid(kind, self._data(answer), answer.request.url.path)

    def _valid(self, kind: type[_M], data: object, path: str) -> _M:
        try:
            return kind.model_validate(data)
        except ValidationError as error:
            raise self._nonsense(path, str(error)) from error

    def _refusal(self, answer: httpx.Response) -> RefusedError:
        refusal = self._read(_Refusal, answer)
        nodes, named = dict[tuple[str, str], str](), refusal.node_errors
        for node_id, node in named.items() if isinstance(named, dict) else ():
            nodes |= {(node_id, one.input_name): one.sentence for one in node.errors}
        why = next(iter(nodes.values()), refusal.error.sentence)
        return RefusedError(f"ComfyUI does not take the workflow: {why}", nodes, json.dumps(answer.json(), indent=2))

    def _unreachable(self, error: Exception) -> UnreachableError:
        said = "ComfyUI does not answer: see that it runs, and that STUDIO_COMFYUI_URL is its address."
        return UnreachableError(said, detail=repr(error))

    def _nonsense(self, path: str, detail: str = "") -> BackendError:
        said = f"What answers {path} is not ComfyUI as the studio knows it: see that STUDIO_COMFYUI_URL leads to it."
        return BackendError(said, detail=detail)


def _id(entry: list[Any]) -> str:
    return str(entry[1]) if len(entry) > 1 else ""


def sentence(text: str) -> str:
    """The first line of what the server says, ended as a sentence and not too long for a card."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "it does not say why")
    line = f"{line[:300]}…" if len(line) > 300 else line
    return line if line.endswith((".", "!", "?")) else f"{line}."
