"""Fooocus and its forks: a JSON object in PNG's `parameters` or `Comment`, EXIF's UserComment or JPEG's comment.

FooocusPlus has the labels of its page as keys, such as `Guidance Scale`. Fooocus' other scheme, `a1111`, is infotext
whose version names Fooocus.
"""

import re
from typing import Any

from interchange.fields import Fields, Lora, Params, known, list_or_empty, number, text
from interchange.metadata import Metadata
from interchange.tools import infotext

_TAG = re.compile(r"<([^:<>]{1,200}):(-?[\d.]{1,12})>")


def read(metadata: Metadata) -> Fields | None:
    """The fields of RuinedFooocus, Fooocus or FooocusPlus, told apart by their keys, or of Fooocus' infotext."""
    ruined = metadata.with_key("Prompt", "base_model_name") or metadata.with_key("Prompt", "Negative", "software")
    if ruined and isinstance(ruined["Prompt"], str):
        return _ruined_fooocus(ruined)
    found = metadata.with_key("base_model", "guidance_scale", "prompt") or metadata.with_key("prompt", "performance")
    if found and isinstance(found["prompt"], str):
        return _fooocus(found)
    labelled = metadata.with_key("Prompt", "Guidance Scale")
    if labelled and isinstance(labelled["Prompt"], str):
        return _fooocus({str(key).lower().replace(" ", "_"): value for key, value in labelled.items()})
    if _scheme(metadata) == "a1111":
        comment = next((one for one in metadata.comments() if infotext.is_infotext(one)), None)
        return infotext.fields(comment) if comment else None
    return None


def _scheme(metadata: Metadata) -> str:
    if "fooocus" not in metadata.text("exif.software").lower():
        return metadata.text("fooocus_scheme")
    return metadata.text("exif.makernote")


def _fooocus(found: dict[str, Any]) -> Fields:
    params = Params(found)
    width, height = params.take_size("resolution")
    return Fields.of(
        "Fooocus",
        prompt=params.take("prompt"),
        negative_prompt=params.take("negative_prompt"),
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=params.take("guidance_scale", "cfg"),
        sampler=params.take("sampler"),
        scheduler=params.take("scheduler"),
        width=width,
        height=height,
        model=params.take("base_model"),
        model_hash=params.take("base_model_hash"),
        denoise=params.take("denoise"),
        loras=_loras(params.take("loras")) or _numbered_loras(found),
        rest=params.rest,
    )


def _loras(entries: object) -> list[Lora]:
    """The LoRAs of `[[name, weight, hash], …]`."""
    return [
        Lora(name, number(entry[1]))
        for entry in list_or_empty(entries)
        if isinstance(entry, list) and len(entry) >= 2 and (name := text(entry[0]))
    ]


def _numbered_loras(found: dict[str, Any]) -> list[Lora]:
    """The LoRAs of older versions: `lora_combined_1: "name : weight"`, `LoRA 1` in a log; MRE's `l1` and `w1`."""
    named = (str(found.get(f"lora_combined_{at}", found.get(f"lora_{at}", ""))) for at in range(1, 10))
    combined = (one.rpartition(" : ") for one in named)
    pairs: list[tuple[str, object]] = [(name, weight) for name, _, weight in combined]
    pairs += [(str(found.get(f"l{at}", "")), found.get(f"w{at}")) for at in range(1, 6)]
    return [Lora(name.strip(), number(weight)) for name, weight in pairs if known(name.strip())]


def _ruined_fooocus(found: dict[str, Any]) -> Fields:
    params = Params(found)
    return Fields.of(
        "RuinedFooocus",
        prompt=params.take("Prompt"),
        negative_prompt=params.take("Negative"),
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=params.take("cfg"),
        sampler=params.take("sampler_name"),
        scheduler=params.take("scheduler"),
        width=params.take("width"),
        height=params.take("height"),
        model=params.take("base_model_name"),
        model_hash=params.take("base_model_hash"),
        denoise=params.take("denoise"),
        loras=_ruined_fooocus_loras(params.take("loras")),
        rest=params.rest,
    )


def _ruined_fooocus_loras(entries: object) -> list[Lora]:
    """The LoRAs of `[["hash", "weight - name"], …]`, or of `<name:weight>,…`."""
    if isinstance(entries, str):
        return [Lora(name, number(weight)) for name, weight in _TAG.findall(entries) if known(name)]
    found = []
    for entry in list_or_empty(entries):
        if isinstance(entry, list) and len(entry) >= 2:
            weight, _, name = str(entry[1]).partition(" - ")
            found.append(Lora(name, number(weight)) if name else Lora(str(entry[0]), number(entry[1])))
    return found
