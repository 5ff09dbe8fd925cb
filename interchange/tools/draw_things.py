"""Draw Things: XMP with the creator tool's name and a UserComment of JSON."""

from interchange.decoding import parse_object
from interchange.fields import Fields, Params, guided_by, loras, size
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
        guidance=guided_by(params.take("scale"), newer.take("guidanceEmbed")),
        sampler=params.take("sampler"),
        width=width,
        height=height,
        model=params.take("model"),
        denoise=params.take("strength"),
        loras=loras(params.take("lora") or newer.take("loras"), ("model", "file"), ("weight",)),
        rest=params.rest | newer.rest,
    )
