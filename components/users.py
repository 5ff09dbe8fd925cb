"""Who is asking: the one place that turns a request into a user id, for events, files and uploads alike."""

import math
import time
from collections.abc import Callable
from typing import Any

import gradio as gr
from fastapi import Request

from studio.settings import LOCAL_USER

UserOf = Callable[[Request], str | None]
"""Who sends a request under one kind of login: `None` for a stranger."""


def user_of(request: gr.Request) -> str:
    """The user id behind an event of the page; Gradio asks the same login, and turns strangers away before a handler.

    Raises `gr.Error` for a stranger all the same, so that a way round Gradio's check leads nowhere.
    """
    if not request.username:
        raise gr.Error("Reload the page to come in again.", print_exception=False)
    return request.username


def user_of_page(request: Request) -> str | None:
    """The user id behind a request for a file: `None` for a stranger."""
    who: UserOf = request.app.state.user_of
    return who(request)


def local_user(request: Request) -> str | None:
    """Everyone, in a studio without a login."""
    return LOCAL_USER


def account_of(request: Request) -> str | None:
    """The account that signed in with its password.

    Reads what Gradio's own `get_current_user` reads: the cookie set at login and the tokens given out.
    """
    login: Any = request.app.state.gradio
    names = (f"access-token-{login.cookie_id}", f"access-token-unsecure-{login.cookie_id}")
    tokens = (request.cookies[name] for name in names if name in request.cookies)
    user: str | None = login.tokens.get(next(tokens, None))
    return user


def hugging_face_user(request: Request) -> str | None:
    """Who signed in with Hugging Face, by the id that stays when an account is renamed."""
    login = request.session.get("oauth_info")
    if login is None or login.get("expires_at", math.inf) < time.time():
        return None
    return f"hf:{login['userinfo']['sub']}"
