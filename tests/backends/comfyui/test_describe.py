"""What a workflow becomes without a hand on it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.comfyui import ComfyUIBackend
from backends.comfyui.describe import describe, described
from backends.comfyui.page_format import converted
from backends.comfyui.workflow import parse
from backends.describing import DescribeError
from model_configs.registry import read_document
from storage.media.probe import MediaLimits, probe
from studio.errors import ModelSourceError
from studio.jobs.readiness import spec_of
from studio.models import add_model
from tests import media_samples
from tests.backends.comfyui import peer as peers
from tests.backends.comfyui.peer import CHECKPOINTS, OBJECT_INFO, SAMPLERS, Peer
from tests.backends.comfyui.test_comfyui import PAINT, SCALE
from tests.backends.contract import Harness

SPECS = {"comfyui": ComfyUIBackend.spec_type}


@pytest.fixture
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with peers.running(tmp_path_factory.mktemp("peer")) as one:
        yield one


def written(path: Path, workflow: Any) -> str:
    path.write_text(json.dumps(workflow), encoding="utf-8")
    return str(path)


def titled(workflow: dict[str, Any], node_id: str, title: str) -> dict[str, Any]:
    changed = deepcopy(workflow)
    changed[node_id]["_meta"] = {"title": title}
    return changed


def test_what_people_change_is_shown_with_the_servers_limits_and_choices() -> None:
    found = described(parse(PAINT), "my_fox_api", OBJECT_INFO)
    assert (found["id"], found["name"], found["type"]) == ("my-fox", "My fox", "image")
    assert found["backend"]["output"] == "9"
    assert found["backend"]["inputs"]["negative_prompt"] == ["7", "text"]
    assert found["backend"]["inputs"]["size.width"] == ["5", "width"]
    assert found["backend"]["inputs"]["size.height"] == ["5", "height"]
    default = {"width": 64, "height": 64}
    assert found["parameters"] == {
        "prompt": {"kind": "text", "default": "a fox", "lines": 3},
        "negative_prompt": {"kind": "text", "default": "blurred", "lines": 3},
        "checkpoint": {
            "kind": "choice",
            "choices": CHECKPOINTS,
            "default": "dream.safetensors",
            "choices_from": "service",
        },
        "size": {"kind": "size", "default": default, "multiple": 8, "minimum": 16, "maximum": 16384},
        "seed": {"kind": "seed", "maximum": 2**64 - 1},
        "steps": {"kind": "integer", "default": 4, "minimum": 1, "maximum": 10000},
        "cfg": {"kind": "number", "default": 8.0, "minimum": 0.0, "maximum": 100.0, "step": 0.1},
        "sampler": {
            "kind": "choice",
            "choices": SAMPLERS,
            "default": "euler",
            "choices_from": "service",
            "group": "advanced",
        },
        "denoise": {
            "kind": "number",
            "default": 1.0,
            "minimum": 0.0,
            "maximum": 1.0,
            "step": 0.01,
            "group": "advanced",
        },
    }


def test_a_width_and_a_height_of_a_node_are_a_size_that_may_be_the_pictures() -> None:
    workflow = PAINT | {"10": {"class_type": "LoadImage", "inputs": {"image": "example.png"}}}
    found = described(parse(workflow), "fox", OBJECT_INFO)["parameters"]
    assert found["size"]["of"] == "image"
    read_document(described(parse(workflow), "fox", OBJECT_INFO), SPECS)
    assert {"width", "height"} <= described(parse(SCALE), "x", OBJECT_INFO)["parameters"].keys(), "0 is the aspect's"
    odd = deepcopy(PAINT)
    odd["5"]["inputs"]["width"] = 63
    assert {"width", "height"} <= described(parse(odd), "fox", OBJECT_INFO)["parameters"].keys()
    assert {"width", "height"} <= described(parse(PAINT), "fox", {})["parameters"].keys()


def test_without_a_server_the_values_tell_the_kinds() -> None:
    found = described(parse(PAINT), "fox", {})
    assert found["parameters"]["checkpoint"] == {"kind": "text", "default": "dream.safetensors"}
    assert found["parameters"]["steps"] == {"kind": "integer", "default": 4}
    assert described(parse(SCALE), "x", {})["parameters"]["image"] == {"kind": "image"}


def test_a_title_in_angle_brackets_shows_a_node_under_its_label() -> None:
    found = described(parse(titled(PAINT, "5", "<Canvas>")), "fox", OBJECT_INFO)
    assert found["parameters"]["canvas_batch_size"]["label"] == "Canvas: batch size"
    found = described(parse(titled(PAINT, "6", "<What to paint>")), "fox", OBJECT_INFO)
    assert found["parameters"]["what_to_paint"]["label"] == "What to paint"
    assert found["backend"]["inputs"]["what_to_paint"] == ["6", "text"]


def test_a_seed_goes_as_far_as_the_server_says_and_stays_exact_in_the_workflow() -> None:
    workflow = deepcopy(PAINT)
    workflow["3"]["inputs"]["seed"] = 2**64 - 1
    found = described(parse(workflow), "fox", OBJECT_INFO)
    assert found["backend"]["workflow"]["3"]["inputs"]["seed"] == 2**64 - 1
    assert found["parameters"]["seed"] == {"kind": "seed", "maximum": 2**64 - 1}
    read_document(found, SPECS)
    info = deepcopy(OBJECT_INFO)
    info["KSampler"]["input"]["required"]["seed"][1]["max"] = 2**32 - 1
    assert described(parse(workflow), "fox", info)["parameters"]["seed"] == {"kind": "seed", "maximum": 2**32 - 1}


PAGE_VALUES = {
    "4": ["dream.safetensors"],
    "5": [64, 64, 1],
    "6": ["a fox"],
    "7": ["blurred"],
    "3": [5, "randomize", 4, 8.0, "euler", 1.0],
    "8": [],
    "9": ["studio"],
}


def as_the_page_saves_it() -> dict[str, Any]:
    """PAINT once more: links numbered, values in a row, a note beside them."""
    links: list[list[Any]] = []
    nodes: list[dict[str, Any]] = [{"id": 99, "type": "Note", "widgets_values": ["a note"]}]
    for node_id, node in PAINT.items():
        slots = []
        for slot, (name, value) in enumerate((n, v) for n, v in node["inputs"].items() if isinstance(v, list)):
            links.append([len(links) + 1, int(value[0]), value[1], int(node_id), slot, "ANY"])
            slots.append({"name": name, "type": "ANY", "link": len(links)})
        title = node.get("_meta", {})
        values = PAGE_VALUES[node_id]
        nodes.append(
            {"id": int(node_id), "type": node["class_type"], "inputs": slots, "widgets_values": values, **title}
        )
    return {"last_node_id": 99, "nodes": nodes, "links": links, "version": 0.4}


def test_the_pages_own_format_is_read_by_what_the_server_says() -> None:
    assert converted(as_the_page_saves_it(), OBJECT_INFO) == parse(PAINT)
    with pytest.raises(ValueError, match=r"STUDIO_COMFYUI_URL, or save it in ComfyUI with Export \(API\)"):
        converted(as_the_page_saves_it(), {})
    with pytest.raises(ValueError, match="what the server says of its nodes is not understood"):
        converted(as_the_page_saves_it(), OBJECT_INFO | {"KSampler": {"input": {"required": [1]}}})


def test_one_command_makes_a_model_that_runs(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_COMFYUI_URL", peer.url)
    backend = ComfyUIBackend({"STUDIO_COMFYUI_URL": peer.url})
    source = written(tmp_path / "small_api.json", SCALE)
    path, config = add_model(source, tmp_path / "models", {"comfyui": backend})
    assert (path.name, config.id) == ("small.yaml", "small")
    values = {**config.defaults(), "image": media_samples.png(tmp_path / "photo.png"), "width": 20}
    (result,) = Harness(backend, spec_of(config, backend), values).run(tmp_path / "out").files
    found = probe(result, MediaLimits())
    assert (found.width, found.height) == (20, 64)


@pytest.mark.parametrize(
    ("workflow", "reason"),
    [
        ({"nodes": [], "links": []}, "API format"),
        ({"nodes": [{"id": 1, "type": "Reroute"}]}, r"no node Reroute.*Export \(API\)"),
        ({"nodes": [{"id": 1, "type": "VAEDecode", "mode": 4}]}, r"bypassed: .*Export \(API\)"),
        ({"nodes": [{"id": 1, "type": "KSampler", "widgets_values": [1]}]}, r"no value for steps: .*Export \(API\)"),
        ({"nodes": [{"id": 1}]}, r"nodes.0.type is not as the page saves it"),
        ([], "API format"),
        ({"1": {"class_type": "SaveHologram", "inputs": {}}}, "has no node SaveHologram"),
        ({"1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}}, "none of its inputs"),
    ],
)
def test_what_is_no_model_says_why(
    workflow: Any, reason: str, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_COMFYUI_URL", peer.url)
    with pytest.raises(ModelSourceError, match=reason):
        add_model(written(tmp_path / "w.json", workflow), tmp_path / "models", {"comfyui": ComfyUIBackend({})})
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("kind", ["page", "null", "error", "no answer"])
def test_a_server_that_does_not_answer_well_is_said(kind: str, peer: Peer, tmp_path: Path) -> None:
    peer.faults["/object_info"] = [kind]
    with pytest.raises(DescribeError, match="its choices cannot be asked for"):
        describe(written(tmp_path / "w.json", PAINT), {"STUDIO_COMFYUI_URL": peer.url})


values = st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.none() | st.lists(st.integers())
limits = st.none() | st.integers() | st.floats() | st.text(max_size=3)
said = st.tuples(
    st.sampled_from(["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "IMAGE"]) | st.lists(st.text(max_size=5)),
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("min", "max", "step"), limits) | {"options": st.lists(st.text(max_size=5))}
    ),
)
names = st.sampled_from(
    ["text", "seed", "noise_seed", "steps", "cfg", "width", "height", "sampler_name", "not", "9", "é"]
)


@given(
    inputs=st.dictionaries(names, st.tuples(values, said), max_size=6),
    title=st.sampled_from(["", "<All>", "<é>", "<Size>", "plain"]),
    stem=st.text(max_size=90),
)
def test_whatever_is_described_loads(inputs: dict[str, Any], title: str, stem: str) -> None:
    node = {"class_type": "Any", "inputs": {k: v for k, (v, _) in inputs.items()}, "_meta": {"title": title}}
    info = {"Any": {"input": {"required": {name: list(entry) for name, (_, entry) in inputs.items()}}}}
    try:
        found = described(parse({"1": node, "2": node}), stem, info)
    except DescribeError:
        return
    config = read_document(found, SPECS)
    assert config.parameters.keys() == {name.partition(".")[0] for name in found["backend"]["inputs"]}
    config.check(config.defaults())
