"""The names that the studio is asked by, and whose word about them counts.

A page of another site can have a name of its own made to point to this machine: the browser then takes the studio for
that site and lets its page read and do everything. What gives it away is the `Host` that the browser sends.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from studio.settings import Settings

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::\d{1,5})?", re.ASCII | re.IGNORECASE)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_FORWARDED = (b"forwarded", b"x-forwarded-")
_GRADIOS = b"x-gradio-server"
"""Where Gradio's own front server says it is; the studio has none, and Gradio would believe anyone."""


class Hosts:
    """The studio's names: the given ones, and every IP address, which is no name that could be made to point here.

    `origin` is where a proxy publishes the studio, if it is known as a whole.
    """

    def __init__(self, names: frozenset[str], origin: str = "") -> None:
        self._names = names
        self._published = urlsplit(origin).netloc.lower()

    @classmethod
    def of(cls, settings: Settings) -> "Hosts":
        """What the settings and the Space name."""
        return cls(settings.names, settings.root_path)

    def stranger(self, hosts: Sequence[str]) -> str | None:
        """The first that is none of the studio's; empty when there is none at all."""
        return next((host for host in hosts or [""] if not self._is_own(host)), None)

    def _is_own(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        return found is not None and (_is_address(found[1] or found[2]) or (found[2] or "").lower() in self._names)

    def publishes(self, origin: str, host: str) -> bool:
        """Whether what a browser calls the origin of a page is the studio that it asked for at `host`."""
        scheme, _, site = origin.lower().partition("://")
        asked = host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
        return scheme in _DEFAULT_PORTS and site in {asked, self._published} - {""}


def asked_hosts(headers: Headers) -> list[str]:
    """Every name that the request says it was sent to, the one that the browser knows first."""
    forwarded = [host.strip() for line in headers.getlist("x-forwarded-host") for host in line.split(",")]
    return forwarded + headers.getlist("host")


class Forwarded:
    """An ASGI app in front of another that believes `proxies` where a request came from, and takes out others' word."""

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self._app = app
        self._believing = ProxyHeadersMiddleware(app, list(proxies))  # type: ignore[arg-type]  # its own ASGI types

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        sender = (scope.get("client") or ("",))[0]
        believed = sender in self._believing.trusted_hosts
        unfounded = (_GRADIOS,) if believed else (_GRADIOS, *_FORWARDED)
        headers = [(name, value) for name, value in scope["headers"] if not name.startswith(unfounded)]
        app: ASGIApp = self._believing if believed else self._app  # type: ignore[assignment]
        await app({**scope, "headers": headers}, receive, send)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
