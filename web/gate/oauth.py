"""Gradio's routes for signing in with Hugging Face, and what they leave in the session."""

from collections.abc import Callable, Mapping

from fastapi import FastAPI
from fastapi.routing import APIRoute
from gradio.oauth import MAX_REDIRECTS, attach_oauth
from starlette.types import ASGIApp

LOGIN = "oauth_info"
"""Where in the session what Hugging Face has said of who signs in stands: its tokens, until when, and `userinfo`."""


def add_steps(app: FastAPI, around: Callable[[ASGIApp], ASGIApp]) -> None:
    """Add /login/huggingface and /login/callback with `around` around each, and the signed session.

    To be called before pages are mounted, on the outer app, so that the routes of files know the session too.
    """
    attach_oauth(app)
    for route in app.routes:
        if isinstance(route, APIRoute) and route.path.startswith("/login/"):
            route.app = around(route.app)


def keeps_no_cookies(query: Mapping[str, str]) -> bool:
    """Whether the browser was sent back so often, each time without its cookie, that it keeps none."""
    return query.get("_nb_redirects") == str(MAX_REDIRECTS + 1)
