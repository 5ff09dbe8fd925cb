"""Signing in with a name and a password, in place of Gradio's own way: its logins never end, and it lets one guess.

Accounts are those of the setting and those of the database; who has signed in stands in the database, so that it holds
at every page of a studio and after a restart, until it is ended there.
"""

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from ipaddress import ip_address, ip_network
from zlib import crc32

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storage.accounts import AccountStore, Login
from storage.database import log_safe
from storage.errors import DatabaseFaultError
from web.auth.throttle import Throttle
from web.auth.visitors import cookie_suffix
from web.gate.logins import cookie_names

log = logging.getLogger(__name__)

DAYS = 14
"""The lifetime of a login."""

_LOOK_SECONDS = 2.0
"""For how long a login that was there counts: a page asks many times a second, and another page may have ended it."""

_MOST_KNOWN = 10_000
_MOST_HASHES = 2  # at a time: each takes 32 MB and a processor

_KNOWN_SECONDS = 365 * 86_400
_WRONG = "Incorrect credentials."
_WAIT = "Another attempt to sign in as this user waits for its turn: try again in half a minute."


class Logins:
    """The tokens of logins, each for a limited time; Gradio reads it as its own dict of tokens."""

    def __init__(self, store: AccountStore, setting_of: Callable[[str], str] = lambda _: "") -> None:
        """`setting_of` tells a setting's account by a text that changes with its password; it is empty for others."""
        self._store = store
        self._setting_of = setting_of
        self._known: dict[str, tuple[Login, float]] = {}

    def begin(self, user: str) -> str:
        """A new token for this user."""
        token, ends = secrets.token_urlsafe(32), datetime.fromtimestamp(time.time() + DAYS * 86_400, UTC)
        self._store.begin_login(token, Login(user, self._setting_of(user), ends))
        return token

    def get(self, token: str | None) -> str | None:
        """The user who has this token."""
        login = self._login(token) if token else None
        if login is None or login.ends_at.timestamp() <= time.time():
            return None
        return login.name if login.setting == self._setting_of(login.name) else None

    def _login(self, token: str) -> Login | None:
        known, looked = self._known.get(token, (None, 0.0))
        if known is not None and time.monotonic() - looked < _LOOK_SECONDS:
            return known
        try:
            found = self._store.login(token)
        except DatabaseFaultError:  # who was signed in is told so by what is asked of the database
            return known
        self._known.pop(token, None)
        if found is not None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[token] = found, time.monotonic()
        return found

    def end(self, user: str | None) -> None:
        """End all logins of this user."""
        if user is not None:
            self._store.end_logins(user)
            self._known.clear()


class Accounts:
    """The accounts of the setting and of the database, and who is signed in to them; `key` is the studio's own."""

    def __init__(self, accounts: Iterable[tuple[str, str]], key: bytes, store: AccountStore) -> None:
        known = dict(accounts)
        self._key = key
        self._store = store
        self._digests = {name: self._digest(password) for name, password in known.items()}
        self._nobodys = secrets.token_bytes(32)
        self.logins = Logins(store, lru_cache(maxsize=None)(partial(_setting, known, key)))
        self._throttle = Throttle()
        self._hashing = CapacityLimiter(_MOST_HASHES)
        self.suffix = cookie_suffix(key)
        self._names = cookie_names(self.suffix)
        self._known = f"studio-known-{self.suffix}"

    def route(self) -> Route:
        """Where Gradio's page sends a name and a password."""
        return Route("/login", self._sign_in, methods=["POST"])

    def of(self, request: Request) -> str | None:
        """The account that signed in with its password."""
        return self.logins.get(next((request.cookies[one] for one in self._names if one in request.cookies), None))

    def sign_out(self, request: Request, response: Response) -> None:
        """End the logins of the request's user in every browser."""
        self.logins.end(self.of(request))
        for name in self._names:
            response.delete_cookie(name)

    async def _sign_in(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10) as form:
            name, password = (str(form.get(field, "")) for field in ("username", "password"))
        name = name.strip()
        who = self._who(request, name)
        if not await self._throttle.admit(who):
            return JSONResponse({"detail": _WAIT}, 429)
        try:
            knows = await to_thread.run_sync(self._knows, name, password, limiter=self._hashing)
            response = await to_thread.run_sync(self._signed_in, name) if knows else None
            is_name = await to_thread.run_sync(self._is_name, name)
        except DatabaseFaultError as error:
            self._throttle.unknown(who)
            return JSONResponse({"detail": str(error)}, 503)
        except BaseException:  # also a browser that has gone: else the look would count for ever
            self._throttle.unknown(who)
            raise
        if response is None:
            self._throttle.wrong(who)
            shown = log_safe(name) if is_name else "an unknown name"  # which may be a password
            log.warning("Refused to sign in %s from %s", shown, _address(request))
            return JSONResponse({"detail": _WRONG}, 400)
        self._throttle.right(who)
        return response

    def _knows(self, name: str, password: str) -> bool:
        """Takes as long for a name that nobody has, and for one of the setting, whose account of the database rests."""
        is_settings = hmac.compare_digest(self._digest(password), self._digests.get(name, self._nobodys))
        is_databases = self._store.knows(name, password)
        return is_settings if name in self._digests else is_databases

    def _is_name(self, name: str) -> bool:
        return name in self._digests or self._store.has(name)

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(errors="surrogatepass"), "sha256")

    def _signed_in(self, name: str) -> Response:
        secure, plain = self._names
        response, token = JSONResponse({"success": True}), self.logins.begin(name)
        response.set_cookie(secure, token, httponly=True, samesite="none", secure=True)
        response.set_cookie(plain, token, httponly=True, samesite="lax")
        browser = secrets.token_hex(16)
        known = f"{browser}.{self._signature(browser, name)}"
        response.set_cookie(self._known, known, max_age=_KNOWN_SECONDS, httponly=True, samesite="lax")
        return response

    def _who(self, request: Request, name: str) -> str:
        """Whom the throttle counts: a browser in which this account signed in before, or an address.

        A thousand numbers stand for all names, known ones or not, so that one address cannot make the throttle forget
        the others.
        """
        browser, _, signature = request.cookies.get(self._known, "").partition(".")
        if hmac.compare_digest(signature.encode(), self._signature(browser, name).encode()):
            return f"{browser} {name}"
        return f"{_address(request)} {crc32(name.encode(errors='surrogatepass')) % 1000}"

    def _signature(self, browser: str, name: str) -> str:
        return self._digest(f"{browser} knows {name}").hex()


def _setting(accounts: Mapping[str, str], key: bytes, name: str) -> str:
    """What stands for the account's line in the setting: as slow to guess from as what is kept of a password."""
    if name not in accounts:
        return ""
    salt = hmac.digest(key, f"setting {name}".encode(errors="surrogatepass"), "sha256")
    return hashlib.scrypt(accounts[name].encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()


def _address(request: Request) -> str:
    """The client's address; of IPv6 the /64 prefix, which one customer has for all machines."""
    address = request.client.host if request.client else ""
    try:
        return str(ip_network(f"{address}/64", strict=False) if ip_address(address).version == 6 else address)
    except ValueError:  # a socket of this machine has none
        return address
