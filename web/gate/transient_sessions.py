"""Keeps nothing of a page on the server between two of its events.

Gradio holds a session for each page and each call of the API, up to 10,000 of them: a copy of all components' settings
and last values, half a megabyte in this page, for links that restore a page and for `gr.State`. This page has neither,
so a session is made for an event and goes with it.
"""

from types import SimpleNamespace
from typing import Any, cast

from gradio.blocks import Blocks
from gradio.routes import App
from gradio.state_holder import SessionState, StateHolder
from gradio.utils import LRUCache


class TransientSession(SessionState):
    """A session of one event, without the copy of all components' settings."""

    def __init__(self, blocks: Blocks) -> None:
        # Gradio copies the settings of those components that are in `blocks`.
        super().__init__(cast(Blocks, SimpleNamespace(default_config=blocks.default_config, blocks=())))

    def _update_config(self, key: int) -> None:
        """Write nothing down: what an event has changed is in its answer."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Write nothing down."""


class TransientSessions(StateHolder):
    """Gradio's sessions, of which none is kept."""

    def __getitem__(self, session_id: str) -> SessionState:
        return TransientSession(self.blocks)


def keep_no_sessions(gradio: App, blocks: Blocks) -> None:
    """Have Gradio's app keep no session, and the ids of events that nobody has fetched for as long as their answers."""
    gradio.state_holder = TransientSessions()  # type: ignore[no-untyped-call]
    gradio.state_holder.set_blocks(blocks)
    queue = blocks._queue
    queue.pending_event_ids_session = LRUCache(queue.pending_messages_per_session.max_size)
