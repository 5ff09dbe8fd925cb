"""Easy Diffusion: one PNG chunk a key, or the same as JSON in a UserComment."""

from collections.abc import Mapping
from typing import Any

from interchange.decoding import parse_json
from interchange.fields import Fields, Lora, Params, number, text
from interchange.metadata import Metadata

_MARK = "use_stable_diffusion_model"


def read(metadata: Metadata) -> Fields | None:
    found: Mapping[str, Any] | None = metadata.texts if _MARK in metadata.texts else metadata.with_key(_MARK)
    if found is None:
        return None
    params = Params(found)
    names, weights = _listed(params.take("use_lora_model")), _listed(params.take("lora_alpha"))
    return Fields.of(
        "Easy Diffusion",
        prompt=params.take("prompt"),
        negative_prompt=params.take("negative_prompt"),
        seed=params.take("seed"),
        steps=params.take("num_inference_steps"),
        guidance=params.take("guidance_scale"),
        sampler=params.take("sampler_name"),
        scheduler=params.take("scheduler_name"),
        width=params.take("width"),
        height=params.take("height"),
        model=params.take(_MARK),
        denoise=params.take("prompt_strength"),
        loras=[
            Lora(name, number(weights[at]) if at < len(weights) else None)
            for at, one in enumerate(names)
            if (name := text(one)) and name != "None"
        ],
        rest=params.rest,
    )


def _listed(value: object) -> list[Any]:
    """One value or a list, which a PNG has as text, with quotes of either kind."""
    if isinstance(value, str) and value.startswith("["):
        parsed = parse_json(value.replace("'", '"'))
        return parsed if isinstance(parsed, list) else []
    return value if isinstance(value, list) else [] if value is None else [value]
