"""What another tool's file says, as the inputs of a job: pure.

The job is one of a model that has just these inputs, under the names that most models call them by, so that a file and
a job that was made of one find their places in any model in one way: see `from_file`.
"""

import re
from functools import lru_cache
from typing import Any

from interchange.fields import Fields
from media_kinds import MediaKind
from model_configs.schema import SEED_MAXIMUM, ModelConfig

PREFIX = "imported-"
"""How the model ids of such jobs begin; no model of the studio's is called so."""

PARAMETERS: dict[str, dict[str, Any]] = {
    "prompt": {"kind": "text", "lines": 4, "aliases": ["text", "positive_prompt", "positive", "caption"]},
    "negative_prompt": {"kind": "text", "lines": 2, "aliases": ["negative", "negative_text"]},
    "seed": {"kind": "seed", "maximum": SEED_MAXIMUM, "aliases": ["noise_seed"]},
    "steps": {
        "kind": "integer",
        "aliases": ["num_inference_steps", "num_steps", "sampling_steps", "inference_steps"],
    },
    "guidance": {"kind": "number", "aliases": ["cfg", "cfg_scale", "guidance_scale", "true_cfg_scale"]},
    "sampler": {"kind": "text", "aliases": ["sampler_name", "sampling_method", "sample_solver"]},
    "scheduler": {"kind": "text", "aliases": ["schedule", "schedule_type", "scheduler_name", "noise_schedule"]},
    "width": {"kind": "integer"},
    "height": {"kind": "integer"},
    "denoise": {"kind": "number", "aliases": ["denoising_strength", "denoise_strength", "strength"]},
    "loras": {"kind": "loras", "label": "LoRAs", "aliases": ["lora"], "max_items": 16},
    "model": {"kind": "text", "aliases": ["checkpoint", "ckpt", "ckpt_name", "model_name", "unet_name"]},
    "model_hash": {"kind": "text"},
}
"""The fields as parameters, and what models call them."""

_SCHEDULED = re.compile(r"(.+?)[ _](karras|exponential)", re.IGNORECASE)


def is_imported(model_id: str) -> bool:
    """Whether the model stands for another tool: its jobs were made of files."""
    return model_id.startswith(PREFIX)


def options(fields: Fields) -> dict[str, Any]:
    """The inputs by name; what the file does not say is not among them."""
    known = {name: getattr(fields, name) for name in PARAMETERS}
    known["loras"] = [{"path": one.name, "weight": 1.0 if one.weight is None else one.weight} for one in fields.loras]
    if fields.scheduler is None and (both := scheduled(fields.sampler)):
        known["scheduler"] = both[1].lower()
    return {name: value for name, value in known.items() if value not in (None, [])}


def scheduled(sampler: object) -> tuple[str, str] | None:
    """Sampler and scheduler, where a sampler's name says both as A1111's did: `DPM++ 2M Karras`."""
    found = _SCHEDULED.fullmatch(sampler) if isinstance(sampler, str) else None
    return (found[1], found[2]) if found else None


@lru_cache(maxsize=64)
def model(tool: str, type_: MediaKind) -> ModelConfig:
    """A model that stands for what a tool made, to be kept with the job."""
    return ModelConfig.model_validate(
        {
            "id": f"{PREFIX}{slug(tool)}",
            "name": f"{tool[:60]} (imported)",
            "type": type_,
            "backend": {"kind": "none"},
            "parameters": PARAMETERS,
        }
    )


def slug(tool: str) -> str:
    """A tool's name in letters that stand in an id and are typed in a shell: `sd-next`, `stable-diffusion-cpp`."""
    return re.sub(r"[^a-z0-9]+", "-", tool.lower()).strip("-")[:40] or "file"
