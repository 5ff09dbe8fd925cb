"""Stability Matrix: JSON in PNG's `parameters-json`."""

from interchange.fields import Fields, Params
from interchange.metadata import Metadata
from interchange.tools.infotext import loras_in


def read(metadata: Metadata) -> Fields | None:
    """The fields of `parameters-json`; the LoRAs stand in the prompt, as A1111 writes them."""
    found = metadata.objects.get("parameters-json") or metadata.with_key("PositivePrompt", "CfgScale")
    if found is None:
        return None
    params = Params(found)
    prompt = params.take("PositivePrompt")
    return Fields.of(
        "Stability Matrix",
        prompt=prompt,
        negative_prompt=params.take("NegativePrompt"),
        seed=params.take("Seed"),
        steps=params.take("Steps"),
        guidance=params.take("CfgScale"),
        sampler=params.take("Sampler"),
        scheduler=params.take("Scheduler"),
        width=params.take("Width"),
        height=params.take("Height"),
        model=params.take("ModelName"),
        model_hash=params.take("ModelHash"),
        loras=loras_in(prompt if isinstance(prompt, str) else ""),
        rest=params.rest,
    )
