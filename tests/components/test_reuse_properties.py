"""The design's properties of a reuse, as Gradio's server calls the handlers: those that stand in no other test here."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from model_configs.conditions import parents
from model_configs.schema import ModelConfig
from storage.jobs.store import Job, LinkKind
from tests.components.page_site import Site, details, example, submit
from tests.kept_studio import KeptStudio
from tests.shipped import SHIPPED
from tests.stored_jobs import same
from tests.strategies import values_for

any_shipped = st.sampled_from(list(SHIPPED.values()))
Values = dict[str, Any]


def made(kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject) -> tuple[Job, Values]:
    """A job, and what a form has to hold after its reuse, with the seed that it ran with, of what shows."""
    job = submit(kept, site.context, config, data.draw(values_for(config, kept.keys)))
    held = job.options or {}
    seeds = {name: job.seed for name in held if config.parameters[name].kind == "seed"}
    return job, {**site.sent(config, held), **seeds}


@given(config=any_shipped, data=st.data())
def test_every_word_number_and_switch_comes_back(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 1: For any job with stored input parameters, when reuse is triggered, all
    input values (text, numeric, boolean) should be correctly populated in the generation form**
    """
    job, held = made(kept, site, config, data)
    values = site.reuse(job_id=job.id, seed="exact")["values"]
    for name in held.keys() - config.media():
        assert same(values[name], held[name]), name


@given(config=any_shipped.filter(ModelConfig.media), data=st.data())
def test_every_file_comes_back_into_its_input(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 3: For any job with media inputs (image, video, or audio), when reuse is
    triggered, all media files should be loaded into their appropriate form input fields**
    """
    job, held = made(kept, site, config, data)
    values = site.reuse(job_id=job.id)["values"]
    brought = {name: values[name] for name in held.keys() & config.media()}
    assert brought == {name: held[name] for name in brought}
    files = [one for value in brought.values() if value for one in (value if isinstance(value, list) else [value])]
    assert {one["file"] for one in files} == set(job.media)
    for one in files:
        assert site.context.media.local_path(one["file"]).stat().st_size == one["size"]


@given(config=any_shipped, data=st.data())
def test_the_answer_has_the_complete_job(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 5: For any reuse action, the system should dispatch a custom event
    containing the complete job data including modelId, prompt, type, options, and media paths**
    """
    job, held = made(kept, site, config, data)
    answered = site.reuse(job_id=job.id, seed="exact")
    assert (answered["model_id"], answered["type"]) == (job.model_id, job.type)
    assert answered["sources"] == [{"job_id": job.id, "kind": LinkKind.REUSE, "parameter": ""}]
    assert {name: answered["values"][name] for name in held} == held
    assert answered["values"].get("prompt") == job.prompt
    assert json.loads(json.dumps(answered)) == answered


no_options = st.text().filter(lambda text: "{" not in text) | st.just("{")


@given(config=any_shipped, text=no_options)
def test_a_job_that_cannot_be_read_is_logged_and_the_next_comes_back_whole(
    kept: KeptStudio, site: Site, config: ModelConfig, text: str
) -> None:
    """**Feature: job-input-reuse, Property 7: For any reuse operation that encounters an error, the system should log
    the error and maintain UI functionality**
    """
    damaged, sound = (submit(kept, site.context, config, example(kept, config)) for _ in range(2))
    whole = site.reuse(job_id=sound.id)
    kept.damage(damaged.id, "options", text)
    with logged() as lines:
        answered = site.reuse(job_id=damaged.id)
    assert (answered["model_id"], answered["notice"]["tone"]) == (config.id, "warn")
    assert details(answered)
    assert any(damaged.id in line for line in lines)
    again = site.reuse(job_id=sound.id)
    assert (again["values"], again["notice"]) == (whole["values"], whole["notice"])


@contextmanager
def logged() -> Iterator[list[str]]:
    """What is logged meanwhile."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


@given(config=any_shipped, data=st.data())
def test_parents_are_sent_before_their_dependents(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 9: For any job with conditional inputs, when reuse is triggered, parent
    input values should be restored before dependent input values**
    """
    job, _ = made(kept, site, config, data)
    answered = site.reuse(job_id=job.id)
    for order in (list(answered["values"]), list(answered["visible"])):
        for name, rule in config.conditions.items():
            for parent in parents(rule) if rule else ():
                assert order.index(parent) < order.index(name)


@given(config=any_shipped, data=st.data())
def test_dependents_that_show_are_sent_with_their_values(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 11: For any job with conditional inputs, when dependent inputs become
    visible, they should be populated with their original values**
    """
    job, held = made(kept, site, config, data)
    answered = site.reuse(job_id=job.id, seed="exact")
    for name in held:
        assert answered["visible"][name]
        if config.conditions[name] is not None:
            assert same(answered["values"][name], held[name]), name


@given(config=any_shipped, data=st.data())
def test_a_dependent_whose_rule_does_not_hold_is_sent_at_its_default_and_named(
    kept: KeptStudio, site: Site, config: ModelConfig, data: st.DataObject
) -> None:
    """**Feature: job-input-reuse, Property 12: For any job with conditional inputs, when a conditional input's
    dependency is not met during reuse, the system should skip restoring that input value**
    """
    values = data.draw(values_for(config, kept.keys))
    job = submit(kept, site.context, config, values)
    kept.damage(job.id, "options", json.dumps(values))  # the record has a value for every input, hidden ones too
    answered = site.reuse(job_id=job.id)
    hidden = set(config.parameters) - config.visible(values)
    assert {name for name, shows in answered["visible"].items() if not shows} == hidden
    defaults = site.sent(config, config.defaults())
    assert {name: answered["values"][name] for name in hidden} == {name: defaults[name] for name in hidden}
    assert {line["name"] for line in answered["notice"]["lines"]} == hidden
