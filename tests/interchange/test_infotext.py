"""Infotext: the shapes that its many writers give it, and the law that what is written is read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.fields import Fields, Lora
from interchange.metadata import Metadata
from interchange.read import read
from interchange.tools import fields_of, infotext
from tests.interchange import made_files as made

SETTINGS = "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 123, Size: 512x768"


def found(comment: str) -> Fields:
    fields = read(made.png({"parameters": comment}))
    assert fields is not None
    return fields


def test_every_field_is_read() -> None:
    assert found(
        f"a cat\nNegative prompt: dog\n{SETTINGS}, Model hash: 45a, Model: dream, Denoising strength: 0.4"
    ) == Fields(
        "A1111",
        prompt="a cat",
        negative_prompt="dog",
        seed=123,
        steps=20,
        guidance=6.5,
        sampler="DPM++ 2M",
        scheduler="Karras",
        width=512,
        height=768,
        model="dream",
        model_hash="45a",
        denoise=0.4,
    )


lines = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"), max_size=80)
prompts = (
    st.lists(
        lines | st.sampled_from(["Seed: 4", "Size: 1x1, Steps: 3", '{"seed": 7}', "Model: x", "Steps:5"]), max_size=5
    )
    .map("\n".join)
    .filter(lambda text: "negative prompt:" not in text.lower() and "\nSteps: " not in f"\n{text}")
)


@given(prompts, prompts, st.integers(0, 2**64 - 1), st.integers(1, 150), st.floats(0, 30), st.booleans())
def test_what_is_written_is_read(
    prompt: str, negative: str, seed: int, steps: int, cfg: float, is_windows: bool
) -> None:
    comment = f"{prompt}\nNegative prompt: {negative}\nSteps: {steps}, CFG scale: {cfg:.6f}, Seed: {seed}, Size: 8x16"
    fields = infotext.fields(comment.replace("\n", "\r\n") if is_windows else comment)
    assert (fields.seed, fields.steps, fields.guidance) == (seed, steps, pytest.approx(cfg, abs=1e-6))
    assert (fields.width, fields.height) == (8, 16)
    assert fields.prompt == _stripped(prompt)
    if "template:" not in negative.lower():
        assert fields.negative_prompt == _stripped(negative)


def _stripped(text: str) -> str:
    return text.strip().strip("\0\u200b\ufeff").strip()


@pytest.mark.parametrize(
    ("comment", "prompt", "negative"),
    [
        (f"Negative prompt: dog\n{SETTINGS}", "", "dog"),
        (f"a cat\n{SETTINGS}", "a cat", None),
        (f"a\nb\nNegative prompt: c\nd\n{SETTINGS}", "a\nb", "c\nd"),
        (f"a cat\nNegative prompt: dog\nTemplate: a\ncat\n{SETTINGS}", "a cat", "dog"),
        (f"Steps: 3, a recipe\nSeed: 5\na cat\n{SETTINGS}", "Steps: 3, a recipe\nSeed: 5\na cat", None),
        (f'{{"a": 1,\n"Seed": 9}}\n{SETTINGS}', '{"a": 1,\n"Seed": 9}', None),
        (f"a cat\u200b\u200b\nNegative prompt:\u3000dog\u3000\n{SETTINGS}", "a cat", "dog"),
        (f"a cat Negative prompt: dog {SETTINGS}", "a cat", "dog"),
        ("a cat", "a cat", None),
    ],
)
def test_prompts_of_every_shape(comment: str, prompt: str, negative: str | None) -> None:
    assert (found(comment).prompt, found(comment).negative_prompt) == (prompt, negative)


@pytest.mark.parametrize(
    "settings",
    [
        "Hires steps: 5, Hires CFG Scale: 2, ADetailer steps: 9, VAE hash: 1, Steps: 20, CFG scale: 7, Seed: 3",
        'Seed: 3, Hashes: {"model": "x", "seed": "9"}, CFG Scale: 7.0, Steps: 20',
        'Civitai resources: [{"type": "lora", "weight": 0.5, "Steps": 1}], Steps: 20, CFG scale: 7.000000, Seed: 3',
        'Lora hashes: "a: 1, Steps: 4, Seed: 5", Steps: 20, Guidance Scale: 7, Seed: 3',
        "Lora_0 Model name: b.safetensors, Lora_0 Strength model: 0.6, Steps: 20, CFG scale: 7, Seed: 3",
        'ADetailer prompt: "x, Steps: 3, \\"Seed: 1\\"", Steps: 20, CFG scale: 7, Seed: 3',
        'Civitai metadata: {"a": {"b": [1, 2]}}, Steps: 20, CFG scale: 7, Seed: 3',
        'Hashes: {"broken, Steps: 20, CFG scale: 7, Seed: 3',
    ],
)
def test_settings_come_in_any_order_and_keep_their_json_to_themselves(settings: str) -> None:
    comment = f"a cat\nSteps: 20, {settings.replace('Steps: 20, ', '', 1)}"
    assert (found(comment).steps, found(comment).guidance, found(comment).seed) == (20, 7, 3)


def test_a_line_of_settings_need_not_begin_with_steps() -> None:
    fields = found("a cat\nNegative prompt: dog\nSeed: 4, Sampler: Euler a, CFG scale: 5, Size: 64x64")
    assert (fields.prompt, fields.negative_prompt, fields.seed, fields.steps) == ("a cat", "dog", 4, None)


@pytest.mark.parametrize(
    ("settings", "tool"),
    [
        ("Version: v1.10.1", "A1111"),
        ("Version: f2.0.1v1.10.1-previous-669-gdfdcbab6", "Forge"),
        ("Version: f0.0.17v1.8.0rc-latest-276-g29be1da7", "Forge"),
        ("Version: neo", "Forge"),
        ("Version: classic", "Forge"),
        ("Version: f1.0.0v2-v1.10.1RC-latest-2498-g5120e679", "reForge"),
        ("App: SD.Next, Version: 1c12a5a", "SD.Next"),
        ("Parser: Full parser, Version: 0a083c2", "SD.Next"),
        ("App: huggingface.co, Pipeline: BriaFiboEditPipeline", "HF Space"),
        ("Version: ComfyUI", "ComfyUI"),
        ("Version: stable-diffusion.cpp", "stable-diffusion.cpp"),
        ('Civitai resources: [{"type":"checkpoint","modelVersionId":1}]', "Civitai"),
        ("Version: Fooocus v2.5.5", "Fooocus"),
        ("Clip skip: 2", "A1111"),
    ],
)
def test_the_tool_is_told_by_its_settings(settings: str, tool: str) -> None:
    assert found(f"a cat\n{SETTINGS}, {settings}").tool == tool


def test_distilled_guidance_counts_where_the_scale_is_one() -> None:
    forge = "Steps: 20, Sampler: Euler, CFG scale: {}, Distilled CFG Scale: 3.5, Seed: 1"
    assert found(f"a cat\n{forge.format(1)}").guidance == 3.5
    assert found(f"a cat\n{forge.format(4)}").guidance == 4
    cpp = (
        "Steps: 20, CFG scale: {}, Guidance: 3.500000, Seed: 1, Model: , Unet: flux.gguf, Version: stable-diffusion.cpp"
    )
    assert found(f"a cat\n{cpp.format('1.000000')}").guidance == 3.5
    assert found(f"a cat\n{cpp.format('7.000000')}").guidance == 7
    assert found(f"a cat\n{cpp.format('7.000000')}").model == "flux.gguf"


@pytest.mark.parametrize("model", ["sub\\dir\\dream.safetensors", "889818.safetensors", "dream"])
def test_a_model_is_named_as_it_stands_there(model: str) -> None:
    assert found(f"a cat\n{SETTINGS}, Model: {model}").model == model


def test_kohyas_samples_have_neither_seed_nor_sampler() -> None:
    fields = found("a cat\nNegative prompt: dog\nSteps: 20, CFG scale: 7.0, Size: 64x32")
    assert (fields.prompt, fields.negative_prompt, fields.seed, fields.sampler) == ("a cat", "dog", None, None)
    assert (fields.steps, fields.guidance, fields.width) == (20, 7.0, 64)


def test_the_json_of_stable_diffusion_cpp_keeps_to_itself() -> None:
    inner = '{"schema": "sdcpp.image.params/v1", "sampling": {"steps": 99}, "seed": 7, "width": 1}'
    fields = found(f"a cat\nSteps: 20, CFG scale: 7.0, Seed: 42, Size: 64x32, Unet: x.gguf, SDCPP: {inner}")
    assert (fields.steps, fields.seed, fields.width, fields.model) == (20, 42, 64, "x.gguf")


def test_what_is_not_set_is_unknown() -> None:
    fields = found("a cat\nSteps: 0, Sampler: Undefined, CFG scale: inf, Seed: -1, Size: 0x0, Model: ")
    assert fields == Fields("A1111", prompt="a cat")


def test_loras_of_the_prompt_and_of_civitais_list() -> None:
    resources = json.dumps(
        [{"type": "lora", "weight": 0.7, "modelVersionId": 9, "modelName": "Ink"}, {"type": "checkpoint"}]
    )
    fields = found(f"a cat <lora:film:0.8> <lora:plain>\n{SETTINGS}, Civitai resources: {resources}")
    assert fields.loras == (Lora("film", 0.8), Lora("plain", 1.0), Lora("Ink", 0.7))


def test_a_model_that_only_civitais_list_names() -> None:
    resources = '[{"type":"lora","modelName":"Ink"},{"type":"checkpoint","modelVersionId":1,"modelName":"Dream XL"}]'
    assert found(f"a cat\nSteps: 20, Seed: 5, Civitai resources: {resources}").model == "Dream XL"
    assert found(f"a cat\nSteps: 20, Seed: 5, Model: dream, Civitai resources: {resources}").model == "dream"


def test_placeholders_of_a_saver_are_unknown_and_give_way_to_the_graph() -> None:
    unknown = (
        "unknown\nNegative prompt: unknown\nSteps: 20, Sampler: euler_simple, CFG Scale: 8.0, Seed: 0, Size: 512x512"
    )
    fields = found(f"{unknown}, Model hash: 1, Model: dream, Version: ComfyUI")
    assert (fields.prompt, fields.negative_prompt, fields.seed, fields.width) == (None, None, None, None)
    graph = {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {
            "class_type": "KSampler",
            "inputs": {"seed": 5, "steps": 9, "cfg": 2, "model": ["3", 0], "positive": ["4", 0]},
        },
        "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "real.ckpt"}},
        "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "a dog"}},
    }
    both = fields_of(Metadata({"parameters": unknown, "prompt": json.dumps(graph)}))
    assert both is not None
    assert (both.prompt, both.seed, both.steps, both.width) == ("a dog", 5, 9, None)


def test_an_infotext_fills_what_the_graph_leaves_open() -> None:
    graph = {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {
            "class_type": "KSampler",
            "inputs": {"seed": 5, "steps": 9, "cfg": 2, "model": ["3", 0], "positive": ["4", 0]},
        },
        "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "real.ckpt"}},
        "4": {"class_type": "CLIPTextEncode", "inputs": {"text": ["5", 0]}},
        "5": {"class_type": "OllamaGenerate", "inputs": {"prompt": "write a prompt"}},
    }
    written = "a dog on a hill\nSteps: 3, Sampler: euler_karras, CFG scale: 7, Seed: 1, Size: 64x32, Model: other"
    both = fields_of(Metadata({"parameters": written, "prompt": json.dumps(graph)}))
    assert both is not None
    assert (both.prompt, both.seed, both.model, both.width) == ("a dog on a hill", 5, "real.ckpt", 64)
