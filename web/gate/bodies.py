"""Limits of request bodies: files are uploaded, so all else is small, and a larger body is refused with a sentence.

What is small is also quick: Gradio looks at each value of a body where everybody's answers wait.
"""

import asyncio
import json
import re
from typing import Any

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storage.tables import LONGEST_TEXT, storable

JSON_BYTES = 4 * LONGEST_TEXT + 100_000
"""The longest form that can be kept, all in characters of four bytes, and what Gradio puts around it."""

FORM_BYTES = 100_000
"""A name and a password."""

MOST_VALUES = 10_000
"""Numbers, texts and whatever holds them in one body; the largest forms have some hundreds."""

_PIECE = 16_384  # bytes

_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # possessive: one that does not end takes no longer


class SmallForms:
    """An ASGI layer: what does not go to a path below `api`, which has limits of its own, is at most a small form."""

    def __init__(self, app: ASGIApp, api: str) -> None:
        self._app = app
        self._api = f"{api}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(self._api):
            receive = limited(scope, receive, FORM_BYTES, too_large(FORM_BYTES))
        await self._app(scope, receive, send)


def limited(scope: Scope, receive: Receive, most: int, otherwise: str) -> Receive:
    """Receive a body of at most so many bytes; reading one that declares or has more is answered with 413."""
    declared = Headers(scope=scope).get("content-length", "")
    so_far = int(declared) if declared.isdigit() and int(declared) > most else 0

    async def receive_counted() -> Message:
        nonlocal so_far
        if so_far <= most:
            message = await receive()
            so_far += len(message.get("body", b""))
        if so_far > most:
            raise HTTPException(413, otherwise)
        return message

    return receive_counted


def in_pieces(receive: Receive) -> Receive:
    """The same body in smaller pieces, between which others are answered: a server's may hold hundreds of files."""
    rest, more = b"", True

    async def receive_piece() -> Message:
        nonlocal rest, more
        if rest:
            await asyncio.sleep(0)
        else:
            message = await receive()
            if message["type"] != "http.request":
                return message
            rest, more = message.get("body", b""), message.get("more_body", False)
        piece, rest = rest[:_PIECE], rest[_PIECE:]
        return {"type": "http.request", "body": piece, "more_body": more or bool(rest)}

    return receive_piece


def too_large(most: int) -> str:
    """The sentence for a request of more than `most` bytes."""
    return f"A request may have {most / 1_000_000:g} MB: upload files, and send their paths."


def parsed(body: bytes) -> Any:
    """The JSON of a body, with a `?` for each lone surrogate: no answer that repeats one can be sent.

    Raises ValueError or RecursionError for what is none, and HTTPException for too many values.
    """
    without_texts = _TEXT.sub(b"0", body)
    if 1 + sum(map(without_texts.count, b",[{:")) > MOST_VALUES:
        raise HTTPException(413, f"A request may have {MOST_VALUES:,} values, numbers and texts alike.")
    return json.loads(storable(json.dumps(json.loads(body.decode()), ensure_ascii=False)))
