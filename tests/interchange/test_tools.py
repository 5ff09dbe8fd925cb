"""The tools with a format of their own, each as its writer writes it."""

import json
import struct
from typing import Any

import pytest

from interchange.fields import Fields, Lora
from interchange.read import read
from tests.interchange import made_files as made

LARGE_SEED = 2**64 - 1


def of_png(texts: dict[str, Any]) -> Fields:
    written = {key: value if isinstance(value, str) else json.dumps(value) for key, value in texts.items()}
    found = read(made.png(written))
    assert found is not None
    return found


def of_comment(value: Any, kind: str = "JPEG") -> Fields:
    found = read(made.with_exif(kind, made.user_comment(value if isinstance(value, str) else json.dumps(value))))
    assert found is not None
    return found


def without_rest(fields: Fields) -> dict[str, Any]:
    return {name: value for name, value in vars(fields).items() if value not in (None, (), {}) and name != "rest"}


SWARM = {
    "sui_image_params": {
        "prompt": "a <random:cat,dog>",
        "negativeprompt": "blur",
        "model": "SDXL/dream",
        "seed": LARGE_SEED,
        "steps": 20,
        "cfgscale": 7.5,
        "width": 832,
        "height": 1216,
        "sampler": "euler",
        "scheduler": "karras",
        "loras": ["ink", "film"],
        "loraweights": ["0.5", "1"],
        "initimagecreativity": 0.6,
        "images": 3,
    },
    "sui_models": [{"name": "dream.safetensors", "param": "model", "hash": "0xab"}],
}


def test_swarmui_even_with_a_graph_beside() -> None:
    graph = {"1": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 1, "model": ["2", 0]}}}
    fields = of_png({"prompt": graph, "parameters": SWARM})
    assert without_rest(fields) == {
        "tool": "SwarmUI",
        "prompt": "a <random:cat,dog>",
        "negative_prompt": "blur",
        "seed": LARGE_SEED,
        "steps": 20,
        "guidance": 7.5,
        "sampler": "euler",
        "scheduler": "karras",
        "width": 832,
        "height": 1216,
        "model": "SDXL/dream",
        "model_hash": "0xab",
        "loras": (Lora("ink", 0.5), Lora("film", 1)),
        "denoise": 0.6,
    }
    assert fields.rest == {"images": "3"}
    assert of_comment(SWARM) == fields


def test_swarmui_lies_beside_a_film() -> None:
    found = read(made.film("mp4", {}), json.dumps(SWARM).encode())
    assert found is not None
    assert (found.tool, found.seed) == ("SwarmUI", LARGE_SEED)


def test_invokeai_of_today() -> None:
    fields = of_png(
        {
            "invokeai_metadata": {
                "positive_prompt": "a cat",
                "negative_prompt": None,
                "seed": 7,
                "steps": 30,
                "cfg_scale": [7.5, 7.5],
                "width": 512,
                "height": 640,
                "scheduler": "euler_a",
                "model": {"name": "dream", "hash": "ab"},
                "loras": [{"model": {"name": "ink"}, "weight": 0.4}, {"lora": {"model_name": "film"}, "weight": 1}],
            },
            "invokeai_graph": {"prompt": "not this"},
        }
    )
    assert without_rest(fields) == {
        "tool": "InvokeAI",
        "prompt": "a cat",
        "seed": 7,
        "steps": 30,
        "guidance": 7.5,
        "sampler": "euler_a",
        "width": 512,
        "height": 640,
        "model": "dream",
        "model_hash": "ab",
        "loras": (Lora("ink", 0.4), Lora("film", 1)),
    }


@pytest.mark.parametrize(("values", "guidance"), [({"guidance": 4}, 4), ({"guidance": 4, "cfg_scale": 1}, 4)])
def test_invokeais_guidance_of_flux(values: dict[str, Any], guidance: float) -> None:
    fields = of_png({"invokeai_metadata": {"positive_prompt": "a cat", **values}})
    assert fields.guidance == guidance


@pytest.mark.parametrize("prompt", ["a cat [dog]", [{"prompt": "a cat [dog]", "weight": 1}]])
@pytest.mark.parametrize("place", ["image", "images"])
def test_invokeai_2(prompt: Any, place: str) -> None:
    image = {"prompt": prompt, "seed": 7, "steps": 50, "cfg_scale": 5, "width": 512, "height": 768, "sampler": "k_lms"}
    fields = of_png({"sd-metadata": {"model_weights": "dream", place: image if place == "image" else [image]}})
    assert (fields.prompt, fields.negative_prompt, fields.seed, fields.model) == ("a cat", "dog", 7, "dream")
    assert (fields.width, fields.height, fields.guidance, fields.sampler) == (512, 768, 5, "k_lms")


@pytest.mark.parametrize(
    ("dream", "prompt", "negative"),
    [
        (
            '"a cat -not an option- :1.2 [dog]" -s 50 -S 7 -W 512 -H 768 -C 7.5 -A k_lms',
            "a cat -not an option- :1.2",
            "dog",
        ),
        ('"(a cat).swap(b)" -s50 -S7 -W512 -H768 -C7.5 -Ak_lms', "(a cat).swap(b)", None),
        ("a cat:2 -s 50 -S 7 -W 512 -H 768 -C 7.5 -A k_lms", "a cat:2", None),
    ],
)
def test_invokeai_1(dream: str, prompt: str, negative: str | None) -> None:
    fields = of_png({"Dream": dream})
    assert (fields.prompt, fields.negative_prompt) == (prompt, negative)
    assert (fields.seed, fields.steps, fields.guidance) == (7, 50, 7.5)
    assert (fields.width, fields.height, fields.sampler) == (512, 768, "k_lms")


@pytest.mark.parametrize("dream", ["!mask ./curly.png -tm hair 0.5", "<too lazy to implement>"])
def test_a_command_of_invokeai_is_no_prompt(dream: str) -> None:
    assert without_rest(of_png({"Dream": dream})) == {"tool": "InvokeAI"}


NOVELAI = {
    "prompt": "2girls",
    "uc": "blur",
    "seed": 7,
    "steps": 28,
    "scale": 5.5,
    "width": 832,
    "height": 1216,
    "sampler": "k_euler",
    "noise_schedule": "karras",
}


def test_novelai_in_a_png_and_twice_wrapped_in_a_webp() -> None:
    head = {"Software": "NovelAI", "Source": "NovelAI Diffusion V4.5", "Description": "2girls"}
    fields = of_png({**head, "Comment": NOVELAI})
    assert without_rest(fields) == {
        "tool": "NovelAI",
        "prompt": "2girls",
        "negative_prompt": "blur",
        "seed": 7,
        "steps": 28,
        "guidance": 5.5,
        "sampler": "k_euler",
        "scheduler": "karras",
        "width": 832,
        "height": 1216,
        "model": "NovelAI Diffusion V4.5",
    }
    wrapped = json.dumps({**head, "Comment": json.dumps(NOVELAI)})
    webp = read(made.with_exif("WEBP", made.user_comment(wrapped, "utf-8", b"ASCII\0\0\0")))
    hidden = read(made.stealth(wrapped, b"stealth_pngcomp", True, 1, (128, 64)))
    assert webp == hidden == fields


def test_novelais_characters_follow_the_scene() -> None:
    caption = {"base_caption": "2girls", "char_captions": [{"char_caption": "red hair"}, {"char_caption": "blue hair"}]}
    comment = {
        **NOVELAI,
        "v4_prompt": {"caption": caption},
        "v4_negative_prompt": {"caption": {"base_caption": "blur"}},
    }
    fields = of_png({"Software": "NovelAI", "Comment": comment})
    assert (fields.prompt, fields.negative_prompt) == ("2girls\nred hair\nblue hair", "blur")


def test_novelai_1_has_neither_size_nor_negative_prompt() -> None:
    comment = {"steps": 28, "sampler": "k_lms", "seed": 3, "strength": 0.69, "scale": 11}
    fields = of_png({"Software": "NovelAI", "Description": "a cat", "Comment": comment, "Source": "SD 1D44365E"})
    assert without_rest(fields) == {
        "tool": "NovelAI",
        "prompt": "a cat",
        "seed": 3,
        "steps": 28,
        "guidance": 11,
        "sampler": "k_lms",
        "model": "SD 1D44365E",
    }


FOOOCUS = {
    "prompt": "a cat",
    "negative_prompt": "",
    "full_prompt": ["a cat, cinematic"],
    "performance": "Speed",
    "steps": 30,
    "resolution": "(896, 1152)",
    "guidance_scale": 4.0,
    "seed": str(LARGE_SEED // 3),
    "base_model": "dream",
    "base_model_hash": "ab",
    "loras": [["ink.safetensors", 0.1, "cd"]],
    "sampler": "dpmpp_2m",
    "scheduler": "karras",
    "version": "Fooocus v2.5",
}


def test_fooocus_in_every_place() -> None:
    fields = of_png({"parameters": FOOOCUS, "fooocus_scheme": "fooocus"})
    assert without_rest(fields) == {
        "tool": "Fooocus",
        "prompt": "a cat",
        "negative_prompt": "",
        "seed": LARGE_SEED // 3,
        "steps": 30,
        "guidance": 4.0,
        "sampler": "dpmpp_2m",
        "scheduler": "karras",
        "width": 896,
        "height": 1152,
        "model": "dream",
        "model_hash": "ab",
        "loras": (Lora("ink.safetensors", 0.1),),
    }
    body = made.tiff({made.USER_COMMENT: json.dumps(FOOOCUS), 0x0131: "Fooocus v2.5", 0x927C: "fooocus"})
    assert read(made.with_exif("JPEG", body)) == read(made.with_exif("WEBP", body)) == fields


def test_fooocusplus_names_its_keys_as_its_page_does() -> None:
    labelled = {key.replace("_", " ").title(): value for key, value in FOOOCUS.items() if key != "loras"}
    fields = of_png({"Comment": {**labelled, "LoRAs": FOOOCUS["loras"], "User": "FooocusPlus"}})
    assert without_rest(fields) == without_rest(of_png({"parameters": FOOOCUS}))


def test_a_lora_that_fooocus_names_twice_is_one() -> None:
    fields = of_png({"parameters": {**FOOOCUS, "lora_combined_1": "ink.safetensors : 0.1"}})
    assert fields.loras == (Lora("ink.safetensors", 0.1),)
    fields = of_png({"parameters": {**FOOOCUS, "loras": [], "lora_combined_1": "film : 0.5"}})
    assert fields.loras == (Lora("film", 0.5),)


def test_fooocus_with_the_scheme_of_a1111() -> None:
    infotext = "a cat\nNegative prompt: dog\nSteps: 30, Sampler: x, Seed: 3, Size: 64x32, Version: Fooocus v2.5"
    body = made.tiff({made.USER_COMMENT: infotext, 0x0131: "Fooocus v2.5", 0x927C: "a1111"})
    fields = read(made.with_exif("JPEG", body))
    assert fields is not None
    assert (fields.tool, fields.prompt, fields.negative_prompt, fields.seed) == ("Fooocus", "a cat", "dog", 3)


def test_ruined_fooocus() -> None:
    values = {
        "steps": 30,
        "cfg": 8,
        "width": 64,
        "height": 32,
        "seed": 5,
        "sampler_name": "euler",
        "scheduler": "karras",
    }
    names = {"base_model_name": "dream.safetensors", "loras": [["ab", "0.5 - ink"]], "software": "RuinedFooocus"}
    fields = of_png({"parameters": {"Prompt": "a cat", "Negative": "dog", **values, **names}})
    assert (fields.tool, fields.prompt, fields.negative_prompt) == ("RuinedFooocus", "a cat", "dog")
    assert (fields.seed, fields.guidance, fields.model) == (5, 8, "dream.safetensors")
    assert fields.loras == (Lora("ink", 0.5),)
    older = {**values, **names, "loras": "<ink:0.5>,<None:1>", "base_model_name": "dream"}
    assert of_png({"parameters": {"Prompt": "a cat", "Negative": "", **older}}).loras == (Lora("ink", 0.5),)


@pytest.mark.parametrize("as_elements", [False, True])
def test_draw_things(as_elements: bool) -> None:
    comment = {
        "c": "a cat",
        "uc": "dog",
        "seed": 3,
        "steps": 8,
        "scale": 1,
        "size": "512x768",
        "sampler": "Euler A",
        "strength": 1,
    }
    comment |= {
        "model": "flux.ckpt",
        "lora": [{"model": "ink.ckpt", "weight": 0.6}],
        "v2": {"guidanceEmbed": 3.5, "x": [1]},
    }
    properties = {"xmp:CreatorTool": "Draw Things", "exif:UserComment": json.dumps(comment)}
    fields = of_png({"XML:com.adobe.xmp": made.xmp(properties, as_elements)})
    assert without_rest(fields) == {
        "tool": "Draw Things",
        "prompt": "a cat",
        "negative_prompt": "dog",
        "seed": 3,
        "steps": 8,
        "guidance": 3.5,
        "sampler": "Euler A",
        "width": 512,
        "height": 768,
        "model": "flux.ckpt",
        "denoise": 1,
        "loras": (Lora("ink.ckpt", 0.6),),
    }


def test_draw_things_with_its_description_alone() -> None:
    described = "a cat\n-dog\nSteps: 8, Sampler: Euler A, Guidance Scale: 4.5, Seed: 3, Size: 512x768, Model: x.ckpt"
    properties = {"xmp:CreatorTool": "Draw Things", "dc:description": described}
    fields = of_png({"XML:com.adobe.xmp": made.xmp(properties)})
    assert (fields.tool, fields.seed, fields.guidance, fields.model) == ("Draw Things", 3, 4.5, "x.ckpt")


def test_stability_matrix_before_its_graph() -> None:
    values = {"Steps": 20, "CfgScale": 5.0, "Seed": "12", "Width": 64, "Height": 32, "ModelName": "dream.safetensors"}
    written = {"PositivePrompt": "a cat # my note", "NegativePrompt": "dog", "Sampler": "Euler Ancestral", **values}
    graph = {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat"}}}
    fields = of_png(
        {"parameters-json": written, "smproj": "{}", "prompt": graph, "parameters": "a cat\nSteps: 1, Seed: 2"}
    )
    assert (fields.tool, fields.prompt, fields.seed) == ("Stability Matrix", "a cat # my note", 12)
    assert (fields.width, fields.model) == (64, "dream.safetensors")


def test_tensorart_takes_its_seed_from_the_graph() -> None:
    written = {
        "prompt": "a cat",
        "negativePrompt": "dog",
        "seed": "-1",
        "steps": 25,
        "cfgScale": 7,
        "width": 64,
        "height": 32,
    }
    written |= {
        "baseModel": {"modelFileName": "dream", "hash": "AB"},
        "models": [{"modelFileName": "ink", "weight": 0.8}],
    }
    graph = {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {"class_type": "KSampler", "inputs": {"seed": 99, "steps": 25, "cfg": 7, "model": ["3", 0]}},
        "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "EMS-123.safetensors"}},
    }
    fields = of_png({"generation_data": json.dumps(written) + "\0", "prompt": graph})
    assert (fields.tool, fields.prompt, fields.seed, fields.model) == ("TensorArt", "a cat", 99, "dream")
    assert fields.loras == (Lora("ink", 0.8),)


EASY = {
    "prompt": "a cat",
    "negative_prompt": "dog",
    "seed": 5,
    "use_stable_diffusion_model": "models/dream.safetensors",
    "sampler_name": "euler_a",
    "width": 64,
    "height": 32,
    "num_inference_steps": 25,
    "guidance_scale": 7.5,
    "use_lora_model": ["ink", "film"],
    "lora_alpha": [0.5, 1],
}


def test_easy_diffusion_in_chunks_and_in_a_comment() -> None:
    fields = of_png({key: str(value) for key, value in EASY.items()})
    assert without_rest(fields) == without_rest(of_comment(EASY))
    assert without_rest(fields) == {
        "tool": "Easy Diffusion",
        "prompt": "a cat",
        "negative_prompt": "dog",
        "seed": 5,
        "steps": 25,
        "guidance": 7.5,
        "sampler": "euler_a",
        "width": 64,
        "height": 32,
        "model": "models/dream.safetensors",
        "loras": (Lora("ink", 0.5), Lora("film", 1)),
    }


LABELS = {
    "prompt": "Prompt",
    "negative_prompt": "Negative Prompt",
    "seed": "Seed",
    "use_stable_diffusion_model": "Stable Diffusion model",
    "sampler_name": "Sampler",
    "width": "Width",
    "height": "Height",
    "num_inference_steps": "Steps",
    "guidance_scale": "Guidance Scale",
    "use_lora_model": "LoRA model",
    "lora_alpha": "LoRA Strength",
}


def test_easy_diffusion_by_the_labels_of_its_page() -> None:
    labelled = {
        LABELS[key]: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in EASY.items()
    }
    expected = without_rest(of_comment(EASY))
    beside = read(made.saved("PNG"), "\n".join(f"{key}: {value}" for key, value in labelled.items()).encode())
    assert beside is not None
    assert [without_rest(fields) for fields in (of_png(labelled), of_comment(labelled), beside)] == [expected] * 3


def test_easy_diffusions_distilled_guidance_counts_at_a_scale_of_one() -> None:
    values = EASY | {"distilled_guidance_scale": 3.5}
    assert of_comment(values).guidance == 7.5
    assert of_comment(values | {"guidance_scale": 1}).guidance == 3.5


WANGP = {
    "type": "WanGP v9.1 by DeepBeepMeep",
    "prompt": "a cat runs",
    "negative_prompt": "",
    "seed": 5,
    "num_inference_steps": 8,
    "guidance_scale": 1,
    "resolution": "832x480",
    "model_type": "t2v_2_2",
    "activated_loras": ["ink.safetensors"],
    "loras_multipliers": "0.5;1",
}


def test_wangp_in_films_and_pictures() -> None:
    padded = json.dumps(WANGP) + " " * 500
    films = [read(made.film("mp4", {"comment": padded})), read(made.film("matroska", {"comment": padded}))]
    pictures = [of_png({"comment": WANGP}), of_comment(WANGP)]
    little = read(made.with_exif("JPEG", made.user_comment(json.dumps(WANGP), "utf-16-le", order=">")))
    fields = of_png({"comment": WANGP})
    assert [*films, *pictures, little] == [fields] * 5
    assert (fields.tool, fields.prompt, fields.seed, fields.steps) == ("WanGP", "a cat runs", 5, 8)
    assert (fields.width, fields.height, fields.model) == (832, 480, "t2v_2_2")
    assert fields.loras == (Lora("ink.safetensors", 0.5),)


def test_wangp_in_sounds() -> None:
    body = json.dumps(WANGP).encode()
    wav = made.wav()
    wav += b"json" + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    assert read(wav) == read(made.sound("mp3", {"WanGP": json.dumps(WANGP)})) == of_png({"comment": WANGP})


JOB = "Job ID: bb9dd2e0-2352-4506-942b-9ac923610b8d"


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (f"a troll, 8-bit -- no 1.5 --v 6.1 {JOB}", {"prompt": "a troll, 8-bit -- no 1.5", "model": "Midjourney 6.1"}),
        (f"a cat --no dog, hat --seed 7 --ar 3:2 --niji 6 {JOB}", {"prompt": "a cat", "negative_prompt": "dog, hat"}),
        (f"a cat --no dog, hat --seed 7 --ar 3:2 --niji 6 {JOB}", {"seed": 7, "model": "Niji 6"}),
        (f"a\ncat {JOB}", {"prompt": "a\ncat", "negative_prompt": None, "model": None}),
    ],
)
def test_midjourney(described: str, expected: dict[str, Any]) -> None:
    fields = of_png({"Description": described, "Author": "somebody"})
    assert fields.tool == "Midjourney"
    assert {name: getattr(fields, name) for name in expected} == expected
    assert fields.rest["job"] in described


def test_a_placeholder_of_wangp_is_no_prompt() -> None:
    assert read(made.film("mp4", {"comment": "_wangp_metadata_reserved" + " " * 500})) is None


PLAIN_VALUES = {"prompt": "a cat", "seed": 5, "steps": 20, "guidance": 3.5, "width": 64, "height": 32, "model": "dev"}


def test_values_under_usual_names_are_read_whoever_wrote_them() -> None:
    fields = of_comment(PLAIN_VALUES | {"mflux_version": "0.9", "loras": [{"path": "ink", "scale": 0.5}]})
    assert without_rest(fields) == {
        "tool": "mflux",
        "prompt": "a cat",
        "seed": 5,
        "steps": 20,
        "guidance": 3.5,
        "width": 64,
        "height": 32,
        "model": "dev",
        "loras": (Lora("ink", 0.5),),
    }
    nested = of_comment({"parameters": PLAIN_VALUES | {"size": "640x480"}, "software": "x"})
    assert (nested.prompt, nested.seed, nested.width) == ("a cat", 5, 640)
    chunks = of_png({key: str(value) for key, value in PLAIN_VALUES.items()} | {"Software": "my script"})
    assert (chunks.tool, chunks.prompt, chunks.seed, chunks.guidance) == ("my script", "a cat", 5, 3.5)


@pytest.mark.parametrize(
    "values", [{"prompt": "a cat", "seed": 5}, {"prompt": 3, "seed": 5, "steps": 1}, {"seed": 5, "steps": 1}]
)
def test_less_than_that_is_no_prompt(values: dict[str, Any]) -> None:
    assert read(made.with_exif("JPEG", made.user_comment(json.dumps(values)))) is None


def test_fooocus_mre() -> None:
    values = {"prompt": "a cat", "negative_prompt": "dog", "performance": "Speed", "steps": 30, "cfg": 7, "seed": 5}
    values |= {"base_model": "dream", "l1": "ink", "w1": 0.5, "l2": "None", "w2": 0.5, "software": "Fooocus 1.0.67 MRE"}
    fields = of_png({"Comment": values})
    assert (fields.tool, fields.guidance, fields.loras) == ("Fooocus", 7, (Lora("ink", 0.5),))
    assert read(made.saved("JPEG", comment=json.dumps(values).encode())) == fields


def test_a_demo_of_diffusers() -> None:
    values = {"negative_prompt": "dog", "guidance_scale": 5.5, "num_inference_steps": 28, "seed": 3, "Model": "dream"}
    fields = of_png({"parameters": {"prompt": "a cat", "resolution": "832 x 1216", **values}})
    assert (fields.prompt, fields.steps, fields.width, fields.height, fields.model) == ("a cat", 28, 832, 1216, "dream")


def test_civitais_own_comfyui() -> None:
    extra = {"prompt": "a cat", "negativePrompt": "dog", "steps": 25, "cfgScale": 5, "sampler": "Euler a"}
    resources = [{"modelVersionId": 8, "strength": 0.6, "type": "Lora"}]
    nodes = {
        "resource-stack": {
            "class_type": "CheckpointLoaderSimple",
            "inputs": {"ckpt_name": "urn:air:sdxl:checkpoint:civitai:1@2"},
        },
        "11": {"class_type": "KSampler", "inputs": {"seed": 77, "steps": 25, "cfg": 5, "model": ["resource-stack", 0]}},
        "12": {"class_type": "SaveImage", "inputs": {"images": ["11", 0]}},
    }
    written = {**nodes, "extra": {"airs": []}, "extraMetadata": json.dumps({**extra, "resources": resources})}
    fields = of_comment(written)
    assert (fields.tool, fields.prompt, fields.negative_prompt, fields.seed) == ("Civitai", "a cat", "dog", 77)
    assert (fields.steps, fields.guidance, fields.model) == (25, 5, "urn:air:sdxl:checkpoint:civitai:1@2")
    assert fields.loras == (Lora("urn:air:civitai:8", 0.6),)


def test_a_c2pa_manifest_says_who_and_that_a_model_did_it_and_no_more() -> None:
    source = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    agent = b"\xa1dnamefGPT-4o"
    manifest = b"jumb..qdigitalSourceTypex" + bytes([len(source)]) + source + b"msoftwareAgent" + agent
    fields = read(made.png_with(made.chunk(b"caBX", manifest)))
    assert fields is not None
    assert without_rest(fields) == {"tool": "GPT-4o"}
    assert fields.rest["c2pa.source"] == source.decode()
    box = (
        struct.pack(">I4s", 24 + len(manifest), b"uuid") + bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + manifest
    )
    assert read(made.film("mp4", {}) + box) == fields
    captured = manifest.replace(b"trainedAlgorithmicMedia", b"digitalCapture".ljust(23, b" "))
    assert read(made.png_with(made.chunk(b"caBX", captured))) is None


def test_lone_surrogates_and_zeros_do_not_leave_a_reader() -> None:
    fields = of_png(
        {"invokeai_metadata": '{"positive_prompt": "a \\ud83d cat\\u0000", "seed": 1e400, "app_version": "1"}'}
    )
    assert (fields.prompt, fields.seed) == ("a � cat", None)
