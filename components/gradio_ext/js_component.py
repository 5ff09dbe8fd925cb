"""Components that the browser draws from JSON."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.assets import script


def js_component(
    name: str, value: Mapping[str, Any] | str | None = None, elem_id: str | None = None, before: str = ""
) -> gr.HTML:
    """A component that <name>.js, a path in `components/`, draws from its JSON value; None stands for "not loaded yet".

    `before` goes before the script. The host stays empty for the server and no template is used: Gradio evaluates
    templates as code, values included.
    """
    return gr.HTML(
        value,
        html_template="",
        js_on_load=script(name, before),
        apply_default_css=False,
        elem_id=elem_id or name.rpartition("/")[2].replace("_", "-"),
        elem_classes=["studio-ui"],
    )
