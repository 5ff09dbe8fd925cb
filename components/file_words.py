"""What a file of another tool says, in words for the page; every text in it is the file's and untrusted."""

from collections.abc import Iterator

from components.api_types import Fact, FileSays
from interchange.fields import Fields
from studio.inputs.from_file import MadeWith

_LONGEST = 600  # characters of a text that is only looked at
_MOST_REST = 40


def file_says(fields: Fields) -> FileSays:
    """In short; the whole texts come with the form."""
    rest = [_fact(name, text) for name, text in list(fields.rest.items())[:_MOST_REST]]
    return {
        "tool": fields.tool,
        "prompt": None if fields.prompt is None else _cut(fields.prompt),
        "model": fields.model and _cut(fields.model),
        "facts": [_fact(label, text) for label, text in _facts(fields) if text],
        "rest": rest,
    }


def tool_and_model(fields: Fields) -> str:
    """The tool and the model."""
    return f"{fields.tool}, {_cut(fields.model, 80)}" if fields.model else fields.tool


def target_words(fields: Fields, made_with: MadeWith | None) -> str:
    """Why the form of which model is to be filled."""
    model = _cut(fields.model or "", 80)
    if made_with and made_with.certain:
        return f"{model} is here." if model == made_with.config.name else f"{model} is here as {made_with.config.name}."
    if made_with:
        return f"{model} is not here by that name; {made_with.config.name} is the nearest."
    return f"{model} is not here." if model else "The file does not name its model."


def _facts(fields: Fields) -> Iterator[tuple[str, str]]:
    yield "Negative prompt", fields.negative_prompt or ""
    size = f"{fields.width} × {fields.height}" if fields.width and fields.height else ""
    numbers = {"Seed": fields.seed, "Steps": fields.steps, "Guidance": fields.guidance}
    yield from (
        (label, "" if value is None else f"{value:g}" if isinstance(value, float) else str(value))
        for label, value in numbers.items()
    )
    yield "Sampler", " · ".join(filter(None, (fields.sampler, fields.scheduler)))
    yield "Size", size
    yield "LoRAs", ", ".join(one.name if one.weight is None else f"{one.name} × {one.weight:g}" for one in fields.loras)
    yield "Denoise", "" if fields.denoise is None else f"{fields.denoise:g}"
    yield "Input files", ", ".join(fields.inputs)


def _fact(label: str, text: str) -> Fact:
    return {"label": _cut(label, 80), "text": _cut(text)}


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
