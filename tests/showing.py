"""Values that bring any parameter of a form into sight."""

from collections.abc import Mapping
from typing import Any

from model_configs.conditions import AllOf, AnyOf, Condition, IsSet, Not, OneOf
from model_configs.schema import ModelConfig, Parameter
from tests.strategies import MEDIA_KEYS


def showing(
    config: ModelConfig, name: str, files: Mapping[str, Any] = {kind: keys[0] for kind, keys in MEDIA_KEYS.items()}
) -> dict[str, Any]:
    """Values for the parents of the parameter, and for theirs; `files` has one media value of each kind."""
    rule = config.conditions[name]
    return {} if rule is None else _meeting(config, rule, files)


def _meeting(config: ModelConfig, rule: Condition, files: Mapping[str, Any]) -> dict[str, Any]:
    match rule:
        case OneOf(parent, values):
            return showing(config, parent, files) | {parent: values[0]}
        case IsSet(parent):
            return showing(config, parent, files) | {parent: _something(config.parameters[parent], files)}
        case Not(OneOf(parent, values)):
            return showing(config, parent, files) | {parent: _other(config.parameters[parent], values)}
        case AllOf(parts):
            return {name: value for part in parts for name, value in _meeting(config, part, files).items()}
        case AnyOf(parts):
            return _meeting(config, parts[0], files)
    raise NotImplementedError(f"no shipped config says {rule}: say here how it is met")


def _something(parameter: Parameter, files: Mapping[str, Any]) -> Any:
    match parameter.kind:
        case "choices":
            return [parameter.choices[0].value]
        case "image" | "video" | "audio":
            return files[parameter.kind]
        case "text":
            return "something"
    raise NotImplementedError(f"no shipped config asks whether a {parameter.kind} is set: say here what is")


def _other(parameter: Parameter, values: tuple[Any, ...]) -> Any:
    if parameter.kind == "choice":
        return next(option.value for option in parameter.choices if option.value not in values)
    return parameter.fit(1.5)
