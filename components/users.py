"""Who is asking: the one place that turns a request into a user id, for events, files and uploads alike."""

from collections.abc import Callable
from urllib.parse import unquote

import gradio as gr
from fastapi import Request

from studio.log import on_behalf_of
from studio.settings import LOCAL_USER

VISITOR = "visitor:"
"""What the user ids of anonymous visitors begin with."""

UserOf = Callable[[Request], str | None]
"""Who sends a request under one kind of login: `None` for a stranger."""


def user_of(request: gr.Request) -> str:
    """The user id behind an event of the page; Gradio asks the same login, and turns strangers away before a handler.

    What the event logs from then on is of that user. Raises `gr.Error` for a stranger all the same, so that a way round
    Gradio's check leads nowhere.
    """
    if not request.username:
        raise gr.Error("Reload the page to come in again.", print_exception=False)
    on_behalf_of(request.username)
    return request.username


def user_of_page(request: Request) -> str | None:
    """The user id behind a request for a file: `None` for a stranger.

    So is a page to whoever signs in in another tab of its browser: what it holds is not theirs. A visitor's first two
    tabs are no two people's.
    """
    who: UserOf = request.app.state.user_of
    user, opened_by = who(request), request.headers.get("x-studio-user")
    if user is None or opened_by is None or user.startswith(VISITOR) or unquote(opened_by) == user:
        return user
    return None


def local_user(request: Request) -> str | None:
    """Everyone, in a studio without a login."""
    return LOCAL_USER
