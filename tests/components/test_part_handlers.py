"""A part of a job, the table to choose from, another model, drafts and Reset, as endpoints answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.schema import ModelConfig
from storage.jobs.store import Job
from studio.inputs.partial import Part
from tests import media_samples
from tests.components.page_site import Site, details, example, submit
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.shipped import SHIPPED
from tests.strategies import values_for

any_shipped = st.sampled_from(list(SHIPPED.values()))
Values = dict[str, Any]


def applied(now: Mapping[str, Any], answered: Mapping[str, Any]) -> Values:
    """The form after the page has spread the answer."""
    return {**now, **answered["values"]}


def a_job(kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject) -> tuple[Job, Values]:
    """A job, and what the form holds now, as the page tells it."""
    job = submit(kept, site.context, config, data.draw(values_for(config, kept.keys)))
    return job, site.sent(config, data.draw(values_for(config, kept.keys)))


@given(config=any_shipped, part=st.sampled_from([part for part in Part if part is not Part.ALL]), data=st.data())
def test_a_part_touches_nothing_else(
    kept: KeptStudio, site: Site, config: ModelConfig, part: Part, data: st.DataObject
) -> None:
    job, now = a_job(kept, site, config, data)
    answered = site.reuse(job_id=job.id, part=part, now=now)
    whole = site.reuse(job_id=job.id)
    assert answered["values"] == {name: whole["values"][name] for name in answered["values"]}
    after = applied(now, answered)
    assert answered["visible"] == {name: name in config.visible(after) for name in config.order}


@given(config=any_shipped, data=st.data())
def test_ticking_every_row_that_differs_is_a_whole_reuse(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    job, now = a_job(kept, site, config, data)
    rows = site.ask("compare_job", job_id=job.id, now=now)["rows"]
    assert [row["differs"] for row in rows] == sorted((row["differs"] for row in rows), reverse=True)
    names = [row["name"] for row in rows if row["differs"]]
    chosen = site.reuse(job_id=job.id, names=names, now=now)
    whole = site.reuse(job_id=job.id)
    after = applied(now, chosen)
    assert chosen["visible"] == whole["visible"]
    assert {n: after[n] for n, shows in whole["visible"].items() if shows} == {
        n: whole["values"][n] for n, shows in whole["visible"].items() if shows
    }


@given(source=any_shipped, config=any_shipped, data=st.data())
def test_a_row_in_another_model_can_be_ticked_where_something_comes_to_it(
    kept: KeptStudio, site: Site, source: ModelConfig, config: ModelConfig, data: st.DataObject
) -> None:
    job, _ = a_job(kept, site, source, data)
    now = site.sent(config, data.draw(values_for(config, kept.keys)))
    asked: Values = {"job_id": job.id, "model_id": config.id, "now": now}
    rows = site.ask("compare_job", **asked)["rows"]
    nothing = {row["name"] for row in rows if row["why_not"]}
    assert site.reuse(**asked, names=[*nothing])["values"] == {}
    brought = site.reuse(**asked).get("values", {})
    assert {row["name"] for row in rows} - nothing <= brought.keys()
    assert nothing.isdisjoint(brought)
    if config.id == source.id:
        assert nothing == set()


@given(config=any_shipped, data=st.data())
def test_a_draft_is_recalled_as_it_was(kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject) -> None:
    now = site.sent(config, data.draw(values_for(config, kept.keys)))
    site.ask("keep_draft", model_id=config.id, now=now, selected=config.id)
    memory = site.ask("recall_drafts")
    assert memory["model_id"] == config.id
    if now == site.sent(config, config.defaults()):
        assert config.id not in [draft["model_id"] for draft in memory["drafts"]]
    else:
        assert (memory["drafts"][0]["model_id"], memory["drafts"][0]["values"]) == (config.id, now)


@pytest.mark.parametrize("config", SHIPPED.values(), ids=lambda config: config.id)
def test_every_job_goes_into_every_model_that_has_a_place_for_anything_of_it(
    kept: KeptStudio, site: Site, config: ModelConfig
) -> None:
    fitting = set()
    for source in SHIPPED.values():
        job = submit(kept, site.context, source, example(kept, source))
        answered = site.reuse(job_id=job.id, model_id=config.id)
        if "values" not in answered:
            says = f"Nothing of this job has a place in {config.name}; the form is as it was."
            assert answered["notice"]["text"] == says
            continue
        fitting.add(source.id)
        assert answered["model_id"] == config.id
        problems = site.check(config, answered["values"])
        assert all(problem.endswith("is needed") for problem in problems.values())
    assert config.id in fitting
    kinds = {parameter.kind for parameter in config.parameters.values()}
    assert ("pattern" in fitting) == ("prompt" in config.parameters or "size" in kinds)


def test_a_job_of_which_only_a_missing_file_has_a_place_says_so(kept: KeptStudio, site: Site, tmp_path: Path) -> None:
    lost = site.context.media.put(USER, media_samples.png(tmp_path / "x.png", seed=98), "x.png").key
    job = submit(kept, site.context, SHIPPED["image-edit"], {**example(kept, SHIPPED["image-edit"]), "image": lost})
    site.context.media.local_path(lost).unlink()
    answered = site.reuse(job_id=job.id, model_id="ken-burns")
    says = "Image: the file is missing. Nothing else of this job fits Ken Burns; the form is as it was."
    assert (answered["notice"]["text"], answered["notice"]["tone"]) == (says, "warn")
    assert details(answered) == ["Image: the file is missing"]
    assert "values" not in answered


def test_the_report_is_about_the_part_alone(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, example(kept, config))
    now = site.sent(config, {**example(kept, config), "prompt": "old"})
    answered = site.reuse(job_id=job.id, part="prompt", now=now)
    assert (answered["values"], answered["notice"]["kept"]) == ({"prompt": "a hat"}, ["Prompt"])


def test_a_part_that_the_job_does_not_have_says_so(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, example(kept, config))
    answered = site.reuse(job_id=job.id, part="media", now=site.sent(config, example(kept, config)))
    assert answered["values"] == {}
    assert answered["notice"]["text"] == "The job has nothing of that kind."


def test_the_seed_that_one_click_brings_is_remembered_for_its_user_alone(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, {**example(kept, config), "seed": 5})
    site.ask("set_seed_mode", seed="new")
    assert site.reuse(job_id=job.id)["values"]["seed"] is None
    assert site.reuse(job_id=job.id, seed="exact")["values"]["seed"] == 5
    assert site.ask("recall_drafts")["seed"] == "new"
    assert site.ask("recall_drafts", "bob")["seed"] == "exact"
    site.ask("set_seed_mode", seed="exact")
    assert site.reuse(job_id=job.id)["values"]["seed"] == 5


def test_reset_puts_every_input_back_to_its_default(site: Site) -> None:
    for config in SHIPPED.values():
        assert site.ask("reset_form", model_id=config.id)["plan"]["values"] == config.defaults()


def test_a_draft_with_anothers_file_keeps_all_but_the_file(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["wan-animate"]
    mine = site.sent(config, {**example(kept, config), "prompt": "mine"})
    site.ask("keep_draft", "bob", model_id=config.id, now=mine)
    (plan,) = site.ask("recall_drafts", "bob")["drafts"]
    assert plan["values"] == mine | dict.fromkeys(config.media())


def test_a_model_that_is_gone_names_itself_in_the_report(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, example(kept, config))
    without = Site(site._portal, kept.with_models(SHIPPED["flux-krea"]))
    answered = without.reuse(job_id=job.id, instead="flux-krea")
    assert answered["model_id"] == "flux-krea"
    assert "not there any more" in details(answered)[0]
    assert answered["values"]["prompt"] == "a hat"
