"""A part of a reuse brings what was chosen, with the parents it needs, and touches nothing else."""

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.conditions import ancestors
from model_configs.schema import ModelConfig, Seed
from studio.inputs.partial import Part, chosen, select
from studio.inputs.restore import Outcome, Report, plan
from tests.stored_jobs import ANY_JOB, Stored, job, json_values, line, model, same
from tests.strategies import values_for

SEVERAL = st.sampled_from(["all", "none"]) | st.sets(st.integers(0, 99), max_size=6)


def names_of(config: ModelConfig, picked: Any) -> frozenset[str]:
    """Some of the names, for numbers that know nothing of the config."""
    names = list(config.parameters)
    if isinstance(picked, str):
        return frozenset(names if picked == "all" else ())
    return frozenset(names[number % len(names)] for number in picked)


# --- laws ------------------------------------------------------------------------------------------------------------


@given(case=ANY_JOB, data=st.data())
def test_choosing_all_is_the_plan_itself(case: Stored, data: st.DataObject) -> None:
    whole, now = case.restored(), data.draw(values_for(case.config))
    assert select(whole, case.config, now, case.config.parameters) == whole
    assert select(whole, case.config, now, chosen(Part.ALL, whole, case.config)) == whole


@given(case=ANY_JOB, data=st.data())
def test_choosing_nothing_changes_nothing(case: Stored, data: st.DataObject) -> None:
    now = data.draw(values_for(case.config))
    nothing = select(case.restored(), case.config, now, ["not a name"])
    assert nothing.values == {}
    assert {name for name, shows in nothing.visible.items() if shows} == case.config.visible(now)


@given(case=ANY_JOB, data=st.data(), picked=SEVERAL)
def test_what_was_chosen_shows_and_what_was_not_is_left_alone(case: Stored, data: st.DataObject, picked: Any) -> None:
    config, whole, now = case.config, case.restored(), data.draw(values_for(case.config))
    names = names_of(config, picked)
    part = select(whole, config, now, names)
    allowed = names.union(*(ancestors(config.conditions, name) for name in names))
    assert names <= part.values.keys() <= allowed
    assert list(part.values) == [name for name in config.order if name in part.values]
    assert all(same(value, whole.values[name]) for name, value in part.values.items())
    assert list(part.visible) == list(config.order)
    assert {name for name, shows in part.visible.items() if shows} == config.visible(now | part.values)
    assert all(part.visible[name] for name in names if whole.visible[name])
    assert set(part.report.lines) <= set(whole.report.lines)


@given(case=ANY_JOB, data=st.data(), picked=SEVERAL)
def test_parents_come_only_where_they_are_needed(case: Stored, data: st.DataObject, picked: Any) -> None:
    config, whole, now = case.config, case.restored(), data.draw(values_for(case.config))
    names = names_of(config, picked)
    alone = config.visible(now | {name: whole.values[name] for name in names})
    if all(name in alone for name in names if whole.visible[name]):
        assert select(whole, config, now, names).values.keys() == names


@given(case=ANY_JOB, data=st.data(), picked=SEVERAL)
def test_choosing_the_same_part_again_changes_nothing_more(case: Stored, data: st.DataObject, picked: Any) -> None:
    now = data.draw(values_for(case.config))
    once = select(case.restored(), case.config, now, names_of(case.config, picked))
    assert select(once, case.config, now | once.values, once.values) == once


@given(case=ANY_JOB)
def test_the_parts_make_up_what_shows(case: Stored) -> None:
    whole = case.restored()
    parts = {part: chosen(part, whole, case.config) for part in Part}
    seeds = {name for name, parameter in case.config.parameters.items() if isinstance(parameter, Seed)} & case.shown
    apart = [parts[Part.PROMPT], parts[Part.SETTINGS], parts[Part.MEDIA], frozenset(seeds)]
    assert sum(map(len, apart)) == len(case.shown)
    assert frozenset().union(*apart) == case.shown
    assert parts[Part.ALL_BUT_SEED] == case.shown - seeds
    assert parts[Part.ALL] == set(case.config.parameters)
    media = set(case.config.media())
    assert parts[Part.MEDIA] == media & case.shown


@given(case=ANY_JOB, data=st.data())
def test_no_form_is_too_strange(case: Stored, data: st.DataObject) -> None:
    now = data.draw(st.dictionaries(st.sampled_from([*case.config.parameters, "zzz"]), json_values, max_size=8))
    names: Collection[Any] = data.draw(st.lists(st.sampled_from(list(case.config.parameters)) | json_values))
    part = select(case.restored(), case.config, now, names)
    assert all(part.visible[name] for name in part.values if case.restored().visible[name])


# --- examples --------------------------------------------------------------------------------------------------------

FORM = model(
    mode={"kind": "choice", "choices": ["plain", "rich"]},
    prompt={"kind": "text"},
    negative_prompt={"kind": "text", "depends_on": {"mode": "rich"}},
    title={"kind": "text"},
    photo={"kind": "image"},
    strength={"kind": "integer", "default": 1, "minimum": 1, "maximum": 10, "depends_on": {"negative_prompt": "set"}},
    seed={"kind": "seed"},
)
RICH = job(mode="rich", prompt="a hat", negative_prompt="rain", title="One", photo=None, strength=99, seed=7, gone=1)


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (Part.PROMPT, {"prompt", "negative_prompt"}),
        (Part.SETTINGS, {"mode", "title", "strength"}),
        (Part.MEDIA, {"photo"}),
        (Part.ALL_BUT_SEED, {"mode", "prompt", "negative_prompt", "title", "photo", "strength"}),
    ],
)
def test_a_part_is_what_its_name_says(part: Part, names: set[str]) -> None:
    assert chosen(part, plan(RICH, FORM, {}), FORM) == names


def test_a_dependent_brings_its_parents_near_and_far() -> None:
    part = select(plan(RICH, FORM, {}), FORM, {"mode": "plain"}, ["strength"])
    assert part.values == {"mode": "rich", "negative_prompt": "rain", "strength": 10}
    assert line(part, "strength").outcome is Outcome.CLAMPED
    assert [line.name for line in part.report.lines] == ["mode", "negative_prompt", "strength"]


def test_a_dependent_that_shows_already_comes_alone() -> None:
    part = select(plan(RICH, FORM, {}), FORM, {"mode": "rich", "negative_prompt": "snow"}, ["strength"])
    assert part.values == {"strength": 10}


def test_a_parent_that_hides_another_chosen_input_is_made_good() -> None:
    form = model(
        a={"kind": "boolean"},
        b={"kind": "boolean"},
        needs_a={"kind": "text", "depends_on": {"a": True}},
        needs_b_or_no_a={"kind": "text", "depends_on": {"any": [{"b": True}, {"a": False}]}},
    )
    whole = plan(job(a=True, b=True, needs_a="x", needs_b_or_no_a="y"), form, {})
    part = select(whole, form, {"a": False, "b": False}, ["needs_a", "needs_b_or_no_a"])
    assert part.values == whole.values


def test_lost_inputs_are_told_with_all_but_the_seed_and_not_with_less() -> None:
    whole = plan(RICH, FORM, {})
    nearly = select(whole, FORM, {}, chosen(Part.ALL_BUT_SEED, whole, FORM))
    assert [line.name for line in nearly.report.changed] == ["strength", "gone"]
    assert "seed" not in {line.name for line in nearly.report.lines}
    assert [line.name for line in select(whole, FORM, {}, ["title"]).report.lines] == ["title"]


def test_what_is_said_about_the_job_is_said_with_every_part() -> None:
    whole = plan(RICH.model_copy(update={"model_id": "old", "incomplete": True}), FORM, {})
    part = select(whole, FORM, {}, [])
    assert part.report == Report(lines=whole.report.lines[:2])
    assert [line.label for line in part.report.lines] == ["Model", "Job"]
