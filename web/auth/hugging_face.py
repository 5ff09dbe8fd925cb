"""Signing in with Hugging Face: who has done so, and the page that a stranger sees instead of the studio."""

import logging
import math
import secrets
import time
from pathlib import Path
from string import Template
from typing import Any

from fastapi import Request
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from components.users import user_of_page
from storage.database import log_safe
from web.auth.sign_out import EndedLogins
from web.gate.buffered import BufferedResponse
from web.gate.oauth import LOGIN, keeps_no_cookies

log = logging.getLogger(__name__)

WELCOME = "What you make here is yours alone. Sign in to begin."
CANCELLED = "Signing in was cancelled at Hugging Face. Sign in to begin."
NO_COOKIES = "Signing in did not work: your browser keeps no cookies of this page. Allow them and try again."
FAILED = "Signing in did not work: Hugging Face did not answer as it should. Try again in a minute."


class HuggingFace:
    """Who is signed in with Hugging Face, by a session whose cookie is signed and holds all there is to know."""

    def __init__(self, ended: EndedLogins) -> None:
        self._ended = ended

    def of(self, request: Request) -> str | None:
        """The user, by the id that stays when an account is renamed."""
        login = request.session.get(LOGIN)
        if login is None or login.get("expires_at", math.inf) < time.time() or self._ended.has(login):
            return None
        return f"hf:{login['userinfo']['sub']}"

    def sign_out(self, request: Request, response: Response) -> None:
        """End the request's login; a copy of its cookie is a stranger's from now on."""
        if login := request.session.pop(LOGIN, None):
            self._ended.add(login)


class SignIn:
    """An ASGI app for the page's route: the studio for who has signed in, a link to Hugging Face for a stranger."""

    def __init__(self, gradio: ASGIApp) -> None:
        self._gradio = gradio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stranger = user_of_page(Request(scope)) is None
        await (_page(WELCOME) if stranger else self._gradio)(scope, receive, send)


class OAuthStep:
    """An ASGI app around Gradio's way to Hugging Face or back: where it fails, a page says so and offers it again.

    Gradio itself would answer 500, also to one who cancels, and send a browser without cookies round for ever.
    """

    def __init__(self, gradio: ASGIApp) -> None:
        self._gradio = gradio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, answer = Request(scope), BufferedResponse()
        hindrance = _hindrance(request.query_params)
        if hindrance is None:
            try:
                await answer.ask(self._gradio, scope, receive)
                _keep_who_it_is(request.session)
            except Exception as error:  # of authlib, joserfc or httpx, or of what was made of an answer without sense
                log.warning("Signing in did not work: %s: %s", type(error).__name__, log_safe(str(error)))
                hindrance = FAILED
        if hindrance is None:
            await answer.replay(send)
        else:
            await _page(hindrance, 403)(scope, receive, send)


def _hindrance(query: QueryParams) -> str | None:
    if query.get("error") == "access_denied":
        return CANCELLED
    return NO_COOKIES if keeps_no_cookies(query) else None


def _keep_who_it_is(session: dict[str, Any]) -> None:
    """Leave out the tokens: the cookie is signed, not secret, and browsers keep none of more than 4 kB.

    Raises `KeyError` when Hugging Face has not said who it is.
    """
    if LOGIN in session:
        login = session.pop(LOGIN)
        who = {"id": secrets.token_hex(16), "userinfo": {"sub": login["userinfo"]["sub"]}}
        session[LOGIN] = {"expires_at": login["expires_at"], **who}


def _page(says: str, status: int = 200) -> HTMLResponse:
    page = Template(Path(__file__).with_name("sign_in.html").read_text(encoding="utf-8")).substitute(says=says)
    return HTMLResponse(page, status, headers={"cache-control": "no-store"})
