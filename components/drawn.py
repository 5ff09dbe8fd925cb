"""Components that the browser draws from JSON."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.assets import script


def drawn(
    name: str, value: Mapping[str, Any] | str | None = None, elem_id: str | None = None, before: str = ""
) -> gr.HTML:
    """A component that assets/<name>.js draws from its JSON value; None stands for "not loaded yet".

    `before` goes before the script. The host stays empty for the server and no template is used: Gradio evaluates
    templates as code, values included.
    """
    return gr.HTML(
        value,
        html_template="",
        js_on_load=script(name, before),
        apply_default_css=False,
        elem_id=elem_id or name.replace("_", "-"),
        elem_classes=["drawn"],
    )
