"""A job's inputs in another model's names: by name, then by alias, and for the seed and files by kind.

Only names change here. What the other model makes of a value, such as the nearest one within its limits, is for the
restore to find out and to report.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from model_configs.schema import ModelConfig, Parameter
from studio.inputs.restore import columns, todays_names
from studio.inputs.reuse_event import ReuseJobInput

ONE_OF_ITS_KIND = frozenset({"seed", "image", "video", "audio"})
"""The kinds that stand for each other under any name."""

ALIKE = (frozenset({"integer", "number", "choice"}), frozenset({"text", "choice"}))
"""The kinds that can take each other's values, beside each kind its own."""


def adapt(event: ReuseJobInput, source: ModelConfig | None, target: ModelConfig) -> ReuseJobInput:
    """The event for `target`; `source` is the job's own model, `None` where nobody knows it any more.

    An option that has no place keeps its name, so that the restore says so; where the target means something else by
    that name, it is called after its model too.
    """
    if event.model_id == target.id:
        return event
    stored = todays_names(event.options, source.renames if source else {})
    values = {name: event.options[old] for name, old in stored.items()}
    values = (dict(columns(event, source)) if source else {}) | values
    stored = {name: name for name in values} | stored
    places = _places(values, source, target)
    names = {name: places.get(name) or _apart(name, source, target) for name in values}
    was = {name: event.stored_as.get(old, old) for name, old in stored.items()}
    keeps_prompt = "prompt" in target.parameters and names.get("prompt", "prompt") == "prompt"
    return event.model_copy(
        update={
            "model_id": target.id,
            "prompt": event.prompt if keeps_prompt else None,
            "options": {names[name]: value for name, value in values.items()},
            "resolved": {names[name]: event.resolved[old] for name, old in stored.items() if old in event.resolved},
            "stored_as": {names[name]: old for name, old in was.items() if names[name] != old},
        }
    )


def _apart(name: str, source: ModelConfig | None, target: ModelConfig) -> str:
    """A name for what has no place; one that the target has too would put the value there."""
    taken = name in target.parameters or name in target.renames
    return f"{name} of {source.name if source else 'the job'}" if taken else name


def _places(values: Mapping[str, Any], source: ModelConfig | None, target: ModelConfig) -> dict[str, str]:
    """Where each option goes: a better reason to match counts for every input before the next one is tried."""
    places: dict[str, str] = {}
    declared = {name: source.parameters.get(name) if source else None for name in values}
    for matches in _reasons(declared, target):
        for place, parameter in target.parameters.items():
            if place not in places.values():
                fitting = (name for name in values if name not in places and _takes(parameter, declared[name]))
                found = _first(values, (name for name in fitting if matches(name, place)))
                if found is not None:
                    places[found] = place
    return places


def _first(values: Mapping[str, Any], names: Iterable[str]) -> str | None:
    """The first name, where there is a choice the first one with a value."""
    return min(names, key=lambda name: values[name] is None, default=None)


def _reasons(declared: Mapping[str, Parameter | None], target: ModelConfig) -> tuple[Callable[[str, str], bool], ...]:
    """Why an option may go to a parameter, the best reason first."""

    def same_name(name: str, place: str) -> bool:
        return name == place

    def old_name(name: str, place: str) -> bool:
        return target.renames.get(name) == place

    def alias(name: str, place: str) -> bool:
        parameter = declared[name]
        called = {name, *(parameter.aliases if parameter else ())}
        return not called.isdisjoint({place, *target.parameters[place].aliases})

    def kind(name: str, place: str) -> bool:
        parameter = declared[name]
        return parameter is not None and parameter.kind in ONE_OF_ITS_KIND

    return same_name, old_name, alias, kind


def _takes(parameter: Parameter, declared: Parameter | None) -> bool:
    """Whether the parameter can take the other's values; what nobody knows the kind of may fit anywhere."""
    if declared is None or declared.kind == parameter.kind:
        return True
    return any({declared.kind, parameter.kind} <= kinds for kinds in ALIKE)
