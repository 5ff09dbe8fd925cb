"""Drafts: the values of a form when its user left it. Unlike a job's inputs, a draft need not be valid."""

from collections.abc import Mapping
from typing import Any

from model_configs.kinds import Colour, Json, Size
from model_configs.schema import MEDIA_KINDS, Loras, ModelConfig, Parameter, Text, files_in
from storage.jobs.links import Source
from studio.inputs.restore import RestorePlan, StoredMedia, by_current_name


def plan(
    config: ModelConfig,
    values: Mapping[str, Any],
    media: Mapping[str, StoredMedia],
    sources: tuple[Source, ...] = (),
) -> RestorePlan:
    """The plan that brings back a form as it was left; a value that a field cannot show becomes its default."""
    left = current_names(config, values)
    shown = {name: _shown(config.parameters[name], left, name, media) for name in config.order}
    showing = config.visible(shown)
    return RestorePlan(
        job_id="",
        model_id=config.id,
        type=config.type,
        visible={name: name in showing for name in config.order},
        values=shown,
        sources=sources,
    )


def current_names(config: ModelConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a draft by the inputs' current names."""
    return {name: values[old] for name, old in by_current_name(values, config.renames).items()}


def _shown(parameter: Parameter, values: Mapping[str, Any], name: str, media: Mapping[str, StoredMedia]) -> Any:
    if name not in values:
        return parameter.initial
    value = values[name]
    if kind := MEDIA_KINDS.get(parameter.kind):
        there = [key for key in files_in(value) if key in media and media[key].kind == kind]
        return there if parameter.kind == "images" else next(iter(there), None)
    if _is_typed(parameter, value):
        return value
    try:
        return parameter.fit(value)
    except (ValueError, OverflowError):
        return parameter.initial


def _is_typed(parameter: Parameter, value: Any) -> bool:
    """Whether a user can have entered the value, valid or not: too long a text, a LoRA without a path."""
    if isinstance(parameter, Text | Json | Colour):
        return isinstance(value, str)
    if isinstance(parameter, Size):
        return isinstance(value, dict) and value.keys() == {"width", "height"} and all(map(_is_side, value.values()))
    if not isinstance(parameter, Loras) or not isinstance(value, list) or len(value) > parameter.max_items:
        return False
    return all(isinstance(one, dict) and one.keys() == {"path", "weight"} and _is_row(**one) for one in value)


def _is_row(path: Any, weight: Any) -> bool:
    return isinstance(path, str) and (weight is None or isinstance(weight, int | float))


def _is_side(value: Any) -> bool:
    return value is None or isinstance(value, int | str)
