"""Models that are functions, named in their model file."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from backends.base import BackendError, Context, Outputs, Request
from backends.function import FunctionBackend, FunctionSpec
from studio.jobs.readiness import spec_of
from tests import media_samples
from tests.backends.contract import BackendContract, Harness
from tests.backends.fake_context import FakeContext
from tests.backends.local_runs import LOCAL_MODELS, filled, sample_media

BACKEND = FunctionBackend({})


class TestPattern(BackendContract):
    @pytest.fixture
    def harness(self) -> Harness:
        config = LOCAL_MODELS["pattern"]
        return Harness(
            BACKEND, spec_of(config, BACKEND), filled(config, {}), unready=((BACKEND, spec("no_such_package:run")),)
        )


class TestImageEdit(BackendContract):
    @pytest.fixture
    def harness(self, tmp_path_factory: pytest.TempPathFactory) -> Harness:
        config, folder = LOCAL_MODELS["image-edit"], tmp_path_factory.mktemp("inputs")
        (folder / "torn.png").write_bytes(media_samples.png(folder / "photo.png").read_bytes()[:20])
        values = filled(config, {"image": folder / "photo.png"})
        return Harness(BACKEND, spec_of(config, BACKEND), values, failing={"image": folder / "torn.png"})


class TestKenBurns(BackendContract):
    @pytest.fixture
    def harness(self, tmp_path_factory: pytest.TempPathFactory) -> Harness:
        config, folder = LOCAL_MODELS["ken-burns"], tmp_path_factory.mktemp("inputs")
        return Harness(BACKEND, spec_of(config, BACKEND), filled(config, sample_media(folder)))


def spec(function: str) -> FunctionSpec:
    return FunctionSpec(kind="function", function=function)


def request(folder: Path, function: Any) -> Request:
    return Request("job", "toy", spec(function), {"words": "hello"}, folder)


def write(asked: Request, context: Context) -> Path:
    path = asked.folder / "words.txt"
    path.write_text(asked.values["words"])
    return path


def test_a_path_that_a_function_returns_is_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.function._resolve", lambda name: write)
    context = FakeContext()
    assert BACKEND.run(request(tmp_path, "toys:write"), context) == Outputs((tmp_path / "words.txt",))
    assert (context.fractions[0], context.fractions[-1]) == (0, 1)


@pytest.mark.parametrize("name", ["run", "toys:", ":run", "toys.run", "toys:run()", "../toys:run", "toys:a b"])
def test_what_is_no_place_of_a_function_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        spec(name)


@pytest.mark.parametrize("name", ["no_such_package.toys:run", "backends.no_such_module:run"])
def test_a_module_that_is_not_installed_is_missing(name: str) -> None:
    assert name.partition(":")[0] in (BACKEND.ready(spec(name)) or "")


@pytest.mark.parametrize("name", ["backends.base:no_such_function", "no_such_package:run"])
def test_a_function_that_is_not_there_fails_the_run_by_its_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=name):
        BACKEND.run(request(tmp_path, name), FakeContext())
