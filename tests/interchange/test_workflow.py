"""The editor's graph of ComfyUI, for files that have no other: positions become names, canvases become one graph."""

import json
from typing import Any

import pytest

from interchange.comfyui import workflow
from interchange.comfyui.widgets import by_name
from interchange.fields import Fields, Lora
from interchange.metadata import Metadata
from interchange.tools import fields_of

Entry = dict[str, Any]


def node(
    key: int, kind: str, values: Any = None, outputs: str = "", mode: int = 0, **inputs: tuple[int, str] | None
) -> Entry:
    """A node; each input has the id of its link and its type, `outputs` are the types of its outputs."""
    return {
        "id": key,
        "type": kind,
        "mode": mode,
        "widgets_values": values,
        "inputs": [
            {"name": name, "link": end[0] if end else None, "type": end[1] if end else "*"}
            for name, end in inputs.items()
        ],
        "outputs": [{"name": one, "type": one} for one in outputs.split()],
    }


NODES = [
    node(9, "SaveImage", ["ComfyUI"], images=(1, "IMAGE")),
    node(8, "VAEDecode", outputs="IMAGE", samples=(2, "LATENT")),
    node(
        3,
        "KSampler",
        [77, "randomize", 20, 7.5, "euler", "karras", 1],
        "LATENT",
        model=(3, "MODEL"),
        positive=(4, "CONDITIONING"),
        negative=(5, "CONDITIONING"),
        latent_image=(6, "LATENT"),
    ),
    node(4, "CheckpointLoaderSimple", ["dream.safetensors"], "MODEL CLIP VAE"),
    node(6, "CLIPTextEncode", ["a cat"], "CONDITIONING", clip=(7, "CLIP")),
    node(7, "CLIPTextEncode", ["a dog"], "CONDITIONING", clip=(8, "CLIP")),
    node(5, "EmptyLatentImage", [512, 768, 1], "LATENT"),
]
LINKS = [
    [1, 8, 0, 9, 0, "IMAGE"],
    [2, 3, 0, 8, 0, "LATENT"],
    [3, 4, 0, 3, 0, "MODEL"],
    [4, 6, 0, 3, 1, "CONDITIONING"],
    [5, 7, 0, 3, 2, "CONDITIONING"],
    [6, 5, 0, 3, 3, "LATENT"],
    [7, 4, 1, 6, 0, "CLIP"],
    [8, 4, 1, 7, 0, "CLIP"],
]
SAMPLED = {"steps": 20, "cfg": 8, "sampler_name": "euler", "scheduler": "karras", "seed": 77, "denoise": 0.5}
PLAIN = Fields(
    "ComfyUI",
    prompt="a cat",
    negative_prompt="a dog",
    seed=77,
    steps=20,
    guidance=7.5,
    sampler="euler",
    scheduler="karras",
    width=512,
    height=768,
    model="dream.safetensors",
    denoise=1.0,
)


def changed(*nodes: Entry, links: list[list[Any]] | None = None, **more: Any) -> Entry:
    """The plain workflow with these nodes and links in place of those with their ids, or besides."""
    merged = {one["id"]: one for one in [*NODES, *nodes]}
    joined = {one[0]: one for one in [*LINKS, *(links or [])]}
    return {"nodes": list(merged.values()), "links": list(joined.values()), **more}


def found(canvas: Entry) -> Fields:
    fields = fields_of(Metadata({"workflow": json.dumps(canvas)}))
    assert fields is not None
    return fields


def test_the_plain_workflow() -> None:
    assert found(changed()) == PLAIN


def test_muted_nodes_are_not_there_and_bypassed_ones_hand_on() -> None:
    lora = node(20, "LoraLoader", ["ink", 0.5, 1], "MODEL CLIP", mode=4, model=(20, "MODEL"), clip=(21, "CLIP"))
    links = [[3, 20, 0, 3, 0, "MODEL"], [20, 4, 0, 20, 0, "MODEL"], [21, 4, 1, 20, 1, "CLIP"]]
    assert found(changed(lora, links=links)) == PLAIN
    assert found(changed({**lora, "mode": 0}, links=links)).loras == (Lora("ink", 0.5),)
    assert found(changed({**lora, "mode": 2}, links=links)) == PLAIN


def test_a_bypassed_node_hands_on_the_input_of_its_outputs_place() -> None:
    ends = {"positive": (60, "CONDITIONING"), "negative": (61, "CONDITIONING")}
    both = node(60, "LTXVConditioning", [25], "CONDITIONING CONDITIONING", mode=4, **ends)
    links = [[4, 60, 0, 3, 1, "CONDITIONING"], [5, 60, 1, 3, 2, "CONDITIONING"]]
    links += [[60, 6, 0, 60, 0, "CONDITIONING"], [61, 7, 0, 60, 1, "CONDITIONING"]]
    assert found(changed(both, links=links)) == PLAIN


def test_widgets_that_became_inputs_take_the_value_of_the_link() -> None:
    texted = node(6, "CLIPTextEncode", ["stale"], "CONDITIONING", clip=(7, "CLIP"), text=(30, "STRING"))
    primitive = node(31, "PrimitiveNode", ["a fox"], "STRING")
    assert found(changed(texted, primitive, links=[[30, 31, 0, 6, 1, "STRING"]])).prompt == "a fox"


@pytest.mark.parametrize("values", [{"text": "a fox"}, ["a fox"], ["a fox", True]])
def test_values_may_be_an_object(values: Any) -> None:
    assert found(changed(node(6, "CLIPTextEncode", values, "CONDITIONING"))).prompt == "a fox"


def test_nodes_of_newer_editors_say_the_names_of_their_values() -> None:
    inputs = [{"name": name, "type": "*", "widget": {"name": name}} for name in ("text", "seed", "strength")]
    texted = {**node(6, "SomeTextEncode", ["a fox", 5, "fixed", 1.0], "CONDITIONING"), "inputs": inputs}
    assert workflow.graph(changed(texted)).nodes["6"].inputs == {"text": "a fox", "seed": 5, "strength": 1.0}


def test_set_and_get_nodes_and_reroutes() -> None:
    nodes = [
        node(40, "SetNode", ["prompt"], "*", CONDITIONING=(40, "CONDITIONING")),
        node(41, "GetNode", ["prompt"], "CONDITIONING"),
        node(42, "Reroute", None, "*", **{"": (41, "*")}),
    ]
    links = [[4, 42, 0, 3, 1, "CONDITIONING"], [40, 6, 0, 40, 0, "CONDITIONING"], [41, 41, 0, 42, 0, "*"]]
    assert found(changed(*nodes, links=links)) == PLAIN


def test_what_is_given_everywhere_reaches_unlinked_inputs_of_its_kind() -> None:
    inputs: dict[str, Any] = {
        "model": (None, "MODEL"),
        "positive": (None, "CONDITIONING"),
        "negative": (None, "CONDITIONING"),
    }
    sampler = node(3, "KSampler", NODES[2]["widgets_values"], "LATENT", **inputs, latent_image=(6, "LATENT"))
    prompts = {**node(70, "Prompts Everywhere"), "inputs": [{"name": "CONDITIONING", "link": at} for at in (70, 71)]}
    anything = node(71, "Anything Everywhere3", MODEL=(72, "*"), CLIP=(73, "*"))
    links = [[70, 6, 0, 70, 0, "*"], [71, 7, 0, 70, 1, "*"], [72, 4, 0, 71, 0, "*"], [73, 4, 1, 71, 1, "*"]]
    assert found(changed(sampler, prompts, anything, links=links)) == PLAIN


def test_what_a_newer_everywhere_node_gives_is_told_by_its_type() -> None:
    sampler = node(3, "KSampler", NODES[2]["widgets_values"], "LATENT", model=(None, "MODEL"))
    sampler["inputs"] += NODES[2]["inputs"][1:]
    everywhere = node(71, "Anything Everywhere", anything11=(72, "MODEL"), anything12=(None, "*"))
    assert found(changed(sampler, everywhere, links=[[72, 4, 0, 71, 0, "MODEL"]])) == PLAIN


def test_an_everywhere_node_reaches_into_a_subgraph() -> None:
    inner = {
        "id": "ab-cd",
        "inputs": [{"name": name, "type": "*"} for name in ("model", "positive", "negative", "latent_image")],
        "nodes": [{**NODES[2], "inputs": [{**one, "link": at} for at, one in enumerate(NODES[2]["inputs"], 1)]}],
        "links": [[at, -10, at - 1, 3, at - 1, "*"] for at in range(1, 5)] + [[9, 3, 0, -20, 0, "LATENT"]],
    }
    instance = {**NODES[2], "type": "ab-cd", "widgets_values": []}
    instance["inputs"] = [{**one, "link": None} if one["name"] == "model" else one for one in instance["inputs"]]
    given = [{"downstream": 3, "downstream_slot": 0, "upstream": "4", "upstream_slot": 0}]
    graph = changed(instance, extra={"ue_links": given})
    assert found({**graph, "definitions": {"subgraphs": [inner]}}) == PLAIN


def test_a_loader_that_nobody_knows_is_told_by_what_it_makes() -> None:
    assert found(changed(node(4, "SomeLoader", ["dream.safetensors", "default", ".none"], "MODEL CLIP VAE"))) == PLAIN
    adapter = node(4, "InstantIDModelLoader", ["ip-adapter.bin"], "MODEL CLIP VAE")
    assert found(changed(adapter)).model is None
    patch = node(4, "SomePatch", ["patch.safetensors"], "MODEL CLIP VAE", model=(None, "MODEL"))
    assert found(changed(patch)).model is None


def test_samplers_that_nobody_knows_are_told_by_their_values() -> None:
    values = [512, True, 768, 77, "fixed", 20, 7.5, "euler", "karras", 1, 5]
    inputs = {entry["name"]: (entry["link"], entry["type"]) for entry in NODES[2]["inputs"]}
    assert found(changed(node(3, "SomeDetailer", values, "LATENT", **inputs))) == PLAIN


def test_values_that_stand_elsewhere_than_they_should_are_told_by_their_neighbours_or_unknown() -> None:
    inputs = {entry["name"]: (entry["link"], entry["type"]) for entry in NODES[2]["inputs"]}
    fields = found(changed(node(3, "KSampler", [20, 7.5, "euler", "karras", 1, "x", "y"], "LATENT", **inputs)))
    assert (fields.seed, fields.steps, fields.guidance, fields.denoise) == (None, 20, 7.5, 1)
    fields = found(changed(node(3, "KSampler", [20, "x", 7.5, "euler", 1, "karras", "y"], "LATENT", **inputs)))
    assert (fields.seed, fields.steps, fields.guidance, fields.denoise) == (None, None, None, None)


def subgraph() -> Entry:
    """The sampler and its encoders as a subgraph with a text, a model and a latent from outside."""
    inner = [
        {
            **NODES[2],
            "id": 1,
            "inputs": [
                {"name": name, "link": at}
                for at, name in enumerate(("model", "positive", "negative", "latent_image"), 1)
            ],
        },
        node(2, "CLIPTextEncode", ["stale"], "CONDITIONING", text=(5, "STRING")),
        node(3, "CLIPTextEncode", ["a dog"], "CONDITIONING"),
    ]
    ends = [
        (1, -10, 0, 1, 0),
        (2, 2, 0, 1, 1),
        (3, 3, 0, 1, 2),
        (4, -10, 1, 1, 3),
        (5, -10, 2, 2, 0),
        (6, 1, 0, -20, 0),
    ]
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    return {"id": "ab-cd", "nodes": inner, "links": [dict(zip(names, end, strict=True)) for end in ends]}


@pytest.mark.parametrize("is_linked", [False, True])
def test_subgraphs_are_expanded(is_linked: bool) -> None:
    instance = node(
        3, "ab-cd", ["a cat"], "LATENT", model=(3, "MODEL"), latent_image=(6, "LATENT"), text=(50, "STRING")
    )
    instance["inputs"][2] |= {"widget": {"name": "text"}, "link": 50 if is_linked else None}
    rest = [one for one in NODES if one["id"] in (4, 5, 8, 9)] + [node(51, "PrimitiveString", ["a cat"], "STRING")]
    links = [LINKS[0], LINKS[1], LINKS[2], [6, 5, 0, 3, 1, "LATENT"], [50, 51, 0, 3, 2, "STRING"]]
    canvas = {"nodes": [*rest, instance], "links": links, "definitions": {"subgraphs": [subgraph()]}}
    assert found(canvas) == PLAIN
    assert "3:1" in workflow.graph(canvas).nodes


WIDGETS = ["a cat", "dream.safetensors"]


@pytest.mark.parametrize(
    ("values", "proxies"),
    [(WIDGETS, []), ([None, *WIDGETS], [["1", "seed"], ["-1", "text"], ["-1", "ckpt_name"]])],
)
def test_newer_editors_keep_promoted_values_without_an_input(values: list[Any], proxies: list[Any]) -> None:
    """The instance has inputs for links alone, so that their places are not those of the subgraph's inputs."""
    inner = subgraph()
    inner["nodes"] += [node(4, "CheckpointLoaderSimple", ["stale"], "MODEL", ckpt_name=(7, "COMBO"))]
    inner["links"] = [
        {**link, "origin_slot": {0: 9, 1: 2, 2: 0}[link["origin_slot"]]} if link["origin_id"] == -10 else link
        for link in inner["links"]
    ]
    inner["links"][0] |= {"origin_id": 4, "origin_slot": 0}
    inner["links"] += [{"id": 7, "origin_id": -10, "origin_slot": 1, "target_id": 4, "target_slot": 0}]
    names = (("text", "STRING"), ("ckpt_name", "COMBO"), ("latent_image", "LATENT"))
    inner["inputs"] = [{"name": name, "type": kind} for name, kind in names]
    instance = node(3, "ab-cd", values, "LATENT", latent_image=(6, "LATENT"))
    instance["properties"] = {"proxyWidgets": proxies}
    rest = [one for one in NODES if one["id"] in (4, 5, 8, 9)]
    links = [LINKS[0], LINKS[1], [6, 5, 0, 3, 0, "LATENT"]]
    assert found({"nodes": [*rest, instance], "links": links, "definitions": {"subgraphs": [inner]}}) == PLAIN


def test_easy_uses_widgets() -> None:
    loader = ["dream.safetensors", "Baked VAE", -1, "None", 1, 1, "512 x 768", 512, 512, "a cat", "Negative", 1]
    pipe = "PIPE_LINE"
    nodes = [
        node(9, "SaveImage", ["x"], images=(1, "IMAGE")),
        node(3, "easy kSampler", ["Preview", 0, "x"], f"{pipe} IMAGE", pipe=(2, pipe)),
        node(2, "easy preSampling", [20, 7.5, "euler", "karras", 1, 77, "fixed"], pipe, pipe=(3, pipe)),
        node(1, "easy a1111Loader", loader, pipe, negative=(4, "STRING")),
        node(4, "easy negative", ["a dog"], "STRING"),
    ]
    links = [[1, 3, 1, 9, 0, "IMAGE"], [2, 2, 0, 3, 0, pipe], [3, 1, 0, 2, 0, pipe], [4, 4, 0, 1, 0, "STRING"]]
    assert found({"nodes": nodes, "links": links}) == PLAIN


def test_loramanagers_text_follows_a_note_of_its_own() -> None:
    values = [{"version": 1, "textWidgetName": "text"}, "a fox"]
    prompt = node(6, "Prompt (LoraManager)", values, "CONDITIONING", clip=(7, "CLIP"))
    assert found(changed(prompt)).prompt == "a fox"


@pytest.mark.parametrize("prefix", ["workflow/", "workflow>"])
def test_group_nodes_are_expanded(prefix: str) -> None:
    group = {
        "nodes": [
            {
                "type": "CheckpointLoaderSimple",
                "widgets_values": ["old"],
                "outputs": [{"type": one} for one in ("MODEL", "CLIP")],
            },
            {"type": "CLIPTextEncode", "widgets_values": ["old"], "inputs": [{"name": "clip"}], "outputs": [{}]},
            {"type": "CLIPTextEncode", "widgets_values": ["old"], "inputs": [{"name": "clip"}], "outputs": [{}]},
        ],
        "links": [[0, 1, 1, 0, 4, "CLIP"], [0, 1, 2, 0, 4, "CLIP"]],
    }
    instance = node(4, f"{prefix}START", ["dream.safetensors", "a cat", "a dog"], "MODEL CONDITIONING CONDITIONING")
    rest = [one for one in NODES if one["id"] in (3, 5, 8, 9)]
    links = [*LINKS[:3], [4, 4, 1, 3, 1, "CONDITIONING"], [5, 4, 2, 3, 2, "CONDITIONING"], LINKS[5]]
    canvas = {"nodes": [*rest, instance], "links": links, "extra": {"groupNodes": {"START": group}}}
    assert found(canvas) == PLAIN


def test_group_nodes_of_newer_editors_list_their_widgets_as_inputs() -> None:
    widget = {"widget": {"name": "x"}}
    group = {
        "nodes": [
            {"type": "RandomNoise", "widgets_values": [1, "fixed"], "inputs": [{"name": "noise_seed", **widget}]},
            {"type": "CLIPTextEncode", "widgets_values": ["old"], "inputs": [{"name": "clip"}], "outputs": [{}]},
        ],
        "links": [],
    }
    instance = node(6, "workflow>TEXT", [1, "fixed", "a cat"], "NOISE CONDITIONING", clip=(7, "CLIP"))
    canvas = changed(instance, links=[[4, 6, 0, 3, 1, "CONDITIONING"]], extra={"groupNodes": {"TEXT": group}})
    assert found(canvas) == PLAIN
    assert workflow.graph(canvas).nodes["6:1"].links["clip"].node == "4"


def test_a_subgraphs_values_are_those_of_the_inputs_with_widgets_whatever_their_names() -> None:
    inner = subgraph()
    inner["inputs"] = [{"name": name, "type": "*"} for name in ("model", "latent_image", "value")]
    inner["inputs"] += [{"name": "value_1", "type": "BOOLEAN"}, {"name": "lora_name", "type": "COMBO"}]
    instance = node(3, "ab-cd", ["a cat", True], "LATENT", model=(3, "MODEL"), latent_image=(6, "LATENT"), value=None)
    instance["inputs"] += [{"name": "value_1", "widget": {"name": "value_1"}}, {"name": "lora_name"}]
    instance["inputs"][2] |= {"widget": {"name": "value"}}
    rest = [one for one in NODES if one["id"] in (4, 5, 8, 9)]
    links = [LINKS[0], LINKS[1], LINKS[2], [6, 5, 0, 3, 1, "LATENT"]]
    assert found({"nodes": [*rest, instance], "links": links, "definitions": {"subgraphs": [inner]}}) == PLAIN


def test_what_an_everywhere_node_linked_stands_in_a_list() -> None:
    sampler = node(3, "KSampler", NODES[2]["widgets_values"], "LATENT", model=None, positive=None, negative=None)
    sampler["inputs"] += [NODES[2]["inputs"][3]]
    given = [
        {"downstream": 3, "downstream_slot": slot, "upstream": origin, "upstream_slot": 0}
        for slot, origin in enumerate(("4", "6", 7))
    ]
    decoys = node(70, "Prompts Everywhere", CONDITIONING=(70, "*"))
    links = [[70, 7, 0, 70, 0, "*"]]
    assert found(changed(sampler, decoys, links=links, extra={"ue_links": given})) == PLAIN


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("WanFunInpaintToVideo", [832, 480, 81, 1], {"width": 832, "height": 480}),
        ("SVD_img2vid_Conditioning", [1024, 576, 14, 127, 6, 0], {"width": 1024, "height": 576}),
        ("ImageScale", ["nearest", 832, 480, "disabled"], {}),
        ("Text Concatenate", ["false"], {}),
        ("Sampler Selector", ["euler"], {"value": "euler"}),
        ("NunchakuFluxDiTLoader", ["svdq-int4-flux.1-dev", 0, "nunchaku-fp16"], {"model_name": "svdq-int4-flux.1-dev"}),
        ("Load CLIP Checkpoint", ["a.safetensors", "b"], {}),
        ("EllaTextEncode", ["a red cat", "none"], {"text": "a red cat"}),
        ("DownloadAndLoadTextEncoder", ["xtuner/llava", "a b"], {}),
        ("SomeServiceImage", ["a red cat", 5, "fixed", "hd"], {"prompt": "a red cat", "seed": 5}),
        ("Prompt With Something", ["a red cat", "a dog", 5, "fixed"], {}),
        ("pipeKSampler", ["None", 20, 8, "euler", "karras", 0.5, "Hide", 77, "randomize"], SAMPLED),
        ("pipeKSampler", [3, 77, "fixed", 20, 8, "euler", "karras", 0.5, 9, "fixed"], SAMPLED),
    ],
)
def test_values_of_nodes_that_nobody_knows(kind: str, values: list[Any], expected: dict[str, Any]) -> None:
    assert by_name(kind, values, []) == expected


def test_the_graph_that_ran_goes_before_the_editors() -> None:
    ran = {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {"class_type": "LoadImage", "inputs": {}},
    }
    fields = fields_of(Metadata({"prompt": json.dumps(ran), "workflow": json.dumps(changed())}))
    assert fields == Fields("ComfyUI")
