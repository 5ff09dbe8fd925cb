"""Signing in with a name and a password, in place of Gradio's own way: its logins never end, and it lets one guess."""

import hmac
import logging
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from zlib import crc32

from fastapi import Request
from gradio.routes import App
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storage.database import log_safe
from web.auth.brake import Brake
from web.auth.visitors import studio_mark

log = logging.getLogger(__name__)

DAYS = 14
"""How long a login lasts; a restart of the studio ends all of them."""

_MOST_LOGINS = 100
"""Of one account; the oldest gives way."""

_KNOWN_SECONDS = 365 * 86_400
_WRONG = "Incorrect credentials."
_WAIT = "Another attempt to sign in as this user waits for its turn: try again in half a minute."


@dataclass(frozen=True)
class _Login:
    user: str
    ends: float


class Logins:
    """The tokens given out, each for a limited time; Gradio looks into it as into its own dict of them."""

    def __init__(self) -> None:
        self._logins: dict[str, _Login] = {}

    def begin(self, user: str) -> str:
        """A new token for this user."""
        self._logins = {token: login for token, login in self._logins.items() if login.ends > time.time()}
        own = [token for token, login in self._logins.items() if login.user == user]
        for token in own[: max(0, len(own) + 1 - _MOST_LOGINS)]:
            del self._logins[token]
        token = secrets.token_urlsafe(32)
        self._logins[token] = _Login(user, time.time() + DAYS * 86_400)
        return token

    def get(self, token: str | None) -> str | None:
        """The user who has this token."""
        login = self._logins.get(token or "")
        return login.user if login and login.ends > time.time() else None

    def end(self, user: str | None) -> None:
        """End all logins of this user."""
        self._logins = {token: login for token, login in self._logins.items() if login.user != user}


class Accounts:
    """The accounts of the settings, and who is signed in to them; `key` is the studio's own."""

    def __init__(self, accounts: Iterable[tuple[str, str]], key: bytes) -> None:
        self._key = key
        self._digests = {name: self._digest(password) for name, password in accounts}
        self._nobodys = secrets.token_bytes(32)
        self._logins = Logins()
        self._brake = Brake()
        self._mark = studio_mark(key)
        self._names = (f"access-token-{self._mark}", f"access-token-unsecure-{self._mark}")
        self._known = f"studio-known-{self._mark}"

    def take_over(self, gradio: App) -> None:
        """Let Gradio ask here who has signed in; its page for strangers stays, and its own login lets nobody in."""
        gradio.cookie_id = self._mark  # of which Gradio makes the names of the two cookies that it reads
        gradio.tokens = self._logins  # type: ignore[assignment]

    def route(self) -> Route:
        """Where Gradio's page sends a name and a password."""
        return Route("/login", self._sign_in, methods=["POST"])

    def of(self, request: Request) -> str | None:
        """The account that signed in with its password."""
        return self._logins.get(next((request.cookies[one] for one in self._names if one in request.cookies), None))

    def sign_out(self, request: Request, response: Response) -> None:
        """End the logins of the request's user in every browser."""
        self._logins.end(self.of(request))
        for name in self._names:
            response.delete_cookie(name)

    async def _sign_in(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10) as form:
            name, password = (str(form.get(field, "")) for field in ("username", "password"))
        name = name.strip()
        who = self._who(request, name)
        if not await self._brake.admit(who):
            return JSONResponse({"detail": _WAIT}, 429)
        if not self._knows(name, password):
            self._brake.wrong(who)
            shown = log_safe(name) if name in self._digests else "an unknown name"  # which may be a password
            log.warning("Refused to sign in %s from %s", shown, _address(request))
            return JSONResponse({"detail": _WRONG}, 400)
        self._brake.right(who)
        return self._signed_in(name)

    def _knows(self, name: str, password: str) -> bool:
        """Takes as long for a name that nobody has."""
        return hmac.compare_digest(self._digest(password), self._digests.get(name, self._nobodys))

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(errors="surrogatepass"), "sha256")

    def _signed_in(self, name: str) -> Response:
        secure, plain = self._names
        response, token = JSONResponse({"success": True}), self._logins.begin(name)
        response.set_cookie(secure, token, httponly=True, samesite="none", secure=True)
        response.set_cookie(plain, token, httponly=True, samesite="lax")
        browser = secrets.token_hex(16)
        known = f"{browser}.{self._signature(browser, name)}"
        response.set_cookie(self._known, known, max_age=_KNOWN_SECONDS, httponly=True, samesite="lax")
        return response

    def _who(self, request: Request, name: str) -> str:
        """Whom the brake counts: a browser in which this account signed in before, or an address.

        A thousand numbers stand for all names, known ones or not, so that one address cannot make the brake forget
        the others.
        """
        browser, _, signature = request.cookies.get(self._known, "").partition(".")
        if hmac.compare_digest(signature.encode(), self._signature(browser, name).encode()):
            return f"{browser} {name}"
        return f"{_address(request)} {crc32(name.encode(errors='surrogatepass')) % 1000}"

    def _signature(self, browser: str, name: str) -> str:
        return self._digest(f"{browser} knows {name}").hex()


def _address(request: Request) -> str:
    """Who asks; of IPv6 the part that one customer has for all machines."""
    address = request.client.host if request.client else ""
    try:
        return str(ip_network(f"{address}/64", strict=False) if ip_address(address).version == 6 else address)
    except ValueError:  # a socket of this machine has none
        return address
