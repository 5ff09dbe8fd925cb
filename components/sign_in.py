"""Signing in with Hugging Face: Gradio's own routes for it, and the page that a stranger sees instead of the studio."""

from fastapi import FastAPI, Request
from gradio.oauth import attach_oauth
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from components.assets import read
from components.users import user_of_page


def add_hugging_face(app: FastAPI) -> None:
    """Add /login/huggingface, /login/callback, /logout and the signed session; to be called before pages are mounted.

    On the outer app, not on Gradio's, so that the routes of files know the session too.
    """
    attach_oauth(app)


class SignIn:
    """An ASGI app for the page's route: the studio for who has signed in, a link to Hugging Face for a stranger."""

    def __init__(self, gradio: ASGIApp) -> None:
        self._gradio = gradio
        self._page = read("sign_in.html")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stranger = user_of_page(Request(scope)) is None
        answer = HTMLResponse(self._page, headers={"cache-control": "no-store"}) if stranger else self._gradio
        await answer(scope, receive, send)
