"""This studio's own files: the record of the job, whose inputs are found by their usual names."""

from collections.abc import Mapping
from typing import Any

from interchange import record
from interchange.fields import Fields, Lora, Params, listed, loras
from interchange.metadata import Metadata
from interchange.record import JobRecord

TOOL = "Studio"
_NAMES = {
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
    found = record.of_texts(metadata.texts)
    return None if found is None else fields(found)


def fields(found: JobRecord) -> Fields:
    """What the job says by the names of all tools: texts as the model got them, the seed of this output."""
    values = {**found.options, **found.resolved}
    params = Params(values)
    said = {name: params.take(*_called(found, values, usual)) for name, usual in _NAMES.items()}
    size = params.take(*(name for name in values if found.parameter(name).get("kind") == "size"), "size")
    if isinstance(size, dict):
        said |= {side: size.get(side) for side in ("width", "height")}
    seed = params.take(*(name for name in values if found.parameter(name).get("kind") == "seed"), "seed")
    ran = found.seed if found.output_seed is None else found.output_seed
    return Fields.of(
        TOOL,
        **said,
        seed=seed if ran is None else ran,
        model=found.model_name or found.model_id,
        loras=_loras(found, values, params),
        inputs=tuple(found.media),
        rest=params.rest,
    )


def _called(found: JobRecord, values: Mapping[str, Any], usual: tuple[str, ...]) -> list[str]:
    """The usual names, then the inputs that have one of them as an alias."""
    aliased = (name for name in values if any(alias in usual for alias in listed(found.parameter(name).get("aliases"))))
    return [*usual, *aliased]


def _loras(found: JobRecord, values: Mapping[str, Any], params: Params) -> list[Lora]:
    names = [name for name in values if name == "loras" or found.parameter(name).get("kind") == "loras"]
    return [lora for name in names for lora in loras(params.take(name), ("path",), ("weight",))]
