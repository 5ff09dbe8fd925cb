"""Easy Diffusion: one PNG chunk a key, or the same as JSON in a UserComment, or the lines of a text beside the file.

Where it also writes such a text, its keys are its page's labels everywhere (save_utils.py, TASK_TEXT_MAPPING).
"""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from interchange.decoding import parse_json
from interchange.fields import Fields, Lora, Params, guided_by, number, text
from interchange.metadata import Metadata

_MARK = "use_stable_diffusion_model"
_LABELS = {
    "stable diffusion model": _MARK,
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
_MOST_KEYS = 200
_LINES = re.compile(
    rf"^(Prompt|Seed|Width|Height|{'|'.join(label.capitalize() for label in _LABELS)}): ", re.IGNORECASE | re.MULTILINE
)


def read(metadata: Metadata) -> Fields | None:
    """The fields, known by the key `use_stable_diffusion_model` or its label; "None" among the LoRAs is none."""
    found = _found(metadata)
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
        guidance=guided_by(params.take("guidance_scale"), params.take("distilled_guidance_scale")),
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


def _found(metadata: Metadata) -> Mapping[str, Any] | None:
    """The values by the names of the program."""
    places = [metadata.texts, *metadata.objects.values()]
    beside = metadata.text("text")
    if "Stable Diffusion model: " in beside[:20_000]:
        pieces = _LINES.split(beside)[1:]
        places.append(dict(zip(pieces[::2], (piece.strip() for piece in pieces[1::2]), strict=True)))
    for place in places:
        if _MARK in place:
            return place
        labelled = {str(key).lower(): value for key, value in islice(place.items(), _MOST_KEYS)}
        if "stable diffusion model" in labelled:
            return {_LABELS.get(key, key): value for key, value in labelled.items()}
    return None


def _listed(value: object) -> list[Any]:
    """One value or a list, which a PNG has as text, with quotes of either kind."""
    if isinstance(value, str) and value.startswith("["):
        parsed = parse_json(value.replace("'", '"'))
        return parsed if isinstance(parsed, list) else []
    if isinstance(value, str) and ", " in value:
        return value.split(", ")
    return value if isinstance(value, list) else [] if value is None else [value]
