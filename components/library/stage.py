"""The stage: the middle column with the selected job and the queue."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.gradio_ext.js_component import js_component


def stage(value: Mapping[str, Any] | None = None) -> gr.HTML:
    """The selected job, large, its details and its neighbours, and what waits.

    Its value is {job, last, queue, paused, more, workspace, targets}: the job to follow unless the user has chosen
    another one (selection.js), and the one that has finished last. How far they are it knows from moves.js. Its one
    event: changed, when it is to be drawn again.
    """
    return js_component("library/stage", value)
