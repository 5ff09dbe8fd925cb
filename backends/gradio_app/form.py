"""From an endpoint of a Gradio app to the parameters of a model, and from a job's values to the endpoint's arguments.

The app says in `/config` which components are there with their limits, and in `/gradio_api/info` what its functions
call them. Nothing here talks to an app.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import ImageColor

from backends.describing import LARGEST_SEED, RESERVED_NAMES, DescribeError, unused
from media_kinds import KINDS

_LONGEST_NAME = 64
_MOST_LINES = 40
_MOST_TEXT = 10_000

_SEEDS = 2**31 - 1
"""The largest seed where the app names no limit: what every library takes."""

_MOST_PICTURES = 64
"""The most that a model file takes; the app has no limit of its own."""

_OPAQUE = re.compile(r"^rgba\((.*), *1(?:\.0*)?\)$")
"""As the page of Gradio writes a colour."""

_MOST_JSON = 100_000
"""Characters of a model file's JSON where the default is shorter."""

_MEDIA = {"image": "image", "imageeditor": "image", "video": "video", "audio": "audio"}
_MADE = {**_MEDIA, "gallery": "image", "imageslider": "image", "annotatedimage": "image"}


@dataclass(frozen=True, slots=True)
class Argument:
    """One input of an endpoint: what its function calls it, its component, and what is sent when nothing is given.

    A film goes `with_subtitles`, as one of two files, to an app of Gradio 5.
    """

    name: str
    component: str
    props: Mapping[str, Any]
    label: str
    default: Any = None
    with_subtitles: bool = False

    @property
    def media(self) -> str | None:
        """The kind of file that it takes; a file chooser has one only where it names its types."""
        if self.component == "gallery":
            return "video" if _of_types(self.props) == "video" else "image"
        return _of_types(self.props) if self.component == "file" else _MEDIA.get(self.component)

    @property
    def takes_several(self) -> bool:
        """Whether files go there as a list."""
        if self.component == "file":
            return bool(self.props.get("file_count", "single") != "single")
        return self.component == "gallery"

    @property
    def is_json(self) -> bool:
        """Whether what it takes is JSON, as such or as code."""
        return self.component == "json" or (self.component == "code" and self.props.get("language") == "json")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One function of an app: its inputs in order, and the components of its outputs with their labels."""

    name: str
    arguments: tuple[Argument, ...]
    makes: str | None
    labels: tuple[str, ...]
    components: tuple[str, ...]
    about: str = ""

    @property
    def names(self) -> dict[str, str]:
        """What a model file calls the inputs, by what the function calls them."""
        taken: dict[str, str] = {}
        for argument in self.arguments:
            taken[argument.name] = unused(_name(argument.name), taken.values())
        return taken


def endpoints(config: Mapping[str, Any], info: Mapping[str, Any]) -> dict[str, Endpoint]:
    """Every endpoint that can be called by its name, as the app has told; what does not fit together is left out."""
    components = {one["id"]: one for one in config["components"]}
    found: dict[str, Endpoint] = {}
    for dependency in config["dependencies"]:
        name = f"/{dependency.get('api_name')}"
        told = info["named_endpoints"].get(name)
        if told is None:
            continue
        inputs = [components[one] for one in dependency["inputs"] if not _is_skipped(components[one])]
        if len(inputs) == len(told["parameters"]):
            outputs = [components[one] for one in dependency["outputs"] if not _is_skipped(components[one])]
            found[name] = _endpoint(name, inputs, outputs, told)
    return found


def _endpoint(name: str, inputs: Sequence[Any], outputs: Sequence[Any], told: Mapping[str, Any]) -> Endpoint:
    arguments = tuple(_argument(*pair) for pair in zip(inputs, told["parameters"], strict=True))
    made = (_made(one) for one in outputs)
    return Endpoint(
        name,
        arguments,
        next((kind for kind in made if kind), None),
        tuple(str(one["props"].get("label") or one["type"]) for one in outputs),
        tuple(one["type"] for one in outputs),
        str(told.get("description") or ""),
    )


def _argument(component: Mapping[str, Any], told: Mapping[str, Any]) -> Argument:
    default = told.get("parameter_default") if told.get("parameter_has_default") else None
    with_subtitles = component["type"] == "video" and "subtitles" in (told.get("type") or {}).get("properties", {})
    label = str(told.get("label") or "")
    return Argument(told["parameter_name"], component["type"], component["props"], label, default, with_subtitles)


def _is_skipped(component: Mapping[str, Any]) -> bool:
    return bool(component.get("skip_api", component["type"] == "state"))


def _made(component: Mapping[str, Any]) -> str | None:
    kind: str = component["type"]
    return _of_types(component["props"]) if kind in ("file", "downloadbutton") else _MADE.get(kind)


def _of_types(props: Mapping[str, Any]) -> str | None:
    kinds = {str(one).partition("/")[0] for one in props.get("file_types") or ()}
    return next((kind for kind in KINDS if kinds == {kind}), None)


def _name(told: str) -> str:
    plain = re.sub(r"[^a-z0-9_]+", "_", told.lower()).lstrip("_0123456789")[: _LONGEST_NAME - 4]
    return f"{plain}_" if plain in RESERVED_NAMES else plain or "input"


# --- parameters ------------------------------------------------------------------------------------------------------


def parameters(endpoint: Endpoint) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The parameters of the model file, and the labels of the inputs that no form of the studio can have."""
    declared, left_out = dict[str, dict[str, Any]](), list[str]()
    for argument in endpoint.arguments:
        name = endpoint.names[argument.name]
        own = None if argument.props.get("visible") is False else _declared(argument, name)
        if own is None:
            left_out.append(argument.label or argument.name)
            continue
        declared[name] = own | ({"label": argument.label} if argument.label.strip() else {})
        if argument.props.get("info"):
            declared[name]["help"] = str(argument.props["info"])
    if not declared:
        raise DescribeError(f"{endpoint.name} has no input that a form can show")
    return declared, left_out


def _declared(argument: Argument, name: str) -> dict[str, Any] | None:
    if argument.media == "image" and argument.takes_several:
        return {"kind": "images", "max_items": _MOST_PICTURES}
    if argument.media:
        return {"kind": argument.media}
    if argument.is_json and (declared := _json(argument)):
        return declared
    match argument.component:
        case "textbox" | "textarea" | "code":
            return _text(argument)
        case "colorpicker":
            return {"kind": "colour", **_colour(argument.default)}
        case "slider" | "number":
            return _number(argument, name)
        case "checkbox":
            return {"kind": "boolean", "default": argument.default is True}
        case "radio" | "dropdown" | "checkboxgroup":
            return _choice(argument)
    return None


def _text(argument: Argument) -> dict[str, Any] | None:
    """None for a password: it belongs into no job."""
    if argument.props.get("type") == "password":
        return None
    default = argument.default if isinstance(argument.default, str) else ""
    most = argument.props.get("max_length") or _MOST_TEXT
    lines = min(max(int(argument.props.get("lines") or 1), 1), _MOST_LINES)
    placeholder = argument.props.get("placeholder") or ""
    declared: dict[str, Any] = {"kind": "text", "default": default, "lines": lines, "placeholder": str(placeholder)}
    return declared | {"max_length": max(most, len(default))}


def _colour(default: Any) -> dict[str, Any]:
    """The app's own as hex, which no value stands for where it has none."""
    try:
        parts = ImageColor.getrgb(_OPAQUE.sub(r"rgb(\1)", default))
    except (ValueError, AttributeError, TypeError):
        return {"default": None}
    is_opaque = len(parts) == 3 or parts[3] == 255
    written = "#" + bytes(parts[:3] if is_opaque else parts).hex()
    return {"default": written} if is_opaque else {"default": written, "alpha": True}


def _json(argument: Argument) -> dict[str, Any] | None:
    """None for code whose default is not JSON, which is a text; a component's own default that is none is left out."""
    default = argument.default
    try:
        if argument.component == "code":
            default = json.loads(default, parse_constant=_no_number) if isinstance(default, str) and default else None
        written = json.dumps(default, ensure_ascii=False, allow_nan=False, indent=2)
        written.encode()
    except (ValueError, TypeError, RecursionError):
        return None if argument.component == "code" else {"kind": "json"}
    return {"kind": "json", **_some(default=default), "max_length": max(_MOST_JSON, len(written))}


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _number(argument: Argument, name: str) -> dict[str, Any]:
    slides = argument.component == "slider"
    low, high = _limits(argument)
    step = _finite(argument.props.get("step"))
    default = _finite(argument.default)
    if default is None and slides:
        default = low
    whole = argument.props.get("precision") == 0 or (slides and step is not None and step >= 1)
    if not whole or any(not _is_whole(one) for one in (low, high, default, step)):
        limits = _some(minimum=_as_float(low), maximum=_as_float(high), step=step if step and step > 0 else None)
        return {"kind": "number", **limits, **_some(default=_as_float(_between(default, low, high)))}
    low, high, default = (None if one is None else int(one) for one in (low, high, default))
    if name == "seed" and (low is None or low == 0) and (high is None or high >= 1):
        return {"kind": "seed", "maximum": min(_SEEDS if high is None else high, LARGEST_SEED)}
    default = _between(default, low, high)
    every = max(int(step or 1), 1)
    if default is not None and (default - (low or 0)) % every:
        every = 1  # the app takes what lies between its slider's steps
    return {"kind": "integer", **_some(minimum=low, maximum=high, default=default), "step": every}


def _limits(argument: Argument) -> tuple[float | None, float | None]:
    """None of them when they are the wrong way round."""
    low, high = _finite(argument.props.get("minimum")), _finite(argument.props.get("maximum"))
    return (None, None) if low is not None and high is not None and low > high else (low, high)


def _between(value: Any, low: Any, high: Any) -> Any:
    if value is None:
        return None
    value = value if low is None else max(value, low)
    return value if high is None else min(value, high)


def _finite(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e300
    return value if good and math.isfinite(value) else None


def _is_whole(value: float | None) -> bool:
    return value is None or float(value).is_integer()


def _as_float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _some(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _choice(argument: Argument) -> dict[str, Any] | None:
    """One or several of the choices; a text where any is taken and none is named; None where a form has no such."""
    several = argument.component == "checkboxgroup" or bool(argument.props.get("multiselect"))
    default = argument.default if isinstance(argument.default, list) else [argument.default]
    own = [one for one in default if _is_scalar(one)]
    offered = list(_options(argument.props.get("choices") or ()))
    if argument.props.get("allow_custom_value"):
        if not offered and not several:
            return {"kind": "text", "default": str(own[0]) if own else ""}
        offered += [{"value": one, "label": str(one)} for one in own]
    options = {(isinstance(one["value"], bool), one["value"]): one for one in reversed(offered)}
    if not options:
        return None
    known = [one for one in own if (isinstance(one, bool), one) in options]
    kind = {"kind": "choices" if several else "choice", "choices": list(reversed(options.values()))}
    return kind | ({"default": known} if several else {"default": known[0]} if known else {})


def _options(choices: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for choice in choices:
        label, value = choice if isinstance(choice, list | tuple) and len(choice) == 2 else (choice, choice)
        if _is_scalar(value):
            yield {"value": value, "label": str(label)}


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | bool) or (isinstance(value, int | float) and _finite(value) is not None)


# --- arguments -------------------------------------------------------------------------------------------------------


def call(endpoint: Endpoint, names: Mapping[str, str], values: Mapping[str, Any]) -> list[Any]:
    """The arguments in their order; `names` is what the app calls a value where that is not its own name.

    An input without a value gets what the app itself would send.
    """
    given = {names.get(name, name): value for name, value in values.items()}
    return [
        argument.default if _is_empty(argument, given.get(argument.name)) else _sent(argument, given[argument.name])
        for argument in endpoint.arguments
    ]


def _is_empty(argument: Argument, value: Any) -> bool:
    return value is None or (value == [] and argument.takes_several)


def unknown(endpoint: Endpoint, names: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    """The values for which the endpoint has no input."""
    known = {argument.name for argument in endpoint.arguments}
    return [name for name in values if names.get(name, name) not in known]


def _sent(argument: Argument, value: Any) -> Any:
    paths = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Path)]
    if paths:
        files = [_file(argument, path) for path in paths]
        return files if argument.takes_several or isinstance(value, list) else files[0]
    is_declared_json = argument.is_json and _json(argument) is not None
    if argument.component == "code" and (is_declared_json or not isinstance(value, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer():
        return int(value)  # as a browser would write it: range(20.0) is an error in many an app
    return value


def _file(argument: Argument, path: Path) -> Any:
    sent = {"path": str(path), "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}
    match argument.component:
        case "gallery":
            return {argument.media: sent, "caption": None}
        case "video" if argument.with_subtitles:
            return {"video": sent, "subtitles": None}
        case "imageeditor":
            return {"background": sent, "layers": [], "composite": sent}
    return sent
