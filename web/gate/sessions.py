"""Keeps the users' Gradio sessions apart: another user's session, event or upload counts as one that does not exist.

Gradio lets everyone who knows the id of a session, an event or an upload listen to it, write into it or end it. And it
tells everyone whether a file lies at a path, before a handler can ask whose that is.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.gate.bodies import parsed
from web.gate.buffered import BufferedResponse

_CHOSEN = ("session_hash", "upload_id")
"""The ids that a browser makes up; each gets its user's mark, so that equal ones of two users are two."""

_NOBODYS = "nobodys"
"""Stands for an event that is not the user's own; Gradio makes the ids of events."""

_WITH_IDS = ("queue", "run", "call", "cancel", "reset")
"""The first parts of the API paths whose JSON bodies carry ids."""

_MOST_EVENTS = 100_000
_SMALL = 10_000
"""Bytes of a body that takes no longer than a thread does to begin."""


class Sessions:
    """An ASGI app before Gradio that passes a request on with its ids made the user's own."""

    def __init__(
        self,
        gradio: ASGIApp,
        user_of: Callable[[Request], str | None],
        owns_file: Callable[[Request, str], bool],
        no_file: Path,
    ) -> None:
        """`no_file` stands for every file that is not the user's own: a path that Gradio lets pass, but no file."""
        self._gradio = gradio
        self._user_of = user_of
        self._owns_file = owns_file
        self._no_file = str(no_file)
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request; `call` in the path parameters is what follows `/gradio_api/`."""
        request = Request(scope, receive)
        mark = hashlib.sha256((self._user_of(request) or "").encode()).hexdigest()
        first, *rest = scope["path_params"]["call"].split("/")
        posted = scope["method"] == "POST"
        scope = {**scope, "query_string": _marked_query(scope["query_string"], mark)}
        if first == "call" and len(rest) > 1 and not posted:
            before, _, event = scope["path"].rpartition("/")
            scope |= _path(f"{before}/{self._own(event, mark)}")
        if posted and first in _WITH_IDS:
            body = await self._own_body(request, first, await request.body(), mark)
            scope, receive = _with_body(scope, receive, body)
        if posted and first in ("queue", "call"):
            await self._begin(scope, receive, send, mark)
        else:
            await self._gradio(scope, receive, send)

    async def _begin(self, scope: Scope, receive: Receive, send: Send, mark: str) -> None:
        """Write down whose the event is before the page hears of it."""
        answer = BufferedResponse()
        await answer.ask(self._gradio, scope, receive)
        event = answer.json()
        if isinstance(event, dict) and "event_id" in event:
            self._owners[event["event_id"]] = mark
            if len(self._owners) > _MOST_EVENTS:
                self._owners.popitem(last=False)
        await answer.replay(send)

    def _own(self, event: str, mark: str) -> str:
        return event if self._owners.get(event) == mark else _NOBODYS

    async def _own_body(self, request: Request, first: str, body: bytes, mark: str) -> bytes:
        """The body as its user's own; nothing at all for what is no JSON, which Gradio then refuses.

        A large one is read and written in a thread, so that nobody else waits for it.
        """
        is_large = len(body) > _SMALL
        try:
            sent, files = await run_in_threadpool(_read, body) if is_large else _read(body)
        except (ValueError, RecursionError):
            return b""
        if isinstance(sent, dict):
            if first == "run" and not sent.get("session_hash"):
                sent["session_hash"] = ""  # without one Gradio makes a session with a copy of all components' settings
            sent |= {name: sent[name] + mark for name in _CHOSEN if isinstance(sent.get(name), str)}
            if isinstance(event := sent.get("event_id"), str):
                sent["event_id"] = self._own(event, mark)
        for file in files:
            if not await run_in_threadpool(self._owns_file, request, file["path"]):
                file["path"] = self._no_file
        return (await run_in_threadpool(json.dumps, sent) if is_large else json.dumps(sent)).encode()


def _read(body: bytes) -> tuple[Any, list[dict[str, Any]]]:
    """What was sent, and what of it Gradio takes for files."""
    sent = parsed(body)
    return sent, list(_files(sent))


def _files(sent: Any, told: bool = False) -> Iterator[dict[str, Any]]:
    """What Gradio takes for files: among the values what says so, in what an event tells every object with a path."""
    if isinstance(sent, dict):
        if isinstance(sent.get("path"), str) and (told or "meta" in sent):
            yield sent
        for name, value in sent.items():
            yield from _files(value, told or name == "event_data")
    elif isinstance(sent, list):
        for value in sent:
            yield from _files(value, told)


def _marked_query(query: bytes, mark: str) -> bytes:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    if not any(name in _CHOSEN for name, _ in pairs):
        return query
    return urlencode([(name, value + mark if name in _CHOSEN else value) for name, value in pairs]).encode()


def _path(path: str) -> dict[str, Any]:
    return {"path": path, "raw_path": path.encode()}


def _with_body(scope: Scope, receive: Receive, body: bytes) -> tuple[Scope, Receive]:
    """The request with this body in place of the one that has been read."""
    scope = {**scope, "headers": list(scope["headers"])}
    MutableHeaders(scope=scope)["content-length"] = str(len(body))
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_body() -> Message:
        return first.pop() if first else await receive()

    return scope, receive_body
