"""Easy Diffusion: a PNG chunk for each key, or JSON in the UserComment, or lines in a sidecar.

Where it writes a sidecar, the keys are the labels of its page everywhere (save_utils.py, TASK_TEXT_MAPPING).
"""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from interchange.decoding import parse_json
from interchange.fields import Fields, Lora, Params, effective_guidance, number, text
from interchange.metadata import Metadata

_MODEL_KEY = "use_stable_diffusion_model"
_LABELS = {
    "stable diffusion model": _MODEL_KEY,
    "negative prompt": "negative_prompt",
    "sampler": "sampler_name",
    "scheduler": "scheduler_name",
    "steps": "num_inference_steps",
    "guidance scale": "guidance_scale",
    "distilled guidance": "distilled_guidance_scale",
    "prompt strength": "prompt_strength",
    "lora model": "use_lora_model",
    "lora strength": "lora_alpha",
}
_MAX_KEYS = 200
_LINES = re.compile(
    rf"^(Prompt|Seed|Width|Height|{'|'.join(label.capitalize() for label in _LABELS)}): ", re.IGNORECASE | re.MULTILINE
)


def read(metadata: Metadata) -> Fields | None:
    """The fields, known by the key `use_stable_diffusion_model` or its label; "None" among the LoRAs is none."""
    found = _found(metadata)
    if found is None:
        return None
    params = Params(found)
    names, weights = _split_list(params.take("use_lora_model")), _split_list(params.take("lora_alpha"))
    return Fields.of(
        "Easy Diffusion",
        prompt=params.take("prompt"),
        negative_prompt=params.take("negative_prompt"),
        seed=params.take("seed"),
        steps=params.take("num_inference_steps"),
        guidance=effective_guidance(params.take("guidance_scale"), params.take("distilled_guidance_scale")),
        sampler=params.take("sampler_name"),
        scheduler=params.take("scheduler_name"),
        width=params.take("width"),
        height=params.take("height"),
        model=params.take(_MODEL_KEY),
        denoise=params.take("prompt_strength"),
        loras=[
            Lora(name, number(weights[at]) if at < len(weights) else None)
            for at, one in enumerate(names)
            if (name := text(one)) and name != "None"
        ],
        rest=params.rest,
    )


def _found(metadata: Metadata) -> Mapping[str, Any] | None:
    """The values by Easy Diffusion's own names, which the page's labels are mapped to."""
    candidates = [metadata.texts, *metadata.objects.values()]
    sidecar = metadata.text("text")
    if "Stable Diffusion model: " in sidecar[:20_000]:
        pieces = _LINES.split(sidecar)[1:]
        candidates.append(dict(zip(pieces[::2], (piece.strip() for piece in pieces[1::2]), strict=True)))
    for values in candidates:
        if _MODEL_KEY in values:
            return values
        labelled = {str(key).lower(): value for key, value in islice(values.items(), _MAX_KEYS)}
        if "stable diffusion model" in labelled:
            return {_LABELS.get(key, key): value for key, value in labelled.items()}
    return None


def _split_list(value: object) -> list[Any]:
    """A list, or one value as a list of one; a PNG has a list as text, with quotes of either kind."""
    if isinstance(value, str) and value.startswith("["):
        parsed = parse_json(value.replace("'", '"'))
        return parsed if isinstance(parsed, list) else []
    if isinstance(value, str) and ", " in value:
        return value.split(", ")
    return value if isinstance(value, list) else [] if value is None else [value]
