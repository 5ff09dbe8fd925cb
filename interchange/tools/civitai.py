"""Civitai's own ComfyUI: a UserComment with the nodes at its top level, beside `extraMetadata`, JSON as text."""

from interchange import comfyui
from interchange.decoding import parse_object
from interchange.fields import Fields, Params, loras, objects, text
from interchange.metadata import Metadata


def read(metadata: Metadata) -> Fields | None:
    """The fields of `extraMetadata`, and what it leaves open from the graph beside it."""
    found = metadata.with_key("extraMetadata")
    extra = parse_object(found["extraMetadata"]) if found else None
    if extra is None or "prompt" not in extra:
        return None
    params = Params(extra)
    resources = params.take("resources")
    entries = objects(resources)
    model = next((entry for entry in entries if str(entry.get("type", "")).lower() in ("checkpoint", "model")), {})
    added = [entry for entry in entries if str(entry.get("type", "")).lower() in ("lora", "lycoris", "dora", "locon")]
    fields = Fields.of(
        "Civitai",
        prompt=params.take("prompt"),
        negative_prompt=params.take("negativePrompt"),
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=params.take("cfgScale"),
        sampler=params.take("sampler"),
        scheduler=params.take("scheduler"),
        width=params.take("width"),
        height=params.take("height"),
        model=params.take("baseModel") if not model else text(model.get("modelName")) or _urn(model),
        denoise=params.take("denoise"),
        loras=loras(
            [{"name": entry.get("modelName") or _urn(entry), "weight": entry.get("strength")} for entry in added],
            ("name",),
            ("weight",),
        ),
        rest=params.rest,
    )
    return fields.filled_from(comfyui.read(metadata))


def _urn(entry: dict[str, object]) -> str:
    return f"urn:air:civitai:{entry.get('modelVersionId')}"
