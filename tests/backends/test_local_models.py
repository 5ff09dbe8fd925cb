"""What holds for every model that runs in the studio itself; a new one is tested the day it is added."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.base import BackendError, Cancelled
from backends.function import FunctionSpec
from model_configs.schema import ModelConfig, Parameter
from storage.media.probe import MediaLimits, probe
from studio.jobs.readiness import spec_of
from tests.backends.fake_context import FakeContext
from tests.backends.local_runs import BACKEND, LOCAL_MODELS, SMALL, filled, run, sample_media
from tests.showing import showing
from tests.strategies import example_files, values_for

ROOT = Path(__file__).parents[2]
WIDE: Mapping[str, dict[str, Any]] = {
    "ken-burns": {"width": 96, "height": 72, "add_audio": True},
    "upscale": {"media_type": "video", "factor": 1.5, "frame_interpolation": True, "sharpen": True},
}
"""Films of 96 × 72 pixels: their six blocks in a row do not fill the registers of any processor."""
DIGESTS = """
import hashlib, json, sys
from pathlib import Path
from tests.backends.local_runs import LOCAL_MODELS, filled, run
folder, media, values = Path(sys.argv[1]), *map(json.loads, sys.argv[2:])
media = {kind: Path(path) for kind, path in media.items()}
results = {id: run(config, filled(config, media, values.get(id)), folder) for id, config in LOCAL_MODELS.items()}
print(json.dumps({id: hashlib.sha256(path.read_bytes()).hexdigest() for id, path in results.items()}))
"""

every_model = pytest.mark.parametrize("config", LOCAL_MODELS.values(), ids=LOCAL_MODELS)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return sample_media(tmp_path_factory.mktemp("media"))


def every_option() -> list[Any]:
    """Each option of each choice, each position of each switch."""
    return [
        pytest.param(config, name, option, id=f"{config.id}-{name}-{option}")
        for config in LOCAL_MODELS.values()
        for name, parameter in config.parameters.items()
        for option in options_of(parameter)
    ]


def options_of(parameter: Parameter) -> list[Any]:
    if parameter.kind == "choice":
        return [option.value for option in parameter.choices]
    if parameter.kind == "choices":
        return [[], *([option.value] for option in parameter.choices)]
    return [False, True] if parameter.kind == "boolean" else []


@every_model
def test_every_model_is_ready_and_its_function_is_there(config: ModelConfig) -> None:
    spec = spec_of(config, BACKEND)
    assert isinstance(spec, FunctionSpec)
    assert BACKEND.ready(spec) is None
    assert callable(resolve_name(spec.function))


@pytest.mark.parametrize(("config", "name", "option"), every_option())
def test_every_option_runs(config: ModelConfig, name: str, option: Any, media: dict[str, Path], tmp_path: Path) -> None:
    values = filled(config, media, showing(config, name, media) | {name: option})
    assert name in values
    if name == "size" and option != "custom":
        values["duration"] = 0.1
    assert_is_result(config, values, run(config, values, tmp_path))


@every_model
def test_equal_values_give_equal_bytes(config: ModelConfig, media: dict[str, Path], tmp_path: Path) -> None:
    values = filled(config, media)
    first, second = run(config, values, tmp_path), run(config, values, tmp_path)
    assert first.read_bytes() == second.read_bytes()


def test_what_memory_held_before_changes_no_byte(media: dict[str, Path], tmp_path: Path) -> None:
    """All memory is filled with a byte when it is taken; what reads it before writing to it gives itself away."""
    given = [json.dumps({kind: str(path) for kind, path in media.items()}), json.dumps(WIDE)]
    digests = []
    for fill in ("1", "200"):
        folder = tmp_path / fill
        folder.mkdir()
        command = [sys.executable, "-c", DIGESTS, str(folder), *given]
        environment = os.environ | {"MALLOC_PERTURB_": fill, "PYTHONPATH": str(ROOT)}  # glibc's own variable
        digests.append(json.loads(subprocess.check_output(command, cwd=ROOT, env=environment)))
    assert digests[0].keys() == LOCAL_MODELS.keys()
    assert digests[0] == digests[1]


@every_model
def test_progress_only_rises_and_ends_at_one(config: ModelConfig, media: dict[str, Path], tmp_path: Path) -> None:
    progress = FakeContext()
    run(config, filled(config, media), tmp_path, progress)
    assert progress.fractions == sorted(progress.fractions)
    assert progress.fractions[0] == 0
    assert progress.fractions[-1] == 1
    assert len(progress.fractions) >= 4
    assert all(progress.words), "progress says what is being done"


@every_model
def test_a_cancel_at_any_report_stops_at_once_and_leaves_no_file(
    config: ModelConfig, media: dict[str, Path], tmp_path: Path
) -> None:
    values = filled(config, media)
    progress = FakeContext()
    run(config, values, tmp_path, progress)
    total = len(progress.fractions)
    for calls in sorted({1, 2, total // 2, total - 1, total}):
        stopped = FakeContext(calls)
        with pytest.raises(Cancelled):
            run(config, values, tmp_path, stopped)
        assert len(stopped.fractions) == calls
    assert [path.name for path in tmp_path.glob("run-*/*")] == [path.name for path in tmp_path.glob("run-0/*")]


@pytest.mark.parametrize(
    ("model", "values", "parts"),
    [
        ("ken-burns", {"size": "1280x720", "duration": 20.0}, 20 * 24),  # its frames
        ("pattern", {"width": 1024, "height": 1024}, 6),
        ("upscale", {"media_type": "video", "factor": 8.0, "frame_interpolation": True}, 12),  # its frames
    ],
)
def test_long_work_asks_often_whether_it_was_cancelled(
    model: str, values: dict[str, Any], parts: int, media: dict[str, Path], tmp_path: Path
) -> None:
    config = LOCAL_MODELS[model]
    stopped = FakeContext(calls=6)
    with pytest.raises(Cancelled):
        run(config, filled(config, media, values), tmp_path, stopped)
    assert len(stopped.fractions) == 6
    assert max(later - earlier for earlier, later in pairwise(stopped.fractions)) <= 1 / parts


@every_model
def test_valid_values_give_a_result_or_a_sentence(
    config: ModelConfig, media: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("runs")

    @settings(suppress_health_check=list(HealthCheck))
    @given(st.data())
    def law(data: st.DataObject) -> None:
        values = filled(config, media, data.draw(valid_values(config, media), label="values"))
        problem = ""
        try:
            assert_is_result(config, values, run(config, values, folder))
        except BackendError as error:
            problem = str(error)
        if problem:
            assert config.id in ("image-edit", "audio-edit", "collage"), "only a crop, a colour, a trim, a box can be"
            assert problem.endswith(".")

    law()


def valid_values(config: ModelConfig, media: dict[str, Path]) -> st.SearchStrategy[dict[str, Any]]:
    """Any values of the form but those that only make a run long, and colours that are colours mostly."""
    colours = st.sampled_from(["white", "#102030", "navy", "no colour"])
    usual: dict[str, st.SearchStrategy[Any]] = {
        name: colours for name in config.parameters if "colour" in name and config.parameters[name].kind == "text"
    }
    usual |= {
        "duotone_shadows": colours,
        "duotone_lights": colours,
        "duration": st.floats(0.5, 1),
        "factor": st.sampled_from([1.0, 1.5, 2.0, 3.0]),
        "crop_left": st.integers(0, 80),
        "crop_top": st.integers(0, 60),
        "crop_width": st.none() | st.integers(1, 64),
        "crop_height": st.none() | st.integers(1, 48),
        "trim_start": st.floats(0, 0.6),
        "trim_end": st.none() | st.floats(0, 0.6),
    }
    small = {name: st.just(value) for name, value in SMALL.get(config.id, {}).items() if name != "duration"}
    fixed = {name: given for name, given in {**usual, **small}.items() if name in config.parameters}
    keys = {kind: [str(path)] for kind, path in media.items()}
    files = {name: st.just(value) for name, value in example_files(config, keys).items()}
    return st.tuples(
        values_for(config, keys),
        st.fixed_dictionaries({**fixed, **files}),
    ).map(lambda two: {**two[0], **two[1]})


def assert_is_result(config: ModelConfig, values: dict[str, Any], path: Path) -> None:
    """The file decodes as what the model makes."""
    expected = values.get("media_type", config.type)
    assert probe(path, MediaLimits()).kind == expected
