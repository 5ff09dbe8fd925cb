"""This studio's own files: the record of the job, whose inputs are recognized by their usual names."""

from collections.abc import Mapping
from typing import Any

from interchange import record
from interchange.fields import Fields, Lora, Params, list_or_empty, loras
from interchange.metadata import Metadata
from interchange.record import JobRecord

TOOL = "Studio"
_USUAL_NAMES = {
    "prompt": ("prompt", "positive_prompt"),
    "negative_prompt": ("negative_prompt", "negative"),
    "steps": ("steps", "num_inference_steps"),
    "guidance": ("guidance", "guidance_scale", "cfg", "cfg_scale"),
    "sampler": ("sampler", "sampler_name"),
    "scheduler": ("scheduler", "schedule_type"),
    "denoise": ("denoise", "denoising_strength"),
    "width": ("width",),
    "height": ("height",),
}


def read(metadata: Metadata) -> Fields | None:
    """The fields of the job's record; None for a file of another tool."""
    found = record.find_record(metadata.texts)
    return None if found is None else fields(found)


def fields(found: JobRecord) -> Fields:
    """The fields of a job's record: texts as the model got them, and the seed of this output."""
    values = {**found.options, **found.resolved}
    params = Params(values)
    values_by_field = {name: params.take(*_names_of(found, values, usual)) for name, usual in _USUAL_NAMES.items()}
    size = params.take(*(name for name in values if found.parameter(name).get("kind") == "size"), "size")
    if isinstance(size, dict):
        values_by_field |= {side: size.get(side) for side in ("width", "height")}
    seed = params.take(*(name for name in values if found.parameter(name).get("kind") == "seed"), "seed")
    ran_with = found.seed if found.output_seed is None else found.output_seed
    return Fields.of(
        TOOL,
        **values_by_field,
        seed=seed if ran_with is None else ran_with,
        model=found.model_name or found.model_id,
        loras=_loras(found, values, params),
        inputs=tuple(found.media),
        rest=params.rest,
    )


def _names_of(found: JobRecord, values: Mapping[str, Any], usual: tuple[str, ...]) -> list[str]:
    """The usual names of an input, then the names of inputs that have one of them as an alias."""
    aliased = (
        name for name in values if any(alias in usual for alias in list_or_empty(found.parameter(name).get("aliases")))
    )
    return [*usual, *aliased]


def _loras(found: JobRecord, values: Mapping[str, Any], params: Params) -> list[Lora]:
    names = [name for name in values if name == "loras" or found.parameter(name).get("kind") == "loras"]
    return [lora for name in names for lora in loras(params.take(name), ("path",), ("weight",))]
