"""The gallery of a workspace: the right column."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.gradio_ext.js_component import js_component


def job_gallery(value: Mapping[str, Any] | None = None) -> gr.HTML:
    """The cards near the screen; None shows a skeleton.

    Its value is {workspace, cards, near, next, previous, total, exact, filters, trash_days}: how those jobs are now
    that `window.studio.gallery.near()` named, or the first ones, and the cursors of those after and before them. All
    others its script asks for at the endpoint `list_jobs`, and what is done to a job at its own. Its events: changed,
    when it is to be drawn again; go_to, to the workspace `window.studio.gallery.workspace()`; renamed, when the shown
    workspace has another name. What happened to a workspace: `window.studio.tellOfWorkspace`.
    """
    return js_component("library/job_gallery", value)
