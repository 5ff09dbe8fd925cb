"""The page's handlers as Gradio calls them: what a form sends becomes a job, a reuse answers with the job's plan."""

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import gradio as gr
import pytest
from anyio.from_thread import BlockingPortal
from hypothesis import given
from hypothesis import strategies as st

from components.fillings import Fillings
from components.library.views import Views
from model_configs.schema import ModelConfig
from storage.jobs.store import Job, LinkKind
from storage.media.store import MediaInfo, MediaStore
from studio.context import StudioContext
from studio.inputs.restore import RestorePlan, plan
from tests import media_samples
from tests.components.page_site import Site, as_sent, details, example, submit
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.shipped import SHIPPED
from tests.strategies import model_configs, values_for

any_shipped = st.sampled_from(list(SHIPPED.values()))


def pure_plan(studio: StudioContext, config: ModelConfig, job: Job) -> RestorePlan:
    return plan(studio.reuse_job_input(USER, job.id), config, studio.files(USER, job.media))


# --- laws ------------------------------------------------------------------------------------------------------------


@given(config=any_shipped, data=st.data())
def test_the_endpoint_of_a_model_stores_what_was_entered_and_shows(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 8: For any job using a model with conditional inputs, all conditional input
    values should be stored in the job record's options field**

    **Feature: job-input-reuse, Property 4: For any job created with media inputs, the system should store the file
    paths in the job record's options field**
    """
    values = data.draw(values_for(config, kept.keys))
    job = site.generate(config, site.sent(config, values))
    shown = config.visible(values)
    assert job.options == {name: values[name] for name in config.parameters if name in shown}
    assert job.model_id == config.id


@given(config=any_shipped, selected=any_shipped, data=st.data())
def test_a_reuse_answers_with_the_plan_and_the_plan_submitted_is_the_job_again(
    kept: KeptStudio, site: Site, config: ModelConfig, selected: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 2: For any job using a different model than currently selected, when reuse
    is triggered, the system should switch to the correct model**
    """
    job = submit(kept, site.context, config, data.draw(values_for(config, kept.keys)))
    pure = pure_plan(site.context, config, job)
    answered = site.reuse(job_id=job.id, instead=selected.id)
    assert (answered["model_id"], answered["type"]) == (config.id, config.type)
    assert list(answered["visible"].items()) == list(pure.visible.items())
    assert list(answered["values"].items()) == list(site.sent(config, pure.values).items())
    assert (answered["notice"]["tone"], answered["notice"]["lines"]) == ("good", [])
    again = site.generate(config, answered["values"])
    seed = next((n for n, p in config.parameters.items() if p.kind == "seed" and n in (job.options or {})), None)
    assert again.options == {**(job.options or {}), **({seed: job.seed} if seed else {})}
    assert (again.media, again.seed if seed else None) == (job.media, job.seed)


@given(config=model_configs(), data=st.data())
def test_a_reuse_answers_with_the_plan_of_any_model_there_may_be(
    kept: KeptStudio, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 10: For any job with conditional inputs, when parent inputs are restored,
    dependent inputs should become visible according to the model configuration's dependsOn rules**
    """
    studio = kept.with_models(config)
    views = Views(studio)
    values = data.draw(values_for(config, kept.keys))
    job = submit(kept, studio, config, values)
    answered = Fillings(studio, views).reuse(USER, studio.reuse_job_input(USER, job.id))
    pure = pure_plan(studio, config, job)
    assert answered["plan"] is not None
    assert answered["plan"]["visible"] == pure.visible == {n: n in config.visible(values) for n in config.order}
    assert answered["plan"]["values"] == as_sent(studio, views, config, pure.values)
    assert json.loads(json.dumps(answered)) == answered


class SlowMedia:
    """A media store that does not answer before it is told to."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self.asked, self.go_on = threading.Event(), threading.Event()

    def there(self, files: dict[str, MediaInfo]) -> dict[str, MediaInfo]:
        self.asked.set()
        assert self.go_on.wait(30)
        return self._media.there(files)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._media, name)


def test_the_page_answers_while_a_reuse_waits_for_its_files(portal: BlockingPortal, kept: KeptStudio) -> None:
    """**Feature: job-input-reuse, Property 6: For any job with media files, file loading should complete
    asynchronously without blocking the UI thread**
    """
    config = SHIPPED["wan-animate"]
    studio = kept.with_models(config)
    job = submit(kept, studio, config, example(kept, config))
    slow = SlowMedia(studio.media)
    site = Site(portal, replace(studio, media=cast(MediaStore, slow)))
    answers: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: answers.append(site.reuse(job_id=job.id)))
    waiting.start()
    assert slow.asked.wait(30)
    assert site.ask("list_workspaces")[0]["id"] == site.context.workspace(USER, None).id
    assert answers == []
    slow.go_on.set()
    waiting.join(30)
    assert answers[0]["values"]["video"]["file"] == kept.keys["video"][0]


# --- single facts ----------------------------------------------------------------------------------------------------


def test_only_the_models_and_the_endpoints_are_part_of_the_api(site: Site) -> None:
    public = {fn.api_name for fn in site.blocks.fns.values() if fn.fn and fn.api_visibility == "public"}
    assert public == {*SHIPPED, *site.blocks.endpoints}
    for model_id, config in SHIPPED.items():
        assert set(site.endpoint(model_id).input_keyword_names or ()) == {*config.parameters, "workspace_id"}


def test_a_new_seed_is_left_open(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, {**example(kept, config), "seed": 5})
    assert site.reuse(job_id=job.id, seed="exact")["values"]["seed"] == 5
    assert site.reuse(job_id=job.id, seed="new")["values"]["seed"] is None


def test_a_lost_file_is_named_and_the_rest_comes_back(kept: KeptStudio, site: Site, tmp_path: Path) -> None:
    config = SHIPPED["upscale"]
    lost = site.context.media.put(USER, media_samples.png(tmp_path / "x.png", seed=99), "x.png").key
    job = submit(kept, site.context, config, {**example(kept, config), "image": lost})
    site.context.media.local_path(lost).unlink()
    answered = site.reuse(job_id=job.id)
    assert answered["values"] == {**pure_plan(site.context, config, job).values, "image": None}
    assert details(answered) == ["Image: the file is missing"]
    assert answered["notice"]["tone"] == "warn"


def test_a_job_of_a_model_that_is_gone_goes_to_the_selected_one(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, example(kept, config))
    kept.damage(job.id, "model_id", "gone")
    answered = site.reuse(job_id=job.id, instead="pattern")
    assert answered["model_id"] == "pattern"
    assert details(answered) == ["The model gone is not there any more, its inputs are offered to Pattern"]


def test_a_refused_value_is_told_at_its_field(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["wan-animate"]
    sent = site.sent(config, {**example(kept, config), "steps": 999, "image": None})
    assert site.check(config, sent) == {
        "steps": "Steps must be a whole number between 1 and 50",
        "image": "Image is needed",
    }


def test_good_values_have_nothing_told(kept: KeptStudio, site: Site) -> None:
    for config in SHIPPED.values():
        assert site.check(config, site.sent(config, example(kept, config))) == {}


def test_a_refused_value_is_told_of_its_field_and_makes_no_job(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["wan-animate"]
    sent = site.sent(config, {**example(kept, config), "seed": -1})
    jobs = kept.count("job")
    assert site.check(config, sent).keys() == {"seed"}
    with pytest.raises(gr.Error, match="Seed must be empty for a random seed"):
        site.generate(config, sent)
    assert kept.count("job") == jobs


def test_a_stored_file_of_another_user_is_refused_at_its_field(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["upscale"]
    sent = site.sent(config, example(kept, config))
    with pytest.raises(gr.Error, match="Image: the file is not there any more, choose it again"):
        site.generate(config, sent, user="bob")


def test_a_result_is_sent_on_into_an_input_of_another_model(kept: KeptStudio, site: Site, tmp_path: Path) -> None:
    pattern = SHIPPED["pattern"]
    job = submit(kept, site.context, pattern, example(kept, pattern))
    result = site.context.media.put(USER, media_samples.png(tmp_path / "r.png", seed=71), "r.png").key
    site.context.jobs.start(job.id)
    site.context.jobs.complete(job.id, [result])
    plan = site.ask("send_on", job_id=job.id, model_id="upscale", parameter="image")["plan"]
    assert (plan["model_id"], plan["values"]["image"]["file"]) == ("upscale", result)
    upscale = SHIPPED["upscale"]
    values = {**site.sent(upscale, example(kept, upscale)), **plan["values"]}
    made = site.generate(upscale, values)
    (link,) = site.context.lineage(USER, made.id).sources
    assert (link.job.id, link.kind, link.parameter) == (job.id, LinkKind.INPUT, "image")


def test_a_message_shows_hostile_text_as_text(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, example(kept, config))
    kept.damage(job.id, "model_id", "<img src=x onerror=alert(1)>")
    assert "<img src=x onerror=alert(1)> is" in details(site.reuse(job_id=job.id, instead="pattern"))[0]
