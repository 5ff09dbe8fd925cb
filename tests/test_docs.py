"""What the documents say is what the studio does."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import get_args

import pytest

from backends.base import Request
from backends.gradio_app import apps
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
from tests.backends.comfyui import peer as peers
from tests.backends.comfyui.test_comfyui import PAINT
from tests.backends.fake_context import FakeContext
from tests.memory_studio import Engine

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODELS = (ROOT / "docs" / "models" / "README.md").read_text(encoding="utf-8")
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
    (model, _), (function,) = examples(MODEL_CONFIGS, "yaml"), examples(MODEL_CONFIGS, "python")
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


def test_the_smallest_inputs_load_and_have_defaults(tmp_path: Path) -> None:
    _, inputs = examples(MODEL_CONFIGS, "yaml")
    about = "id: m\nname: M\ntype: image\nbackend: {kind: function, function: a.b:c}\nparameters:\n"
    (tmp_path / "m.yaml").write_text(about + indent(inputs, "  "), encoding="utf-8")
    loaded = registry.load_registry(tmp_path)
    assert loaded.broken == ()
    config = loaded.models["m"]
    assert config.check({}) == config.defaults()


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
def test_every_shipped_model_stands_in_the_list_of_models(config: ModelConfig) -> None:
    assert f"| `{config.id}` |" in MODELS


DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_a_document_points_to_are_there(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]


def test_the_readme_points_to_every_document() -> None:
    links = {(ROOT / link).resolve() for link in re.findall(r"\]\(([^)#:]+)\)", README)}
    models = ROOT / "docs" / "models"
    assert {path for path in DOCUMENTS[1:] if path.parent != models or path.name == "README.md"} <= links


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
    done = studio.jobs.find("ann", job.id)
    assert isinstance(done, Job)
    assert (done.status, done.error) == (JobStatus.COMPLETED, None)
    assert [one.id for one in studio.page("ann", None).jobs] == [job.id]
    plan, _ = studio.restore(studio.reuse_job_input("ann", job.id), "pattern")
    assert (plan.model_id, plan.report.lost) == ("my-model", ())
    assert plan.values == {**done.options, "seed": done.seed}


APP = """
import gradio as gr
from PIL import Image

def paint(prompt: str, seed: int):
    return Image.new("RGB", (32, 32), (int(seed) % 256, 80, 160))

gr.Interface(paint, [gr.Textbox(label="Prompt"), gr.Number(precision=0)], gr.Image(), api_name="predict").launch()
"""


@pytest.fixture
def comfyui(tmp_path: Path) -> Iterator[str]:
    with peers.running(tmp_path / "comfyui") as peer:
        yield peer.url


@pytest.mark.parametrize("source", ["workflow_api.json", "owner/space"])
def test_what_the_readme_says_makes_a_model_of_a_workflow_and_of_an_app(
    source: str, comfyui: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of a Space, which only the internet has, stands an app of this machine."""
    (block,) = [one for one in examples(README, "sh") if f"models add {source}" in one]
    *commands, last = block.splitlines()
    assert (last, len(commands) < 10) == ("scripts/run", True)
    (tmp_path / "workflow_api.json").write_text(json.dumps(PAINT), encoding="utf-8")
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    monkeypatch.setenv("STUDIO_DATA_DIR", str(tmp_path / "data"))
    for command in commands:
        words = shlex.split(command.replace("http://127.0.0.1:8188", comfyui).replace("owner/space", "app.py"), True)
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
        else:
            assert words[:2] == [".venv/bin/python", "studio_ui.py"]
            called = [sys.executable, str(ROOT / "studio_ui.py"), *words[2:]]
            subprocess.run(called, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    opened, runner = open_studio(Settings(data_dir=tmp_path / "data"))
    studio = replace(opened, engine=Engine())
    (config,) = [one for one in studio.models() if one.id not in registry.load_registry().models]
    try:
        job = studio.submit("ann", None, config.id, {"prompt": "a crow"})
        runner.run(job.id)
    finally:
        apps.stop_all()
    done = studio.jobs.find("ann", job.id)
    assert isinstance(done, Job)
    assert (done.status, done.error) == (JobStatus.COMPLETED, None)
    plan, _ = studio.restore(studio.reuse_job_input("ann", job.id), "pattern")
    assert (plan.model_id, plan.values) == (config.id, {**done.options, "seed": done.seed})


@pytest.mark.parametrize("kind", BUILT_IN)
def test_every_backend_has_a_page_with_a_picture_and_says_what_it_was_run_against(kind: str) -> None:
    page = ROOT / "docs" / "models" / f"{kind}.md"
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert (page.parent / picture).is_file()
    ran_against = re.search(r"What each of these ways was run against:\n\n(?:\|.*\n)+", MODELS)
    assert ran_against
    assert f"| `{kind}` |" in ran_against[0]
