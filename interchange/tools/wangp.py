"""WanGP: JSON whose `type` begins with its name, in a film's comment, a UserComment, or PNG's `comment`."""

from interchange.fields import Fields, Lora, Params, list_or_empty, number, size, text
from interchange.metadata import Metadata


def read(metadata: Metadata) -> Fields | None:
    """The fields of the object whose `type` begins with WanGP; a LoRA's weight is that of the first phase."""
    found = next((one for one in metadata.objects.values() if str(one.get("type", "")).startswith("WanGP")), None)
    if found is None:
        return None
    params = Params(found)
    width, height = size(params.take("resolution"))
    names, weights = params.take("activated_loras"), str(params.take("loras_multipliers") or "").split()
    return Fields.of(
        "WanGP",
        prompt=params.take("prompt"),
        negative_prompt=params.take("negative_prompt"),
        seed=params.take("seed"),
        steps=params.take("num_inference_steps"),
        guidance=params.take("guidance_scale"),
        sampler=params.take("sample_solver"),
        width=width,
        height=height,
        model=params.take("model_type", "model_filename"),
        denoise=params.take("denoising_strength"),
        loras=[
            Lora(name, number(weights[at].partition(";")[0]) if at < len(weights) else None)
            for at, one in enumerate(list_or_empty(names))
            if (name := text(one))
        ],
        rest=params.rest,
    )
