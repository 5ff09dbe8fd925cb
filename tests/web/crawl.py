"""Asks a running app all that can be asked of it: every route with every parameter, every handler of the page."""

import ast
import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import anyio
import gradio as gr
from fastapi.routing import APIRoute
from gradio.blocks import BlockFunction
from starlette.routing import Route
from starlette.types import ASGIApp, Message

import components
import web
from components.library.workspaces import WorkspaceChoice

SAID = {
    "/gradio_api/queue/data": b"process_completed",
    "/gradio_api/call/": b"event: complete",
}
"""Where a stream may go on for ever, the word that it has said all with."""

PATIENCE_SECONDS = 60.0
"""After which another stream is taken at what it has said; all of them end before."""


def _held(session: str) -> str:
    """What a signed session holds, without the second in which it was signed or will end."""
    return re.sub(r'"expires_at": \d+', '"expires_at": TIME', base64.b64decode(session).decode())


_CHANGING = [
    (re.compile(r"session=([\w=]+)\.[\w-]+\.[\w-]+"), lambda found: _held(found[1])),
    (re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}([0-9a-f]{32})?"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+"), "TIME"),
    (re.compile(r"(?<=studio-visitor-[0-9a-f]{8}=ID\.)\d+"), "TIME"),  # when the cookie was given, in seconds
    (re.compile(r'"([a-z_]*(duration|time|eta)[a-z_]*|queue_size|rank|seed)": ?(null|[\d.e-]+)'), '"NUMBER"'),
]
"""What differs between any two answers."""


@dataclass(frozen=True)
class Question:
    """One request, but for who asks it; `target` is its path as a browser sends it, percent-encoded."""

    method: str
    target: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        asked = f"{self.method} {self.target}?{urlencode(self.query)}"
        return f"{asked} {dict(self.headers)} {json.dumps(self.body)[:200]}"


@dataclass(frozen=True)
class Answer:
    """What was said, and `work`, what the database was asked for it: the more, the longer it took."""

    status: int | None
    headers: tuple[tuple[str, str], ...]
    text: str
    work: tuple[str, ...] = ()

    def without(self, *ids: str) -> "Answer":
        """The answer with what was asked for, and with what always differs, taken out."""
        written = {form for id_ in ids for form in (id_, json.dumps(id_)[1:-1], quote(id_), quote(id_, safe=""))}
        same = re.compile("|".join(map(re.escape, sorted(written, key=len, reverse=True))))

        def plain(text: str) -> str:
            for pattern, name in ((same, "ID"), *_CHANGING):
                text = pattern.sub(name, text)
            return text

        text = plain(self.text)
        told = [(name, plain(value)) for name, value in self.headers]
        if text != self.text:  # what differs may be of any length
            told = [(name, value) for name, value in told if name != "content-length"]
        return replace(self, headers=tuple(told), text=text)


async def ask(app: ASGIApp, question: Question, cookies: Mapping[str, str]) -> Answer:
    """The answer to one who has these cookies; an error of the server counts as one."""
    content = b"" if question.body is None else json.dumps(question.body).encode()
    headers = {"host": "localhost", "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    headers |= {"content-type": "application/json", "content-length": str(len(content)), **question.headers}
    unsent, messages, said = [{"type": "http.request", "body": content}], list[Message](), anyio.Event()
    scope = {
        **{"type": "http", "http_version": "1.1", "scheme": "http", "asgi": {"version": "3.0"}, "root_path": ""},
        **{"method": question.method, "path": unquote(question.target), "raw_path": question.target.encode()},
        **{"query_string": urlencode(question.query).encode(), "client": ("browser", 1), "server": ("localhost", 80)},
        **{"headers": [(name.encode(), value.encode()) for name, value in headers.items()], "state": {}},
    }

    async def receive() -> Message:
        if unsent:
            return unsent.pop()
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        messages.append(message)
        if last and last in message.get("body", b""):
            said.set()

    failed = ""
    last = next((word for start, word in SAID.items() if question.target.startswith(start)), b"")
    with anyio.move_on_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:

            async def run() -> None:
                nonlocal failed
                try:
                    await app(scope, receive, send)
                except Exception as error:
                    failed = type(error).__name__
                tasks.cancel_scope.cancel()

            tasks.start_soon(run)
            await said.wait()
            tasks.cancel_scope.cancel()
    body = b"".join(message.get("body", b"") for message in messages)
    first = messages[0] if messages else {}
    sent = tuple(sorted((name.decode(), value.decode()) for name, value in first.get("headers", ())))
    return Answer(first.get("status"), sent, body.decode(errors="replace") + failed)


def routes(app: Any) -> Iterator[Route]:
    """Every route of an app or router and of all that is included in it."""
    for route in app.routes:
        if isinstance(route, Route):
            yield route
        else:  # a route of another kind has to be looked at first: there is no way round this error
            yield from routes(route.original_router)


def questions_of_route(route: Route, id_: str) -> Iterator[Question]:
    """The route with this id wherever it takes anything: in its path, in its query, in its body."""
    target = re.sub(r"\{(\w+)(:\w+)?\}", lambda _: quote(id_), route.path)
    names = [one.alias for one in route.dependant.query_params] if isinstance(route, APIRoute) else []
    query = dict.fromkeys([*names, "session_hash", "upload_id", "event_id"], id_)
    body = dict.fromkeys(("session_hash", "event_id", "component_id", "fn_name"), id_) | {"fn_index": 0, "data": [id_]}
    for method in sorted({"HEAD", *(route.methods or {"GET", "POST"})}):
        yield Question(method, target, query, body if method == "POST" else None)


def spellings(path: str) -> tuple[str, ...]:
    """The ways to write a path in an address that a server could take for the same."""
    plain, whole = quote(path), quote(path, safe="")
    doubled, dotted = plain.replace("/", "//"), plain.replace("/", "/./")
    around = [f"/{plain}", f"{plain}/", f"x/../{plain}", f"..{plain}", f"{plain}%00", f"{plain}%20", f"file://{plain}"]
    return plain, whole, whole.lower(), doubled, dotted, plain.replace("/", "%5C"), quote(whole), *around


@cache
def names_in_handlers() -> frozenset[str]:
    """Every name that the page's code could look for in what a browser tells it."""
    rooms = (Path(room.__path__[0]) for room in (components, web))
    files = [path for room in rooms for path in room.rglob("*.py") if path.name != "theme.py"]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(text for text in constants if isinstance(text, str) and text.isidentifier())


def question_of_handler(fn: BlockFunction, way: str, told: Any, id_: str, session: str, switch: bool) -> Question:
    """The page's own question to a handler, with this id in every field that takes a text or a file."""
    data = [_entered(block, id_, switch) for block in fn.inputs]
    body = {"fn_index": fn._id, "data": data, "event_data": told, "session_hash": session, "event_id": id_}
    return Question("POST", f"/gradio_api/{way}", body=body)


def question_of_endpoint(name: str, parameters: Mapping[str, Any], told: Mapping[str, Any], session: str) -> Question:
    """The question of a page's script or a program to an endpoint; what is not `told` has its default."""
    data = [told.get(parameter, usual) for parameter, usual in parameters.items()]
    return Question("POST", f"/gradio_api/run/{name}", body={"data": data, "session_hash": session})


def what_came_of(question: Question, answer: Answer) -> Question | None:
    """A look at what had to wait in the queue."""
    if not answer.text.startswith('{"event_id":'):
        return None
    if question.target.endswith("/queue/join"):
        return Question("GET", "/gradio_api/queue/data", {"session_hash": question.body["session_hash"]})
    return Question("GET", f"{question.target}/{json.loads(answer.text)['event_id']}")


def _entered(block: Any, id_: str, switch: bool) -> Any:
    if block.elem_id == "filter-bar":
        return {"everywhere": switch, "trashed": switch}
    if isinstance(block, gr.Image | gr.Video | gr.Audio | gr.File):
        return {"path": id_, "orig_name": "a file", "meta": {"_type": "gradio.FileData"}}
    if isinstance(block, gr.Textbox | WorkspaceChoice):
        return id_
    return switch if isinstance(block, gr.Checkbox) else getattr(block, "value", None)
