"""What a program is told and can ask, through `gradio_client` and a real server."""

import ast
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from model_configs.schema import Choice, Choices, ModelConfig
from storage.accounts import AccountStore
from storage.jobs.store import Job
from studio.settings import LOCAL_USER, Settings
from studio_ui import build
from tests.browser.conftest import ROOT, Studio
from tests.interchange import made_files
from tests.kept_studio import KeptStudio
from tests.shipped import SHIPPED
from tests.studio.runner_studio import wait_for
from web.app import create_app

EXAMPLE = re.compile(r"## From a program\n.*?```python\n(.*?)```", re.DOTALL)
LITERAL = re.compile(r"Literal(\[.*?])")
any_shipped = pytest.mark.parametrize("config", SHIPPED.values(), ids=SHIPPED)


class Served:
    """A studio that serves programs; jobs are made and wait."""

    def __init__(self, kept: KeptStudio, url: str) -> None:
        self.kept = kept
        self.client = Client(url, verbose=False)
        self.info: dict[str, Any] = self.client.view_api(return_format="dict", print_info=False)["named_endpoints"]

    def inputs(self, config: ModelConfig) -> dict[str, dict[str, Any]]:
        """What is told of each input of a model, by its name."""
        return {one["parameter_name"]: one for one in self.info[f"/{config.id}"]["parameters"]}

    def generate(self, config: ModelConfig, **values: Any) -> Job:
        made = self.client.predict(**values, api_name=f"/{config.id}")
        job = self.kept.context.jobs.find_any(made)
        assert job is not None
        return job

    def needed(self, config: ModelConfig) -> dict[str, Any]:
        """Values for what a program must give, and for files that the model asks for."""
        needed = {name for name, one in self.inputs(config).items() if not one["parameter_has_default"]}
        media = config.media()
        needed |= {name for name in media if config.parameters[name].required}
        files = {name: handle_file(self.kept.files[kind][0]) for name, kind in media.items()}
        files |= {name: [file] for name, file in files.items() if config.parameters[name].kind == "images"}
        return {name: files.get(name, "a hat") for name in needed}


@contextmanager
def running(folder: Path, kept: KeptStudio, **settings: Any) -> Iterator[str]:
    """The address of a server of the studio."""
    options = Settings(data_dir=folder, **settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(options.uploads))
        accounts, page = AccountStore(kept.database), build(kept.context, options)
        app = create_app(options, page, kept.context.media, jobs=kept.context.jobs, accounts=accounts)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        wait_for(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = True
        thread.join(30)
    kept.database.dispose()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("programs")
    kept = KeptStudio(folder, SHIPPED)
    with running(folder, kept, login="none") as url:
        yield Served(kept, url)


@any_shipped
def test_what_must_be_given_is_enough_and_the_rest_is_as_in_an_untouched_form(
    served: Served, config: ModelConfig
) -> None:
    needed = served.needed(config)
    job = served.generate(config, **needed)
    untouched = {**config.defaults(), **{name: "a hat" for name in needed if name not in config.media()}}
    options = {name: value for name, value in (job.options or {}).items() if name not in config.media()}
    assert options == {name: value for name, value in untouched.items() if name in options}
    assert job.user_id == LOCAL_USER


@any_shipped
def test_only_what_every_form_needs_must_be_given(served: Served, config: ModelConfig) -> None:
    told = served.inputs(config)
    always = {name for name, parameter in config.parameters.items() if parameter.depends_on is None}
    needed = {name for name in always if config.parameters[name].required and not config.defaults()[name]}
    assert {name for name, one in told.items() if not one["parameter_has_default"]} == needed
    assert {name: told[name]["parameter_default"] for name in config.parameters if name not in needed} == {
        name: value for name, value in config.defaults().items() if name not in needed
    }


@any_shipped
def test_every_choice_is_taken_as_its_type_in_python_writes_it(served: Served, config: ModelConfig) -> None:
    told = {name: one["python_type"]["type"] for name, one in served.inputs(config).items()}
    several = {name for name, type_ in told.items() if type_.startswith("list[Literal")}
    published = {name: ast.literal_eval(found[0]) for name, type_ in told.items() if (found := LITERAL.findall(type_))}
    assert published == {
        name: [option.value for option in parameter.choices]
        for name, parameter in config.parameters.items()
        if isinstance(parameter, Choice | Choices)
    }
    for place in range(max(map(len, published.values()), default=0)):
        chosen = {name: values[place % len(values)] for name, values in published.items()}
        chosen |= {name: [chosen[name]] for name in several}
        options = served.generate(config, **{**served.needed(config), **chosen}).options or {}
        assert options == {**options, **{name: value for name, value in chosen.items() if name in options}}


@any_shipped
def test_every_example_is_taken(
    served: Served, config: ModelConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    media, samples = config.media(), served.kept.files
    examples = {name: one["example_input"] for name, one in served.inputs(config).items() if name in config.parameters}
    monkeypatch.chdir(tmp_path)
    for name, kind in media.items():
        (file,) = examples[name] if isinstance(examples[name], list) else [examples[name]]
        shutil.copy(samples[kind][0], file["path"])
    options = served.generate(config, **examples).options or {}
    for name, example in examples.items():
        if name not in media:
            assert config.parameters[name].check(example) == example
            assert options.get(name, example) == example or config.parameters[name].kind == "seed"


@any_shipped
def test_numbers_are_told_with_their_types_and_limits(served: Served, config: ModelConfig) -> None:
    for name, parameter in config.parameters.items():
        if parameter.kind not in ("integer", "number", "seed"):
            continue
        told = served.inputs(config)[name]["type"]
        number = told.get("anyOf", [told])[0]
        assert number["type"] == ("number" if parameter.kind == "number" else "integer")
        assert number.get("maximum") == parameter.maximum
        assert ("anyOf" in told) == (parameter.kind == "seed" or parameter.default is None)


def test_a_prompt_alone_makes_a_job_in_the_first_workspace(served: Served) -> None:
    made = served.client.predict("a hat", api_name="/pattern")
    job = served.kept.context.jobs.find_any(made)
    assert job is not None
    assert (job.prompt, job.workspace_id) == ("a hat", served.kept.context.workspace(LOCAL_USER, None).id)
    assert served.info["/pattern"]["returns"][0]["label"] == "job_id"


def test_a_program_may_name_one_of_its_workspaces(served: Served) -> None:
    other = served.kept.context.workspaces.create(LOCAL_USER, "Of programs")
    assert served.generate(SHIPPED["pattern"], prompt="a hat", workspace_id=other.id).workspace_id == other.id


def test_a_value_that_is_not_taken_is_told_by_its_name(served: Served) -> None:
    with pytest.raises(Exception, match="Steps must be a whole number between"):
        served.generate(SHIPPED["z-image"], prompt="a hat", steps=10**6)


def test_a_file_is_stored_as_it_is(served: Served, tmp_path: Path) -> None:
    (picture, *_) = served.kept.files["image"]
    job = served.generate(SHIPPED["upscale"], image=handle_file(picture))
    assert served.kept.context.media.local_path(job.media[0]).read_bytes() == picture.read_bytes()


def test_pictures_in_an_order_are_stored_as_they_are_and_submitted_again(served: Served) -> None:
    pictures = served.kept.files["image"][:2][::-1]
    job = served.generate(SHIPPED["collage"], pictures=[*map(handle_file, pictures)], background="#12345680")
    keys = (job.options or {})["pictures"]
    assert [served.kept.context.media.local_path(key).read_bytes() for key in keys] == [
        path.read_bytes() for path in pictures
    ]
    plan = served.client.predict(job.id, api_name="/reuse_job")["plan"]
    told = served.client.predict(plan["model_id"], plan["values"], api_name="/submit_job")
    again = served.kept.context.job(LOCAL_USER, told["job_id"])
    assert isinstance(again, Job)
    assert (again.options, again.media) == (job.options, job.media)


def test_a_job_with_a_file_is_reused_and_submitted_as_it_was(served: Served) -> None:
    (picture, *_) = served.kept.files["image"]
    job = served.generate(SHIPPED["image-edit"], image=handle_file(picture), operation="blur", seed=7)
    plan = served.client.predict(job.id, api_name="/reuse_job")["plan"]
    assert plan["values"]["image"]["name"] == picture.name
    told = served.client.predict(plan["model_id"], plan["values"], api_name="/submit_job")
    again = served.kept.context.job(LOCAL_USER, told["job_id"])
    assert isinstance(again, Job)
    assert (again.options, again.media) == (job.options, job.media)


def test_a_refusal_is_a_sentence(served: Served) -> None:
    with pytest.raises(AppError, match="This job does not exist"):
        served.client.predict("no-such-job", api_name="/reuse_job")
    with pytest.raises(AppError, match="part: Input should be 'all'"):
        served.client.predict("no-such-job", "half", api_name="/reuse_job")
    told = served.client.predict("z-image", {"prompt": "a hat", "steps": -1}, api_name="/submit_job")
    assert told["problems"]["steps"].startswith("Steps must be a whole number")


def test_a_program_signs_in_as_a_user_and_sees_that_users_jobs_alone(tmp_path: Path) -> None:
    with running(tmp_path, KeptStudio(tmp_path, {"pattern": SHIPPED["pattern"]}), users="ann:annpw,bob:bobpw") as url:
        ann, bob = (Client(url, auth=(user, f"{user}pw"), verbose=False) for user in ("ann", "bob"))
        job_id = ann.predict("a hat", api_name="/pattern")
        assert [job["id"] for job in ann.predict(api_name="/list_jobs")["jobs"]] == [job_id]
        assert bob.predict(api_name="/list_jobs")["jobs"] == []
        with pytest.raises(AppError, match="This job does not exist"):
            bob.predict(job_id, api_name="/get_job")


def test_the_readmes_program_lists_reuses_submits_and_waits(tmp_path: Path) -> None:
    """The whole of it, with a worker that runs the jobs."""
    studio = Studio(tmp_path / "data")
    studio.start()
    (example,) = EXAMPLE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    left: dict[str, Any] = {}
    exec(example.replace("http://127.0.0.1:7860", studio.url), left)
    studio.stop()
    assert left["last"]["id"] == left["first"]
    assert (left["job"]["status"], left["job"]["prompt"]) == ("completed", "a hat in the rain")
    assert left["job"]["result"]["kind"] == "image"


def test_a_program_asks_how_a_file_was_made(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "00042.png"
    file.write_bytes(made_files.png({"parameters": "a hat\nSteps: 7, Sampler: Euler, Seed: 5, Size: 64x48"}))
    found = served.client.predict(handle_file(file), "z-image", api_name="/read_file")
    assert (found["says"]["tool"], found["says"]["prompt"], found["kind"]) == ("A1111", "a hat", "image")
    plan = served.client.predict(found["file"], "z-image", api_name="/reuse_file")["plan"]
    assert (plan["values"]["prompt"], plan["values"]["steps"], plan["values"]["seed"]) == ("a hat", 7, 5)
