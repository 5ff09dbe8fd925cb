"""Name the values of `widgets_values`: the editor stores them by position, and older versions without names.

Sources: the INPUT_TYPES of ComfyUI's nodes.py and comfy_extras, and of the extensions named. A seed is followed by its
`control_after_generate`, which is no input.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

CONTROL_AFTER_GENERATE = frozenset({"fixed", "increment", "decrement", "randomize"})
_SWITCHED = frozenset({"true", "false", "enable", "disable"})
_LOADS_MODEL = re.compile(r"^(?!.*(?:[Cc]lip|CLIP|VAE|[Ll]o[Rr][Aa])).*(?:DiT|[Uu][Nn][Ee][Tt]|[Cc]heckpoint).*[Ll]oad")
_MAX_VALUES = 500
_WRITES = re.compile(r"prompt|wildcard|styl|string|encode", re.IGNORECASE)
_ENCODES = re.compile(r"^(?!.*load).*text ?encode", re.IGNORECASE)
_SIZED = re.compile(r"latent|tovideo|conditioning|zero123|emptyimage", re.IGNORECASE)
_FOR_TEXTS = re.compile(r"^(?!.*(?:load|preset|file)).*(?:text|string|prompt|primitive|wildcard|show)", re.IGNORECASE)
_SIZE = re.compile(r"\d{2,5} ?x ?\d{2,5}")
_SAMPLERS = re.compile(r"euler|heun|dpm|lms|dd[ip]m|lcm|uni_pc|ipndm|deis|res_|er_sde|seeds|sa_solver|gradient|restart")
_SEEDS = frozenset({"seed", "noise_seed", "value"})
_SAMPLING = ("sampler_name", "scheduler", "denoise")
_EASY_LOADER = ("ckpt_name", "vae_name", "clip_skip", "lora_name", "lora_model_strength", "lora_clip_strength")
_EASY_SIZE = ("resolution", "empty_latent_width", "empty_latent_height")

WIDGETS: dict[str, tuple[str, ...]] = {
    "KSampler": ("seed", "steps", "cfg", *_SAMPLING),
    "KSamplerAdvanced": (
        *("add_noise", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "start_at_step", "end_at_step"),
        "return_with_leftover_noise",
    ),
    "KSampler (Efficient)": ("seed", "steps", "cfg", *_SAMPLING, "preview_method", "vae_decode"),
    "KSampler SDXL (Eff.)": (
        *("noise_seed", "steps", "cfg", "sampler_name", "scheduler", "start_at_step", "refine_at_step"),
        *("preview_method", "vae_decode"),
    ),
    "SamplerCustom": ("add_noise", "noise_seed", "cfg"),
    "RandomNoise": ("noise_seed",),
    "CFGGuider": ("cfg",),
    "DualCFGGuider": ("cfg_conds", "cfg_cond2_negative"),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "KarrasScheduler": ("steps", "sigma_max", "sigma_min", "rho"),
    "ExponentialScheduler": ("steps", "sigma_max", "sigma_min"),
    "SDTurboScheduler": ("steps", "denoise"),
    "AlignYourStepsScheduler": ("model_type", "steps", "denoise"),
    "LTXVScheduler": ("steps", "max_shift", "base_shift", "stretch", "terminal"),
    "Flux2Scheduler": ("steps", "width", "height"),
    "ManualSigmas": ("sigmas",),
    "ResolutionSelector": ("aspect_ratio", "megapixels", "multiple", "minimum"),
    "FluxGuidance": ("guidance",),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeSDXL": (
        *("width", "height", "crop_w", "crop_h", "target_width", "target_height", "text_g", "text_l"),
    ),
    "CLIPTextEncodeSDXLRefiner": ("ascore", "width", "height", "text"),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPTextEncodeSD3": ("clip_l", "clip_g", "t5xxl", "empty_padding"),
    "CLIPTextEncodeHiDream": ("clip_l", "clip_g", "t5xxl", "llama"),
    "TextEncodeQwenImageEdit": ("prompt",),
    "TextEncodeQwenImageEditPlus": ("prompt",),
    "TextEncodeAceStepAudio": ("tags", "lyrics", "lyrics_strength"),
    "BNK_CLIPTextEncodeAdvanced": ("text", "token_normalization", "weight_interpretation"),
    "smZ CLIPTextEncode": ("text", "parser"),
    "ImpactWildcardEncode": ("wildcard_text", "populated_text", "mode"),
    "ImpactWildcardProcessor": ("wildcard_text", "populated_text", "mode"),
    "EmptyLatentImage": ("width", "height", "batch_size"),
    "EmptySD3LatentImage": ("width", "height", "batch_size"),
    "EmptyFlux2LatentImage": ("width", "height", "batch_size"),
    "EmptyHunyuanLatentVideo": ("width", "height", "length", "batch_size"),
    "EmptyLTXVLatentVideo": ("width", "height", "length", "batch_size"),
    "EmptyMochiLatentVideo": ("width", "height", "length", "batch_size"),
    "StableCascade_EmptyLatentImage": ("width", "height", "compression", "batch_size"),
    "WanImageToVideo": ("width", "height", "length", "batch_size"),
    "WanVideoEmptyEmbeds": ("width", "height", "num_frames"),
    "WanVideoTextEncode": ("positive_prompt", "negative_prompt", "force_offload"),
    "WanVideoSampler": ("steps", "cfg", "shift", "seed", "force_offload", "scheduler"),
    "WanVideoModelLoader": ("model", "base_precision", "quantization", "load_device"),
    "LatentUpscale": ("upscale_method", "width", "height", "crop"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "CheckpointLoader": ("config_name", "ckpt_name"),
    "unCLIPCheckpointLoader": ("ckpt_name",),
    "ImageOnlyCheckpointLoader": ("ckpt_name",),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "UnetLoaderGGUF": ("unet_name",),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "LoadImage": ("image",),
    "LoadImageMask": ("image",),
    "Efficient Loader": (
        *("ckpt_name", "vae_name", "clip_skip", "lora_name", "lora_model_strength", "lora_clip_strength", "positive"),
        *("negative", "token_normalization", "weight_interpretation", "empty_latent_width", "empty_latent_height"),
    ),
    "UltimateSDUpscale": ("upscale_by", "seed", "steps", "cfg", *_SAMPLING),
    "KSamplerAdvanced //Inspire": (
        *("add_noise", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "start_at_step", "end_at_step"),
    ),
    "Eff. Loader SDXL": (
        *("base_ckpt_name", "base_clip_skip", "refiner_ckpt_name", "refiner_clip_skip", "positive_ascore"),
        *("negative_ascore", "vae_name", "positive", "negative", "token_normalization", "weight_interpretation"),
        *("empty_latent_width", "empty_latent_height"),
    ),
    "easy comfyLoader": (*_EASY_LOADER, *_EASY_SIZE, "positive", "negative", "batch_size"),
    "easy a1111Loader": (*_EASY_LOADER, *_EASY_SIZE, "positive", "negative", "batch_size", "a1111_prompt_style"),
    "easy fullLoader": (
        *("ckpt_name", "config_name", *_EASY_LOADER[1:], *_EASY_SIZE),
        *("positive", "positive_token_normalization", "positive_weight_interpretation", "negative"),
    ),
    "easy positive": ("positive",),
    "easy negative": ("negative",),
    "easy preSampling": ("steps", "cfg", *_SAMPLING, "seed"),
    "easy fullkSampler": ("steps", "cfg", *_SAMPLING, "image_output", "link_id", "save_prefix", "seed"),
    "SDXL Empty Latent Image": ("resolution",),
    "RegionalConditioningColorMask //Inspire": ("mask_color", "strength", "set_cond_area", "prompt"),
    "XlabsSampler": ("noise_seed", "steps", "timestep_to_start_cfg", "true_gs", "image_to_image_strength"),
    "ClownsharKSampler_Beta": ("eta", "sampler_name", "scheduler", "steps", "steps_to_run", "denoise", "cfg", "seed"),
    "ClownsharKSampler": (
        *("noise_type_init", "noise_type_sde", "noise_mode_sde", "eta", "noise_seed", "sampler_mode", "sampler_name"),
        *("implicit_sampler_name", "scheduler", "steps", "implicit_steps", "denoise", "denoise_alt", "cfg"),
    ),
    "HyVideoSampler": ("width", "height", "num_frames", "steps", "embedded_guidance_scale", "flow_shift", "seed"),
    "HyVideoTextEncode": ("prompt", "force_offload", "prompt_template"),
    "HyVideoTextImageEncode": ("prompt",),
    "HyVideoI2VEncode": ("prompt",),
    "HyVideoCFG": ("negative_prompt", "cfg"),
    "HyVideoModelLoader": ("model", "base_precision"),
    "CogVideoSampler": ("num_frames", "steps", "cfg", "seed", "scheduler", "denoise_strength"),
    "CogVideoTextEncode": ("prompt", "strength", "force_offload"),
    "DownloadAndLoadCogVideoModel": ("model", "precision"),
    "FramePackSampler": (
        *("steps", "use_teacache", "teacache_rel_l1_thresh", "cfg", "guidance_scale", "shift", "seed"),
        *("latent_window_size", "total_second_length", "gpu_memory_preservation", "sampler"),
    ),
    "LoadFramePackModel": ("model", "base_precision"),
    "ttN pipeLoader_v2": (
        *("ckpt_name", "config_name", "vae_name", "clip_skip", "loras", "positive", "positive_token_normalization"),
        *("positive_weight_interpretation", "negative", "negative_token_normalization"),
        *("negative_weight_interpretation", "empty_latent_aspect", "empty_latent_width", "empty_latent_height"),
    ),
    "ttN pipeKSampler_v2": (
        *("lora_name", "lora_strength", "upscale_method", "upscale_model_name", "factor", "rescale", "percent"),
        *("upscale_width", "upscale_height", "longer_side", "crop", "steps", "cfg", *_SAMPLING, "image_output"),
        *("save_prefix", "file_type", "embed_workflow", "seed"),
    ),
    "Prompt With Style V3": (
        *("positive_prompt", "negative_prompt", "ratio_selected", "custom_size", "fit_custom_size", "custom_width"),
        *("custom_height", "batch_size", "seed"),
    ),
    "easy cascadeLoader": (
        *("stage_c", "stage_b", "stage_a", "clip_name", "lora_name", "lora_model_strength", "lora_clip_strength"),
        *(*_EASY_SIZE, "compression", "positive", "negative"),
    ),
    "easy preSamplingCustom": ("guider", "cfg", "cfg_negative", "sampler_name", "scheduler", "steps"),
    "SDParameterGenerator": (
        *("ckpt_name", "vae_name", "version", "config_name", "seed", "steps", "refiner_start", "cfg"),
        *("sampler_name", "scheduler", "positive_ascore", "negative_ascore", "aspect_ratio", "width", "height"),
    ),
    "NunchakuFluxLoraLoader": ("lora_name", "lora_strength"),
    "KolorsTextEncode": ("prompt", "negative_prompt"),
    "MZ_ChatGLM3": ("text",),
    "MZ_KolorsUNETLoaderV2": ("unet_name",),
    "KSampler (WAS)": ("steps", "cfg", *_SAMPLING),
    "MZ_ChatGLM3_V2": ("text",),
    "ImpactSwitch": ("select", "sel_mode"),
    "Seed (rgthree)": ("seed",),
    "ShowText|pysssss": ("text2",),
    "StringConcatenate": ("string_a", "string_b", "delimiter"),
    "JoinStrings": ("string1", "string2", "delimiter"),
    "StringFunction|pysssss": ("action", "tidy_tags", "text_a", "text_b", "text_c"),
    "SDXLPromptStyler": ("text_positive", "text_negative", "style", "log_prompt"),
    "VHS_LoadVideo": ("video",),
}
"""The names of each node type's widgets, in their order."""


def by_name(kind: str, values: Any, declared: Sequence[str]) -> dict[str, Any]:
    """The widget values of a node of this type by name; `declared` are the names that newer editors store."""
    if isinstance(values, dict):
        return values
    if not isinstance(values, list):
        return {}
    values = values[:_MAX_VALUES]
    if "Power Lora Loader" in kind:
        return {f"lora_{at}": value for at, value in enumerate(values) if isinstance(value, dict) and "lora" in value}
    values = [value for value in values if not (isinstance(value, dict) and "textWidgetName" in value)]  # LoraManager
    controls = sum(isinstance(value, str) and value in CONTROL_AFTER_GENERATE for value in values)
    names = WIDGETS.get(kind) or (tuple(declared) if 0 <= len(values) - controls - len(declared) <= 2 else ())
    if not names:
        return _as_sampler(values) or _guessed(kind, values)
    found: dict[str, Any] = {}
    rest = iter(values)
    for name in names:
        value = next(rest, None)
        if found and [*found][-1] in _SEEDS and _is_control(value):
            value = next(rest, None)
        found[name] = value
    return found if _is_plausible(found) else _as_sampler(values)


def _is_plausible(found: dict[str, Any]) -> bool:
    """Whether a sampler's values have the right types; a widget turned into an input may have shifted them."""
    numbers, texts = ("steps", "cfg", "denoise"), ("sampler_name", "scheduler")
    return all(isinstance(found.get(name, 0), int | float) for name in numbers) and all(
        isinstance(found.get(name, ""), str) for name in texts
    )


def _is_control(value: Any) -> bool:
    """Whether it may be a seed's `control_after_generate`, which was a switch in the oldest editors."""
    return value is None or isinstance(value, bool) or (isinstance(value, str) and value in CONTROL_AFTER_GENERATE)


def _as_sampler(values: list[Any]) -> dict[str, Any]:
    """The values of an unknown sampler: steps, CFG, sampler and scheduler in a row, and the seed before its control."""
    for at in range(len(values) - 3):
        match values[at : at + 5]:
            case [int(steps), int() | float() as cfg, str(sampler), str(scheduler), *rest] if _SAMPLERS.match(sampler):
                denoise = rest[0] if rest and isinstance(rest[0], int | float) and 0 < rest[0] <= 1 else None
                found = {"steps": steps, "cfg": cfg, "sampler_name": sampler, "scheduler": scheduler}
                before = [values[at - 2]] if at >= 2 and _is_control(values[at - 1]) else []
                seed = next((one for one in (*before, _seed(values)) if isinstance(one, int)), None)
                return found | {key: one for key, one in (("seed", seed), ("denoise", denoise)) if one is not None}
    return {}


def _seed(values: list[Any]) -> int | None:
    """The number before a `control_after_generate`."""
    for number, control in pairwise(values):
        if isinstance(number, int) and isinstance(control, str) and control in CONTROL_AFTER_GENERATE:
            return number
    return None


def _guessed(kind: str, values: list[Any]) -> dict[str, Any]:
    """The value of an unknown node: a size, an API node's prompt, a text node's only text, or the only number."""
    texts = [value for value in values if isinstance(value, str) and value not in CONTROL_AFTER_GENERATE | _SWITCHED]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if _SIZED.search(kind) and len(numbers) > 1 and all(isinstance(one, int) and one >= 64 for one in numbers[:2]):
        return {"width": numbers[0], "height": numbers[1]}
    if len(texts) == 1 and _SIZE.match(texts[0]):
        return {"resolution": texts[0]}
    if len(texts) == 1 and _FOR_TEXTS.search(kind):
        return {"text": texts[0]}
    phrases = [one for one in texts if " " in one]
    if len(phrases) == 1 and _ENCODES.search(kind):
        return {"text": phrases[0]}
    if texts and texts[0] == values[0] and _LOADS_MODEL.search(kind):
        return {"model_name": texts[0]}
    if len(texts) == 1 and "selector" in kind.lower():
        return {"value": texts[0]}
    is_api_node = not _WRITES.search(kind) and texts and texts[0] == values[0] and " " in texts[0]
    if is_api_node and (seed := _seed(values)) is not None:
        return {"prompt": texts[0], "seed": seed}
    return {"value": numbers[0]} if len(numbers) == 1 and not texts else {}
