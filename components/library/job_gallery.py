"""The gallery of a workspace: the right column."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.gradio_ext.js_component import js_component


def job_gallery(value: Mapping[str, Any] | None = None) -> gr.HTML:
    """The cards of one page of jobs; None shows a skeleton.

    Its value is {workspace, cards, cursor, next, total, exact, filters, trash_days}. Events, each with untrusted data:
    favourite {id, on}, delete {id}, undelete {id}, undelete_workspace {id}, open {id}, turn_page {cursor} (not "page":
    every Gradio block has an attribute of that name). What happened to a workspace: `window.studio.tellOfWorkspace`.
    A reuse is for the form, not for the server: `window.studio.reuse`.
    """
    return js_component("library/job_gallery", value)
