"""The details of one job: a dialog over the page."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.gradio_ext.js_component import js_component


def job_details(value: Mapping[str, Any] | None = None) -> gr.HTML:
    """Opens when its value becomes a job and empties the value itself when the user closes it.

    The value is a card with inputs, finished_at, duration_s and media.
    """
    return js_component("library/job_details", value)
