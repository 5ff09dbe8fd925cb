"""What a program is told of a model's endpoint: the type and the default of each input, as the model config has them.

Gradio would tell them of the fields: whole numbers as floats, choices as texts, what may be left out as needed, and as
examples files at addresses, which the studio does not take.
"""

from collections.abc import Mapping
from typing import Any

from components.gradio_ext.described_blocks import Input, client_file
from media_kinds import MediaKind
from model_configs import kinds, schema
from model_configs.schema import MEDIA_KINDS, ModelConfig, Parameter

JsonSchema = dict[str, Any]

_NULL: JsonSchema = {"type": "null"}
_FILES: Mapping[MediaKind, str] = {"image": "photo.png", "video": "film.mp4", "audio": "sound.wav"}
_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def inputs_of(config: ModelConfig) -> dict[str, Input]:
    """What each input of the model's endpoint takes, by name; those without a default must be given."""
    return {name: _input(parameter) for name, parameter in config.parameters.items()}


def _input(parameter: Parameter) -> Input:
    """An input that only some forms show may be left out always: where it is needed, a sentence says so."""
    needed = parameter.required and parameter.depends_on is None and parameter.is_empty(parameter.initial)
    return Input(
        type=json_schema(parameter),
        has_default=not needed,
        default=parameter.initial,
        description=parameter.help,
        example=_example(parameter),
    )


def _example(parameter: Parameter) -> Any:
    """A value that the parameter takes."""
    if kind := MEDIA_KINDS.get(parameter.kind):
        return [example_file(kind)] if isinstance(parameter, kinds.Images) else example_file(kind)
    match parameter:
        case schema.Text():
            return (parameter.placeholder or "a hat on a hill")[: parameter.max_length]
        case schema.Integer() | schema.Number() | schema.Frames() | schema.Seed():
            return parameter.fit(0)
        case kinds.Colour():
            return "#ff8800"
        case kinds.Json():
            return "{}"
        case schema.Choices():
            return [parameter.choices[0].value]
        case schema.Loras():
            return parameter.fit([{"path": "style.safetensors", "weight": 1}])
    return parameter.initial


def example_file(kind: MediaKind) -> dict[str, Any]:
    """A file that a client looks for in its folder and uploads."""
    return client_file(_FILES[kind])


def json_schema(parameter: Parameter) -> JsonSchema | None:
    """The JSON schema of the values that the parameter takes; None for files, which their fields describe."""
    match parameter:
        case schema.Text():
            return {"type": "string", "maxLength": parameter.max_length}
        case schema.Integer():
            steps = {"multipleOf": parameter.step} if parameter.step > 1 and not (parameter.minimum or 0) else {}
            return (
                _number("integer", parameter) | steps
                if parameter.default is not None
                else _or_none(_number("integer", parameter) | steps)
            )
        case schema.Number():
            number = _number("number", parameter)
            return number if parameter.default is not None else _or_none(number)
        case schema.Frames():
            number = _number("integer", parameter)
            return number if parameter.default is not None else _or_none(number)
        case kinds.Colour():
            colour = {"type": "string", "description": "#rrggbb" + ", or #rrggbbaa" * parameter.alpha}
            return colour if parameter.default is not None else _or_none(colour)
        case kinds.Json():
            return {"type": "string", "maxLength": parameter.max_length, "description": "JSON as text"}
        case kinds.Size():
            side = {"type": "integer", "minimum": parameter.minimum, "maximum": parameter.maximum}
            side |= {"multipleOf": parameter.multiple}
            required = ["width", "height"]
            return {"type": "object", "properties": dict.fromkeys(required, side), "required": required}
        case schema.Boolean():
            return {"type": "boolean"}
        case schema.Choice() if parameter.is_open:
            return {"anyOf": [_choice(parameter), {"type": "string", "maxLength": 500}]}
        case schema.Choice():
            return _choice(parameter)
        case schema.Choices():
            return {"type": "array", "items": _choice(parameter)}
        case schema.Seed():
            return _or_none({"type": "integer", "minimum": 0, "maximum": parameter.maximum})
        case schema.Loras():
            return {"type": "array", "items": _lora(parameter), "maxItems": parameter.max_items}
    return None


def _number(type_: str, parameter: schema.Integer | schema.Number | schema.Frames) -> JsonSchema:
    limits = {"minimum": parameter.minimum, "maximum": parameter.maximum}
    return {"type": type_} | {name: limit for name, limit in limits.items() if limit is not None}


def _or_none(schema: JsonSchema) -> JsonSchema:
    return {"anyOf": [schema, _NULL]}


def _choice(parameter: schema.Choice | schema.Choices) -> JsonSchema:
    values = [option.value for option in parameter.choices]
    types = {_TYPES[type(value)] for value in values}
    return {"enum": values} | ({"type": types.pop()} if len(types) == 1 else {})


def _lora(parameter: schema.Loras) -> JsonSchema:
    weight = {"type": "number", "minimum": parameter.minimum, "maximum": parameter.maximum}
    properties = {"path": {"type": "string", "minLength": 1, "maxLength": 500}, "weight": weight}
    return {"type": "object", "properties": properties, "required": ["path", "weight"]}
