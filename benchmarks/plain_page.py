"""A plain Gradio app with the inputs of the measured model, as its documentation builds one, and Run History on.

python benchmarks/plain_page.py SIZE PICTURE OTHER_PICTURE PORT
"""

import sys
from pathlib import Path
from typing import Any

import gradio as gr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.reuse_models import Kind, inputs


def build(size: int, pictures: list[str]) -> gr.Blocks:
    """Buttons fill the form with the values of x and y; Run makes a run of what the form holds."""
    with gr.Blocks(analytics_enabled=False) as blocks:
        declared = inputs(size)
        fields = {name: field(name, kind, parent is None) for name, (kind, parent) in declared.items()}
        fields["file"] = gr.Image(type="filepath", elem_id="field-file")
        fields["extra"] = gr.Image(type="filepath", elem_id="field-extra", visible=False)
        for name, parent in {**{name: one[1] for name, one in declared.items()}, "extra": SWITCH}.items():
            if parent is not None:
                fields[parent].change(show, fields[parent], fields[name], queue=False)
        for which, picture in enumerate(pictures):
            values = [kind.values[which] for kind, _ in declared.values()] + [picture, picture]
            gr.Button("Fill", elem_id=f"fill-{which}").click(lambda values=values: values, None, list(fields.values()))
        done = gr.Textbox(elem_id="done")
        gr.Button("Run", elem_id="run").click(run, list(fields.values()), done)
    return blocks


SWITCH = "p0_3"
"""What the second picture depends on."""


def show(on: bool) -> Any:
    """A field that depends on a switch."""
    return gr.update(visible=on)


def run(*values: Any) -> str:
    """What an app would do with its inputs."""
    return f"seed {values[0]}"


def field(name: str, kind: Kind, visible: bool) -> gr.components.Component:
    """Gradio's own component for an input."""
    declared = kind.declared
    common: dict[str, Any] = {"label": name, "elem_id": f"field-{name}", "visible": visible}
    match declared["kind"]:
        case "text":
            return gr.Textbox(lines=declared.get("lines", 1), **common)
        case "integer" | "number" if declared["default"] is not None:
            step = 1 if declared["kind"] == "integer" else 0.5
            return gr.Slider(declared["minimum"], declared["maximum"], declared["default"], step=step, **common)
        case "boolean":
            return gr.Checkbox(**common)
        case "choice":
            return (gr.Radio if len(declared["choices"]) < 6 else gr.Dropdown)(declared["choices"], **common)
        case "choices":
            return gr.CheckboxGroup(declared["choices"], **common)
        case _:
            return gr.Number(value=None, **common)


if __name__ == "__main__":
    size, *pictures, port = sys.argv[1:]
    build(int(size), pictures).launch(server_port=int(port), ssr_mode=False, quiet=True, run_history=True)
