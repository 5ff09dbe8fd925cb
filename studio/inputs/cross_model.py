"""A job's inputs in another model's names: by name, then by alias, and for the seed and files by kind.

Only names change here, but for a width and a height that are a size in the other model, or the other way round. What
that model makes of a value, such as the nearest one within its limits, is for the restore to find out and to report.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from model_configs.kinds import Pixels
from model_configs.schema import MEDIA_KINDS, ModelConfig, Parameter
from studio.inputs.restore import by_current_name, columns
from studio.inputs.reuse_event import ReuseJobInput

ONE_OF_ITS_KIND = frozenset({"seed", *MEDIA_KINDS})
"""The kinds that stand for each other under any name."""

ALIKE = (
    frozenset({"integer", "number", "choice", "frames"}),
    *(frozenset({"text", kind}) for kind in ("choice", "colour", "json", "size")),
    frozenset({"choice", "size"}),
    frozenset({"image", "images"}),
)
"""The kinds that can take each other's values, beside each kind its own."""


def adapt(event: ReuseJobInput, source: ModelConfig | None, target: ModelConfig) -> ReuseJobInput:
    """The event for `target`; `source` is the job's own model, `None` where nobody knows it any more.

    An option that has no place keeps its name, so that the restore says so; where the target means something else by
    that name, it is called after its model too.
    """
    if event.model_id == target.id:
        return _with_its_size(event, target)
    stored = by_current_name(event.options, source.renames if source else {})
    values = {name: event.options[old] for name, old in stored.items()}
    values = (dict(columns(event, source)) if source else {}) | values
    stored = {name: name for name in values} | stored
    places = _places(values, source, target)
    was = {name: event.stored_as.get(old, old) for name, old in stored.items()}
    sizes = tuple(_sizes(values, places, source, target))
    rewritten = {name for size in sizes for name in size.names}
    names = {name: places.get(name) or _apart(name, source, target) for name in values if name not in rewritten}
    stored_as = {place: was[name] for name, place in names.items() if was[name] != place}
    for size in sizes:
        stored_as |= dict.fromkeys(size.options, " and ".join(was[name] for name in size.names))
    keeps_prompt = "prompt" in target.parameters and names.get("prompt", "prompt") == "prompt"
    return event.model_copy(
        update={
            "model_id": target.id,
            "prompt": event.prompt if keeps_prompt else None,
            "options": {place: values[name] for name, place in names.items()}
            | {place: value for size in sizes for place, value in size.options.items()},
            "resolved": {
                place: event.resolved[stored[name]] for name, place in names.items() if stored[name] in event.resolved
            },
            "stored_as": stored_as,
        }
    )


def _with_its_size(event: ReuseJobInput, target: ModelConfig) -> ReuseJobInput:
    """A job of a model that has made one size of its width and height since, or the other way round."""
    today = by_current_name(event.options, target.renames)
    places = {old: name for name, old in today.items() if name in target.parameters}
    before = None if places.keys() == event.options.keys() else ModelConfig.of_snapshot(event.config_snapshot)
    sizes = tuple(_sizes(event.options, places, before, target))
    if not sizes:
        return event
    options = {name: value for name, value in event.options.items() if not any(name in size.names for size in sizes)}
    stored_as = {place: " and ".join(size.names) for size in sizes for place in size.options}
    for size in sizes:
        options |= size.options
    return event.model_copy(update={"options": options, "stored_as": {**event.stored_as, **stored_as}})


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
    return min(names, key=lambda name: values[name] in (None, []), default=None)


def _reasons(declared: Mapping[str, Parameter | None], target: ModelConfig) -> tuple[Callable[[str, str], bool], ...]:
    """Why an option may go to a parameter, the best reason first."""

    def same_name(name: str, place: str) -> bool:
        return name == place

    def old_name(name: str, place: str) -> bool:
        return target.renames.get(name) == place

    def alias(name: str, place: str) -> bool:
        return not _called(name, declared[name]).isdisjoint(_called(place, target.parameters[place]))

    def kind(name: str, place: str) -> bool:
        parameter = declared[name]
        return parameter is not None and parameter.kind == target.parameters[place].kind in ONE_OF_ITS_KIND

    def one_or_several(name: str, place: str) -> bool:
        parameter = declared[name]
        return parameter is not None and {parameter.kind, target.parameters[place].kind} == {"image", "images"}

    return same_name, old_name, alias, kind, one_or_several


def _called(name: str, parameter: Parameter | None) -> set[str]:
    return {name, *(parameter.aliases if parameter else ())}


def _takes(parameter: Parameter, declared: Parameter | None) -> bool:
    """Whether the parameter can take the other's values; what nobody knows the kind of may fit anywhere."""
    if declared is None or declared.kind == parameter.kind:
        return True
    return any({declared.kind, parameter.kind} <= kinds for kinds in ALIKE)


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """Options of the job by their names, and what the target has instead of them."""

    names: tuple[str, ...]
    options: dict[str, Any]


def _sizes(
    values: Mapping[str, Any], places: Mapping[str, str], source: ModelConfig | None, target: ModelConfig
) -> Iterator[_Rewritten]:
    """A width and a height as one size, and a size as a width and a height, where neither has a place as it is."""
    left = {name: source.parameters.get(name) if source else None for name in values if name not in places}
    free = {place: parameter for place, parameter in target.parameters.items() if place not in places.values()}
    size = next((place for place, parameter in free.items() if parameter.kind == "size"), None)
    sides = _sides({name: one for name, one in left.items() if _is_side(values[name])})
    if size and sides:
        width, height = sides
        yield _Rewritten(sides, {size: {"width": values[width], "height": values[height]}})
    size = next((name for name, one in left.items() if _is_size(one) and _pixels(values[name])), None)
    sides = _sides(free)
    if size and sides and (pixels := _pixels(values[size])):
        yield _Rewritten((size,), dict(zip(sides, (pixels.width, pixels.height), strict=True)))


def _sides(parameters: Mapping[str, Parameter | None]) -> tuple[str, str] | None:
    """The whole numbers among them that are called width and height, when both are there; a name before an alias."""
    whole = {name: one for name, one in parameters.items() if one is None or one.kind == "integer"}
    found = []
    for side in ("width", "height"):
        called = [name for name, one in whole.items() if side in _called(name, one)]
        found += sorted(called, key=lambda name: name != side)[:1]
    return (found[0], found[1]) if len(set(found)) == 2 else None


def _is_side(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_size(declared: Parameter | None) -> bool:
    return declared is None or declared.kind == "size"


def _pixels(value: Any) -> Pixels | None:
    try:
        return Pixels.model_validate(value)
    except ValidationError:
        return None
