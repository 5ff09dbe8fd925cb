"""Values under common names, as mflux and many scripts write them: a JSON object, or a text chunk for each value."""

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.fields import Fields, Params, integer, loras, number
from interchange.metadata import Metadata

_PROMPT = ("prompt", "positive_prompt", "positivePrompt", "Prompt")
_NEGATIVE = ("negative_prompt", "negativePrompt", "negative", "Negative Prompt")
_SEED = ("seed", "noise_seed", "Seed")
_STEPS = ("steps", "num_inference_steps", "num_steps", "inference_steps", "sampling_steps", "Steps")
_GUIDANCE = ("guidance", "guidance_scale", "cfg_scale", "cfgScale", "cfg", "guidanceScale", "CFG scale")
_INNER = ("parameters", "params", "settings", "input", "request", "generation", "metadata")
_TOOLS = ("software", "Software", "tool", "app", "generator")


def read(metadata: Metadata) -> Fields | None:
    """The fields where there is a prompt and two of seed, steps and guidance: anything less may be something else."""
    for found in _candidates(metadata):
        prompt = next((text for key in _PROMPT if isinstance(text := found.get(key), str)), None)
        numbers = (_first(found, _SEED, integer), _first(found, _STEPS, integer), _first(found, _GUIDANCE, number))
        if prompt is not None and sum(one is not None for one in numbers) >= 2:
            return _fields(found)
    return None


def _fields(found: Mapping[str, Any]) -> Fields:
    params = Params(found)
    tool = "mflux" if "mflux_version" in found else params.take(*_TOOLS)
    width, height = params.take_size("size", "resolution")
    return Fields.of(
        tool[:80] if isinstance(tool, str) and tool.strip() else "Unknown tool",
        prompt=params.take(*_PROMPT),
        negative_prompt=params.take(*_NEGATIVE),
        seed=params.take(*_SEED),
        steps=params.take(*_STEPS),
        guidance=params.take(*_GUIDANCE),
        sampler=params.take("sampler", "sampler_name", "samplerName", "Sampler"),
        scheduler=params.take("scheduler", "scheduler_name"),
        width=width,
        height=height,
        model=params.take("model", "model_name", "modelName", "model_id", "base_model", "checkpoint", "Model"),
        model_hash=params.take("model_hash", "modelHash"),
        denoise=params.take("strength", "denoising_strength", "denoise", "image_strength"),
        loras=loras(params.take("loras"), ("path", "name", "model"), ("weight", "scale", "strength")),
        rest=params.rest,
    )


def _candidates(metadata: Metadata) -> Iterator[Mapping[str, Any]]:
    for found in metadata.objects.values():
        yield found
        yield from (inner for key in _INNER if isinstance(inner := found.get(key), dict))
    yield metadata.texts


def _first(found: Mapping[str, Any], names: tuple[str, ...], convert: Any) -> Any:
    return next((value for name in names if (value := convert(found.get(name))) is not None), None)
