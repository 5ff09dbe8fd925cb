"""The gallery of a workspace: the right column."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.gradio_ext.js_component import js_component


def job_gallery(value: Mapping[str, Any] | None = None) -> gr.HTML:
    """The cards near the screen; None shows a skeleton.

    Its value is {workspace, deleted_workspace, cards, near, next, previous, total, exact, filters, trash_days, shown}:
    how those jobs are now that `window.studio.gallery.look()` named, or the first ones, the cursors of those after and
    before them, and a digest; `deleted_workspace` is the id of the one that was asked for where that is gone. How far
    those at work are it knows from moves.js. All others its script asks for at the endpoint `list_jobs`, and what is
    done to a job at its own. Its events: changed, when it is to be drawn again; go_to, to the
    workspace `window.studio.gallery.workspace()`; workspaces_changed, when there are others to choose from, or under
    other names. What the user did to a workspace: `window.studio.tellOfWorkspace`.
    """
    return js_component("library/job_gallery", value)
