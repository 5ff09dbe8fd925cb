"""SwarmUI: `sui_image_params`, in PNG's `parameters`, EXIF's UserComment, or a film's `.swarm.json`."""

from typing import Any

from interchange.decoding import parse_object
from interchange.fields import Fields, Lora, Params, effective_guidance, list_or_empty, number, text
from interchange.metadata import Metadata

_MAX_LORAS = 500


def read(metadata: Metadata) -> Fields | None:
    """The fields of `sui_image_params`; None where no object has it."""
    found = metadata.with_key("sui_image_params")
    image = parse_object(found["sui_image_params"]) if found else None
    if found is None or image is None:
        return None
    params = Params(image)
    names, weights = _split_list(params.take("loras")), _split_list(params.take("loraweights"))
    return Fields.of(
        "SwarmUI",
        prompt=params.take("prompt"),
        negative_prompt=params.take("negativeprompt"),
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=effective_guidance(params.take("cfgscale"), params.take("fluxguidancescale")),
        sampler=params.take("sampler", "comfyuisampler", "comfy_sampler"),
        scheduler=params.take("scheduler", "comfyuischeduler", "comfy_scheduler"),
        width=params.take("width"),
        height=params.take("height"),
        model=params.take("model"),
        model_hash=_hash(found.get("sui_models")),
        denoise=params.take("initimagecreativity"),
        loras=[
            Lora(str(name), number(weights[at]) if at < len(weights) else None)
            for at, name in enumerate(names[:_MAX_LORAS])
        ],
        rest=params.rest | {key: value for key, value in found.items() if key == "sui_extra_data"},
    )


def _split_list(value: object) -> list[Any]:
    """A list, which SwarmUI writes as such or as text with commas."""
    if isinstance(value, str):
        return [piece.strip() for piece in value.split(",")] if value.strip() else []
    return [one for one in value if text(one)] if isinstance(value, list) else []


def _hash(models: object) -> str | None:
    for model in list_or_empty(models):
        if isinstance(model, dict) and model.get("param") == "model":
            return text(model.get("hash"))
    return None
