"""What the documents say is what the studio does."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from backends.base import Request
from backends.registry import BUILT_IN, load_backends
from model_configs import registry
from model_configs.schema import ModelConfig, Parameter
from storage.jobs.store import Job, JobStatus
from storage.media.probe import MediaLimits, probe
from studio.context import GivenFile
from studio.jobs.readiness import missing, spec_of
from studio.settings import Login, Settings
from studio_ui import open_studio
from tests import media_samples
from tests.backends.fake_context import FakeContext
from tests.memory_studio import Engine

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODEL_CONFIGS = (ROOT / "docs" / "model-configs.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
KINDS = [get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Parameter)[0])]


def examples(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", document, re.DOTALL)


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Python looks into; what comes from there is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_the_smallest_example_loads_checks_values_and_runs(importable: Path) -> None:
    (model,), (function,) = examples(MODEL_CONFIGS, "yaml"), examples(MODEL_CONFIGS, "python")
    (importable / "postcard.yaml").write_text(model, encoding="utf-8")
    (importable / "postcards.py").write_text(function, encoding="utf-8")
    backends = load_backends({})
    loaded = registry.load_registry(importable, {kind: one.spec_type for kind, one in backends.items()})
    assert loaded.broken == ()
    config = loaded.models["postcard"]
    assert config.check({"prompt": "a harbour"}) == {"prompt": "a harbour", "format": "square", "seed": None}
    assert missing(config, backends) is None
    folder = importable / "outputs"
    folder.mkdir()
    values = config.check({"prompt": "a harbour", "seed": 7})
    request = Request("job", config.id, spec_of(config, backends["function"]), values, folder)
    (result,) = backends["function"].run(request, FakeContext()).files
    assert (probe(result, MediaLimits()).width, result.parent) == (1024, folder)


@pytest.mark.parametrize("kind", BUILT_IN)
def test_every_backend_is_described(kind: str) -> None:
    assert re.search(rf"^\| `{kind}` \|", MODEL_CONFIGS, re.MULTILINE)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_kind_is_described(kind: str) -> None:
    assert re.search(rf"^\|.*`{kind}`.*\|", MODEL_CONFIGS, re.MULTILINE)


@pytest.mark.parametrize("login", get_args(Login))
def test_what_each_login_promises_is_described(login: str) -> None:
    assert re.search(rf"^\| `{login}` \|", SECURITY, re.MULTILINE)


@pytest.mark.parametrize("config", registry.load_registry().models.values(), ids=lambda config: config.id)
def test_every_shipped_model_stands_in_the_readme(config: ModelConfig) -> None:
    assert f"| `{config.id}` |" in README


def test_files_that_the_readme_points_to_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


FUNCTIONS = (ROOT / "docs" / "models" / "function.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", [README, FUNCTIONS], ids=["readme", "function"])
def test_the_function_is_a_model_in_ten_lines_with_form_history_and_reuse(document: str, tmp_path: Path) -> None:
    code = examples(document, "python")[0]
    body = [line for line in code.splitlines() if line and not line.startswith(("from", "import"))]
    assert len(body) <= 10
    path = tmp_path / "my_model.py"
    path.write_text(code, encoding="utf-8")
    opened, runner = open_studio(Settings(data_dir=tmp_path / "data", models=(str(path),)))
    studio = replace(opened, engine=Engine())
    config = studio.model("my-model")
    photo = media_samples.png(tmp_path / "photo.png")
    studio.media.record_upload("ann", photo)
    values = {name: GivenFile(photo, "photo.png") for name in config.media()}
    values |= {"prompt": "a fox"} if "prompt" in config.parameters else {}
    job = studio.submit("ann", None, config.id, values)
    runner.run(job.id)
    done = studio.jobs.look("ann", job.id)
    assert isinstance(done, Job)
    assert (done.status, done.error) == (JobStatus.COMPLETED, None)
    assert [one.id for one in studio.page("ann", None).jobs] == [job.id]
    plan, _ = studio.restore(studio.reuse_job_input("ann", job.id), "pattern")
    assert (plan.model_id, plan.report.lost) == ("my-model", ())
    assert plan.values == {**done.options, "seed": done.seed}
