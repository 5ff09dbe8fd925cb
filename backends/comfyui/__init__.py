"""Workflows of a ComfyUI server: the model file says which inputs of which nodes the form fills."""

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import urlsplit

from PIL import Image
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from backends.base import BackendError, Cancelled, Context, Outputs, Request, Spec, Stopped, empty_unless_done
from backends.comfyui.workflow import Workflow, filled, parse, read_file

if TYPE_CHECKING:  # an HTTP and a WebSocket client, which only a run needs
    from backends.comfyui.server import File, Finished, RefusedError, Server
    from backends.comfyui.socket import Socket

_T = TypeVar("_T")

PATIENCE = 100
"""How many ticks of the clock a server that knows the run may stay away."""

_SENT = 3
"""How often a workflow is sent that the server says not to know afterwards."""

_FINAL_MESSAGES = ("execution_success", "execution_error", "execution_interrupted")
_TEXTS = ("text", "string", "value")
_ADDRESS = "set STUDIO_COMFYUI_URL to its address, such as http://127.0.0.1:8188, and start the studio again."


def _workflow(value: object, info: ValidationInfo) -> Workflow:
    """The nodes: as they stand in the model file, or in the file beside it that is named there."""
    if not isinstance(value, str):
        return parse(value)
    return parse(read_file(Path((info.context or {}).get("folder") or "/") / value))


def _node_id(value: object) -> object:
    """YAML reads an id such as 6 as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _known_node(node_id: str, info: ValidationInfo) -> str:
    if node_id not in info.data.get("workflow", {node_id: None}):  # the workflow itself may be what is wrong
        raise ValueError(f"the workflow has no node {node_id}")
    return node_id


def _known_input(target: tuple[str, str], info: ValidationInfo) -> tuple[str, str]:
    node_id, name = target
    node = info.data.get("workflow", {}).get(node_id)
    if node is not None and name not in node.inputs:
        raise ValueError(f"node {node_id} ({node.class_type}) has no input {name}: it has {', '.join(node.inputs)}")
    return target


_NodeId = Annotated[str, BeforeValidator(_node_id), AfterValidator(_known_node)]
_Target = Annotated[tuple[_NodeId, str], AfterValidator(_known_input)]


class ComfyUISpec(Spec):
    """The workflow in API format, the (node, input) that each parameter fills, and the node whose files count."""

    workflow: Annotated[Workflow, BeforeValidator(_workflow)]
    inputs: Mapping[str, _Target] = Field(default_factory=dict)
    output: _NodeId | None = None


class ComfyUIBackend:
    """Runs workflows on the server that the environment names."""

    spec_type = ComfyUISpec

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._url = environment.get("STUDIO_COMFYUI_URL", "")
        self._token = environment.get("STUDIO_COMFYUI_TOKEN", "")

    def ready(self, spec: ComfyUISpec) -> str | None:
        """Whether there is an address; whether somebody answers there is seen when a job runs."""
        if not self._url:
            return f"This model runs on ComfyUI: {_ADDRESS}"
        return None if is_address(self._url) else f"STUDIO_COMFYUI_URL is no address of a ComfyUI: {_ADDRESS}"

    def choices(self, spec: ComfyUISpec, parameter: str) -> tuple[str, ...]:
        """What the server lists for the input that the parameter fills; raises BackendError."""
        from backends.comfyui.server import Server

        if parameter not in spec.inputs:
            raise BackendError(f"The workflow has no input for {parameter}.")
        node_id, name = spec.inputs[parameter]
        kind = spec.workflow[node_id].class_type
        with Server(self._url, self._token) as server:
            return offered_by(said_of(server.object_info(kind), kind, name))

    def run(self, request: Request, context: Context) -> Outputs:
        """Upload, queue, listen, fetch; what an earlier run of the job has queued is waited for."""
        from backends.comfyui.server import Server

        if (missing := self.ready(request.spec)) is not None:
            raise BackendError(missing)
        with empty_unless_done(request.folder), Server(self._url, self._token) as server:
            return _Run(server, request, context).outputs()


def said_of(info: Mapping[str, Any], class_type: str, input_name: str) -> tuple[Any, Mapping[str, Any]]:
    """The type of a node's input and what else the server says of it; `None` and nothing where it says nothing."""
    try:
        groups = info[class_type]["input"]
        entry = next(
            groups[group][input_name] for group in ("required", "optional") if input_name in groups.get(group, {})
        )
        more = entry[1] if len(entry) > 1 and isinstance(entry[1], Mapping) else {}
        return entry[0], more
    except (LookupError, TypeError, AttributeError, StopIteration):
        return None, {}


def offered_by(said: tuple[Any, Mapping[str, Any]]) -> tuple[str, ...]:
    """The texts to choose from in what is said of an input; none where it offers nothing."""
    kind, more = said
    listed = kind if isinstance(kind, list) else more.get("options")
    texts = listed if isinstance(listed, list) else []
    return tuple(dict.fromkeys(one for one in texts if isinstance(one, str) and one))


def is_address(url: str) -> bool:
    """Whether it is HTTP's, with a host, and without a name and password, which an address would show around."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


def _parts(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values that are given, of a size its sides too, as `size.width`; BackendError for a list of pictures."""
    for name, value in values.items():
        if isinstance(value, list) and any(isinstance(one, Path) for one in value):
            sentence = f"A node of ComfyUI takes one picture, and {name} is a list: give it inputs of one picture each."
            raise BackendError(sentence, {name: sentence})
        if value is None:
            continue
        yield name, value
        if isinstance(value, dict):
            yield from ((f"{name}.{side}", value[side]) for side in ("width", "height") if side in value)


class _Run:
    """One job on the server, from its inputs to its files."""

    def __init__(self, server: "Server", request: Request, context: Context) -> None:
        self._server, self._request, self._context = server, request, context
        self._spec: ComfyUISpec = request.spec
        self._fraction = 0.0
        self._current = ""
        self._done: set[str] = set()

    def outputs(self) -> Outputs:
        """Raises BackendError; a cancelled job is cancelled on the server, a stopped one goes on there."""
        try:
            self._tell(0.0, "Asking ComfyUI")
            self._context.ran_with(**self._server.versions())
            known = self._known_id()
            outputs = self._fetched(self._finished(known or self._new_id(), is_known=known is not None))
            self._tell(1.0, "Done")
        except Stopped:
            raise
        except Cancelled:
            if self._context.remembered:
                with suppress(BackendError):  # it cannot be reached, and the job is cancelled all the same
                    self._server.cancel(self._context.remembered)
            raise
        return outputs

    def _known_id(self) -> str | None:
        """What an earlier run of this job is called, as long as the server knows it."""
        remembered = self._context.remembered
        return remembered if remembered and _is_id(remembered) and self._server.knows(remembered) else None

    def _new_id(self) -> str:
        """An id of ours, written down before the server hears of it."""
        remembered = self._context.remembered
        if remembered and _is_id(remembered):  # noted, and lost before it was sent
            return remembered
        prompt_id = str(uuid.uuid4())
        self._context.remember(prompt_id)
        return prompt_id

    # --- sending ------------------------------------------------------------------------------------------------------

    def _finished(self, prompt_id: str, is_known: bool) -> "Finished":
        from backends.comfyui.socket import listen

        with listen(self._server.url, prompt_id, self._server.headers) as socket:
            if not is_known:
                self._submit(prompt_id)
            self._tell(0.0, "Waiting in ComfyUI's queue")
            return self._wait(socket, prompt_id)

    def _submit(self, prompt_id: str) -> None:
        """Send the workflow once: where the answer is lost, the server is asked whether it knows the id."""
        from backends.comfyui.server import RefusedError, UnreachableError

        values = {target: self._sent(value) for target, value in self._given().items()}
        prompt = filled(self._spec.workflow, values)
        for tries_left in reversed(range(_SENT)):
            try:
                return self._server.submit(prompt_id, prompt)
            except RefusedError as error:
                raise self._refusal(error) from error
            except UnreachableError:
                if self._patiently(lambda: self._server.knows(prompt_id)):
                    return None
                if not tries_left:
                    raise

    def _refusal(self, error: "RefusedError") -> BackendError:
        names = {target: name for name, target in self._spec.inputs.items()}
        fields = {names[target]: said for target, said in error.nodes.items() if target in names}
        return BackendError(str(error), fields, error.detail)

    def _given(self) -> dict[tuple[str, str], Any]:
        """What is not given stays as the workflow has it."""
        given = dict(_parts(self._request.values))
        return {target: given[name] for name, target in self._spec.inputs.items() if name in given}

    def _sent(self, value: Any) -> Any:
        if not isinstance(value, Path):
            return value
        self._tell(0.0, "Uploading")
        return self._server.upload(value)

    # --- waiting ------------------------------------------------------------------------------------------------------

    def _wait(self, socket: "Socket", prompt_id: str) -> "Finished":
        while True:
            message = socket.receive()
            if isinstance(message, bytes):
                self._show(message)
            elif message and not self._heard(message, prompt_id):
                continue
            elif (finished := self._patiently(lambda: self._server.finished(prompt_id))) is not None:
                return finished
            elif message is None and not self._patiently(lambda: self._server.knows(prompt_id)):
                said = "ComfyUI does not know this run any more: it was restarted, or the run taken from its queue."
                raise BackendError(f"{said} Try it again.")
            self._context.check()

    def _patiently(self, ask: Callable[[], _T]) -> _T:
        """Ask a server that is away for a while again: the run goes on there."""
        from backends.comfyui.server import UnreachableError
        from backends.comfyui.socket import TICK_SECONDS

        for _ in range(PATIENCE):
            try:
                return ask()
            except UnreachableError:
                self._tell(self._fraction, "ComfyUI does not answer: the job waits, and the studio tries again")
                time.sleep(TICK_SECONDS)
        return ask()

    def _heard(self, message: Mapping[str, Any], prompt_id: str) -> bool:
        """Tell what the message says; whether the run may be over."""
        kind, data = message.get("type"), message["data"]
        if data.get("prompt_id") != prompt_id:
            self._context.check()
            return False
        node_id = data.get("node")
        if kind == "execution_cached" and isinstance(data.get("nodes"), list):
            self._done |= {str(one) for one in data["nodes"]}
        elif kind == "executing" and isinstance(node_id, str):
            self._step(node_id)
        elif kind == "executed" and isinstance(node_id, str):
            self._done.add(node_id)
        elif kind == "progress":
            self._step(str(node_id), data.get("value"), data.get("max"))
        self._context.check()
        return kind in _FINAL_MESSAGES or (kind == "executing" and node_id is None)

    def _step(self, node_id: str, step: object = None, of: object = None) -> None:
        """A node counts as much as another, and within it a step as much as another."""
        if self._current != node_id:
            self._done |= {self._current} - {""}
            self._current = node_id
        node = self._spec.workflow.get(node_id)
        words = node.title if node else "Running"
        nodes = max(len(self._spec.workflow), 1)
        if isinstance(step, int | float) and isinstance(of, int | float) and 0 <= step <= of and of > 0:
            self._tell((len(self._done) + step / of) / nodes, words, int(step), int(of))
        else:
            self._tell(len(self._done) / nodes, words)

    def _tell(self, fraction: float, words: str, step: int | None = None, of: int | None = None) -> None:
        self._fraction = min(max(self._fraction, fraction), 1.0)
        self._context.progress(self._fraction, words, step, of)

    def _show(self, picture: bytes) -> None:
        with suppress(OSError, ValueError, Image.DecompressionBombError):
            with Image.open(BytesIO(picture)) as image:
                image.verify()
            self._context.preview(picture)

    # --- what came out ------------------------------------------------------------------------------------------------

    def _fetched(self, finished: "Finished") -> Outputs:
        if finished.status is not None and finished.status.status_str != "success":
            raise _failure(finished)
        files = _files(finished, self._spec.output)
        if not files:
            raise BackendError("The workflow gave no file: let its last node save one, such as Save Image.")
        paths = []
        for number, file in enumerate(files, start=1):
            self._tell(self._fraction, "Fetching the result")
            suffix = re.search(r"\.[A-Za-z0-9]{1,5}$", file.filename)
            path = self._request.folder / f"result-{number}{suffix[0].lower() if suffix else ''}"
            self._patiently(lambda file=file, path=path: self._server.fetch(file, path))  # type: ignore[misc]
            paths.append(path)
        return Outputs(tuple(paths), dict(self._texts(finished)))

    def _texts(self, finished: "Finished") -> Iterator[tuple[str, str]]:
        for node_id, output in finished.outputs.items():
            for key in _TEXTS:
                parts = output.get(key)
                words = "\n".join(one for one in parts if isinstance(one, str)) if isinstance(parts, list) else ""
                if words:
                    node = self._spec.workflow.get(node_id)
                    yield f"{node.title if node else key} ({node_id})", words


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _failure(finished: "Finished") -> BackendError:
    from backends.comfyui.server import sentence

    messages = dict(finished.status.messages) if finished.status else {}
    if "execution_interrupted" in messages:
        return BackendError("The run was interrupted in ComfyUI. Try it again.")
    error = messages.get("execution_error", {})
    said = sentence(str(error.get("exception_message") or "its own log tells why"))
    lines = error.get("traceback")
    detail = "".join(map(str, lines)) if isinstance(lines, list) else ""
    return BackendError(f"ComfyUI failed in {error.get('node_type', 'the workflow')}: {said}", detail=detail)


def _files(finished: "Finished", output: str | None) -> list["File"]:
    """The files of the node, or of all; what was only shown counts where nothing was saved."""
    from pydantic import ValidationError

    from backends.comfyui.server import File

    chosen = finished.outputs if output is None else {output: finished.outputs.get(output, {})}
    found: list[File] = []
    for node in chosen.values():
        for entries in node.values():
            for entry in entries if isinstance(entries, list) else ():
                with suppress(ValidationError):
                    found.append(File.model_validate(entry))
    return [one for one in found if one.type == "output"] or found
