"""The demos of diffusers on Hugging Face: PNG's `parameters` as JSON."""

from interchange.fields import Fields, Params
from interchange.metadata import Metadata


def read(metadata: Metadata) -> Fields | None:
    """The fields of the object that has `prompt` and `num_inference_steps`; None where there is none."""
    found = metadata.with_key("prompt", "num_inference_steps")
    if found is None:
        return None
    params = Params(found)
    width, height = params.take_size("resolution")
    return Fields.of(
        "HF Space",
        prompt=params.take("prompt"),
        negative_prompt=params.take("negative_prompt"),
        seed=params.take("seed"),
        steps=params.take("num_inference_steps"),
        guidance=params.take("guidance_scale"),
        sampler=params.take("sampler"),
        width=width,
        height=height,
        model=params.take("Model", "model"),
        model_hash=params.take("Model hash"),
        rest=params.rest,
    )
