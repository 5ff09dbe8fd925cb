"""A part of a job, the table to choose from, another model, drafts and Reset: the handlers as Gradio calls them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_configs.schema import ModelConfig
from storage.jobs.store import Job
from studio.inputs.partial import Part
from tests import media_samples
from tests.components.page_site import SHIPPED, Site, details, example, submit
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.strategies import values_for

any_shipped = st.sampled_from(list(SHIPPED.values()))
Values = dict[str, Any]


def applied(now: Mapping[str, Any], answered: Mapping[str, Any]) -> Values:
    """The form after the page has spread the answer."""
    return {**now, **answered["values"]}


def recalled(site: Site, user: str = USER) -> dict[str, Any]:
    """What the page gets when it is opened."""
    memory: dict[str, Any] = json.loads(site.call(site.functions("recall")[0], user=user)[0])
    return memory


def a_job(kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject) -> tuple[Job, Values]:
    """A job, and what the form holds now, as the page tells it."""
    job = submit(kept, site.context, config, data.draw(values_for(config, kept.keys)))
    return job, site.sent(config, data.draw(values_for(config, kept.keys)))


@settings(max_examples=100)
@given(config=any_shipped, part=st.sampled_from([part for part in Part if part is not Part.ALL]), data=st.data())
def test_a_part_touches_nothing_else(
    kept: KeptStudio, site: Site, config: ModelConfig, part: Part, data: st.DataObject
) -> None:
    job, now = a_job(kept, site, config, data)
    asked = site.reuse(id=job.id, part=part, click=3)["ask"]
    answered = site.reuse(**asked, now=json.dumps(now))
    whole = site.reuse(id=job.id)
    assert answered["values"] == {name: whole["values"][name] for name in answered["values"]}
    after = applied(now, answered)
    assert answered["visible"] == {name: name in config.visible(after) for name in config.order}


@settings(max_examples=100)
@given(config=any_shipped, data=st.data())
def test_ticking_every_row_that_differs_is_a_whole_reuse(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    job, now = a_job(kept, site, config, data)
    rows = site.reuse(id=job.id, part="choose", now=json.dumps(now))["rows"]
    assert [row["differs"] for row in rows] == sorted((row["differs"] for row in rows), reverse=True)
    names = [row["name"] for row in rows if row["differs"]]
    chosen = site.reuse(id=job.id, part="names", names=names, now=json.dumps(now))
    whole = site.reuse(id=job.id)
    after = applied(now, chosen)
    assert chosen["visible"] == whole["visible"]
    assert {n: after[n] for n, shows in whole["visible"].items() if shows} == {
        n: whole["values"][n] for n, shows in whole["visible"].items() if shows
    }


@settings(max_examples=100)
@given(config=any_shipped, data=st.data())
def test_a_draft_is_recalled_as_it_was(kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject) -> None:
    now = site.sent(config, data.draw(values_for(config, kept.keys)))
    site.call(site.functions("keep")[0], event={"model_id": config.id, "now": json.dumps(now), "selected": config.id})
    memory = recalled(site)
    first = memory["plans"][0]
    assert (first["model_id"], first["select"]) == (config.id, config.id)
    untouched = now == site.sent(config, config.defaults())
    assert first["values"] == ({} if untouched else now)


@pytest.mark.parametrize("config", SHIPPED.values(), ids=lambda config: config.id)
def test_every_job_goes_into_every_model_that_has_a_place_for_anything_of_it(
    kept: KeptStudio, site: Site, config: ModelConfig
) -> None:
    fitting = set()
    for source in SHIPPED.values():
        job = submit(kept, site.context, source, example(kept, source))
        answered = site.reuse(id=job.id, model_id=config.id)
        if "error" in answered:
            assert answered["error"] == f"Nothing of this job has a place in {config.name}; the form is as it was."
            continue
        fitting.add(source.id)
        assert answered["select"] == config.id
        problems = site.check(config, answered["values"])
        assert all(problem.endswith("is needed") for problem in problems.values())
    assert config.id in fitting
    assert ("pattern" in fitting) == ("prompt" in config.parameters)


def test_a_job_of_which_only_a_missing_file_has_a_place_says_so(kept: KeptStudio, site: Site, tmp_path: Path) -> None:
    lost = site.context.media.put(USER, media_samples.png(tmp_path / "x.png", seed=98), "x.png").key
    job = submit(kept, site.context, SHIPPED["image-edit"], {**example(kept, SHIPPED["image-edit"]), "image": lost})
    site.context.media.local_path(lost).unlink()
    answered = site.reuse(id=job.id, model_id="ken-burns")
    says = "Image: the file is missing. Nothing else of this job fits Ken Burns; the form is as it was."
    assert (answered["error"], answered["notice"]["text"], answered["notice"]["tone"]) == (says, says, "warn")
    assert details(answered) == ["Image: the file is missing"]
    assert "values" not in answered


def test_the_report_is_about_the_part_alone(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, example(kept, config))
    now = site.sent(config, {**example(kept, config), "prompt": "old"})
    answered = site.reuse(id=job.id, part="prompt", now=json.dumps(now))
    assert (answered["values"], answered["notice"]["kept"]) == ({"prompt": "a hat"}, ["Prompt"])


def test_a_part_that_the_job_does_not_have_says_so(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, example(kept, config))
    answered = site.reuse(id=job.id, part="media", now=json.dumps(site.sent(config, example(kept, config))))
    assert answered["values"] == {}
    assert answered["notice"]["text"] == "The job has nothing of that kind."


def test_the_seed_that_one_click_brings_is_remembered_for_its_user_alone(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, {**example(kept, config), "seed": 5})
    site.call(site.functions("prefer")[0], event={"seed": "new"})
    assert site.reuse(id=job.id)["values"]["seed"] is None
    assert site.reuse(id=job.id, seed="exact")["values"]["seed"] == 5
    assert recalled(site)["seed"] == "new"
    assert recalled(site, "bob")["seed"] == "exact"
    site.call(site.functions("prefer")[0], event={"seed": "exact"})
    assert site.reuse(id=job.id)["values"]["seed"] == 5


def test_reset_puts_every_input_back_to_its_default(site: Site) -> None:
    for config in SHIPPED.values():
        (plan,) = site.call(site.functions("reset")[0], event={"model_id": config.id, "click": 4})
        assert (plan.root["values"], plan.root["click"]) == (config.defaults(), 4)


def test_a_draft_with_anothers_file_keeps_all_but_the_file(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["wan-animate"]
    mine = site.sent(config, {**example(kept, config), "prompt": "mine"})
    site.call(site.functions("keep")[0], event={"model_id": config.id, "now": json.dumps(mine)}, user="bob")
    (plan,) = recalled(site, "bob")["plans"]
    assert plan["values"] == mine | dict.fromkeys(config.media())


def test_a_model_that_is_gone_names_itself_in_the_report(kept: KeptStudio, site: Site) -> None:
    config = SHIPPED["pattern"]
    job = submit(kept, site.context, config, example(kept, config))
    without = Site(site._portal, kept.with_models(SHIPPED["flux-krea"]))
    answered = without.reuse("flux-krea", id=job.id)
    assert answered["select"] == "flux-krea"
    assert "not there any more" in details(answered)[0]
    assert answered["values"]["prompt"] == "a hat"


JUNK: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100)
@given(data=st.data())
def test_junk_from_a_browser_raises_nothing(kept: KeptStudio, site: Site, data: st.DataObject) -> None:
    names = ["id", "click", "part", "names", "seed", "text", "model_id", "now", "selected"]
    job = submit(kept, site.context, SHIPPED["pattern"], example(kept, SHIPPED["pattern"]))
    known = st.sampled_from(
        [job.id, "pattern", "choose", "names", "prompt", '{"prompt": 5, "seed": {}}', '{"layers": "x"}']
    )
    told = data.draw(st.dictionaries(st.sampled_from(names), known | JUNK))
    for name in ("reuse", "keep", "prefer", "reset"):
        inputs = ["pattern"] if name == "reuse" else []
        site.call(site.functions(name)[0], *inputs, event=told)
