"""A small ComfyUI: the same routes, answers and messages in the same order, for the nodes that the tests use.

It was written from what the server's routes send, without its code. Each test gets one of its own.
"""

import asyncio
import io
import json
import struct
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

SAMPLERS = ["euler", "heun", "dpmpp_2m"]
CHECKPOINTS = ["dream.safetensors", "real.safetensors"]
_INT = {"default": 512, "min": 0, "max": 16384, "step": 1}
_MODEL, _CONDITIONING, _LATENT, _IMAGE = (["MODEL"], ["CONDITIONING"], ["LATENT"], ["IMAGE"])

OBJECT_INFO: dict[str, Any] = {
    "CheckpointLoaderSimple": {"input": {"required": {"ckpt_name": [CHECKPOINTS]}}},
    "CLIPTextEncode": {"input": {"required": {"text": ["STRING", {"multiline": True}], "clip": ["CLIP"]}}},
    "EmptyLatentImage": {
        "input": {
            "required": {
                "width": ["INT", {"default": 512, "min": 16, "max": 16384, "step": 8}],
                "height": ["INT", {"default": 512, "min": 16, "max": 16384, "step": 8}],
                "batch_size": ["INT", {"default": 1, "min": 1, "max": 4096}],
            }
        }
    },
    "KSampler": {
        "input": {
            "required": {
                "model": _MODEL,
                "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}],
                "steps": ["INT", {"default": 20, "min": 1, "max": 10000}],
                "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01}],
                "sampler_name": ["COMBO", {"options": SAMPLERS}],
                "positive": _CONDITIONING,
                "negative": _CONDITIONING,
                "latent_image": _LATENT,
                "denoise": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}],
            }
        }
    },
    "VAEDecode": {"input": {"required": {"samples": _LATENT, "vae": ["VAE"]}}},
    "LoadImage": {"input": {"required": {"image": [["example.png"], {"image_upload": True}]}}},
    "LoadAudio": {"input": {"required": {"audio": [["example.flac"], {"audio_upload": True}]}}},
    "LoadVideo": {"input": {"required": {"file": ["COMBO", {"options": [], "video_upload": True}]}}},
    "ImageScale": {
        "input": {
            "required": {
                "image": _IMAGE,
                "upscale_method": [["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]],
                "width": ["INT", _INT],
                "height": ["INT", _INT],
                "crop": [["disabled", "center"]],
            }
        }
    },
    "Broken": {"input": {"required": {"image": _IMAGE}}},
    "SaveImage": {
        "input": {"required": {"images": _IMAGE, "filename_prefix": ["STRING", {}]}},
        "output_node": True,
    },
    "PreviewImage": {"input": {"required": {"images": _IMAGE}}, "output_node": True},
    "SaveAnimatedWEBP": {"input": {"required": {"images": _IMAGE}}, "output_node": True},
    "SaveAudio": {"input": {"required": {"audio": ["AUDIO"]}}, "output_node": True},
    "SaveVideo": {"input": {"required": {"video": ["VIDEO"]}}, "output_node": True},
    "PreviewAny": {"input": {"required": {"source": ["*"]}}, "output_node": True},
}


@dataclass
class Peer:
    """The server's state, and what a test may change of it.

    `faults` are asked before a route is: by its first part, such as "/prompt", a kind of fault for the next times.
    """

    folder: Path
    url: str = ""
    token: str = ""
    info: dict[str, Any] = field(default_factory=lambda: deepcopy(OBJECT_INFO))
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    has_sockets: bool = True
    gate: threading.Event = field(default_factory=threading.Event)
    """What a sampler waits for before its last step; set by default."""
    hold_queue: threading.Event = field(default_factory=threading.Event)
    """What a run waits for in the queue; set by default."""
    history: dict[str, Any] = field(default_factory=dict)
    pending: list[dict[str, Any]] = field(default_factory=list)
    running: dict[str, Any] | None = None
    interrupted: bool = False
    clients: dict[str, WebSocket] = field(default_factory=dict)
    cache: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    steps_done: int = 0
    loop: asyncio.AbstractEventLoop = field(init=False)
    on_step: Callable[[int], None] = lambda step: None

    def __post_init__(self) -> None:
        self.gate.set()
        self.hold_queue.set()
        for name in ("input", "output", "temp"):
            (self.folder / name).mkdir(parents=True)

    # --- messages -----------------------------------------------------------------------------------------------------

    async def say(self, client: str, kind: str, **data: Any) -> None:
        await self.send(client, json.dumps({"type": kind, "data": data}))

    async def send(self, client: str, frame: str | bytes) -> None:
        socket = self.clients.get(client)
        if socket is None:
            return
        try:
            await (socket.send_text(frame) if isinstance(frame, str) else socket.send_bytes(frame))
        except (WebSocketDisconnect, RuntimeError, OSError):
            self.clients.pop(client, None)

    def drop_sockets(self) -> None:
        """Close every connection, from another thread."""
        for socket in list(self.clients.values()):
            asyncio.run_coroutine_threadsafe(socket.close(), self.loop).result()

    # --- the queue ----------------------------------------------------------------------------------------------------

    async def work(self) -> None:
        while True:
            if not self.pending or not self.hold_queue.is_set():
                await asyncio.sleep(0.005)
                continue
            self.running, self.interrupted = self.pending.pop(0), False
            entry = self.running
            messages: list[list[Any]] = []
            outputs: dict[str, Any] = {}
            try:
                await self.execute(entry, outputs, messages)
                status = {"status_str": "success", "completed": True}
            except Interrupted:
                status = {"status_str": "error", "completed": False}
            self.history[entry["prompt_id"]] = {
                "prompt": [entry["number"], entry["prompt_id"], entry["prompt"], {}, []],
                "outputs": outputs,
                "status": {**status, "messages": messages},
            }
            self.running = None
            await self.say(entry["client_id"], "status", status={"exec_info": {"queue_remaining": len(self.pending)}})

    async def execute(self, entry: dict[str, Any], outputs: dict[str, Any], messages: list[list[Any]]) -> None:
        client, prompt_id, prompt = entry["client_id"], entry["prompt_id"], entry["prompt"]

        async def report(kind: str, **data: Any) -> None:
            messages.append([kind, {"prompt_id": prompt_id, **data}])
            await self.say(client, kind, prompt_id=prompt_id, **data)

        await report("execution_start", timestamp=1)
        key = json.dumps(prompt, sort_keys=True)
        await report("execution_cached", nodes=list(prompt) if key in self.cache else [])
        if key in self.cache:
            outputs.update(self.cache[key])
        else:
            made: dict[str, Any] = {}
            for node_id in ordered(prompt):
                await self.say(client, "executing", node=node_id, display_node=node_id, prompt_id=prompt_id)
                try:
                    made[node_id], ui = await self.node(prompt[node_id], made, client, prompt_id, node_id)
                except Interrupted:
                    await report("execution_interrupted", node_id=node_id, executed=list(made))
                    raise
                except Exception as error:
                    told = {"exception_message": str(error), "exception_type": type(error).__name__}
                    place = {"node_id": node_id, "node_type": prompt[node_id]["class_type"]}
                    await report("execution_error", **place, **told, traceback=["  in a node\n", f"{error!r}\n"])
                    raise Interrupted from error
                if ui:
                    outputs[node_id] = ui
                    await self.say(client, "executed", node=node_id, output=ui, prompt_id=prompt_id)
            self.cache[key] = dict(outputs)
        await report("execution_success", timestamp=2)
        await self.say(client, "executing", node=None, prompt_id=prompt_id)

    async def node(
        self, node: dict[str, Any], made: dict[str, Any], client: str, prompt_id: str, node_id: str
    ) -> tuple[Any, dict[str, Any]]:
        given = {k: made[v[0]] if isinstance(v, list) else v for k, v in node["inputs"].items()}
        kind = node["class_type"]
        await asyncio.sleep(0)
        if self.interrupted:
            raise Interrupted
        if kind == "LoadImage":
            return Image.open(self.folder / "input" / given["image"]).convert("RGB"), {}
        if kind in ("LoadAudio", "LoadVideo"):
            return self.folder / "input" / (given.get("audio") or given["file"]), {}
        if kind == "ImageScale":
            return given["image"].resize((given["width"], given["height"])), {}
        if kind == "EmptyLatentImage":
            return (given["width"], given["height"]), {}
        if kind == "KSampler":
            return await self.sample(given, client, prompt_id, node_id), {}
        if kind == "VAEDecode":
            return Image.new("RGB", given["samples"][0], f"#{given['samples'][1] % 2**24:06x}"), {}
        if kind == "Broken":
            raise ValueError("the tensors do not fit\nsecond line")
        if kind == "PreviewAny":
            return None, {"text": [str(given["source"])]}
        if kind in ("SaveImage", "PreviewImage", "SaveAnimatedWEBP", "SaveAudio", "SaveVideo"):
            return None, self.save(kind, given)
        return kind, {}

    async def sample(self, given: dict[str, Any], client: str, prompt_id: str, node_id: str) -> Any:
        steps = given["steps"]
        for step in range(1, steps + 1):
            while step == steps and not self.gate.is_set() and not self.interrupted:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0)
            if self.interrupted:
                raise Interrupted
            nodes = {node_id: {"value": step, "max": steps, "state": "running", "node_id": node_id}}
            await self.say(client, "progress_state", prompt_id=prompt_id, nodes=nodes)
            await self.say(client, "progress", value=step, max=steps, prompt_id=prompt_id, node=node_id)
            picture = io.BytesIO()
            Image.new("RGB", (8, 8), "grey").save(picture, "JPEG")
            await self.send(client, struct.pack(">II", 1, 1) + picture.getvalue())
            self.steps_done += 1
            self.on_step(step)
        return given["latent_image"], given["seed"]

    def save(self, kind: str, given: dict[str, Any]) -> dict[str, Any]:
        self.number += 1
        where = "temp" if kind == "PreviewImage" else "output"
        if kind in ("SaveAudio", "SaveVideo"):
            source = given.get("audio") or given["video"]
            name = f"ComfyUI_{self.number:05}_{source.suffix}"
            (self.folder / where / name).write_bytes(source.read_bytes())
        else:
            name = f"ComfyUI_{self.number:05}_.{'webp' if kind == 'SaveAnimatedWEBP' else 'png'}"
            image = given["images"]
            more = {"save_all": True, "append_images": [image.rotate(90)]} if kind == "SaveAnimatedWEBP" else {}
            image.save(self.folder / where / name, **more)
        entries = [{"filename": name, "subfolder": "", "type": where}]
        if kind in ("SaveAnimatedWEBP", "SaveVideo"):
            return {"images": entries, "animated": [True]}
        return {"audio" if kind == "SaveAudio" else "images": entries}

    # --- routes -------------------------------------------------------------------------------------------------------

    async def socket(self, socket: WebSocket) -> None:
        if not self.has_sockets:
            await socket.close()
            return
        await socket.accept()
        client = socket.query_params["clientId"]
        self.clients[client] = socket
        await self.say(client, "status", status={"exec_info": {"queue_remaining": 0}}, sid=client)
        try:
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, RuntimeError, KeyError):
            self.clients.pop(client, None)

    async def prompt(self, request: Request) -> Response:
        asked = await request.json()
        self.prompts.append(asked)
        if refusal := refused(asked["prompt"], self.info, self.folder / "input"):
            return JSONResponse(refusal, 400)
        prompt_id = str(uuid.UUID(asked["prompt_id"]))
        self.pending.append({**asked, "prompt_id": prompt_id, "number": len(self.prompts)})
        return JSONResponse({"prompt_id": prompt_id, "number": len(self.prompts), "node_errors": {}})

    async def one_history(self, request: Request) -> Response:
        prompt_id = request.path_params["prompt_id"]
        return JSONResponse({prompt_id: self.history[prompt_id]} if prompt_id in self.history else {})

    async def queue(self, request: Request) -> Response:
        if request.method == "POST":
            deleted = (await request.json())["delete"]
            self.pending = [one for one in self.pending if one["prompt_id"] not in deleted]
            return Response()
        running = [listed(self.running)] if self.running else []
        return JSONResponse({"queue_running": running, "queue_pending": [listed(one) for one in self.pending]})

    async def interrupt(self, request: Request) -> Response:
        asked = await request.json()
        self.interrupted = bool(self.running) and self.running["prompt_id"] == asked["prompt_id"]  # type: ignore[index]
        return Response()

    async def upload(self, request: Request) -> Response:
        async with request.form() as form:
            file: Any = form["image"]
            (self.folder / "input" / file.filename).write_bytes(await file.read())
            return JSONResponse({"name": file.filename, "subfolder": "", "type": "input"})

    async def view(self, request: Request) -> Response:
        asked = request.query_params
        path = self.folder / asked["type"] / asked["subfolder"] / asked["filename"]
        return FileResponse(path) if path.is_file() else Response(status_code=404)

    async def stats(self, request: Request) -> Response:
        return JSONResponse({"system": {"comfyui_version": "0.3.75"}, "devices": [{"name": "cpu", "type": "cpu"}]})

    async def object_info(self, request: Request) -> Response:
        kind = request.path_params.get("node_class")
        return JSONResponse(self.info if kind is None else {kind: self.info[kind]} if kind in self.info else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked.append(f"{scope['method']} {scope['path']}")
            headers = dict(scope["headers"])
            if self.token and headers.get(b"authorization") != f"Bearer {self.token}".encode():
                return await Response(status_code=401)(scope, receive, send)
            place = "/" + scope["path"].split("/")[1]
            waiting = self.faults.get(place) or []
            if waiting and (kind := waiting.pop(0)) != "none":
                return await self.fault(kind, scope, receive, send)
        await self._app(scope, receive, send)

    async def fault(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Fails as told: an error page, a page, JSON of another shape, or no answer, before or after the work."""

        async def swallow(message: Message) -> None:
            """The answer gets lost on its way."""

        if kind == "slow":
            await asyncio.sleep(0.3)
            return await self._app(scope, receive, send)
        answers: dict[str, Response] = {
            "error": Response("Internal error", 500),
            "page": Response("<!doctype html><title>Welcome</title>", media_type="text/html"),
            "list": JSONResponse([1, 2]),
            "null": JSONResponse(None),
        }
        if kind in answers:
            return await answers[kind](scope, receive, send)
        if kind == "lost answer":
            await self._app(scope, receive, swallow)
        # A length that never comes, and uvicorn closes the connection.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})

    @property
    def _app(self) -> Starlette:
        if not hasattr(self, "_made"):
            routes = [
                Route("/prompt", self.prompt, methods=["POST"]),
                Route("/history/{prompt_id}", self.one_history),
                Route("/queue", self.queue, methods=["GET", "POST"]),
                Route("/interrupt", self.interrupt, methods=["POST"]),
                Route("/upload/image", self.upload, methods=["POST"]),
                Route("/view", self.view),
                Route("/system_stats", self.stats),
                Route("/object_info", self.object_info),
                Route("/object_info/{node_class}", self.object_info),
                WebSocketRoute("/ws", self.socket),
            ]
            self._made = Starlette(routes=routes)
        return self._made


class Interrupted(Exception):  # noqa: N818
    """The run ends here."""


def listed(entry: dict[str, Any]) -> list[Any]:
    return [entry["number"], entry["prompt_id"], entry["prompt"], {}, []]


def ordered(prompt: dict[str, Any]) -> list[str]:
    """The nodes, each after those that it takes from."""
    found: list[str] = []

    def visit(node_id: str) -> None:
        for value in prompt[node_id]["inputs"].values():
            if isinstance(value, list):
                visit(value[0])
        if node_id not in found:
            found.append(node_id)

    for node_id in prompt:
        visit(node_id)
    return found


def refused(prompt: dict[str, Any], info: dict[str, Any], inputs: Path) -> dict[str, Any] | None:
    """The answer to a workflow that does not hold."""
    errors: dict[str, Any] = {}
    for node_id, node in prompt.items():
        known = info.get(node["class_type"])
        if known is None:
            message = f"Cannot execute because node {node['class_type']} does not exist."
            error = {"type": "invalid_prompt", "message": message, "details": f"Node ID '#{node_id}'", "extra_info": {}}
            return {"error": error, "node_errors": {}}
        wrong = [one for name, said in known["input"]["required"].items() if (one := problem(node, name, said, inputs))]
        if wrong:
            errors[node_id] = {"errors": wrong, "dependent_outputs": [], "class_type": node["class_type"]}
    if not errors:
        return None
    failed = {
        "type": "prompt_outputs_failed_validation",
        "message": "Prompt outputs failed validation",
        "details": "",
        "extra_info": {},
    }
    return {"error": failed, "node_errors": errors}


def problem(node: dict[str, Any], name: str, said: list[Any], inputs: Path) -> dict[str, Any] | None:
    if name not in node["inputs"]:
        return _problem("required_input_missing", "Required input is missing", name, name)
    value, limits = node["inputs"][name], said[1] if len(said) > 1 else {}
    if isinstance(value, list):
        return None
    if any(key.endswith("_upload") for key in limits):
        if (inputs / str(value)).is_file():
            return None
        return _problem("custom_validation_failed", "Custom validation failed for node", f"{name} - Invalid", name)
    if said[0] in ("INT", "FLOAT") and value < limits.get("min", value):
        return _problem("value_smaller_than_min", f"Value {value} smaller than min of {limits['min']}", name, name)
    if said[0] in ("INT", "FLOAT") and value > limits.get("max", value):
        return _problem("value_bigger_than_max", f"Value {value} bigger than max of {limits['max']}", name, name)
    options = said[0] if isinstance(said[0], list) else limits.get("options")
    if options is not None and value not in options:
        return _problem("value_not_in_list", "Value not in list", f"{name}: '{value}' not in {options}", name)
    return None


def _problem(kind: str, message: str, details: str, name: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {"input_name": name}}


@contextmanager
def running(folder: Path) -> Iterator[Peer]:
    """A peer on a port of its own."""
    peer = Peer(folder)
    server = uvicorn.Server(uvicorn.Config(peer, port=0, log_level="critical", lifespan="off", ws="websockets-sansio"))
    ready = threading.Event()

    async def serve() -> None:
        peer.loop = asyncio.get_running_loop()
        work = asyncio.create_task(peer.work())
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.005)
        ready.set()
        await serving
        work.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    ready.wait()
    peer.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield peer
    finally:
        peer.gate.set()
        server.should_exit = server.force_exit = True
        thread.join()
