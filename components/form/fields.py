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
from components.whole_numbers import EXACT, from_page, to_page
from model_configs import kinds, schema
from model_configs.schema import Parameter
from storage.errors import MediaRefusedError
from storage.media.blobs import is_key
from studio.context import GivenFile, StoredFile

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # all but the line break

_TEXTS = frozenset({"text", "json"})
"""The kinds whose empty value is an empty text."""

_FILE_API = FileData.model_json_schema()
_FILE_DEFINITIONS = {"$defs": _FILE_API.pop("$defs")}
"""What a schema says of its parts stands at its top alone."""

MOST_STEPS = 2000
"""Up to here a slider can be put where it is wanted; beyond it the number is typed."""

FEW_CHOICES = 5
"""Up to here choices lie open side by side; more are folded into a list."""

PROMPT_LINES = 4
"""How many lines of a prompt show at least."""


class SliderField(gr.Slider):
    """A slider that leaves the limits to the model config."""

    is_template = True

    def preprocess(self, payload: float) -> float:
        return payload


class ImageField(gr.Image):
    """A picture, handed on byte for byte."""

    is_template = True

    def preprocess(self, payload: ImageData | None) -> GivenFile | None:  # type: ignore[override]
        """The file itself: neither decoded nor written anew, as Gradio's own would be."""
        return _given(payload)


class VideoField(gr.Video):
    """A film, handed on byte for byte."""

    is_template = True

    def preprocess(self, payload: FileData | None) -> GivenFile | None:
        """The file itself: neither decoded nor written anew, as Gradio's own would be."""
        return _given(payload)


class AudioField(gr.Audio):
    """A sound, handed on byte for byte."""

    is_template = True

    def preprocess(self, payload: FileData | None) -> GivenFile | None:  # type: ignore[override]
        """The file itself: neither decoded nor written anew, as Gradio's own would be."""
        return _given(payload)


class JsField(gr.HTML):
    """A field that <name>.js draws, for values that no field of Gradio keeps as they are."""

    def __init__(self, name: str, value: Any, api: dict[str, Any], **keywords: Any) -> None:
        self._api = api
        props = {"field": keywords.get("elem_id"), **keywords}
        super().__init__(value, html_template="", js_on_load=script(name), apply_default_css=False, **props)

    def preprocess(self, payload: Any) -> Any:
        """The page turns nothing into an empty text before it sends it."""
        return None if payload == "" else payload

    def api_info(self) -> dict[str, Any]:
        return self._api


class NumberBox(JsField):
    """A number that may be left out, which Gradio's own box turns into 0 when it appears; a whole one is exact."""

    def __init__(self, parameter: Parameter, empty: str, *, least: float | None, **keywords: Any) -> None:
        self._is_whole = not isinstance(parameter, schema.Number)
        limits = {"whole": self._is_whole, "least": -1 if least is None else least}
        number: dict[str, Any] = {"type": "integer" if self._is_whole else "number"}
        initial = to_page(parameter.initial) if isinstance(parameter.initial, int) else parameter.initial
        api = {"anyOf": [number, {"type": "null"}]}
        super().__init__("form/number_box", initial, api, hint=parameter.help, empty=empty, **limits, **keywords)

    def preprocess(self, payload: Any) -> Any:
        value = super().preprocess(payload)
        return from_page(value) if self._is_whole else value


class ImagesField(JsField):
    """Pictures in an order, handed on byte for byte."""

    def preprocess(self, payload: Any) -> list[GivenFile]:  # type: ignore[override]
        """What is no file is left out."""
        return [file for file in map(_gradio_file, payload) if file is not None] if isinstance(payload, list) else []


class MaskField(JsField):
    """A mask over another input's picture, handed on byte for byte."""

    def preprocess(self, payload: Any) -> GivenFile | None:  # type: ignore[override]
        return _gradio_file(payload)


def _gradio_file(payload: Any) -> GivenFile | None:
    """A file in the form of Gradio's own clients: `{"path": …, "orig_name": …}`."""
    return _at(payload.get("path"), payload.get("orig_name")) if isinstance(payload, Mapping) else None


def _given(payload: FileData | ImageData | None) -> GivenFile | None:
    """The file by its path and the name its user gave it; nothing is opened, copied or converted."""
    return None if payload is None else _at(payload.path, payload.orig_name)


def _at(path: Any, name: Any) -> GivenFile | None:
    """The file at a path, called as its user called it, where that is said."""
    if not isinstance(path, str) or not path:
        return None
    return GivenFile(Path(path), name if isinstance(name, str) and name else Path(path).name)


def form_values(config: schema.ModelConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    """A form's values as an endpoint was sent them, in the types of the use cases; not yet checked."""
    media = config.media()
    return {
        name: _form_value(parameter, values[name], is_file=name in media)
        for name, parameter in config.parameters.items()
        if name in values
    }


def _form_value(parameter: Parameter, value: Any, *, is_file: bool) -> Any:
    if parameter.kind == "images":
        return _named_files(value)
    if is_file:
        return _named_file(value)
    if value == "" and parameter.kind not in _TEXTS:
        return None
    return from_page(value) if isinstance(parameter, schema.Integer | schema.Seed) else value


def _named_files(value: Any) -> list[GivenFile | StoredFile]:
    """What is no file is left out."""
    files = map(_named_file, value) if isinstance(value, list) else ()
    return [file for file in files if file is not None]


def user_file(value: Mapping[str, Any]) -> GivenFile | StoredFile:
    """The file that an endpoint is told, also as `handle_file` says it; raises MediaRefusedError for none."""
    if (file := _named_file(value) or _gradio_file(value)) is None:
        raise MediaRefusedError("No file was given.")
    return file


def _named_file(value: Any) -> GivenFile | StoredFile | None:
    """A file as endpoints say it: by its key, or by the path of an upload."""
    if not isinstance(value, Mapping):
        return None
    file = value.get("file")
    return StoredFile(file) if isinstance(file, str) and is_key(file) else _at(file, value.get("name"))


def field(name: str, parameter: Parameter, **keywords: Any) -> gr.components.Component:
    """The component that edits the parameter, showing its initial value; `keywords` go to the component."""
    if name == "prompt" and isinstance(parameter, schema.Text):
        parameter = parameter.model_copy(update={"lines": max(parameter.lines, PROMPT_LINES)})
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
    least, most = parameter.minimum, parameter.maximum
    if parameter.default is None or least is None or most is None or max(-least, most) > EXACT:
        return NumberBox(parameter, "", least=least, **keywords)
    if most - least > MOST_STEPS * parameter.step:
        return NumberBox(parameter, "", least=least, **keywords)
    return SliderField(
        least,
        most,
        parameter.initial,
        step=parameter.step,
        info=_info(parameter),
        **keywords,
    )


def _boolean(parameter: schema.Boolean, **keywords: Any) -> gr.Checkbox:
    return gr.Checkbox(parameter.initial, info=_info(parameter), **keywords)


def _options(parameter: schema.Choice | schema.Choices) -> list[tuple[str, Any]]:
    return [(option.label, option.value) for option in parameter.choices]


def _choice(parameter: schema.Choice, **keywords: Any) -> gr.components.Component:
    if parameter.choices_from is not None:
        known = [{"value": option.value, "label": option.label} for option in parameter.choices]
        api = {"type": "string"}
        return JsField("form/choice_box", parameter.initial, api, hint=parameter.help, known=known, **keywords)
    if parameter.open:
        shown = _options(parameter)
        return gr.Dropdown(shown, value=parameter.initial, info=_info(parameter), allow_custom_value=True, **keywords)
    kind = gr.Radio if len(parameter.choices) <= FEW_CHOICES else gr.Dropdown
    return kind(_options(parameter), value=parameter.initial, info=_info(parameter), **keywords)


def _choices(parameter: schema.Choices, **keywords: Any) -> gr.components.Component:
    return gr.CheckboxGroup(_options(parameter), value=parameter.initial, info=_info(parameter), **keywords)


def _seed(parameter: schema.Seed, **keywords: Any) -> NumberBox:
    return NumberBox(parameter, "Random", least=0, **keywords)


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
    api, listed = {"type": "array", "items": entry}, parameter.choices_from is not None
    return JsField("form/loras", parameter.initial, api, hint=parameter.help, limits=limits, listed=listed, **keywords)


def _colour(parameter: kinds.Colour, **keywords: Any) -> JsField:
    api = {"type": "string"} if parameter.default is not None else {"anyOf": [{"type": "string"}, {"type": "null"}]}
    return JsField("form/colour", parameter.initial, api, hint=parameter.help, alpha=parameter.alpha, **keywords)


def _json(parameter: kinds.Json, elem_classes: Sequence[str] = (), **keywords: Any) -> gr.Textbox:
    return gr.Textbox(
        parameter.initial,
        lines=parameter.lines,
        max_lines=max(parameter.lines * 3, 12),
        placeholder="{}",
        info=_info(parameter),
        elem_classes=[*elem_classes, "code"],
        **keywords,
    )


def _frames(parameter: schema.Frames, **keywords: Any) -> JsField:
    api = {"anyOf": [{"type": "integer"}, {"type": "null"}]} if parameter.default is None else {"type": "integer"}
    names = ("origin", "stride", "minimum", "maximum")
    limits = {name: getattr(parameter, name) for name in names}
    rule = "" if parameter.rule == "n" else parameter.rule
    fps = parameter.fps if isinstance(parameter.fps, int | float) else None
    return JsField(
        "form/frames", parameter.initial, api, hint=parameter.help, limits=limits, rule=rule, fps=fps, **keywords
    )


def _size(parameter: kinds.Size, **keywords: Any) -> JsField:
    side = {"type": "integer"}
    api = {"type": "object", "properties": {"width": side, "height": side}, "required": ["width", "height"]}
    limits = parameter.model_dump(
        include={"multiple", "minimum", "maximum", "max_megapixels", "ratios", "megapixels", "of"}
    )
    return JsField("form/size", parameter.initial, api, hint=parameter.help, limits=limits, **keywords)


def _images(parameter: kinds.Images, **keywords: Any) -> ImagesField:
    api = {"type": "array", "items": _FILE_API, "maxItems": parameter.max_items, **_FILE_DEFINITIONS}
    return ImagesField("form/images", [], api, hint=parameter.help, most=parameter.max_items, **keywords)


def _mask(parameter: kinds.Mask, **keywords: Any) -> MaskField:
    api = {"anyOf": [_FILE_API, {"type": "null"}], **_FILE_DEFINITIONS}
    return MaskField("form/mask", None, api, hint=parameter.help, **keywords)


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
    "colour": _colour,
    "json": _json,
    "frames": _frames,
    "size": _size,
    "images": _images,
    "mask": _mask,
}
