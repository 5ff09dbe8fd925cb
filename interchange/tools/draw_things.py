"""Draw Things: XMP with its name as the creator tool, and JSON in the UserComment."""

from interchange.decoding import parse_object
from interchange.fields import Fields, Params, effective_guidance, loras, size
from interchange.metadata import Metadata
from interchange.tools import infotext


def read(metadata: Metadata) -> Fields | None:
    """The fields of the UserComment, known by its keys `c`, `uc` and `scale`; else of a description in infotext."""
    found = metadata.with_key("c", "uc", "scale")
    if found is None or not isinstance(found["c"], str):
        described = metadata.text("xmp.description")
        return infotext.fields(described) if "Guidance Scale: " in described else None
    params = Params(found)
    newer = Params(parse_object(params.take("v2")) or {})
    width, height = size(params.take("size"))
    return Fields.of(
        "Draw Things",
        prompt=params.take("c"),
        negative_prompt=params.take("uc"),
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=effective_guidance(params.take("scale"), newer.take("guidanceEmbed")),
        sampler=params.take("sampler"),
        width=width,
        height=height,
        model=params.take("model"),
        denoise=params.take("strength"),
        loras=loras(params.take("lora") or newer.take("loras"), ("model", "file"), ("weight",)),
        rest=params.rest | newer.rest,
    )
