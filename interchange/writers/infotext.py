"""Write A1111's infotext, which other tools and sites read; `interchange.tools.infotext` is its reader."""

import json

from interchange.fields import Fields

_QUOTED = frozenset(',:"\n')
_NOT_IN_LORA = frozenset("<>:")


def infotext(fields: Fields) -> str:
    """The infotext of these fields; empty where they have no prompt and hardly a setting."""
    size = f"{fields.width}x{fields.height}" if fields.width and fields.height else None
    values = {
        "Steps": fields.steps,
        "Sampler": fields.sampler,
        "Schedule type": fields.scheduler,
        "CFG scale": fields.guidance,
        "Seed": fields.seed,
        "Size": size,
        "Model": fields.model,
        "Denoising strength": fields.denoise,
        "Version": fields.tool,
    }
    settings = [f"{key}: {_value(value)}" for key, value in values.items() if value is not None]
    if not fields.prompt and len(settings) < 3:
        return ""
    loras = [f"<lora:{one.name}:{one.weight or 1:g}>" for one in fields.loras if not _NOT_IN_LORA & set(one.name)]
    lines = [" ".join(filter(None, [fields.prompt, *loras]))]
    if fields.negative_prompt:
        lines.append(f"Negative prompt: {fields.negative_prompt}")
    return "\n".join([*lines, ", ".join(settings)])


def _value(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if _QUOTED & set(text) else text
