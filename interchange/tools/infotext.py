"""A1111's infotext, which Forge, SD.Next, Civitai, kohya_ss, stable-diffusion.cpp and saver nodes of ComfyUI write too:

    prompt
    Negative prompt: negative prompt
    Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x768, Model: name, Lora hashes: "a: 1, b: 2"

(AUTOMATIC1111, modules/infotext_utils.py.) Both prompts may have lines that look like settings, may be JSON, or empty.
"""

import json
import re
from itertools import islice
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from interchange.decoding import parse_json
from interchange.fields import Fields, Lora, Params, known, list_or_empty, number, size, text
from interchange.metadata import Metadata

_NEGATIVE = "negative prompt:"
_TEMPLATE = re.compile(r"^(?:negative )?template:", re.IGNORECASE)
_KEY = re.compile(r"\s*([A-Za-z][^:,\"{}\[\]\n]{0,60}?):[ \t]*")
_NEXT_KEY = re.compile(r",\s*(?=[A-Za-z][^:,\"{}\[\]\n]{0,60}:)|\n")
_SETTINGS_ON_ONE_LINE = re.compile(r"(?<![^\s,])Steps: ?\d+, ?[A-Z]")
_LORA = re.compile(r"<(?:lora|lyco):([^:<>]{1,200})(?::(-?[\d.]{1,12}))?[^<>]{0,100}>")
_KNOWN_KEY = re.compile(r"\b(?:Steps|Sampler|CFG scale|Seed|Size|Model hash|Model|Guidance): ?", re.IGNORECASE)
_MAX_SETTINGS = 300
_MAX_ATTEMPTS = 50
_MAX_LORAS = 500
_UNKNOWN = "unknown"
_PLACEHOLDER_SIZE = (512, 512)
_COMFYUI_SAMPLER = re.compile(r"[a-z0-9]+_[a-z0-9_]+")


class Infotext(NamedTuple):
    """The parts of an infotext; `settings` have lower-case keys, and their JSON values are still text."""

    prompt: str
    negative: str | None
    settings: dict[str, str]


def read(metadata: Metadata) -> Fields | None:
    """The first infotext of a file; text under `parameters` is a prompt even without settings."""
    for comment in metadata.comments():
        if is_infotext(comment):
            return fields(comment)
    parameters = metadata.text("parameters")
    return fields(parameters) if parameters and not parameters.lstrip().startswith(("{", "[")) else None


def is_infotext(comment: str) -> bool:
    """Whether a comment has at least two known settings, or one and a negative prompt."""
    _, line = _split_settings(comment)
    keys = {found[0].lower() for found in _KNOWN_KEY.finditer(line[:100_000])}
    return len(keys) >= 2 or (len(keys) == 1 and _NEGATIVE in comment.lower())


def fields(comment: str) -> Fields:
    """The fields of an infotext, its tool as far as the settings tell; guidance is the distilled one where CFG is 1."""
    found = parse(comment)
    params = Params(found.settings)
    sampler, scheduler = params.take("sampler"), params.take("schedule type", "scheduler")
    cfg, distilled = number(params.take("cfg scale", "guidance scale", "cfg")), None
    if cfg is None or cfg == 1:
        distilled = number(params.take("distilled cfg scale", "guidance", "distilled guidance"))
    width, height = size(params.take("size"))
    resources = list_or_empty(parse_json(params.take("civitai resources") or ""))
    seed = params.take("seed", "noise seed")
    if found.prompt.strip() == _UNKNOWN:  # a saver node that did not find the graph's values wrote its defaults
        seed = width = height = None
    return Fields.of(
        _tool(found.settings, comment),
        prompt=_unless_unknown(found.prompt),
        negative_prompt=_unless_unknown(found.negative),
        seed=seed,
        steps=params.take("steps"),
        guidance=cfg if distilled is None else distilled,
        sampler=sampler,
        scheduler=scheduler,
        width=width if width else params.take("width"),
        height=height if height else params.take("height"),
        model=_model(params) or _civitai_model(resources),
        model_hash=params.take("model hash"),
        denoise=params.take("denoising strength"),
        loras=[*loras_in(found.prompt), *_civitai_loras(resources)],
        rest=params.rest,
    )


def parse(comment: str) -> Infotext:
    """Split an infotext into its parts; the prompt's templates, as A1111 writes them, are left out."""
    texts, line = _split_settings(comment.replace("\r\n", "\n").replace("\r", "\n"))
    prompt: list[str] = []
    negative: list[str] | None = None
    template: list[str] | None = None
    for row in texts.split("\n"):
        start = row.lstrip().lower()
        if _TEMPLATE.match(start) and negative is not None:
            template = []
        elif template is not None:
            template.append(row)
        elif negative is None and start.startswith(_NEGATIVE):
            negative = [row.lstrip()[len(_NEGATIVE) :]]
        else:
            (prompt if negative is None else negative).append(row)
    return Infotext("\n".join(prompt), None if negative is None else "\n".join(negative), _settings(line))


def loras_in(prompt: str | None) -> list[Lora]:
    """The LoRAs in a prompt, written as `<lora:name:weight>`."""
    return [Lora(found[1], number(found[2] or 1)) for found in islice(_LORA.finditer(prompt or ""), _MAX_LORAS)]


def is_placeholder(found: Fields) -> bool:
    """Whether a saver node only wrote its defaults: no prompt, or no model, a seed of 0 and the default size."""
    if found.prompt is None:
        return True
    return found.model is None and not found.seed and (found.width, found.height) in (_PLACEHOLDER_SIZE, (None, None))


def _unless_unknown(value: str | None) -> str | None:
    return None if value is not None and value.strip() == _UNKNOWN else value


def _split_settings(comment: str) -> tuple[str, str]:
    """The text before the last line of settings, and the settings, which go on to the end."""
    at = comment.rfind("\nSteps: ") + 1
    if at == 0 and not comment.startswith("Steps: "):
        at = _settings_on_one_line(comment)
        if at < 0:
            return _split_by_keys(comment)
    texts, line = comment[:at], comment[at:]
    if at and "\n" not in texts.strip() and (negative := texts.lower().find(" " + _NEGATIVE)) >= 0:
        texts = f"{texts[:negative]}\n{texts[negative + 1 :]}"
    return texts, line


def _settings_on_one_line(comment: str) -> int:
    """The offset of the last settings in an infotext written as one line, or -1."""
    at = len(comment)
    for _ in range(_MAX_ATTEMPTS):
        at = comment.rfind("Steps: ", 0, at)
        if at < 0 or _SETTINGS_ON_ONE_LINE.match(comment, at):
            return at
    return -1


def _split_by_keys(comment: str) -> tuple[str, str]:
    """Split off settings without steps: a last line that begins with a known key and has another one."""
    lines = comment.strip().split("\n")
    last = lines[-1]
    if _KNOWN_KEY.match(last.strip()) and len({found[0].lower() for found in _KNOWN_KEY.finditer(last[:20_000])}) >= 2:
        return "\n".join(lines[:-1]), last
    return comment, ""


def _settings(line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    for _ in range(_MAX_SETTINGS):
        if not (key := _KEY.match(line, at)):
            break
        value, at = _value(line, key.end())
        found.setdefault(key[1].strip().lower(), value.strip())
        if (following := _NEXT_KEY.match(line, at)) or (following := _NEXT_KEY.search(line, at)):
            at = following.end()
        else:
            break
    return found


def _value(line: str, at: int) -> tuple[str, int]:
    """A setting's value and its end: a JSON string, a JSON list or object as text, or all up to the next key."""
    if line[at : at + 1] == '"':
        try:
            value, end = scanstring(line, at + 1, False)
        except ValueError:
            pass
        else:
            return value, end
    elif line[at : at + 1] in ("{", "["):
        try:
            _, end = json.JSONDecoder(strict=False).raw_decode(line, at)
        except (ValueError, RecursionError):
            pass
        else:
            return line[at:end], end
    following = _NEXT_KEY.search(line, at)
    end = following.start() if following else len(line)
    return line[at:end], end


def _model(params: Params) -> str | None:
    return next((name for key in ("model", "unet", "model name") if (name := known(text(params.take(key))))), None)


def _civitai_model(resources: list[Any]) -> str | None:
    """The model of Civitai's generator, which, like its LoRAs, is only in the list of resources."""
    models = (one for one in resources if isinstance(one, dict) and one.get("type") in ("checkpoint", "model"))
    return next((name for one in models if (name := known(text(one.get("modelName"))))), None)


def _civitai_loras(resources: list[Any]) -> list[Lora]:
    return [
        Lora(str(entry.get("modelName") or f"civitai:{entry.get('modelVersionId')}"), number(entry.get("weight")))
        for entry in resources
        if isinstance(entry, dict) and entry.get("type") in ("lora", "lycoris", "dora")
    ]


def _tool(settings: dict[str, str], comment: str) -> str:
    version = settings.get("version", "").lower()
    app = settings.get("app", "") or settings.get("backend", "")
    if "sd.next" in app.lower() or "sdnext" in app.lower() or settings.keys() & {"parser", "latent sampler"}:
        return "SD.Next"
    if "huggingface" in app.lower():
        return "HF Space"
    for mark, tool in _VERSIONS.items():
        if mark in version:
            return tool
    if not version and _COMFYUI_SAMPLER.fullmatch(settings.get("sampler", "")):
        return "ComfyUI"
    if version.startswith(("f", "neo", "classic")) or "distilled cfg scale" in settings:
        return "Forge"
    if not version and ("civitai resources" in settings or "civitai metadata" in settings):
        return "Civitai"
    if "lora model" in settings or "guidance scale" in settings:
        return "Draw Things"
    return "A1111"


_VERSIONS = {
    "comfyui": "ComfyUI",
    "stable-diffusion.cpp": "stable-diffusion.cpp",
    "fooocus": "Fooocus",
    "reforge": "reForge",
    "v1.10.1rc": "reForge",  # which Forge never had
    "sd.next": "SD.Next",
    "easy diffusion": "Easy Diffusion",
    "studio": "Studio",
}
