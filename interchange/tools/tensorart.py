"""Tensor.art: padded JSON in PNG's `generation_data`. Its seed may be -1; the real one is in the graph beside it."""

from interchange import comfyui
from interchange.decoding import parse_object
from interchange.fields import Fields, Params, effective_guidance, loras
from interchange.metadata import Metadata


def read(metadata: Metadata) -> Fields | None:
    """The fields of `generation_data`; the graph fills them where seed or steps are missing."""
    found = parse_object(metadata.text("generation_data").strip(" \0\n"))
    if found is None:
        return None
    params = Params(found)
    model = Params(base if isinstance(base := params.take("baseModel"), dict) else {})
    fields = Fields.of(
        "TensorArt",
        prompt=params.take("prompt"),
        negative_prompt=params.take("negativePrompt"),
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=effective_guidance(params.take("cfgScale"), params.take("guidance")),
        sampler=params.take("samplerName", "sampler"),
        scheduler=params.take("scheduler", "schedulerName"),
        width=params.take("width"),
        height=params.take("height"),
        model=model.take("modelFileName", "label", "modelName"),
        model_hash=model.take("hash"),
        denoise=params.take("denoise", "denoisingStrength"),
        loras=loras(params.take("models"), ("modelFileName", "label"), ("weight",)),
        rest=params.rest,
    )
    return fields.filled_from(comfyui.read(metadata) if fields.seed is None or fields.steps is None else None)
