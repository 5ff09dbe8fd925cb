"""How errors reach the user."""

from collections.abc import Callable
from functools import wraps
from html import escape
from typing import Any

import gradio as gr

from storage.errors import StorageError
from studio.errors import StudioError


def refusal(error: Exception, title: str = "Not done") -> gr.Error:
    """The error as a toast, which Gradio draws as HTML: so its text is escaped."""
    return gr.Error(escape(str(error)), title=title, print_exception=False)


def telling(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler, with what the studio or its stores refuse told to the user."""

    @wraps(handler)
    def told(*given: Any, **named: Any) -> Any:
        try:
            return handler(*given, **named)
        except (StudioError, StorageError) as error:
            raise refusal(error) from error

    return told
