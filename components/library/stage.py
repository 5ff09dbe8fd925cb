"""The stage: the middle column with the job in hand and the queue."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.gradio_ext.js_component import js_component


def stage(value: Mapping[str, Any] | None = None) -> gr.HTML:
    """The job in hand, large, and what waits: {job, queue, more, workspace}; without a job it says what to do first.

    Events, with untrusted data: cancel {id}, of a job; cancel_all {id}, of a workspace.
    """
    return js_component("library/stage", value)
