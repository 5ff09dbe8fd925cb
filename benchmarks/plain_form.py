"""What a Gradio author would have: a plain app with the first model's fields, a button and a place for the result.

python benchmarks/plain_form.py PORT
"""

import sys
from pathlib import Path
from typing import Any

import gradio as gr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.harness import ROOT
from model_configs import schema
from model_configs.registry import load_registry

FIRST = "pattern"
"""The model with whose form the studio's page opens."""


def build(config: schema.ModelConfig) -> gr.Blocks:
    """One of Gradio's own components for each parameter; those that depend on others follow them."""
    with gr.Blocks(title=config.name, analytics_enabled=False) as blocks:
        shown = config.visible(config.defaults())
        fields = {name: field(parameter, name in shown) for name, parameter in config.parameters.items()}
        parents = sorted({parent for one in config.parameters.values() for parent in one.depends_on or ()} & {*fields})
        dependents = [name for name, parameter in config.parameters.items() if parameter.depends_on]

        def show(*values: Any) -> list[Any]:
            there = config.visible({**config.defaults(), **dict(zip(parents, values, strict=True))})
            return [gr.update(visible=name in there) for name in dependents]

        for parent in parents:
            fields[parent].change(show, [fields[one] for one in parents], [fields[one] for one in dependents])
        result = gr.Image(label="Result")
        gr.Button("Generate", variant="primary", elem_classes=["generate"]).click(
            lambda *values: None, list(fields.values()), result
        )
    return blocks


def field(parameter: schema.Parameter, visible: bool) -> gr.components.Component:
    """The component that Gradio's guide names for such an input."""
    common: dict[str, Any] = {"label": parameter.label, "visible": visible}
    match parameter:
        case schema.Text():
            return gr.Textbox(parameter.initial, lines=parameter.lines, **common)
        case schema.Integer() | schema.Number() if None not in (
            parameter.minimum,
            parameter.maximum,
            parameter.default,
        ):
            limits = parameter.minimum, parameter.maximum, parameter.initial
            return gr.Slider(*limits, step=parameter.step, **common)
        case schema.Boolean():
            return gr.Checkbox(parameter.initial, **common)
        case schema.Choice() | schema.Choices():
            options = [(option.label, option.value) for option in parameter.choices]
            if isinstance(parameter, schema.Choices):
                return gr.CheckboxGroup(options, value=parameter.initial, **common)
            return (gr.Radio if len(options) < 6 else gr.Dropdown)(options, value=parameter.initial, **common)
        case schema.Image():
            return gr.Image(type="filepath", **common)
        case schema.Video():
            return gr.Video(**common)
        case schema.Audio():
            return gr.Audio(type="filepath", **common)
        case _:
            return gr.Number(parameter.initial, **common)


if __name__ == "__main__":
    build(load_registry(ROOT / "model_configs").models[FIRST]).launch(
        server_port=int(sys.argv[1]), ssr_mode=False, quiet=True
    )
