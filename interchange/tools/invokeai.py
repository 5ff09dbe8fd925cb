"""InvokeAI: `invokeai_metadata` since 3.0, `sd-metadata` in 2.x, and the command line `Dream` in 1.x."""

import re
from typing import Any

from interchange.fields import Fields, Params, effective_guidance, loras, text
from interchange.metadata import Metadata

_DREAM = re.compile(r'\s*"(?P<quoted>(?:[^"\\]|\\.)*)"(?P<options>.*)|(?P<bare>.*)', re.DOTALL)
_OPTION = re.compile(r"(?:^|\s)-([sSWHCA])\s?([\w.+]{1,40})(?=\s|$)")
_NO_COMMAND = "<too lazy to implement>"  # which it writes into the pictures of intermediate steps
_NEGATIVE = re.compile(r"\[([^\[\]]*)\]")


def read(metadata: Metadata) -> Fields | None:
    """The fields of the newest of the three notations that the file has."""
    objects = metadata.objects
    if found := objects.get("invokeai_metadata") or metadata.with_key("positive_prompt", "app_version"):
        return _version_3(found)
    if found := objects.get("sd-metadata") or metadata.with_key("model_weights", "image"):
        return _version_2(found)
    if dream := metadata.text("dream"):
        return _version_1(dream)
    return None


def _version_3(found: dict[str, Any]) -> Fields:
    params = Params(found)
    model = params.take("model")
    named = Params(model if isinstance(model, dict) else {"name": model})
    return Fields.of(
        "InvokeAI",
        prompt=params.take("positive_prompt"),
        negative_prompt=params.take("negative_prompt"),
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=effective_guidance(params.take("cfg_scale"), params.take("guidance")),
        sampler=params.take("scheduler"),
        width=params.take("width"),
        height=params.take("height"),
        model=named.take("name", "model_name", "key"),
        model_hash=named.take("hash", "model_hash"),
        denoise=params.take("strength", "denoising_strength"),
        loras=loras(params.take("loras"), ("lora", "model", "model_name"), ("weight",)),
        rest=params.rest,
    )


def _version_2(found: dict[str, Any]) -> Fields | None:
    image = found.get("image")
    if not isinstance(image, dict):
        images = found.get("images")
        image = images[0] if isinstance(images, list) and images and isinstance(images[0], dict) else None
    if image is None:
        return None
    params = Params(image)
    prompt, negative = _without_negative(_weighted(params.take("prompt")))
    return Fields.of(
        "InvokeAI",
        prompt=prompt,
        negative_prompt=negative,
        seed=params.take("seed"),
        steps=params.take("steps"),
        guidance=params.take("cfg_scale"),
        sampler=params.take("sampler"),
        width=params.take("width"),
        height=params.take("height"),
        model=found.get("model_weights"),
        model_hash=found.get("model_hash"),
        denoise=params.take("strength"),
        rest=params.rest,
    )


def _weighted(prompt: object) -> str | None:
    """The prompt as text, joined where it is a list of texts with weights."""
    if not isinstance(prompt, list):
        return text(prompt)
    pieces = [text(one.get("prompt")) if isinstance(one, dict) else text(one) for one in prompt]
    return " ".join(piece for piece in pieces if piece) if pieces else None


def _version_1(line: str) -> Fields:
    """The fields of `"prompt" -s 50 -S 1 -W 512 -H 512 -C 7.5 -A k_euler`; quotes and blanks may be missing."""
    found = _DREAM.match(line)
    assert found is not None, "the last branch matches every line"
    if found["quoted"] is not None:
        prompt, options = found["quoted"].replace('\\"', '"'), found["options"]
    else:
        first = _OPTION.search(line)
        prompt, options = (line[: first.start()], line[first.start() :]) if first else (line, "")
    values = dict(_OPTION.findall(options))
    is_command = line.lstrip().startswith("!") or (not values and line.strip() == _NO_COMMAND)
    prompt, negative = _without_negative(None if is_command else prompt)
    return Fields.of(
        "InvokeAI",
        prompt=prompt,
        negative_prompt=negative,
        seed=values.get("S"),
        steps=values.get("s"),
        guidance=values.get("C"),
        sampler=values.get("A"),
        width=values.get("W"),
        height=values.get("H"),
    )


def _without_negative(prompt: str | None) -> tuple[str | None, str | None]:
    """The prompt, and the text in its brackets, which is the negative prompt in these versions."""
    negative = [piece.strip() for piece in _NEGATIVE.findall(prompt or "")]
    if not negative:
        return prompt, None
    return re.sub(r"[ \t]{2,}", " ", _NEGATIVE.sub("", prompt or "")).strip(), " ".join(negative)
