"""Blocks whose endpoints are typed functions, and that tell programs truly what an endpoint takes and answers.

Gradio describes an endpoint by its components: choices as strings whatever their type, a default wherever a component
shows something and nowhere else, files of its own as examples. What it is sent for a typed function it does not check.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, get_type_hints

import gradio as gr
from gradio.components.api_component import Api
from gradio.events import api
from gradio_client.utils import json_schema_to_python_type
from pydantic import ConfigDict, TypeAdapter, ValidationError, validate_call
from pydantic_core import to_jsonable_python

from components.gradio_ext.skipping_blocks import SkippingBlocks

JsonSchema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """What an endpoint takes by one name; `type` is a JSON schema, or None where Gradio's own is right."""

    type: JsonSchema | None
    has_default: bool = True
    default: Any = None
    description: str = ""
    example: Any = None
    """A value that is taken, told where there is no default."""

    def told(self, gradio: Mapping[str, Any]) -> dict[str, Any]:
        """What Gradio tells of the input, made true."""
        type_ = gradio["type"] if self.type is None else self.type
        return {
            **gradio,
            "parameter_has_default": self.has_default,
            "parameter_default": self.default if self.has_default else None,
            "type": type_,
            "python_type": {"type": _python_type(type_), "description": self.description},
            "example_input": self.default if self.has_default and self.default is not None else self.example,
        }


@dataclass(frozen=True, slots=True)
class Output:
    """What an endpoint answers; `type` is a JSON schema."""

    label: str
    type: JsonSchema

    def told(self, gradio: Mapping[str, Any]) -> dict[str, Any]:
        """What Gradio tells of the output, made true."""
        type_ = {"type": _python_type(self.type), "description": self.type.get("description", "")}
        return {**gradio, "label": self.label, "type": self.type, "python_type": type_}


def client_file(path: str) -> dict[str, Any]:
    """A file as Gradio's client sends it, which uploads what lies at the path on its own machine."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


class DescribedBlocks(SkippingBlocks):
    """Blocks whose `/info` says of endpoints what is true of them."""

    def __init__(self, **keywords: Any) -> None:
        self._described: dict[str, tuple[Mapping[str, Input], Sequence[Output]]] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}
        """By the name of each, its parameters and their defaults in the order in which they are sent."""
        super().__init__(**keywords)

    def add_endpoint(self, function: Callable[..., Any], *refusals: type[Exception]) -> None:
        """Make the typed function an endpoint of its name.

        What is sent is checked by its type hints, which may be `Annotated` by pydantic's `Field`. The `refusals` it
        raises are told by their messages.
        """
        name, inputs = function.__name__, _inputs(function)
        answer = get_type_hints(function, include_extras=True)["return"]
        outputs = [] if answer is type(None) else [Output(name, _schema(answer))]
        api(_checked(function, refusals), api_name=name, queue=False, concurrency_limit=None)
        self._described[f"/{name}"] = inputs, outputs
        self.endpoints[name] = {parameter: one.default for parameter, one in inputs.items()}

    def add_form_endpoint(
        self,
        name: str,
        function: Callable[..., Any],
        components: Mapping[str, gr.components.Component],
        inputs: Mapping[str, Input],
        output: Output,
        description: str,
    ) -> None:
        """Make the function an endpoint that takes by their names what these components take, told of as `inputs`."""
        gr.on(
            [],
            function,
            None,
            Api(None, output.type, output.label),
            inputs_kwargs=dict(components),
            api_name=name,
            api_description=description or None,
            concurrency_limit=None,
        )
        self._described[f"/{name}"] = inputs, [output]

    def get_api_info(self, all_endpoints: bool = False, page: str | None = None) -> Any:
        """What Gradio tells of the endpoints, with what is known better."""
        info: Any = super().get_api_info(all_endpoints, page)
        for name, (inputs, outputs) in self._described.items():
            if endpoint := info["named_endpoints"].get(name):
                endpoint["parameters"] = [inputs[one["parameter_name"]].told(one) for one in endpoint["parameters"]]
                endpoint["returns"] = [
                    output.told(one) for output, one in zip(outputs, endpoint["returns"], strict=True)
                ]
        return info


def _inputs(function: Callable[..., Any]) -> dict[str, Input]:
    hints = get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    return {one.name: _input(one, hints[one.name]) for one in parameters if hints[one.name] is not gr.Request}


def _input(parameter: inspect.Parameter, hint: Any) -> Input:
    schema, needed = _schema(hint), parameter.default is inspect.Parameter.empty
    default = None if needed else to_jsonable_python(parameter.default)
    return Input(schema, not needed, default, schema.get("description", ""), _example(schema, schema.get("$defs", {})))


def _schema(hint: Any) -> JsonSchema:
    return TypeAdapter(hint).json_schema()


def _python_type(schema: JsonSchema) -> str:
    written: str = json_schema_to_python_type(_with_literals(schema))
    return written


def _with_literals(schema: Any) -> Any:
    """The schema with each list of choices as the one text that Gradio puts into `Literal[…]`, where it would make
    texts of numbers.
    """
    if isinstance(schema, list):
        return [*map(_with_literals, schema)]
    if not isinstance(schema, dict):
        return schema
    if isinstance(choices := schema.get("enum"), list):
        return {"const": ", ".join(map(repr, choices))}
    return {name: _with_literals(part) for name, part in schema.items()}


def _example(schema: JsonSchema, definitions: JsonSchema) -> Any:
    """A value of the schema: what it names as one, else its first choice or its least value; None for any text."""
    match schema:
        case {"examples": [first, *_]} | {"enum": [first, *_]}:
            return first
        case {"$ref": str(path)}:
            return _example(definitions[path.rpartition("/")[2]], definitions)
        case {"anyOf": [first, *_]}:
            return _example(first, definitions)
        case {"type": "array", "items": items}:
            return [_example(items, definitions)]
        case {"type": "object"}:
            return {name: _example(part, definitions) for name, part in schema.get("properties", {}).items()}
        case {"type": "boolean"}:
            return True
        case {"type": "integer"}:
            return schema.get("minimum", 0)
        case {"format": "date-time"}:
            return "2026-01-31T12:00:00Z"
    return None


def _checked(function: Callable[..., Any], refusals: tuple[type[Exception], ...]) -> Callable[..., Any]:
    """The function behind a check of what it is sent; what is wrong is told in a sentence."""
    checking = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(function)

    @wraps(function)
    def answer(*given: Any, **named: Any) -> Any:
        try:
            return checking(*given, **named)
        except ValidationError as error:
            raise gr.Error(
                _sentence(error, list(inspect.signature(function).parameters)), print_exception=False
            ) from error
        except refusals as error:
            raise gr.Error(str(error), print_exception=False) from error

    return answer


def _sentence(error: ValidationError, names: Sequence[str]) -> str:
    """What is wrong with which parameter; nothing of what was sent."""
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    return " ".join(f"{_place(one['loc'], names)}: {one['msg']}." for one in wrong)


def _place(path: tuple[int | str, ...], names: Sequence[str]) -> str:
    first, *rest = path
    return ".".join(map(str, [names[first] if isinstance(first, int) else first, *rest]))
