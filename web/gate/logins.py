"""Tells Gradio who has signed in: it looks up the token of a cookie, whose name it makes, in a dict of its app."""

from typing import Protocol

from gradio.routes import App


class Tokens(Protocol):
    """The tokens given out, as Gradio asks for their users."""

    def get(self, token: str | None) -> str | None:
        """The user who has this token."""


def cookie_names(suffix: str) -> tuple[str, str]:
    """The cookies of a token: the one that comes by https alone, where Gradio looks first, and the other one."""
    return f"access-token-{suffix}", f"access-token-unsecure-{suffix}"


def use_logins(gradio: App, suffix: str, logins: Tokens) -> None:
    """Let Gradio ask these who has signed in; its page for strangers stays, and its own login lets nobody in."""
    gradio.cookie_id = suffix
    gradio.tokens = logins  # type: ignore[assignment]
