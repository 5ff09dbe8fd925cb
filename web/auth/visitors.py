"""Anonymous visitors: each browser has a space of its own, by a cookie that only this studio can sign."""

import hmac
import re
import secrets
import time
from pathlib import Path

from fastapi import Request
from filelock import FileLock
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.users import VISITOR
from storage.media.blobs import sync
from storage.private import make_private
from studio.errors import SettingError
from studio.settings import opening

KEY_BYTES = 32
DAYS = 365
"""The lifetime of a visitor's cookie, renewed at each visit."""

_SIGNED = re.compile(r"([0-9a-f]{32})\.([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)
_NEW = "studio.visitor"


class Visitors:
    """Identifies visitors by a signed cookie, and gives new ones one; `framed` is a page in a Space.

    A cookie that is forged, damaged or too old counts as none. Only the page gives new ones: all its other requests
    carry one already, and several at once would else be several visitors.
    """

    def __init__(self, key: bytes, framed: bool = False, path: str = "/") -> None:
        self._key = key
        # A browser takes a __Host- cookie from this very host only, and not from another Space.
        self._former_name = "__Host-studio-visitor" if framed else "studio-visitor"
        self._name = f"{self._former_name}-{cookie_suffix(key)}"
        self._framed = framed
        self._path = path

    def of(self, request: Request) -> str | None:
        """The visitor's user id."""
        visitor = request.scope.get(_NEW) or self._visitor(request)
        return visitor and f"{VISITOR}{visitor}"

    def admit(self, scope: Scope) -> tuple[Scope, str]:
        """The request as one of its visitor, who may be new, and the cookie to answer with."""
        visitor = self._visitor(Request(scope)) or secrets.token_hex(16)
        return {**scope, _NEW: visitor}, self._cookie(visitor, scope["scheme"] == "https")

    def _visitor(self, request: Request) -> str | None:
        """The former name was that of every studio; what stands under it may be another's."""
        cookies = (request.cookies.get(name, "") for name in (self._name, self._former_name))
        return next(filter(None, map(self._read, cookies)), None)

    def _cookie(self, visitor: str, secure: bool) -> str:
        given = int(time.time())
        value = f"{visitor}.{given}.{self._signature(visitor, given)}"
        limits = "SameSite=Lax; Secure" if secure else "SameSite=Lax"
        if self._framed:  # Partitioned: a cookie for this page inside that one site
            limits = "SameSite=None; Secure; Partitioned"
        return f"{self._name}={value}; Path={self._path}; Max-Age={DAYS * 86400}; HttpOnly; {limits}"

    def _read(self, cookie: str) -> str | None:
        found = _SIGNED.fullmatch(cookie)
        if found is None:
            return None
        visitor, given, signature = found[1], int(found[2]), found[3]
        signed = hmac.compare_digest(signature, self._signature(visitor, given))
        return visitor if signed and time.time() - given < DAYS * 86400 else None

    def _signature(self, visitor: str, given: int) -> str:
        return hmac.digest(self._key, f"{visitor}.{given}".encode(), "sha256").hex()


class Entrance:
    """An ASGI app for the page's route, which lets everyone in."""

    def __init__(self, gradio: ASGIApp, visitors: Visitors) -> None:
        self._gradio = gradio
        self._visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope, cookie = self._visitors.admit(scope)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("set-cookie", cookie)
                headers["cache-control"] = "no-store"  # a cache in between would hand the cookie to others
            await send(message)

        await self._gradio(scope, receive, send_with_cookie)


def cookie_suffix(key: bytes) -> str:
    """This studio's own part of its cookies' names: a browser sends the cookies of all studios on a host to each."""
    return hmac.digest(key, b"the names of cookies", "sha256").hex()[:8]


def visitors_key(path: Path) -> bytes:
    """The key in this file, made at the first start; whoever deletes it makes strangers of all visitors.

    One that was cut short when it was made, as by a full disk, has signed nothing: it is made again. Servers that
    start at once agree on one. Raises `SettingError` for a file that is no key, and where none can be kept.
    """
    with opening("data_dir"), FileLock(path.with_suffix(".lock")):
        make_private(path)
        key = path.read_bytes() if path.exists() else b""
        if len(key) < KEY_BYTES or not any(key):  # zeros are what a disk may have for bytes that did not get there
            key = _make_key(path)
    if len(key) > KEY_BYTES:
        raise SettingError("data_dir", f"{path} is no key of a studio: delete it, and every visitor starts over")
    return key


def _make_key(path: Path) -> bytes:
    key, new = secrets.token_bytes(KEY_BYTES), path.with_suffix(".new")
    new.touch(0o600)
    new.write_bytes(key)
    sync(new)
    new.replace(path)
    sync(path)
    return key
