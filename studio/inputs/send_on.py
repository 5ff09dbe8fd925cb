"""Sending a result on: the inputs of models that take it, and the choices that make such an input show."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from model_configs.conditions import AllOf, AnyOf, Condition, IsSet, Not, OneOf
from model_configs.kinds import Images
from model_configs.schema import ModelConfig
from storage.jobs.links import Source
from studio.inputs.restore import RestorePlan

Sources = tuple[Source, ...]

ANY_FILE = "a file"
"""A placeholder for the file, to work out whether its input would show."""


@dataclass(frozen=True, slots=True)
class Target:
    """One input of one model."""

    model_id: str
    parameter: str
    label: str


def targets(models: Iterable[ModelConfig], kind: str) -> tuple[Target, ...]:
    """Every input that takes a file of this kind and can be made to show."""
    return tuple(
        Target(config.id, name, f"{config.name}: {config.parameters[name].label}")
        for config in models
        for name, of_kind in config.media().items()
        if of_kind == kind and choices_for(config, name) is not None
    )


def choices_for(config: ModelConfig, name: str) -> dict[str, Any] | None:
    """Values of all parents, direct and indirect, with which the input shows; `None` when none were found."""
    rule = config.conditions[name]
    values = {**config.defaults(), **dict(_wanted(rule, config.conditions))}
    if name not in config.visible({**values, name: ANY_FILE}):
        return None
    above = config.ancestors[name]
    return {parent: values[parent] for parent in config.order if parent in above}


def plan(
    config: ModelConfig, name: str, key: str, chosen: Mapping[str, Any], job_id: str = "", sources: Sources = ()
) -> RestorePlan:
    """The plan that puts the stored file into that input, with the `chosen` values; all other inputs stay."""
    values = {**chosen, name: [key] if isinstance(config.parameters[name], Images) else key}
    return RestorePlan(
        job_id=job_id,
        model_id=config.id,
        type=config.type,
        visible=dict.fromkeys(values, True),
        values=values,
        sources=sources,
    )


def _wanted(rule: Condition | None, rules: Mapping[str, Condition | None]) -> Iterator[tuple[str, Any]]:
    """Values that make the rule hold, and its parents show; of several ways the first is taken."""
    match rule:
        case OneOf(parent, values):
            yield from _wanted(rules[parent], rules)
            yield parent, values[0]
        case IsSet(parent):
            yield from _wanted(rules[parent], rules)
        case AllOf(parts):
            for part in parts:
                yield from _wanted(part, rules)
        case AnyOf(parts):
            yield from _wanted(parts[0], rules)
        case Not() | None:
            return
