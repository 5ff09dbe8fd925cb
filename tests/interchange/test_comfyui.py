"""ComfyUI's graphs: which sampler made the file, and what stands behind its inputs."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.fields import Fields, Lora
from interchange.metadata import Metadata
from interchange.read import read
from interchange.tools import fields_of
from tests.interchange import made_files as made

Graph = dict[str, Any]
LARGE_SEED = 2**64 - 1


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def plain(**changed: Any) -> Graph:
    """The graph that everybody starts with, some of its nodes changed or others added."""
    return {
        "9": node("SaveImage", images=["8", 0]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "3": sampler(),
        "4": node("CheckpointLoaderSimple", ckpt_name="dream.safetensors"),
        "5": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "6": node("CLIPTextEncode", text="a cat", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="a dog", clip=["4", 1]),
        **{key.strip("_"): value for key, value in changed.items()},
    }


def sampler(**changed: Any) -> dict[str, Any]:
    values = {
        "seed": LARGE_SEED,
        "steps": 20,
        "cfg": 7.5,
        "sampler_name": "euler",
        "scheduler": "karras",
        "denoise": 1.0,
    }
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    return node("KSampler", **(values | links | changed))


LINKED = {key: value for key, value in sampler()["inputs"].items() if isinstance(value, list)}


def found(graph: Graph, **texts: str) -> Fields:
    fields = fields_of(Metadata({"prompt": json.dumps(graph), **texts}))
    assert fields is not None
    return fields


PLAIN = Fields(
    "ComfyUI",
    prompt="a cat",
    negative_prompt="a dog",
    seed=LARGE_SEED,
    steps=20,
    guidance=7.5,
    sampler="euler",
    scheduler="karras",
    width=512,
    height=768,
    model="dream.safetensors",
    denoise=1.0,
)


def test_the_plain_graph() -> None:
    assert found(plain()) == PLAIN


def wrapped(graph: Graph, as_text: bool = False) -> str:
    return json.dumps({"prompt": json.dumps(graph) if as_text else graph, "workflow": {"nodes": [], "links": []}})


@pytest.mark.parametrize(
    "content",
    [
        made.png({"prompt": json.dumps(plain()).replace("512", '512, "is_changed": NaN')}),
        made.with_exif("WEBP", made.tiff({0x0110: f"prompt:{json.dumps(plain())}", 0x010F: "workflow:{}"})),
        made.with_exif("JPEG", made.tiff({0x010F: f"Prompt: {json.dumps(plain())}", 0x010E: "Workflow: {}"})),
        made.with_exif("AVIF", made.tiff({0x010F: f"Prompt: {json.dumps(plain())}"})),
        made.with_exif("WEBP", made.user_comment(wrapped(plain()), "utf-8", b"")),
        made.saved("AVIF", xmp=made.xmp({"xmp:prompt": json.dumps(plain()), "xmp:workflow": "{}"}).encode()),
        made.film("mp4", {"comment": wrapped(plain())}),
        made.film("mp4", {"comment": wrapped(plain(), as_text=True)}),
        made.film("mp4", {"prompt": json.dumps(plain())}, movflags="use_metadata_tags"),
        made.film("webm", {"prompt": json.dumps(plain())}),
        made.sound("flac", {"prompt": json.dumps(plain())}),
        made.sound("mp3", {"prompt": json.dumps(plain())}),
        json.dumps(plain()).encode(),
    ],
)
def test_the_graph_is_read_from_every_place(content: bytes) -> None:
    assert read(content) == PLAIN


def test_what_is_not_behind_the_saved_output_does_not_count() -> None:
    unused = {
        "1": node("CLIPTextEncode", text="unused"),
        "2": sampler(seed=1, positive=["1", 0]),
        "0": node("PreviewImage", images=["2", 0]),
    }
    assert found({**unused, **plain()}) == PLAIN


def test_the_first_pass_is_meant_not_what_follows() -> None:
    later = plain(
        _9=node("SaveImage", images=["12", 0]),
        _12=node(
            "FaceDetailer",
            image=["11", 0],
            seed=2,
            steps=5,
            cfg=1,
            positive=["13", 0],
            negative=["7", 0],
            model=["4", 0],
        ),
        _11=node("VAEDecode", samples=["10", 0]),
        _10=sampler(seed=1, steps=9, denoise=0.5, latent_image=["14", 0], positive=["13", 0]),
        _13=node("CLIPTextEncode", text="details"),
        _14=node("LatentUpscale", samples=["3", 0], width=1024, height=1536),
    )
    assert found(later) == PLAIN


def test_the_second_half_of_a_split_has_no_seed_of_its_own() -> None:
    values = {"noise_seed": 7, "steps": 20, "cfg": 7.5, "sampler_name": "euler", "scheduler": "karras"}
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0]}
    first = node("KSamplerAdvanced", add_noise="enable", latent_image=["5", 0], **values, **links)
    second = node(
        "KSamplerAdvanced", add_noise="disable", latent_image=["2", 0], **{**values, "noise_seed": 0}, **links
    )
    assert found(plain(_3=second, _2=first)).seed == 7
    alone = node("KSamplerAdvanced", add_noise="disable", latent_image=["5", 0], **values, **links)
    assert found(plain(_3=alone)).seed is None


def custom(guider: dict[str, Any], **more: Any) -> Graph:
    return plain(
        _3=node(
            "SamplerCustomAdvanced",
            noise=["20", 0],
            guider=["21", 0],
            sampler=["22", 0],
            sigmas=["23", 0],
            latent_image=["5", 0],
        ),
        _20=node("RandomNoise", noise_seed=LARGE_SEED),
        _21=guider,
        _22=node("KSamplerSelect", sampler_name="euler"),
        _23=node("SplitSigmas", sigmas=["24", 0], step=10),
        _24=node("BasicScheduler", scheduler="simple", steps=24, denoise=1, model=["25", 0]),
        _25=node("UNETLoader", unet_name="flux.safetensors"),
        **more,
    )


def test_flux_with_its_own_guidance_and_no_negative_prompt() -> None:
    fields = found(
        custom(
            node("BasicGuider", model=["25", 0], conditioning=["26", 0]),
            _26=node("FluxGuidance", guidance=3.5, conditioning=["6", 0]),
        )
    )
    assert (fields.prompt, fields.negative_prompt, fields.guidance, fields.seed) == ("a cat", "", 3.5, LARGE_SEED)
    assert (fields.steps, fields.sampler, fields.scheduler) == (24, "euler", "simple")
    assert (fields.model, fields.width, fields.height) == ("flux.safetensors", 512, 768)


def test_guiders_know_their_roles() -> None:
    cfg = found(custom(node("CFGGuider", model=["25", 0], cfg=4, positive=["6", 0], negative=["7", 0])))
    dual = found(
        custom(
            node("DualCFGGuider", model=["25", 0], cfg_conds=4, cond1=["26", 0], cond2=["7", 0], negative=["7", 0]),
            _26=node("ReferenceLatent", conditioning=["6", 0], latent=["5", 0]),
        )
    )
    assert (cfg.prompt, cfg.negative_prompt, cfg.guidance) == (dual.prompt, dual.negative_prompt, dual.guidance)
    assert (cfg.prompt, cfg.negative_prompt, cfg.guidance) == ("a cat", "a dog", 4)


def test_flux_guidance_counts_at_a_scale_of_one_alone() -> None:
    guided = node("FluxGuidance", guidance=3.5, conditioning=["6", 0])
    assert found(plain(_3=sampler(cfg=1.0, positive=["2", 0]), _2=guided)).guidance == 3.5
    assert found(plain(_3=sampler(cfg=4.0, positive=["2", 0]), _2=guided)).guidance == 4.0


@pytest.mark.parametrize("kind", ["ConditioningZeroOut", "ImpactNegativeConditioningPlaceholder"])
def test_a_zeroed_conditioning_is_empty_not_the_text_behind_it(kind: str) -> None:
    assert found(plain(_3=sampler(negative=["2", 0]), _2=node(kind, conditioning=["6", 0]))).negative_prompt == ""


@pytest.mark.parametrize(
    "kind", ["ControlNetApplyAdvanced", "InpaintModelConditioning", "WanImageToVideo", "LTXVConditioning"]
)
def test_nodes_with_both_conditionings_are_followed_by_slot(kind: str) -> None:
    both = node(kind, positive=["6", 0], negative=["7", 0])
    again = node(kind, positive=["1", 0], negative=["1", 1])
    fields = found(plain(_3=sampler(positive=["2", 0], negative=["2", 1]), _2=again, _1=both))
    assert (fields.prompt, fields.negative_prompt) == ("a cat", "a dog")
    swapped = found(plain(_3=sampler(positive=["2", 1], negative=["2", 0]), _2=again, _1=both))
    assert (swapped.prompt, swapped.negative_prompt) == ("a dog", "a cat")


def test_nodes_that_hand_on_a_model_first_have_their_conditionings_behind_it() -> None:
    face = node("ApplyInstantID", model=["4", 0], positive=["6", 0], negative=["7", 0], image=["1", 0])
    graph = plain(
        _3=sampler(model=["2", 0], positive=["2", 1], negative=["2", 2]), _2=face, _1=node("LoadImage", image="a.png")
    )
    assert {**vars(found(graph)), "inputs": ()} == vars(PLAIN)


def test_pipes_carry_both_over_the_same_link() -> None:
    pipe = node("ToBasicPipe", model=["4", 0], clip=["4", 1], vae=["4", 2], positive=["6", 0], negative=["7", 0])
    unpacked = node("FromBasicPipe", basic_pipe=["1", 0])
    fields = found(plain(_3=sampler(model=["2", 0], positive=["2", 3], negative=["2", 4]), _2=unpacked, _1=pipe))
    assert fields == PLAIN
    whole = node("ImpactKSamplerBasicPipe", basic_pipe=["1", 0], latent_image=["5", 0])
    values = {key: value for key, value in sampler()["inputs"].items() if not isinstance(value, list)}
    whole["inputs"] |= values
    assert found(plain(_3=whole, _1=pipe)) == PLAIN


def test_pipes_of_crystools_carry_by_number() -> None:
    ends = {"any_1": ["4", 0], "any_2": ["6", 0], "any_3": ["7", 0]}
    graph = plain(
        _3=sampler(model=["2", 1], positive=["2", 2], negative=["2", 3]),
        _2=node("Pipe from any [Crystools]", CPipeAny=["1", 0]),
        _1=node("Pipe to/edit any [Crystools]", CPipeAny=["0", 0], any_2=["60", 0]),
        _0=node("Pipe to/edit any [Crystools]", **ends),
        _60=node("CLIPTextEncode", text="a lynx", clip=["4", 1]),
    )
    assert found(graph) == replace(PLAIN, prompt="a lynx")


def test_pairs_of_conditionings_are_combined() -> None:
    graph = plain(
        _3=sampler(positive=["2", 0], negative=["2", 1]),
        _2=node(
            "PairConditioningSetPropertiesAndCombine",
            **{"positive": ["1", 0], "negative": ["1", 1], "positive_NEW": ["60", 0], "negative_NEW": ["7", 0]},
        ),
        _1=node("PairConditioningSetProperties", positive_NEW=["6", 0], negative_NEW=["7", 0], strength=1),
        _60=node("CLIPTextEncode", text="a lynx", clip=["4", 1]),
    )
    assert found(graph) == replace(PLAIN, prompt="a cat\na lynx")
    pair = node("PairConditioningCombine", positive_A=["6", 0], negative_A=["7", 0], positive_B=["60", 0])
    assert found(graph | {"2": pair}) == replace(PLAIN, prompt="a cat\na lynx")


def test_what_a_layer_is_applied_to_comes_back_behind_the_model() -> None:
    layer = node("LayeredDiffusionCondApply", model=["4", 0], cond=["6", 0], uncond=["7", 0], latent=["5", 0])
    graph = plain(_3=sampler(model=["2", 0], positive=["2", 1], negative=["2", 2]), _2=layer)
    assert found(graph) == PLAIN


def test_a_pass_that_makes_noise_of_a_picture_is_not_the_first() -> None:
    values = sampler()["inputs"] | {"sampler_mode": "unsample", "steps": 60, "cfg": 1}
    noise = node("ClownsharKSampler", **{key: value for key, value in values.items() if key != "positive"})
    fields = found(plain(_3=sampler(latent_image=["2", 0]), _2=noise))
    assert (fields.prompt, fields.steps, fields.guidance) == ("a cat", 20, 7.5)


def test_a_samplers_name_is_no_number() -> None:
    graph = plain(_3=node("SamplerCustom", noise_seed=1, cfg=6, **LINKED, sampler=["2", 0], sigmas=["1", 0]))
    graph |= {"2": node("SamplerLMS", order=4), "1": node("BasicScheduler", steps=12, scheduler="simple", denoise=1)}
    fields = found(graph)
    assert (fields.sampler, fields.scheduler, fields.steps) == (None, "simple", 12)


def test_the_steps_of_rgthrees_config() -> None:
    config = node("KSampler Config (rgthree)", steps_total=30, refiner_step=24, cfg=7.5, sampler_name="euler")
    assert found(plain(_3=sampler(steps=["2", 0], cfg=["2", 2]), _2=config)) == replace(PLAIN, steps=30)


def test_hunyuans_wrapper_encodes_one_text_and_has_a_guidance_of_its_own() -> None:
    graph = {
        "1": node("VHS_VideoCombine", images=["2", 0]),
        "2": node("HyVideoDecode", vae=["9", 0], samples=["3", 0]),
        "3": node(
            *("HyVideoSampler",),
            **{"width": 720, "height": 480, "steps": 30, "embedded_guidance_scale": 6.5, "seed": 233},
            **{"model": ["4", 0], "hyvid_embeds": ["5", 0]},
        ),
        "4": node("HyVideoModelLoader", model="hyvideo.safetensors", base_precision="bf16"),
        "5": node("HyVideoTextEncode", prompt="a cat runs", text_encoders=["6", 0]),
        "6": node("DownloadAndLoadHyVideoTextEncoder", llm_model="llava"),
        "9": node("HyVideoVAELoader", model_name="vae"),
    }
    fields = found(graph)
    assert (fields.prompt, fields.negative_prompt, fields.guidance) == ("a cat runs", None, 6.5)
    assert (fields.width, fields.height, fields.model) == (720, 480, "hyvideo.safetensors")
    graph["5"]["inputs"]["hyvid_cfg"] = ["7", 0]
    graph["7"] = node("HyVideoCFG", negative_prompt="a dog", cfg=4)
    assert found(graph).prompt == "a cat runs"


def test_contexts_of_rgthree() -> None:
    first = node(
        "Context (rgthree)", model=["4", 0], positive=["6", 0], negative=["7", 0], latent=["5", 0], seed=["30", 0]
    )
    graph = plain(
        _3=sampler(model=["2", 1], positive=["2", 4], negative=["2", 5], latent_image=["2", 6], seed=["2", 8]),
        _2=node("Context (rgthree)", base_ctx=["1", 0]),
        _1=first,
        _30=node("Seed (rgthree)", seed=LARGE_SEED),
    )
    assert found(graph) == PLAIN


def test_efficient_nodes() -> None:
    loader = node(
        "Efficient Loader",
        ckpt_name="dream.safetensors",
        lora_name="ink.safetensors",
        lora_model_strength=0.5,
        positive="a cat",
        negative="a dog",
        empty_latent_width=512,
        empty_latent_height=768,
        lora_stack=["1", 0],
    )
    stack = node(
        "LoRA Stacker",
        input_mode="simple",
        lora_count=2,
        lora_name_1="a",
        lora_wt_1=0.3,
        lora_name_2="None",
        lora_name_3="c",
    )
    values = {
        **sampler()["inputs"],
        "model": ["2", 0],
        "positive": ["2", 1],
        "negative": ["2", 2],
        "latent_image": ["2", 3],
    }
    fields = found(plain(_3=node("KSampler (Efficient)", **values), _2=loader, _1=stack))
    assert fields.loras == (Lora("a", 0.3), Lora("ink.safetensors", 0.5))
    assert {**vars(fields), "loras": ()} == vars(PLAIN)


def test_easy_use_keeps_its_settings_before_its_sampler() -> None:
    loader = node(
        "easy fullLoader", ckpt_name="dream.safetensors", positive="a cat", negative="a dog", resolution="512 x 768"
    )
    before = {
        "seed": LARGE_SEED,
        "steps": 20,
        "cfg": 7.5,
        "sampler_name": "euler",
        "scheduler": "karras",
        "denoise": 1.0,
    }
    graph = plain(
        _3=node("easy kSampler", pipe=["2", 0]), _2=node("easy preSampling", pipe=["1", 0], **before), _1=loader
    )
    assert found(graph) == PLAIN


def test_easy_use_says_its_size_and_texts_in_nodes_of_its_own() -> None:
    sides = {"empty_latent_width": 512, "empty_latent_height": 768, "resolution": "自定义 x 自定义"}
    loader = node("easy a1111Loader", ckpt_name="dream.safetensors", positive=["5", 0], negative=["6", 0], **sides)
    before = {"seed": 3, "steps": 20, "cfg": 7.5, "sampler_name": "euler", "scheduler": "karras", "denoise": 0.6}
    texts = {"_5": node("easy positive", positive="a cat"), "_6": node("easy negative", negative="a dog")}
    sampled = node("easy kSampler", pipe=["2", 0])
    fields = found(plain(_3=sampled, _2=node("easy preSampling", pipe=["1", 0], **before), _1=loader, **texts))
    assert (fields.prompt, fields.negative_prompt, fields.width, fields.height) == ("a cat", "a dog", 512, 768)
    from_picture = node("easy preSampling", pipe=["1", 0], image_to_latent=["7", 0], **before)
    fields = found(plain(_3=sampled, _2=from_picture, _1=loader, _7=node("LoadImage", image="a.png"), **texts))
    assert (fields.prompt, fields.width, fields.height) == ("a cat", None, None)


def test_loras_from_the_model_to_the_sampler() -> None:
    power = node(
        "Power Lora Loader (rgthree)",
        model=["1", 0],
        lora_1={"on": True, "lora": "film", "strength": 0.8},
        lora_2={"on": False, "lora": "off", "strength": 1},
    )
    first = node("LoraLoader", model=["4", 0], clip=["4", 1], lora_name="ink", strength_model=0.5, strength_clip=1)
    graph = plain(_3=sampler(model=["30", 0]), _30=node("ModelSamplingFlux", model=["2", 0]), _2=power, _1=first)
    fields = found(graph)
    assert fields.model == "dream.safetensors"
    assert fields.loras == (Lora("ink", 0.5), Lora("film", 0.8))


def test_the_first_of_merged_models_is_meant() -> None:
    merged = plain(
        _3=sampler(model=["10", 0]),
        _10=node("ModelMergeSimple", model1=["11", 0], model2=["12", 0], ratio=0.5),
        _11=node("LoraLoaderModelOnly", model=["4", 0], lora_name="ink", strength_model=0.5),
        _12=node("CheckpointLoaderSimple", ckpt_name="other.safetensors"),
    )
    fields = found(merged)
    assert (fields.model, fields.loras) == ("dream.safetensors", (Lora("ink", 0.5),))


def test_texts_of_inspire_that_stand_in_the_graph() -> None:
    texts = "positive: a hill\nnegative: fog\n---\npositive: a cat\non a hill\nnegative: a dog\n---\npositive: a fox"

    def inspired(index: int) -> Fields:
        pairs = node("LoadSinglePromptFromFile //Inspire", prompt_file="x.txt", index=index, text_data_opt=texts)
        return found(
            plain(
                _6=node("CLIPTextEncode", text=["10", 0], clip=["4", 1]),
                _7=node("CLIPTextEncode", text=["10", 1], clip=["4", 1]),
                _10=node("UnzipPrompt //Inspire", zipped_prompt=["11", 0]),
                _11=pairs,
            )
        )

    assert (inspired(1).prompt, inspired(1).negative_prompt) == ("a cat\non a hill", "a dog")
    assert (inspired(2).prompt, inspired(2).negative_prompt) == ("a fox", "")
    assert (inspired(3).prompt, inspired(3).negative_prompt) == (None, None)


def test_an_upscaler_is_no_model() -> None:
    upscaled = plain(
        _9=node("SaveImage", images=["10", 0]),
        _10=node("ImageUpscaleWithModel", image=["8", 0], upscale_model=["11", 0]),
        _11=node("UpscaleModelLoader", model_name="4x.pth"),
    )
    assert found(upscaled) == PLAIN


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        ({"1": node("PrimitiveStringMultiline", value="a fox")}, "a fox"),
        ({"1": node("Text Multiline", text="a fox")}, "a fox"),
        ({"1": node("String Literal", string="a fox")}, "a fox"),
        ({"1": node("Reroute", **{"": ["2", 0]}), "2": node("PrimitiveString", value="a fox")}, "a fox"),
        (
            {
                "1": node("StringConcatenate", string_a="a", string_b=["2", 0], delimiter=", "),
                "2": node("Text", text="b"),
            },
            "a, b",
        ),
        ({"1": node("Text Concatenate", delimiter="; ", text_a="a", text_b="b", text_c=["2", 0])}, "a; b"),
        ({"1": node("JoinStrings", string1="a", string2="b", delimiter="\\n")}, "a\nb"),
        ({"1": node("StringReplace", string="a cat", find="cat", replace="fox")}, "a fox"),
        ({"1": node("ImpactWildcardProcessor", wildcard_text="{a|b}", populated_text="b")}, "b"),
        ({"1": node("ShowText|pysssss", text=["2", 0], text_0="old"), "2": node("Text", text="a fox")}, "a fox"),
        ({"1": node("ShowText|pysssss", text=["2", 0], text_0="shown"), "2": node("LLMGenerate", prompt="x")}, "shown"),
        ({"1": node("LLMGenerate", prompt="write me a prompt")}, None),
        ({"1": node("DPRandomGenerator", text="a {red|blue} fox", seed=3)}, None),
        ({"1": node("ImpactSwitch", select=2, input1="a", input2=["2", 0]), "2": node("Text", text="b")}, "b"),
        (
            {
                "1": node("ComfySwitchNode", switch=["2", 0], on_true="a", on_false="b"),
                "2": node("PrimitiveBoolean", value=False),
            },
            "b",
        ),
        ({"1": node("Any Switch (rgthree)", any_02=["2", 0]), "2": node("Text", text="b")}, "b"),
        (
            {"1": node("QwenTemplateBuilder", prompt="a fox", template_mode="x", custom_system="", num_images=1)},
            "a fox",
        ),
        ({"1": node("SomethingElse", a="x", b="y", c="z")}, None),
    ],
)
def test_texts_behind_links(nodes: Graph, text: str | None) -> None:
    graph = {**plain(_6=node("CLIPTextEncode", text=["1", 0], clip=["4", 1])), **nodes}
    assert found(graph).prompt == text


def test_what_a_node_showed_is_in_the_workflow() -> None:
    shows = node("ShowText|pysssss", text=["2", 0], text_0="of the run before")
    graph = plain(_6=node("CLIPTextEncode", text=["1", 0]), _1=shows, _2=node("OllamaGenerate", prompt="x"))
    editor = {"nodes": [{"id": 1, "type": "ShowText|pysssss", "widgets_values": [["a fox of an LLM"]]}], "links": []}
    assert found(graph, workflow=json.dumps(editor)).prompt == "a fox of an LLM"


def test_a_random_text_is_known_when_another_node_showed_it() -> None:
    graph = plain(
        _6=node("CLIPTextEncode", text=["1", 0]),
        _1=node("RandomPrompt", text="a {red|blue} fox"),
        _2=node("ShowText|pysssss", text=["1", 0]),
    )
    editor = {"nodes": [{"id": 2, "type": "ShowText|pysssss", "widgets_values": [["a blue fox"]]}], "links": []}
    assert found(graph, workflow=json.dumps(editor)).prompt == "a blue fox"
    assert found(graph).prompt is None


@pytest.mark.parametrize(
    ("encoder", "text"),
    [
        (node("CLIPTextEncodeSDXL", text_g="a fox", text_l="a fox", width=1024, height=1024), "a fox"),
        (node("CLIPTextEncodeSDXL", text_g="a fox", text_l="ink"), "a fox\nink"),
        (node("CLIPTextEncodeFlux", clip_l="fox", t5xxl="a red fox", guidance=2.5), "a red fox"),
        (node("TextEncodeQwenImageEditPlus", prompt="make it red", image1=["4", 0]), "make it red"),
        (node("WanVideoTextEncode", positive_prompt="a fox", negative_prompt="x"), "a fox"),
        (node("Power Prompt (rgthree)", prompt="a fox <lora:ink:0.5>"), "a fox <lora:ink:0.5>"),
        (node("TextEncodeAceStepAudio", tags="funk, soul", lyrics="la la", lyrics_strength=1), "funk, soul"),
        (node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["7", 0]), "a cat\na dog"),
        (node("CLIPTextEncodeHiDream", clip_l="a fox", clip_g="a fox", t5xxl="a fox", llama="a fox"), "a fox"),
        (node("TextEncodeHunyuanVideo_ImageToVideo", prompt="a fox", image_interleave=2), "a fox"),
        (node("T5TextEncode", text="a fox", T5=["4", 1]), "a fox"),
        (node("smZ CLIPTextEncode", text="a fox", parser="A1111"), "a fox"),
        (node("BNK_CLIPTextEncodeAdvanced", text="a fox", token_normalization="none"), "a fox"),
        (node("ConditioningSetTimestepRange", conditioning=["6", 0], start=0.0, end=0.5), "a cat"),
        (node("StyleModelApply", conditioning=["6", 0], style_model=["4", 0]), "a cat"),
        (node("InstructPixToPixConditioning", positive=["6", 0], negative=["7", 0]), "a cat"),
        (node("GLIGENTextBoxApply", conditioning_to=["6", 0], text="a label of a box", clip=["4", 1]), "a cat"),
        (node("unCLIPConditioning", conditioning=["6", 0], clip_vision_output=["4", 0]), "a cat"),
    ],
)
def test_encoders_and_what_passes_conditionings_on(encoder: dict[str, Any], text: str) -> None:
    assert found(plain(_3=sampler(positive=["2", 0]), _2=encoder)).prompt == text


@pytest.mark.parametrize("kind", ["LTXVScheduler", "Flux2Scheduler", "SDTurboScheduler", "BasicScheduler"])
def test_every_scheduler_says_the_steps_also_of_a_part(kind: str) -> None:
    graph = plain(
        _3=node("SamplerCustom", noise_seed=4, cfg=3.0, positive=["6", 0], negative=["7", 0], sigmas=["2", 1]),
        _2=node("SplitSigmasDenoise", sigmas=["1", 0], denoise=0.5),
        _1=node(kind, steps=8),
    )
    assert (found(graph).steps, found(graph).seed, found(graph).guidance) == (8, 4, 3.0)


def test_an_upscale_in_tiles_is_no_first_pass_and_loras_of_a_text_count() -> None:
    tiles = node("UltimateSDUpscale", image=["8", 0], model=["4", 0], positive=["6", 0], seed=1, steps=5, cfg=2.0)
    graph = plain(_9=node("SaveImage", images=["2", 0]), _2=tiles)
    assert (found(graph).seed, found(graph).steps) == (LARGE_SEED, 20)
    tags = plain(_3=sampler(model=["2", 0]), _2=node("LoraTagLoader", model=["4", 0], text="x <lora:ink:0.5>"))
    assert found(tags).loras == (Lora("ink", 0.5),)


def test_wan_video_wrapper() -> None:
    values = {"seed": 5, "steps": 6, "cfg": 1.0, "scheduler": "unipc", "shift": 5.0}
    graph = {
        "1": node("VHS_VideoCombine", images=["2", 0]),
        "2": node("WanVideoDecode", samples=["3", 0]),
        "3": node("WanVideoSampler", model=["4", 0], text_embeds=["5", 0], image_embeds=["6", 0], **values),
        "4": node("WanVideoModelLoader", model="wan.safetensors", lora=["7", 0]),
        "5": node("WanVideoTextEncode", positive_prompt="a fox runs", negative_prompt="blur"),
        "6": node("WanVideoEmptyEmbeds", width=832, height=480, num_frames=81),
        "7": node("WanVideoLoraSelect", lora="fast.safetensors", strength=0.7),
    }
    fields = found(graph)
    assert (fields.prompt, fields.negative_prompt, fields.seed, fields.steps) == ("a fox runs", "blur", 5, 6)
    assert (fields.width, fields.height, fields.model) == (832, 480, "wan.safetensors")
    assert fields.loras == (Lora("fast.safetensors", 0.7),)


def test_numbers_behind_links_and_those_that_are_computed() -> None:
    graph = plain(
        _3=sampler(seed=["30", 0], steps=["31", 0], cfg=["32", 0]),
        _5=node("EmptyLatentImage", width=["33", 0], height=["31", 0]),
        _30=node("PrimitiveInt", value=LARGE_SEED),
        _31=node("INTConstant", value=64),
        _32=node("SimpleMath+", value="a * 2", a=["31", 0]),
        _33=node("PrimitiveInt", value=640),
    )
    fields = found(graph)
    assert (fields.seed, fields.steps, fields.guidance) == (LARGE_SEED, 64, None)
    assert (fields.width, fields.height) == (640, 64)


def test_a_picture_that_is_worked_on_says_nothing_of_a_size() -> None:
    graph = plain(
        _3=sampler(denoise=0.6, latent_image=["30", 0]),
        _30=node("VAEEncode", pixels=["31", 0], vae=["4", 2]),
        _31=node("LoadImage", image="mine.png"),
    )
    fields = found(graph)
    assert (fields.width, fields.height, fields.denoise, fields.inputs) == (None, None, 0.6, ("mine.png",))
    graph["31"]["inputs"]["image"] = "https://example.org/blobs/mine.jpeg?sig=secret"
    assert found(graph).inputs == ("https://example.org/blobs/mine.jpeg",)


def test_a_model_elsewhere_is_asked_by_its_node() -> None:
    graph = {
        "1": node("SaveImage", images=["2", 0]),
        "2": node("FluxKontextProImageNode", prompt="a fox", seed=5, steps=50, guidance=3, aspect_ratio="16:9"),
    }
    fields = found(graph)
    assert (fields.prompt, fields.seed, fields.steps, fields.guidance) == ("a fox", 5, 50, 3)
    assert (fields.model, fields.width) == ("FluxKontextProImageNode", None)


def test_a_graph_without_a_sampler_says_its_tool_alone() -> None:
    graph = {"1": node("SaveImage", images=["2", 0]), "2": node("LoadImage", image="a.png")}
    assert found(graph) == Fields("ComfyUI")


@given(st.permutations(list(plain())), st.sampled_from(["{}", "{}:1", "x{}"]))
def test_neither_order_nor_names_of_nodes_matter(order: list[str], name: str) -> None:
    graph = plain()
    renamed = {
        name.format(key): node(
            graph[key]["class_type"],
            **{
                given: [name.format(value[0]), value[1]] if isinstance(value, list) else value
                for given, value in graph[key]["inputs"].items()
            },
        )
        for key in order
    }
    assert found(renamed) == PLAIN
