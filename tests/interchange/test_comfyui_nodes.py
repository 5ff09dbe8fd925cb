"""The nodes that are used most, each with the inputs that it has, in the plain graph: what it sets is reached."""

from dataclasses import replace
from typing import Any

import pytest

from interchange.fields import Lora
from tests.interchange.test_comfyui import PLAIN, found, node, plain, sampler

NUMBERS = {"steps": 20, "cfg": 7.5, "sampler_name": "euler", "scheduler": "karras"}
SEEDED = {"seed": PLAIN.seed, **NUMBERS, "denoise": 1.0}
NOISED = {"add_noise": "enable", "noise_seed": PLAIN.seed, **NUMBERS, "start_at_step": 0, "end_at_step": 10000}
ENDS = {"positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
LINKED = {"model": ["4", 0], **ENDS}
BASIC_PIPE = node("ToBasicPipe", model=["4", 0], clip=["4", 1], vae=["4", 2], positive=["6", 0], negative=["7", 0])

SAMPLERS: list[tuple[str, dict[str, Any]]] = [
    ("KSampler", SEEDED | LINKED),
    ("KSamplerAdvanced", NOISED | LINKED | {"return_with_leftover_noise": "disable"}),
    ("KSampler (Efficient)", SEEDED | LINKED | {"preview_method": "auto", "vae_decode": "true"}),
    ("KSampler Adv. (Efficient)", NOISED | LINKED),
    (
        "KSampler //Inspire",
        SEEDED | LINKED | {"noise_mode": "GPU(=A1111)", "variation_seed": 3, "batch_seed_mode": "x"},
    ),
    ("KSamplerAdvanced //Inspire", NOISED | LINKED | {"noise_mode": "CPU", "variation_seed": 0}),
    ("KSamplerWithNAG", SEEDED | LINKED | {"nag_negative": ["6", 0], "nag_scale": 5, "nag_tau": 2.5}),
    ("LanPaint_KSampler", SEEDED | LINKED | {"LanPaint_NumSteps": 5}),
    ("BNK_TiledKSampler", SEEDED | LINKED | {"tile_width": 512, "tile_height": 512, "tiling_strategy": "random"}),
    ("ttN KSampler_v2", SEEDED | LINKED | {"lora_name": "None", "image_output": "Preview", "save_prefix": "x"}),
    ("easy kSamplerCustom", SEEDED | LINKED),
    (
        "ClownsharKSampler_Beta",
        SEEDED | LINKED | {"eta": 0.5, "steps_to_run": -1, "sampler_mode": "standard", "bongmath": True},
    ),
    (
        "WanMoeKSampler",
        {key: value for key, value in NOISED.items() if key != "cfg"}
        | ENDS
        | {"model_high_noise": ["4", 0], "model_low_noise": ["4", 0], "cfg_high_noise": 7.5, "cfg_low_noise": 1},
    ),
    ("ImpactKSamplerBasicPipe", SEEDED | {"basic_pipe": ["2", 0], "latent_image": ["5", 0]}),
    ("ImpactKSamplerAdvancedBasicPipe", NOISED | {"basic_pipe": ["2", 0], "latent_image": ["5", 0]}),
    (
        "FluxSamplerParams+",
        {"seed": str(PLAIN.seed), "sampler": "euler", "scheduler": "karras", "steps": "20", "guidance": "7.5"}
        | {"model": ["4", 0], "conditioning": ["6", 0], "latent_image": ["5", 0], "denoise": "1.0"},
    ),
    ("SomethingThatNobodyKnows", SEEDED | LINKED),
]


@pytest.mark.parametrize(("kind", "inputs"), SAMPLERS, ids=[kind for kind, _ in SAMPLERS])
def test_a_sampler_is_reached(kind: str, inputs: dict[str, Any]) -> None:
    fields = found(plain(_3=node(kind, **inputs), _2=BASIC_PIPE))
    if "negative" not in inputs and "basic_pipe" not in inputs:
        fields = replace(fields, negative_prompt="a dog")
    if "denoise" not in inputs:
        fields = replace(fields, denoise=1.0)
    assert fields == PLAIN


ENCODERS: list[tuple[str, dict[str, Any]]] = [
    ("CLIPTextEncode", {"text": "a cat"}),
    ("CLIPTextEncodeSDXL", {"width": 1024, "height": 1024, "crop_w": 0, "text_g": "a cat", "text_l": "a cat"}),
    ("CLIPTextEncodeSDXL+", {"width": 1024, "height": 1024, "size_cond_factor": 4, "text": "a cat"}),
    ("BNK_CLIPTextEncodeSDXLAdvanced", {"text_l": "a cat", "text_g": "a cat", "balance": 0.5}),
    ("CLIPTextEncodeFlux", {"clip_l": "a cat", "t5xxl": "a cat", "guidance": 3.5}),
    ("CLIPTextEncodeSD3", {"clip_l": "a cat", "clip_g": "a cat", "t5xxl": "", "empty_padding": "none"}),
    ("CLIPTextEncodeHunyuanDiT", {"bert": "a cat", "mt5xl": "a cat"}),
    ("CLIPTextEncodeHiDream", {"clip_l": "a cat", "clip_g": "a cat", "t5xxl": "a cat", "llama": "a cat"}),
    ("CLIPTextEncodeLumina2", {"system_prompt": "superior", "user_prompt": "a cat"}),
    ("CLIPTextEncodePixArtAlpha", {"width": 1024, "height": 1024, "text": "a cat"}),
    ("TextEncodeQwenImageEditPlus", {"prompt": "a cat", "image1": ["30", 0]}),
    ("TextEncodeZImageOmni", {"prompt": "a cat", "auto_resize_images": True}),
    ("TextEncodeAceStepAudio", {"tags": "a cat", "lyrics": "la la", "lyrics_strength": 1}),
    ("T5TextEncode", {"text": "a cat", "T5": ["30", 0]}),
    ("smZ CLIPTextEncode", {"text": "a cat", "parser": "A1111", "text_g": "", "text_l": "", "ascore": 2.5}),
    ("BNK_CLIPTextEncodeAdvanced", {"text": "a cat", "token_normalization": "none", "weight_interpretation": "A1111"}),
    ("ImpactWildcardEncode", {"wildcard_text": "a {cat|dog}", "populated_text": "a cat", "mode": False, "seed": 2}),
    ("Power Prompt (rgthree)", {"prompt": "a cat", "insert_lora": "CHOOSE", "opt_model": ["4", 0]}),
    ("SDXL Power Prompt - Positive (rgthree)", {"prompt_g": "a cat", "prompt_l": "", "target_width": 1024}),
    ("PCTextEncode", {"text": "a cat"}),
    ("easy prompt", {"text": "a cat", "prefix": "", "subject": "none"}),
    ("EllaTextEncode", {"text": "a cat", "text_clip": "", "ella": ["30", 0]}),
    ("SomethingThatNobodyKnows", {"text": "a cat", "strength": 1}),
    ("SomethingThatNobodyKnows", {"prompt": "a cat", "mode": "x"}),
    ("SomethingThatNobodyKnows", {"positive_prompt": "a cat", "negative_prompt": "a bird"}),
]


@pytest.mark.parametrize(("kind", "inputs"), ENCODERS, ids=[f"{at} {kind}" for at, (kind, _) in enumerate(ENCODERS)])
def test_an_encoder_is_reached(kind: str, inputs: dict[str, Any]) -> None:
    graph = plain(_6=node(kind, clip=["4", 1], **inputs), _30=node("LoadImage", image="x.png"))
    assert found(graph).prompt == "a cat"


STRINGS: list[tuple[str, dict[str, Any]]] = [
    ("PrimitiveString", {"value": "a cat"}),
    ("PrimitiveStringMultiline", {"value": "a cat"}),
    ("Text Multiline", {"text": "a cat"}),
    ("String Literal", {"string": "a cat"}),
    ("CR Prompt Text", {"prompt": "a cat"}),
    ("CR Text", {"text": "a cat"}),
    ("ttN text", {"text": "a cat"}),
    ("easy positive", {"positive": "a cat"}),
    ("JWStringMultiline", {"text": "a cat"}),
    ("StringConstantMultiline", {"string": "a cat", "strip_newlines": True}),
    ("ImpactWildcardProcessor", {"wildcard_text": "a __x__", "populated_text": "a cat", "mode": True, "seed": 5}),
    ("Textbox", {"text": "a cat", "passthrough": "append"}),
    ("LayerUtility: TextBox", {"text": "a cat"}),
    ("Text String", {"text": "a cat", "text_b": "", "text_c": "", "text_d": ""}),
    ("String", {"String": "a cat"}),
    ("StringConcatenate", {"string_a": "a", "string_b": "cat", "delimiter": " "}),
    ("JoinStrings", {"string1": "a", "string2": "cat", "delimiter": " "}),
    ("Text Concatenate", {"delimiter": " ", "clean_whitespace": "true", "text_a": "a", "text_b": "cat"}),
    ("CR Text Concatenate", {"text1": "a", "text2": "cat", "separator": " "}),
    ("easy promptConcat", {"prompt1": "a", "prompt2": "cat", "separator": " "}),
    ("StringReplace", {"string": "a dog", "find": "dog", "replace": "cat"}),
    ("Reroute", {"": ["30", 0]}),
    ("Reroute (rgthree)", {"": ["30", 0]}),
    ("ComfySwitchNode", {"switch": True, "on_true": ["30", 0], "on_false": ["31", 0]}),
    ("CR Text Input Switch", {"Input": 2, "text1": ["31", 0], "text2": ["30", 0]}),
    ("ImpactSwitch", {"select": 2, "sel_mode": False, "input1": ["31", 0], "input2": ["30", 0]}),
    ("easy ifElse", {"boolean": True, "on_true": ["30", 0], "on_false": ["31", 0]}),
    ("Any Switch (rgthree)", {"any_01": ["30", 0], "any_02": ["31", 0]}),
    ("ShowText|pysssss", {"text": ["30", 0], "text_0": "a stale one"}),
]


@pytest.mark.parametrize(("kind", "inputs"), STRINGS, ids=[kind for kind, _ in STRINGS])
def test_a_text_of_a_node_is_reached(kind: str, inputs: dict[str, Any]) -> None:
    graph = plain(
        _6=node("CLIPTextEncode", clip=["4", 1], text=["29", 0]),
        _29=node(kind, **inputs),
        _30=node("PrimitiveString", value="a cat"),
        _31=node("PrimitiveString", value="a dog"),
    )
    assert found(graph).prompt == "a cat"


LOADERS: list[tuple[str, dict[str, Any]]] = [
    ("CheckpointLoaderSimple", {"ckpt_name": "m"}),
    ("CheckpointLoader|pysssss", {"ckpt_name": {"content": "m", "image": None}}),
    ("Checkpoint Loader (Simple)", {"ckpt_name": "m"}),
    ("CheckpointLoaderNF4", {"ckpt_name": "m"}),
    ("UNETLoader", {"unet_name": "m", "weight_dtype": "default"}),
    ("UNETLoaderMultiGPU", {"unet_name": "m", "device": "cuda:0"}),
    ("UnetLoaderGGUF", {"unet_name": "m"}),
    ("LoaderGGUF", {"gguf_name": "m"}),
    ("DiffusionModelLoaderKJ", {"model_name": "m", "weight_dtype": "default"}),
    ("NunchakuFluxDiTLoader", {"model_path": "m", "cache_threshold": 0}),
    ("NunchakuQwenImageDiTLoader", {"model_name": "m", "cpu_offload": "auto"}),
    ("WanVideoModelLoader", {"model": "m", "base_precision": "bf16"}),
    ("Fooocus Loader", {"base_model_name": "m", "refiner_model_name": "None"}),
    ("SomethingThatNobodyKnows", {"ckpt_name": "m"}),
]


@pytest.mark.parametrize(("kind", "inputs"), LOADERS, ids=[kind for kind, _ in LOADERS])
def test_a_loader_is_reached(kind: str, inputs: dict[str, Any]) -> None:
    patched = {
        "2": node("LoraLoader", model=["1", 0], clip=["4", 1], lora_name="ink", strength_model=0.5, strength_clip=1),
        "1": node("ModelSamplingFlux", model=["0", 0], max_shift=1.15, base_shift=0.5, width=1, height=1),
        "0": node("CFGNorm", model=["4", 0], strength=1),
    }
    fields = found(plain(_3=sampler(model=["2", 0]), _4=node(kind, **inputs)) | patched)
    assert (fields.model, fields.loras) == ("m", (Lora("ink", 0.5),))


SIZES: list[tuple[str, dict[str, Any]]] = [
    ("EmptyLatentImage", {"width": 832, "height": 1216, "batch_size": 1}),
    ("EmptySD3LatentImage", {"width": 832, "height": 1216, "batch_size": 1}),
    ("EmptyHunyuanLatentVideo", {"width": 832, "height": 1216, "length": 81, "batch_size": 1}),
    ("SDXLEmptyLatentSizePicker+", {"resolution": "832x1216 (0.68)", "batch_size": 1, "width_override": 0}),
    ("EmptyLatentImagePresets", {"dimensions": "1216 x 832 (1.46:1)", "invert": True, "batch_size": 1}),
    ("SDXL Empty Latent Image (rgthree)", {"dimensions": "832 x 1216  (portrait)", "clip_scale": 2, "batch_size": 1}),
    (
        "CR SDXL Aspect Ratio",
        {"width": 64, "height": 64, "aspect_ratio": "2:3 portrait 832x1216", "swap_dimensions": "Off"},
    ),
    ("Empty Latent Ratio Select SDXL", {"ratio_selected": "2:3 [832x1216 portrait]", "batch_size": 1}),
]


@pytest.mark.parametrize(("kind", "inputs"), SIZES, ids=[kind for kind, _ in SIZES])
def test_a_size_is_reached(kind: str, inputs: dict[str, Any]) -> None:
    fields = found(plain(_5=node(kind, **inputs)))
    assert (fields.width, fields.height) == (832, 1216)


@pytest.mark.parametrize(
    ("aspect", "more", "size"),
    [
        ("1:1 (Square)", {"megapixels": 1.0, "multiple": 8}, (1024, 1024)),
        ("16:9 (Widescreen)", {"megapixels": 1.0}, (1368, 768)),
        ("2:3 (Portrait Photo)", {"megapixels": ["51", 0], "multiple": 64, "minimum": 256}, (832, 1280)),
        ("21:9 (Ultrawide)", {"megapixels": 0.1, "multiple": 8, "minimum": 256}, (None, None)),
        ("wide", {"megapixels": 1.0}, (None, None)),
        ("1:1 (Square)", {"megapixels": "nan", "multiple": 0}, (None, None)),
        ("1:1 (Square)", {"megapixels": 1.0, "multiple": 1e-306}, (None, None)),
        ("1:1 (Square)", {"megapixels": 1e308, "multiple": 8}, (None, None)),
    ],
)
def test_a_size_is_made_of_an_aspect_and_megapixels(
    aspect: str, more: dict[str, Any], size: tuple[int | None, int | None]
) -> None:
    selector, pixels = node("ResolutionSelector", aspect_ratio=aspect, **more), node("PrimitiveFloat", value=1.0)
    latent = node("EmptyLatentImage", width=["50", 0], height=["50", 1], batch_size=1)
    fields = found(plain(_5=latent, _50=selector, _51=pixels))
    assert (fields.width, fields.height) == size


def test_sigmas_that_are_written_out_say_how_many_steps_there_are() -> None:
    custom = node("SamplerCustom", noise_seed=7, cfg=1.0, sigmas=["30", 0], **LINKED)
    sigmas = node("ManualSigmas", sigmas="1., 0.99375, .9875, 1e-3, 0.0")
    assert found(plain(_3=custom, _30=sigmas)).steps == 4
    assert found(plain(_3=custom, _30=node("ManualSigmas", sigmas=""))).steps is None


def test_a_loader_is_no_lora_for_the_name_of_its_extension() -> None:
    loader = node("Checkpoint Loader (LoraManager)", ckpt_name="dream.safetensors")
    assert found(plain(_4=loader)).model == "dream.safetensors"


SEEDS: list[tuple[str, dict[str, Any]]] = [
    ("Seed (rgthree)", {"seed": 77}),
    ("easy seed", {"seed": 77}),
    ("CR Seed", {"seed": 77}),
    ("Seed Everywhere", {"seed": 77}),
    ("PrimitiveInt", {"value": 77}),
    ("INTConstant", {"value": 77}),
    ("ImpactInt", {"value": 77}),
    ("Int Literal", {"int": 77}),
    ("JWInteger", {"value": 77}),
    ("Seed", {"seed": 77}),
    ("FileNamePrefix", {"noise_seed": 77}),
]


@pytest.mark.parametrize(("kind", "inputs"), SEEDS, ids=[kind for kind, _ in SEEDS])
def test_a_seed_of_a_node_is_reached(kind: str, inputs: dict[str, Any]) -> None:
    assert found(plain(_3=sampler(seed=["30", 0]), _30=node(kind, **inputs))).seed == 77
