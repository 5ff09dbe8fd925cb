"""Who is asking: the one place that turns a request into a user id."""

from typing import Any

import gradio as gr
from fastapi import FastAPI, Request

from studio.settings import LOCAL_USER


def user_of(request: gr.Request) -> str:
    """The user id behind an event of the page; Gradio has turned strangers away before a handler runs."""
    return request.username or LOCAL_USER


def user_of_page(request: Request) -> str | None:
    """The user id behind a request for a file: `None` for a stranger, where there are accounts.

    Reads what Gradio's own `get_current_user` reads: the cookie set at login and the tokens given out.
    """
    login: Any = _gradio(request.app)
    if login.auth is None:
        return LOCAL_USER
    names = (f"access-token-{login.cookie_id}", f"access-token-unsecure-{login.cookie_id}")
    tokens = (request.cookies[name] for name in names if name in request.cookies)
    user: str | None = login.tokens.get(next(tokens, None))
    return user


def _gradio(app: FastAPI) -> Any:
    return app.state.gradio
