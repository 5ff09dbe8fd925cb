"""From a parameter to the component that edits it: one table, and the few fields that Gradio's own would change.

Gradio's media components re-encode what they are given (other modes, other containers). The ones here hand a file on
as it is, in both directions. Limits are checked by the model config alone, whose messages name the field.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData, ImageData

from components.assets import script
from model_configs import schema
from model_configs.schema import Parameter
from studio.context import GivenFile

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # all but the line break

FEW_CHOICES = 5
"""Up to here choices lie open side by side; more are folded into a list."""


class SliderField(gr.Slider):
    """A slider that leaves the limits to the model config."""

    is_template = True

    def preprocess(self, payload: float) -> float:
        return payload


class ImageField(gr.Image):
    """A picture, handed on byte for byte."""

    is_template = True

    def preprocess(self, payload: ImageData | None) -> GivenFile | None:  # type: ignore[override]
        return _given(payload)


class VideoField(gr.Video):
    """A film, handed on byte for byte."""

    is_template = True

    def preprocess(self, payload: FileData | None) -> GivenFile | None:
        return _given(payload)


class AudioField(gr.Audio):
    """A sound, handed on byte for byte."""

    is_template = True

    def preprocess(self, payload: FileData | None) -> GivenFile | None:  # type: ignore[override]
        return _given(payload)


def _given(payload: FileData | ImageData | None) -> GivenFile | None:
    """The file by its path and the name its user gave it; nothing is opened, copied or converted."""
    if payload is None or not payload.path:
        return None
    return GivenFile(Path(payload.path), payload.orig_name or Path(payload.path).name)


def held(config: schema.ModelConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says that its fields hold, as the fields' handlers would get it; it is not trusted."""
    media = config.media()
    return {
        name: _given_by_page(value) if name in media else None if value == "" and parameter.kind != "text" else value
        for name, parameter in config.parameters.items()
        if name in values
        for value in [values[name]]
    }


def _given_by_page(value: Any) -> GivenFile | None:
    """The file that a media field holds, as JSON."""
    path, name = (value.get("path"), value.get("orig_name")) if isinstance(value, dict) else (None, None)
    if not isinstance(path, str) or not path:
        return None
    return GivenFile(Path(path), name if isinstance(name, str) and name else Path(path).name)


class JsField(gr.HTML):
    """A field that <name>.js draws, for values that no field of Gradio keeps as they are."""

    def __init__(self, name: str, value: Any, api: dict[str, Any], **keywords: Any) -> None:
        self._api = api
        super().__init__(value, html_template="", js_on_load=script(name), apply_default_css=False, **keywords)

    def preprocess(self, payload: Any) -> Any:
        """The page turns nothing into an empty text before it sends it."""
        return None if payload == "" else payload

    def api_info(self) -> dict[str, Any]:
        return self._api


def field(name: str, parameter: Parameter, **keywords: Any) -> gr.components.Component:
    """The component that edits the parameter, showing its initial value; `keywords` go to the component."""
    return _FIELDS[parameter.kind](parameter, label=parameter.label, **keywords)


def _info(parameter: Parameter) -> str | None:
    """The help, in which Gradio makes links, of `java<tab>script:` too."""
    return _CONTROL.sub(" ", parameter.help) or None


def _text(parameter: schema.Text, **keywords: Any) -> gr.Textbox:
    return gr.Textbox(
        parameter.initial,
        lines=parameter.lines,
        max_lines=max(parameter.lines * 3, 1),
        placeholder=parameter.placeholder,
        info=_info(parameter),
        **keywords,
    )


def _number(
    parameter: schema.Integer | schema.Number, elem_classes: Sequence[str] = (), **keywords: Any
) -> gr.components.Component:
    keywords["elem_classes"] = [*elem_classes, "whole"] if isinstance(parameter, schema.Integer) else [*elem_classes]
    if parameter.default is None or parameter.minimum is None or parameter.maximum is None:
        return _number_box(parameter, "", least=parameter.minimum, **keywords)
    return SliderField(
        parameter.minimum,
        parameter.maximum,
        parameter.initial,
        step=parameter.step,
        info=_info(parameter),
        **keywords,
    )


def _number_box(parameter: Parameter, empty: str, *, least: float | None, **keywords: Any) -> JsField:
    """A number that may be left out; Gradio's own box turns nothing into 0 when it appears."""
    api = {"anyOf": [{"type": "number"}, {"type": "null"}]}
    limits = {"whole": not isinstance(parameter, schema.Number), "least": -1 if least is None else least}
    return JsField("form/number_box", parameter.initial, api, hint=parameter.help, empty=empty, **limits, **keywords)


def _boolean(parameter: schema.Boolean, **keywords: Any) -> gr.Checkbox:
    return gr.Checkbox(parameter.initial, info=_info(parameter), **keywords)


def _options(parameter: schema.Choice | schema.Choices) -> list[tuple[str, Any]]:
    return [(option.label, option.value) for option in parameter.choices]


def _choice(parameter: schema.Choice, **keywords: Any) -> gr.components.Component:
    if parameter.open:
        shown = _options(parameter)
        return gr.Dropdown(shown, value=parameter.initial, info=_info(parameter), allow_custom_value=True, **keywords)
    kind = gr.Radio if len(parameter.choices) <= FEW_CHOICES else gr.Dropdown
    return kind(_options(parameter), value=parameter.initial, info=_info(parameter), **keywords)


def _choices(parameter: schema.Choices, **keywords: Any) -> gr.components.Component:
    return gr.CheckboxGroup(_options(parameter), value=parameter.initial, info=_info(parameter), **keywords)


def _seed(parameter: schema.Seed, **keywords: Any) -> JsField:
    return _number_box(parameter, "Random", least=0, **keywords)


def _image(parameter: schema.Image, **keywords: Any) -> gr.Image:
    return ImageField(type="filepath", image_mode=None, sources=["upload", "clipboard"], height=220, **keywords)


def _video(parameter: schema.Video, **keywords: Any) -> gr.Video:
    return VideoField(sources=["upload"], height=220, **keywords)


def _audio(parameter: schema.Audio, **keywords: Any) -> gr.Audio:
    return AudioField(
        type="filepath",
        sources=["upload", "microphone"],
        editable=False,
        buttons=["download"],  # and none that would publish the file at Hugging Face
        waveform_options=gr.WaveformOptions(show_recording_waveform=False),  # it decodes the whole sound in the page
        **keywords,
    )


def _loras(parameter: schema.Loras, **keywords: Any) -> JsField:
    entry = {"type": "object", "properties": {"path": {"type": "string"}, "weight": {"type": "number"}}}
    limits = {"items": parameter.max_items, "minimum": parameter.minimum, "maximum": parameter.maximum}
    api = {"type": "array", "items": entry}
    return JsField("form/loras", parameter.initial, api, hint=parameter.help, limits=limits, **keywords)


_FIELDS: dict[str, Callable[..., gr.components.Component]] = {
    "text": _text,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "choices": _choices,
    "seed": _seed,
    "image": _image,
    "video": _video,
    "audio": _audio,
    "loras": _loras,
}
