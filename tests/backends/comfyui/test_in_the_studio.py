"""A workflow as a model of a whole studio: what a job keeps, and what Reuse brings back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.jobs.store import Job, JobStatus
from studio.context import StudioContext
from studio.jobs.runner import Runner
from studio.models import add_model
from studio.settings import Settings
from studio_ui import open_studio
from tests.backends.comfyui import peer as peers
from tests.backends.comfyui.peer import Peer
from tests.backends.comfyui.test_comfyui import PAINT
from tests.memory_studio import Engine


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    monkeypatch.setattr("backends.comfyui.socket.TICK_SECONDS", 0.02)
    with peers.running(tmp_path / "peer") as one:
        monkeypatch.setenv("STUDIO_COMFYUI_URL", one.url)
        monkeypatch.setenv("STUDIO_COMFYUI_TOKEN", "hush-hush")
        one.token = "hush-hush"
        yield one


@pytest.fixture
def opened(peer: Peer, tmp_path: Path) -> tuple[StudioContext, Runner]:
    source = tmp_path / "fox_api.json"
    source.write_text(json.dumps(PAINT), encoding="utf-8")
    settings = Settings(data_dir=tmp_path / "data")
    add_model(str(source), settings.own_models, {})
    context, runner = open_studio(settings)
    return replace(context, engine=Engine()), runner


def done(opened: tuple[StudioContext, Runner], **values: object) -> Job:
    studio, runner = opened
    job = studio.submit("ann", None, "fox", {**studio.model("fox").defaults(), **values})
    runner.run(job.id)
    found = studio.jobs.find("ann", job.id)
    assert isinstance(found, Job)
    return found


def test_entered_is_stored_sent_and_brought_back(opened: tuple[StudioContext, Runner], peer: Peer) -> None:
    given = {"prompt": "a crow", "seed": 2**64 - 1, "steps": 3, "sampler": "heun", "size": {"width": 32, "height": 48}}
    job = done(opened, **given)
    assert (job.status, job.error) == (JobStatus.COMPLETED, None)
    sent = peer.prompts[0]["prompt"]
    assert sent["3"]["inputs"] | {"seed": 2**64 - 1, "steps": 3, "sampler_name": "heun"} == sent["3"]["inputs"]
    assert sent["6"]["inputs"]["text"] == "a crow"
    assert (sent["5"]["inputs"]["width"], sent["5"]["inputs"]["height"]) == (32, 48)
    plan, _ = opened[0].restore(opened[0].reuse_job_input("ann", job.id), "pattern")
    assert (plan.model_id, plan.report.lost) == ("fox", ())
    assert plan.values == {**job.options, "seed": job.seed}


def test_a_name_that_is_not_on_the_list_fails_at_its_input_and_comes_back(opened: tuple[StudioContext, Runner]) -> None:
    job = done(opened, checkpoint="gone.safetensors")
    assert job.status == JobStatus.FAILED
    assert "gone.safetensors" in (job.error or "")
    plan, _ = opened[0].restore(opened[0].reuse_job_input("ann", job.id), "pattern")
    assert (plan.values["checkpoint"], plan.report.lost) == ("gone.safetensors", ())


def test_the_token_stands_in_no_file(opened: tuple[StudioContext, Runner], tmp_path: Path) -> None:
    done(opened)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"hush-hush" in path.read_bytes()]
