"""Every shipped model of RunPod brings what its worker reads, and gets a result from it."""

from pathlib import Path
from typing import Any

import pytest

from storage.media.probe import MediaLimits, probe
from tests.backends.local_runs import sample_media
from tests.backends.runpod.handlers import WORKERS, worker
from tests.backends.runpod.platform import Platform
from tests.backends.runpod.runs import MODELS, run
from tests.showing import showing

every_model = pytest.mark.parametrize("model_id", MODELS)


@pytest.fixture
def media(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "media").mkdir()
    return sample_media(tmp_path / "media")


def test_every_model_has_a_worker() -> None:
    assert MODELS.keys() == WORKERS.keys()


@every_model
def test_a_model_runs_with_each_of_its_inputs_in_sight(
    model_id: str, platform: Platform, media: dict[str, Path], tmp_path: Path
) -> None:
    config = MODELS[model_id]
    for number, name in enumerate(config.parameters):
        shown = showing(config, name)
        made = run(platform, tmp_path / f"out-{number}", model_id, shown, media=media)
        assert {probe(path, MediaLimits()).kind for path in made.files} <= set(_kinds(model_id))


def _kinds(model_id: str) -> tuple[str, ...]:
    result = MODELS[model_id].backend.model_dump()["result"]
    return (result,) if isinstance(result, str) else tuple(result)


def sent(platform: Platform, folder: Path, model_id: str, media: dict[str, Path], **values: Any) -> dict[str, Any]:
    """What the worker is given for these values."""
    log: list[dict[str, Any]] = []
    platform.handlers[model_id] = worker(WORKERS[model_id], log)
    run(platform, folder, model_id, values, media=media)
    (given,) = log
    return {name: "a file" if name.startswith(("image_", "video_", "wav_")) else value for name, value in given.items()}


def test_flux_krea_gets_its_loras_as_pairs(platform: Platform, media: dict[str, Path], tmp_path: Path) -> None:
    loras = [{"path": "styles/ink.safetensors", "weight": 0.8}, {"path": "ann.safetensors", "weight": 1.25}]
    assert sent(platform, tmp_path / "out", "flux-krea", media, lora=loras, seed=7) == {
        "prompt": "a fox",
        "width": 1024,
        "height": 1024,
        "seed": 7,
        "guidance": 1.0,
        "lora": [["styles/ink.safetensors", 0.8], ["ann.safetensors", 1.25]],
    }


def test_qwen_image_edit_sends_no_more_than_its_worker_reads(
    platform: Platform, media: dict[str, Path], tmp_path: Path
) -> None:
    given = sent(platform, tmp_path / "out", "qwen-image-edit", media)
    assert given.keys() == {"prompt", "width", "height", "seed", "image_base64", "image_base64_2"}
    for name in ("steps", "guidance"):
        assert "always" in (words := MODELS["qwen-image-edit"].parameters[name].help) or "without" in words


def test_wan_animate_sends_its_points_only_when_there_are_some(
    platform: Platform, media: dict[str, Path], tmp_path: Path
) -> None:
    points = '[{"x": 1, "y": 2}]'
    given = sent(platform, tmp_path / "out", "wan-animate", media, mode="animate", coordinates=points)
    assert given["coordinates"] == points
    assert given["mode"] == "animate"
    assert not {"points_store", "neg_coordinates"} & given.keys()


def test_wan22_sends_whole_pairs_of_loras_only(platform: Platform, media: dict[str, Path], tmp_path: Path) -> None:
    halves = {"lora_high_1": "a-high", "lora_low_1": "a-low", "lora_low_weight_1": 0.5, "lora_high_2": "b-high"}
    given = sent(platform, tmp_path / "out", "wan22", media, **halves)
    assert given["lora_pairs"] == [{"high": "a-high", "low": "a-low", "high_weight": 1.0, "low_weight": 0.5}]
    assert "lora_pairs" not in sent(platform, tmp_path / "none", "wan22", media)


def test_upscale_runpod_says_its_task_for_films_only(
    platform: Platform, media: dict[str, Path], tmp_path: Path
) -> None:
    model = "upscale-runpod"
    film = sent(platform, tmp_path / "film", model, media, media_type="video", frame_interpolation=True)
    assert film == {"video_base64": "a file", "task_type": "upscale_and_interpolation", "output": "base64"}
    still = sent(platform, tmp_path / "still", model, media)
    assert still == {"image_base64": "a file", "output": "base64"}


def test_infinite_talk_gives_the_second_voice_its_place(
    platform: Platform, media: dict[str, Path], tmp_path: Path
) -> None:
    given = sent(platform, tmp_path / "out", "infinite-talk", media, person_count="multi")
    assert {"image_base64", "wav_base64", "wav_base64_2"} <= given.keys()
    assert "video_base64" not in given
    assert "max_frame" not in given
