"""Workflows on a ComfyUI: the contract, and every fault that a server far away has.

STUDIO_TEST_COMFYUI_URL=http://127.0.0.1:8188 runs the contract against a real one, which needs no weights for it.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from backends import comfyui
from backends.base import BackendError, Cancelled, Stopped
from backends.comfyui import ComfyUIBackend, ComfyUISpec
from model_configs.registry import load_registry
from storage.media.probe import MediaLimits, probe
from studio.jobs.readiness import spec_of
from studio.settings import Settings
from tests import media_samples
from tests.backends.comfyui import peer as peers
from tests.backends.comfyui.peer import Peer
from tests.backends.contract import BackendContract, Harness, is_sentence
from tests.backends.fake_context import FakeContext

pytestmark = pytest.mark.slow

REAL = os.environ.get("STUDIO_TEST_COMFYUI_URL")

SCALE: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "2": {
        "class_type": "ImageScale",
        "inputs": {"image": ["1", 0], "upscale_method": "lanczos", "width": 64, "height": 64, "crop": "disabled"},
    },
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "studio"}},
}
PAINT: dict[str, Any] = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dream.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurred", "clip": ["4", 1]}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 5,
            "steps": 4,
            "cfg": 8.0,
            "sampler_name": "euler",
            "denoise": 1.0,
            "model": ["4", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
        "_meta": {"title": "Sampling"},
    },
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "studio"}},
}


@pytest.fixture
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with peers.running(tmp_path_factory.mktemp("peer")) as one:
        yield one


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comfyui, "PATIENCE", 3)
    monkeypatch.setattr("backends.comfyui.socket.TICK_SECONDS", 0.02)


@contextmanager
def in_thread(work: Callable[[], object]) -> Iterator[list[BaseException]]:
    """Does the work beside the block, and waits for it; what it raised."""
    raised: list[BaseException] = []

    def catch() -> None:
        try:
            work()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=catch, daemon=True)
    thread.start()
    yield raised
    thread.join()


def wait_for(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not holds():
        pause.wait(0.01)


def scaling(url: str, photo: Path) -> Harness:
    backend = ComfyUIBackend({"STUDIO_COMFYUI_URL": url})
    inputs = {"photo": ("1", "image"), "width": ("2", "width"), "height": ("2", "height")}
    spec = ComfyUISpec(kind="comfyui", workflow=SCALE, inputs=inputs, output="3")
    unready = (ComfyUIBackend({}), ComfyUIBackend({"STUDIO_COMFYUI_URL": "elsewhere"}))
    values = {"photo": media_samples.png(photo), "width": 48, "height": 32}
    return Harness(backend, spec, values, {"width": 99_999}, tuple((one, spec) for one in unready))


def painting(peer: Peer, workflow: dict[str, Any] = PAINT, output: str | None = None) -> Harness:
    backend = ComfyUIBackend({"STUDIO_COMFYUI_URL": peer.url})
    inputs = {"prompt": ("6", "text"), "seed": ("3", "seed"), "steps": ("3", "steps"), "cfg": ("3", "cfg")}
    known = {name: target for name, target in inputs.items() if target[0] in workflow}
    spec = ComfyUISpec(kind="comfyui", workflow=workflow, inputs=known, output=output)
    return Harness(backend, spec, {"prompt": "a crow", "seed": 7, "steps": 4})


class TestScaling(BackendContract):
    @pytest.fixture
    def harness(self, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Harness:
        url = REAL or request.getfixturevalue("peer").url
        return scaling(url, tmp_path_factory.mktemp("inputs") / "photo.png")

    def test_a_size_that_it_does_not_take_is_said_at_its_field(self, harness: Harness, tmp_path: Path) -> None:
        with pytest.raises(BackendError) as failed:
            harness.run(tmp_path / "out", width=99_999)
        assert failed.value.fields.keys() == {"width"}
        assert "99999" in failed.value.fields["width"]

    def test_the_picture_has_the_size_that_was_asked_for(self, harness: Harness, tmp_path: Path) -> None:
        (path,) = harness.run(tmp_path / "out").files
        found = probe(path, MediaLimits())
        assert (found.width, found.height) == (48, 32)


class TestPainting(BackendContract):
    @pytest.fixture
    def harness(self, peer: Peer) -> Harness:
        return painting(peer)


class TestWithoutASocket(BackendContract):
    @pytest.fixture
    def harness(self, peer: Peer) -> Harness:
        peer.has_sockets = False
        return painting(peer)


# --- what is sent and shown ------------------------------------------------------------------------------------------


def test_values_go_into_their_nodes_and_the_rest_stays(peer: Peer, tmp_path: Path) -> None:
    painting(peer).run(tmp_path / "out", seed=2**53 - 1, cfg=None)
    (asked,) = peer.prompts
    assert asked["prompt"]["6"]["inputs"] == {"text": "a crow", "clip": ["4", 1]}
    assert asked["prompt"]["3"]["inputs"] == PAINT["3"]["inputs"] | {"seed": 2**53 - 1}
    assert asked["prompt"]["7"] == PAINT["7"]
    assert asked["client_id"] == asked["prompt_id"]


def test_a_size_fills_two_inputs_and_a_list_of_pictures_is_refused_at_its_field(peer: Peer, tmp_path: Path) -> None:
    backend = ComfyUIBackend({"STUDIO_COMFYUI_URL": peer.url})
    inputs = {"photo": ("1", "image"), "size.width": ("2", "width"), "size.height": ("2", "height")}
    spec = ComfyUISpec(kind="comfyui", workflow=SCALE, inputs=inputs, output="3")
    photo = media_samples.png(tmp_path / "photo.png")
    harness = Harness(backend, spec, {"photo": photo, "size": {"width": 48, "height": 32}})
    (path,) = harness.run(tmp_path / "out").files
    found = probe(path, MediaLimits())
    assert (found.width, found.height) == (48, 32)
    with pytest.raises(BackendError, match="takes one picture, and photo is a list") as refused:
        harness.run(tmp_path / "other", photo=[photo, photo])
    assert refused.value.fields.keys() == {"photo"}


def test_steps_and_pictures_in_the_making_are_shown(peer: Peer, tmp_path: Path) -> None:
    context = FakeContext()
    painting(peer).run(tmp_path / "out", context)
    steps = [step for step in context.steps if step[1]]
    assert steps == [(number, 4) for number in range(1, len(steps) + 1)]
    assert len(steps) >= 3  # what is said of the last one may come after the result
    assert "Sampling" in context.words
    assert len(context.previews) in (len(steps), len(steps) - 1)
    assert context.versions == {"comfyui": "0.3.75", "device": "cpu"}


def test_the_token_is_sent_and_a_wrong_one_named_without_it(peer: Peer, tmp_path: Path) -> None:
    peer.token = "right"
    spec = painting(peer).spec
    for token, comes in (("right", True), ("wrong-secret", False)):
        backend = ComfyUIBackend({"STUDIO_COMFYUI_URL": peer.url, "STUDIO_COMFYUI_TOKEN": token})
        harness = Harness(backend, spec, {"seed": 1})
        if comes:
            assert harness.run(tmp_path / token).files
            continue
        with pytest.raises(BackendError, match="STUDIO_COMFYUI_TOKEN") as failed:
            harness.run(tmp_path / token)
        assert token not in f"{failed.value}{failed.value.detail}"


@pytest.mark.parametrize(
    ("load", "save", "kind"),
    [("LoadAudio", "SaveAudio", "audio"), ("LoadVideo", "SaveVideo", "video"), ("LoadImage", "SaveImage", "image")],
)
def test_films_and_sounds_go_there_and_back(load: str, save: str, kind: str, peer: Peer, tmp_path: Path) -> None:
    name = {"video": "file"}.get(kind, kind)
    takes = {"image": "images"}.get(kind, kind)
    workflow = {
        "1": {"class_type": load, "inputs": {name: "example"}},
        "2": {"class_type": save, "inputs": {takes: ["1", 0], "filename_prefix": "x"}},
    }
    make = {"audio": media_samples.audio, "video": media_samples.video, "image": media_samples.png}[kind]
    suffix = {"audio": "wav", "video": "mp4", "image": "png"}[kind]
    source = make(tmp_path / f"source.{suffix}")
    spec = ComfyUISpec(kind="comfyui", workflow=workflow, inputs={"it": ("1", name)})
    backend = ComfyUIBackend({"STUDIO_COMFYUI_URL": peer.url})
    (path,) = Harness(backend, spec, {"it": source}).run(tmp_path / "out").files
    assert probe(path, MediaLimits()).kind == kind
    assert kind == "image" or path.read_bytes() == source.read_bytes()


def test_an_animated_picture_a_text_and_a_shown_picture(peer: Peer, tmp_path: Path) -> None:
    more = {
        "9": {"class_type": "SaveAnimatedWEBP", "inputs": {"images": ["8", 0]}},
        "10": {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}},
        "11": {"class_type": "PreviewAny", "inputs": {"source": ["4", 0]}, "_meta": {"title": "Caption"}},
    }
    outputs = painting(peer, PAINT | more).run(tmp_path / "out")
    assert [path.suffix for path in outputs.files] == [".webp"]
    assert outputs.texts == {"Caption (11)": "CheckpointLoaderSimple"}
    only_shown = {node_id: node for node_id, node in (PAINT | more).items() if node_id not in ("9", "11")}
    assert [path.suffix for path in painting(peer, only_shown).run(tmp_path / "shown").files] == [".png"]


# --- once ------------------------------------------------------------------------------------------------------------


def test_a_lost_answer_is_asked_for_and_the_workflow_not_sent_again(peer: Peer, tmp_path: Path) -> None:
    peer.faults["/prompt"] = ["lost answer"]
    assert painting(peer).run(tmp_path / "out").files
    assert len(peer.prompts) == 1


def test_a_workflow_that_never_came_is_sent_again_under_the_same_id(peer: Peer, tmp_path: Path) -> None:
    peer.faults["/prompt"] = ["no answer", "error"]
    context = FakeContext()
    assert painting(peer).run(tmp_path / "out", context).files
    assert [one["prompt_id"] for one in peer.prompts] == [context.remembered]


def test_a_run_of_before_is_taken_up_and_not_paid_for_twice(peer: Peer, tmp_path: Path) -> None:
    peer.gate.clear()
    harness, first = painting(peer), FakeContext(order=Stopped)
    peer.on_step = lambda step: setattr(first, "calls", first.asked + 1)
    with pytest.raises(Stopped):
        harness.run(tmp_path / "first", first)
    peer.gate.set()
    assert harness.run(tmp_path / "second", FakeContext(remembered=first.remembered)).files
    assert len(peer.prompts) == 1
    assert "POST /interrupt" not in peer.asked


def test_a_cancelled_run_is_interrupted_there(peer: Peer, tmp_path: Path) -> None:
    peer.gate.clear()
    context = FakeContext()
    peer.on_step = lambda step: setattr(context, "calls", context.asked + 1)
    with pytest.raises(Cancelled):
        painting(peer).run(tmp_path / "out", context)
    assert peer.asked[-1] == "POST /interrupt"


def test_a_cancelled_run_in_the_queue_is_taken_from_it_and_nothing_else_interrupted(peer: Peer, tmp_path: Path) -> None:
    peer.hold_queue.clear()
    context = FakeContext()
    with in_thread(lambda: painting(peer).run(tmp_path / "out", context)) as failed:
        wait_for(lambda: bool(peer.pending))
        context.calls = 1
    assert isinstance(failed[0], Cancelled)
    assert peer.pending == []
    assert "POST /interrupt" not in peer.asked


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["localhost:8188", "ftp://there", "http://", "http://[", "http://there:x", "http://ann:hush@there"]
)
def test_what_is_no_address_is_said_and_not_shown(url: str, tmp_path: Path) -> None:
    said = scaling(url, tmp_path / "photo.png")
    assert "STUDIO_COMFYUI_URL is no address" in (said.backend.ready(said.spec) or "")
    with pytest.raises(BackendError, match="STUDIO_COMFYUI_URL"):
        said.run(tmp_path / "out")
    with pytest.raises(ValidationError, match="an address is needed") as failed:
        Settings(comfyui_url=url)
    assert "hush" not in str(failed.value)


def test_nobody_there_is_a_sentence(tmp_path: Path) -> None:
    harness = scaling("http://127.0.0.1:9", tmp_path / "photo.png")
    with pytest.raises(BackendError, match="does not answer") as failed:
        harness.run(tmp_path / "out")
    assert is_sentence(str(failed.value))


@pytest.mark.parametrize("kind", ["error", "no answer"])
@pytest.mark.parametrize("place", ["/history", "/view", "/queue"])
def test_a_service_that_comes_back_costs_nothing(place: str, kind: str, peer: Peer, tmp_path: Path) -> None:
    peer.faults[place] = [kind, kind]
    assert painting(peer).run(tmp_path / "out").files
    assert len(peer.prompts) == 1


@pytest.mark.parametrize("place", ["/prompt", "/history", "/queue", "/view"])
def test_a_slow_service_is_asked_again(place: str, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.comfyui.server.TIMEOUT", 0.2)
    peer.faults[place] = ["slow", "none", "slow"]
    assert painting(peer).run(tmp_path / "out").files
    assert len(peer.prompts) == 1


def test_a_socket_that_is_lost_leaves_the_history(peer: Peer, tmp_path: Path) -> None:
    peer.gate.clear()
    with in_thread(lambda: painting(peer).run(tmp_path / "out")) as failed:
        wait_for(lambda: peer.steps_done == 3)
        peer.has_sockets = False
        peer.drop_sockets()
        peer.gate.set()
    assert failed == []
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_a_node_that_fails_is_named_with_its_traceback(peer: Peer, tmp_path: Path) -> None:
    workflow = PAINT | {"9": {"class_type": "Broken", "inputs": {"image": ["8", 0]}}}
    with pytest.raises(BackendError, match=r"^ComfyUI failed in Broken: the tensors do not fit\.$") as failed:
        painting(peer, workflow).run(tmp_path / "out")
    assert "in a node" in failed.value.detail


def test_a_run_that_the_server_forgot_is_said(peer: Peer, tmp_path: Path) -> None:
    peer.hold_queue.clear()
    with in_thread(lambda: painting(peer).run(tmp_path / "out")) as failed:
        wait_for(lambda: bool(peer.pending))
        peer.pending.clear()
    assert "does not know this run any more" in str(failed[0])


def test_a_workflow_without_a_file_says_what_it_lacks(peer: Peer, tmp_path: Path) -> None:
    workflow = PAINT | {"9": {"class_type": "PreviewAny", "inputs": {"source": ["8", 0]}}}
    with pytest.raises(BackendError, match="Save Image"):
        painting(peer, workflow).run(tmp_path / "out")


def test_a_node_that_the_server_does_not_have_is_named(peer: Peer, tmp_path: Path) -> None:
    workflow = PAINT | {"9": {"class_type": "SaveHologram", "inputs": {"images": ["8", 0]}}}
    with pytest.raises(BackendError, match="SaveHologram does not exist"):
        painting(peer, workflow).run(tmp_path / "out")


# --- at load ----------------------------------------------------------------------------------------------------------

MODEL = """id: paint
name: Paint
type: image
parameters:
  prompt: {kind: text}
backend:
  kind: comfyui
  workflow: {workflow}
  inputs:
    prompt: {target}
  output: {output}
"""


def loaded(folder: Path, workflow: str = "paint.json", target: str = "[6, text]", output: str = "9") -> Any:
    (folder / "paint.json").write_text(json.dumps(PAINT), encoding="utf-8")
    (folder / "ui.json").write_text(json.dumps({"nodes": [], "links": []}), encoding="utf-8")
    (folder / "torn.json").write_text("{", encoding="utf-8")
    text = MODEL.replace("{workflow}", workflow).replace("{target}", target).replace("{output}", output)
    (folder / "paint.yaml").write_text(text, encoding="utf-8")
    return load_registry(folder, {"comfyui": ComfyUISpec})


def test_a_workflow_stands_beside_the_model_file_or_in_it(peer: Peer, tmp_path: Path) -> None:
    beside, within = loaded(tmp_path), loaded(tmp_path, json.dumps(PAINT))
    assert beside.broken == within.broken == ()
    assert beside.models["paint"] == within.models["paint"]
    backend = ComfyUIBackend({"STUDIO_COMFYUI_URL": peer.url})
    spec = spec_of(beside.models["paint"], backend)
    assert Harness(backend, spec, {"prompt": "a crow"}).run(tmp_path / "out").files
    assert peer.prompts[0]["prompt"] == PAINT | {
        "6": {**PAINT["6"], "inputs": PAINT["6"]["inputs"] | {"text": "a crow"}}
    }


@pytest.mark.parametrize(
    ("changed", "line", "reason"),
    [
        ({"workflow": "gone.json"}, 8, "there is no workflow"),
        ({"workflow": "torn.json"}, 8, "holds no JSON"),
        ({"workflow": "ui.json"}, 8, "Export (API)"),
        ({"workflow": "{1: {inputs: {}}}"}, 8, "1.class_type is none"),
        ({"target": "[66, text]"}, 10, "the workflow has no node 66"),
        ({"target": "[6, txt]"}, 10, "node 6 (CLIPTextEncode) has no input txt: it has text, clip"),
        ({"target": "6"}, 10, "inputs.prompt"),
        ({"output": "99"}, 11, "the workflow has no node 99"),
    ],
)
def test_what_does_not_fit_the_workflow_is_named_with_its_line(
    changed: dict[str, str], line: int, reason: str, tmp_path: Path
) -> None:
    (broken,) = loaded(tmp_path, **changed).broken
    assert broken.file == "paint.yaml"
    assert reason in broken.reason
    assert broken.line == line
