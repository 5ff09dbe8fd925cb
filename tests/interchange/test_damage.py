"""Damaged and hostile files: a reader never raises, never takes long, and never tells what the file does not say."""

import json
import time
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interchange.comfyui import workflow
from interchange.containers import texts
from interchange.metadata import Metadata
from interchange.read import read
from interchange.tools import fields_of
from tests.interchange import made_files as made

INFOTEXT = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 64x96"
GRAPH = {
    "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
    "2": {
        "class_type": "KSampler",
        "inputs": {"seed": 5, "steps": 9, "cfg": 2, "model": ["3", 0], "positive": ["4", 0]},
    },
    "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "real.ckpt"}},
    "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat"}},
}
SAMPLES: dict[str, Callable[[], bytes]] = {
    "png": lambda: made.png({"parameters": INFOTEXT, "prompt": json.dumps(GRAPH)}),
    "packed png": lambda: made.png_with(made.chunk(b"zTXt", b"parameters\0\0" + zlib.compress(INFOTEXT.encode()))),
    "hidden": lambda: made.stealth(INFOTEXT, b"stealth_pngcomp", True, 1),
    "jpeg": lambda: made.with_exif("JPEG", made.user_comment(INFOTEXT)),
    "webp": lambda: made.with_exif("WEBP", made.tiff({0x0110: f"prompt:{json.dumps(GRAPH)}"})),
    "avif": lambda: made.with_exif("AVIF", made.user_comment(INFOTEXT)),
    "xmp": lambda: made.saved("JPEG", xmp=made.xmp({"exif:UserComment": '{"c": "a", "uc": "b", "scale": 1}'}).encode()),
    "gif": lambda: made.saved("GIF", comment=INFOTEXT.encode()),
    "mp4": lambda: made.film("mp4", {"prompt": json.dumps(GRAPH)}, movflags="use_metadata_tags"),
    "webm": lambda: made.film("webm", {"prompt": json.dumps(GRAPH)}),
    "flac": lambda: made.sound("flac", {"prompt": json.dumps(GRAPH)}),
    "ogg": lambda: made.sound("ogg", {"prompt": json.dumps(GRAPH)}),
    "mp3": lambda: made.sound("mp3", {"prompt": json.dumps(GRAPH)}),
    "text": INFOTEXT.encode,
    "json": lambda: json.dumps(GRAPH).encode(),
}
sample = cache(lambda name: SAMPLES[name]())
damage = st.tuples(
    st.sampled_from(["cut", "overwrite", "insert", "remove"]), st.floats(0, 1, exclude_max=True), st.binary(max_size=24)
)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_read_whole(name: str) -> None:
    found = read(sample(name))
    assert found is not None
    assert found.prompt in ("a cat", "a")


@given(st.sampled_from(list(SAMPLES)), st.lists(damage, min_size=1, max_size=4))
def test_a_damaged_file_never_raises(name: str, damages: list[tuple[str, float, bytes]]) -> None:
    content = sample(name)
    for kind, where, extra in damages:
        at = int(where * len(content))
        rest = {"cut": b"", "insert": content[at:], "remove": content[at + len(extra) + 1 :]}
        content = content[:at] + (extra if kind != "cut" else b"") + rest.get(kind, content[at + len(extra) :])
    read(content)


@given(st.sampled_from(list(SAMPLES)), st.binary(max_size=400))
def test_what_only_begins_like_a_file_never_raises(name: str, body: bytes) -> None:
    read(sample(name)[:40] + body)


KEYS = [
    *("parameters", "prompt", "workflow", "comment", "text", "dream", "sd-metadata", "invokeai_metadata", "software"),
    *("generation_data", "parameters-json", "exif.usercomment", "xmp.usercomment", "xmp.description", "description"),
    *("use_stable_diffusion_model", "use_lora_model", "seed", "fooocus_scheme", "exif.makernote", "c2pa.source"),
]
NAMES = [
    *(
        "prompt",
        "seed",
        "steps",
        "model",
        "models",
        "image",
        "images",
        "loras",
        "lora",
        "sui_image_params",
        "sui_models",
    ),
    *("Comment", "v4_prompt", "caption", "char_captions", "base_model", "guidance_scale", "Prompt", "base_model_name"),
    *("c", "uc", "scale", "v2", "type", "activated_loras", "use_stable_diffusion_model", "extraMetadata", "resources"),
    *("performance", "num_inference_steps", "resolution", "baseModel", "positive_prompt", "app_version", "size"),
    *("class_type", "inputs", "nodes", "links", "widgets_values", "id", "mode", "outputs", "definitions", "subgraphs"),
    *("extra", "groupNodes", "external", "model_weights", "PositivePrompt", "CfgScale", "loraweights", "software"),
    *(
        "positive",
        "negative",
        "latent_image",
        "samples",
        "text",
        "noise",
        "guider",
        "sigmas",
        "width",
        "lora_1",
        "pipe",
    ),
    *("1", "2", "3"),
]
WORDS = ["", "1", "-1", "NaN", "512x512", "WanGP v1", "KSampler", "SaveImage", "CLIPTextEncode", "SetNode", "GetNode"]
WORDS += [
    "Reroute",
    "Switch",
    "workflow/x",
    "workflow>x",
    "JoinStrings",
    "[1]",
    "{}",
    '{"prompt": "a"}',
    "\ud800",
    "randomize",
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
        | st.tuples(st.sampled_from(["1", "2", "3"]), st.integers(-2, 3)).map(list)
    ),
    max_leaves=30,
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=8)


@given(st.dictionaries(st.sampled_from(KEYS), objects.map(json.dumps) | st.text(max_size=60), min_size=1, max_size=4))
@example({"invokeai_metadata": json.dumps({"model": {"name": {"name": []}}, "loras": [{"lora": []}]})})
@example({"exif.usercomment": json.dumps({"c": 1, "uc": 1, "scale": 1, "v2": [], "lora": {"a": 1}})})
def test_no_reader_raises_on_any_values(found: dict[str, str]) -> None:
    fields = fields_of(Metadata(found))
    if fields is not None:
        shown = [fields.tool, fields.prompt or "", *fields.rest.values(), *(lora.name for lora in fields.loras)]
        assert all(text.encode() is not None for text in shown)
        assert fields.seed is None or 0 <= fields.seed < 2**64


nodes = st.fixed_dictionaries(
    {"id": st.integers(0, 5)},
    optional={
        "type": st.sampled_from(WORDS) | values,
        "mode": st.sampled_from([0, 2, 4]),
        "inputs": st.lists(
            st.fixed_dictionaries({"name": st.sampled_from(NAMES), "link": st.integers(0, 6) | st.none()}), max_size=4
        )
        | values,
        "outputs": values,
        "widgets_values": values,
    },
)
links = st.lists(st.tuples(*[st.integers(-20, 6)] * 5, st.just("*")).map(list) | values, max_size=8)
canvases = st.fixed_dictionaries(
    {"nodes": st.lists(nodes, max_size=6), "links": links},
    optional={
        "definitions": st.fixed_dictionaries(
            {
                "subgraphs": st.lists(
                    st.fixed_dictionaries({"id": st.just("KSampler"), "nodes": st.lists(nodes), "links": links})
                )
            }
        ),
        "extra": st.fixed_dictionaries(
            {
                "groupNodes": st.fixed_dictionaries(
                    {
                        "x": st.fixed_dictionaries(
                            {"nodes": st.lists(nodes), "links": links | values, "external": links | values}
                        )
                    }
                )
            }
        ),
    },
)


@given(canvases)
def test_any_workflow_becomes_a_graph(canvas: dict[str, Any]) -> None:
    graph = workflow.graph(canvas)
    assert all(link.node in graph.nodes for node in graph.nodes.values() for link in node.links.values())
    fields_of(Metadata({"workflow": json.dumps(canvas)}))


def _chain(kind: str, length: int, name: str) -> dict[str, Any]:
    steps = {str(at): {"class_type": kind, "inputs": {name: [str(at + 1), 0]}} for at in range(10, length)}
    return {**GRAPH, "4": {"class_type": "CLIPTextEncode", "inputs": {"text": ["10", 0]}}, **steps}


def _diamonds(length: int) -> dict[str, Any]:
    joined = {
        str(at): {
            "class_type": "ConditioningCombine",
            "inputs": {f"conditioning_{side}": [str(at + 1), 0] for side in (1, 2)},
        }
        for at in range(10, length)
    }
    return {**GRAPH, "4": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["10", 0]}}, **joined}


def _wide(count: int) -> dict[str, Any]:
    savers = {f"s{at}": {"class_type": "SaveImage", "inputs": {"images": [f"s{at - 1}", 0]}} for at in range(count)}
    return {**savers, "s-1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}


def _subgraphs(depth: int) -> dict[str, Any]:
    """A subgraph that has itself twice."""
    twice = [{"id": at, "type": "x", "mode": 0, "inputs": [], "outputs": []} for at in range(2)]
    return {
        "nodes": twice,
        "links": [],
        "definitions": {"subgraphs": [{"id": "x", "nodes": twice * depth, "links": []}]},
    }


def _editor(nodes: list[dict[str, Any]], **more: Any) -> bytes:
    """A workflow whose every link has the id of the node that it comes from and of the node that it goes to."""
    links = [[node["id"], node["id"], 0, node["id"], 0, "*"] for node in nodes]
    return json.dumps({"nodes": nodes, "links": links, **more}).encode()


def _edited(key: int, kind: str, value: Any, link: int) -> dict[str, Any]:
    entry = {"name": "images", "type": "*", "link": link}
    return {"id": key, "type": kind, "mode": 0, "widgets_values": value, "inputs": [entry], "outputs": [{"type": "*"}]}


def _sets(count: int) -> bytes:
    """Get nodes, each of a Set node that the Get node feeds."""
    gets = [_edited(at, "GetNode", [f"{at}"], at) for at in range(count)]
    return _editor([*gets, *(_edited(at + count, "SetNode", [f"{at}"], at) for at in range(count))])


def _groups(count: int) -> bytes:
    inner = {"type": "Reroute", "inputs": [{"name": "x"}] * 3, "outputs": [{}] * 3}
    group = {"nodes": [inner] * 300, "links": [[at, 0, at + 1, 0, 1, "*"] for at in range(299)]}
    nodes = [_edited(at, "workflow/A", [], at) for at in range(count)]
    return _editor(nodes, extra={"groupNodes": {"A": group}})


def _decoded(length: int) -> dict[str, Any]:
    """Many saved pictures of one long chain that nothing was generated in."""
    chain = {str(at): {"class_type": "VAEDecode", "inputs": {"samples": [str(at + 1), 0]}} for at in range(length)}
    saved = {f"s{at}": {"class_type": "SaveImage", "inputs": {"images": [str(at), 0]}} for at in range(60)}
    return {**saved, **chain}


def _pipes(length: int) -> dict[str, Any]:
    kind = "Pipe to/edit any [Crystools]"
    ends = range(10, length)
    return {
        **GRAPH,
        **{
            str(at): {"class_type": kind, "inputs": {f"any_{k}": [str(at + 1), k] for k in range(1, 20)}} for at in ends
        },
    }


MEGABYTE = 2**20
HOSTILE: dict[str, Callable[[], bytes]] = {
    "noise": lambda: bytes(range(256)) * 4096,
    "zeros": lambda: bytes(MEGABYTE),
    "empty chunks": lambda: b"\x89PNG\r\n\x1a\n" + made.chunk(b"tEXt", b"") * (MEGABYTE // 12),
    "small texts": lambda: b"\x89PNG\r\n\x1a\n" + made.chunk(b"tEXt", b"a\0b") * (MEGABYTE // 15),
    "bombs": lambda: made.png_with(*[made.chunk(b"zTXt", b"prompt\0\0" + zlib.compress(bytes(40 * MEGABYTE)))] * 20),
    "deep JSON": lambda: made.png({"prompt": "[" * MEGABYTE}),
    "deep object": lambda: made.png({"prompt": '{"a":' * (MEGABYTE // 5)}),
    "long number": lambda: made.png({"invokeai_metadata": '{"positive_prompt": "", "seed": ' + "9" * MEGABYTE + "}"}),
    "keys": lambda: made.png({"parameters": "a\nSteps: 1, " + "Key: " * (MEGABYTE // 5)}),
    "commas": lambda: made.png({"parameters": "a\nSteps: 1, " + "," * MEGABYTE}),
    "steps": lambda: made.png({"parameters": "Steps: 1, A" * (MEGABYTE // 11)}),
    "lines": lambda: made.png({"parameters": "\nSteps: " * (MEGABYTE // 8)}),
    "braces": lambda: made.png({"parameters": "a\nSteps: 1, B: " + "{[" * (MEGABYTE // 2)}),
    "objects": lambda: made.png({"parameters": "a\nSteps: 1" + ", B: {" * (MEGABYTE // 6)}),
    "strings": lambda: made.png({"parameters": "a\nSteps: 1" + ', B: "' * (MEGABYTE // 6)}),
    "loras": lambda: made.png({"parameters": "<lora:" * (MEGABYTE // 6) + "\nSteps: 1, Seed: 2"}),
    "brackets": lambda: made.png({"Dream": "[" * (MEGABYTE // 2) + "]" * (MEGABYTE // 2)}),
    "dream": lambda: made.png({"Dream": '"' + "\\a" * (MEGABYTE // 2)}),
    "options": lambda: made.png({"Dream": " -s" * (MEGABYTE // 3)}),
    "chain": lambda: json.dumps(_chain("Reroute", 18_000, "text")).encode(),
    "switches": lambda: json.dumps(_chain("Any Switch (rgthree)", 14_000, "any_01")).encode(),
    "diamonds": lambda: json.dumps(_diamonds(8_000)).encode(),
    "savers": lambda: json.dumps(_wide(14_000)).encode(),
    "samplers": lambda: json.dumps({str(at): GRAPH["2"] | {"n": at} for at in range(7_000)}).encode(),
    "subgraphs": lambda: json.dumps(_subgraphs(3_000)).encode(),
    "sets": lambda: _sets(2_400),
    "groups": lambda: _groups(400),
    "decoded": lambda: json.dumps(_decoded(4_900)).encode(),
    "pipes": lambda: json.dumps(_pipes(2_500)).encode(),
    "values": lambda: _editor([_edited(0, "X sampler", [1, "fixed", 2] * 90_000, 0)]),
    "odd keys": lambda: made.png(
        {"invokeai_metadata": json.dumps({"seed": 1} | {f"k{at}": [at] for at in range(60_000)})}
    ),
    "job ids": lambda: made.png({"Description": "a --v 6 " * (MEGABYTE // 8) + "Job ID: "}),
    "labels": lambda: b"Stable Diffusion model: x\n" + b"Seed: 5\n" * (MEGABYTE // 8),
    "gif": lambda: b"GIF89a" + b"\x21\xfe\x01a" * (MEGABYTE // 4),
    "jpeg": lambda: b"\xff\xd8" + b"\xff\xe1\0\x02" * (MEGABYTE // 4),
    "exif": lambda: made.png_with(
        made.chunk(b"eXIf", b"II*\0\x08\0\0\0\xff\xff" + b"\x86\x92\7\0\0\0\x01\0\0\0\0\0" * 65535)
    ),
    "xmp": lambda: made.png({"XML:com.adobe.xmp": "<a>" * (MEGABYTE // 3)}),
    "c2pa": lambda: made.png_with(made.chunk(b"caBX", b"digitalSourceType" * (MEGABYTE // 17))),
    "mp4": lambda: b"\0\0\0\x18ftypisom" + b"\0\0\0\x08free" * (MEGABYTE // 8),
    "webm": lambda: sample("webm")[:200] + bytes(range(256)) * 4096,
    "mp3": lambda: b"ID3" + bytes(range(256)) * 4096,
    "heif": lambda: b"\0\0\0\x18ftypavif" + b"\0\0\0\x08meta" * (MEGABYTE // 8),
    "utf-16": lambda: made.png_with(
        made.chunk(b"eXIf", made.tiff({}, {made.USER_COMMENT: b"UNICODE\0" + b"\x4e\x00a" * 300_000}))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_for_a_megabyte_does_not_grow_with_its_square(name: str) -> None:
    """Measured by a loop over a megabyte in the same run; the slowest of these files takes some ten times as long."""
    content = HOSTILE[name]()
    took, loop = (_processor_seconds(work) for work in (lambda: read(content), lambda: sum(1 for _ in _PLAIN)))
    assert took < 50 * loop, f"{took:.3f} s for {len(content) / MEGABYTE:.1f} MiB, {loop:.3f} s for the loop"


_PLAIN = bytes(MEGABYTE)


def _processor_seconds(work: Callable[[], object]) -> float:
    """What this process computes for it, the least of three: other work on the machine hardly counts."""
    took = []
    for _ in range(3):
        started = time.process_time()
        work()
        took.append(time.process_time() - started)
    return min(took)


def test_a_cycle_of_texts_is_unknown() -> None:
    graph = {
        **GRAPH,
        "4": {"class_type": "CLIPTextEncode", "inputs": {"text": ["5", 0]}},
        "5": {"class_type": "Text Concatenate", "inputs": {"text_a": ["6", 0], "text_b": "x"}},
        "6": {"class_type": "Reroute", "inputs": {"value": ["5", 0]}},
    }
    found = fields_of(Metadata({"prompt": json.dumps(graph)}))
    assert found is not None
    assert (found.prompt, found.seed) == (None, 5)


@given(st.binary(max_size=2000))
def test_texts_of_any_bytes_are_texts(content: bytes) -> None:
    assert all(isinstance(text, str) for text in texts(content).values())
