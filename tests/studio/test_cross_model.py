"""A job goes to another model by name, alias and kind; what has no place there is said."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.schema import ModelConfig, ValuesError
from studio.inputs.cross_model import ALIKE, adapt
from studio.inputs.restore import BROUGHT, Outcome, RestorePlan, plan
from studio.inputs.reuse_event import ReuseJobInput
from tests.stored_jobs import (
    ANY_JOB,
    CASES,
    MODELS,
    SHIPPED,
    OnlyKind,
    Stored,
    for_any_model,
    job,
    leaves,
    line,
    model,
    same,
)
from tests.strategies import values_for


def drawn(data: st.DataObject, model: str) -> tuple[Stored, ModelConfig]:
    """Any job, and a model of another id to bring it to."""
    case, target = data.draw(ANY_JOB), data.draw(MODELS[model])
    return case, target.model_copy(update={"id": f"{target.id}-too"}) if target.id == case.config.id else target


def adapted(case: Stored, target: ModelConfig, known: bool = True) -> ReuseJobInput:
    return adapt(case.event, case.config if known else None, target)


def refused(target: ModelConfig, restored: RestorePlan) -> set[str]:
    """The inputs that a submit of the plan would complain about."""
    try:
        target.check(restored.values)
    except ValuesError as error:
        return set(error.problems)
    return set()


# --- laws ------------------------------------------------------------------------------------------------------------


@given(case=ANY_JOB)
def test_a_job_of_the_same_model_stays_as_it_is(case: Stored) -> None:
    assert adapted(case, case.config) is case.event
    assert adapted(case, case.config, known=False) is case.event


@for_any_model
def test_every_option_has_one_place_or_is_named(model: str, data: st.DataObject) -> None:
    case, target = drawn(data, model)
    event = adapted(case, target, known=data.draw(st.booleans()))
    assert event.model_id == target.id
    assert leaves(event.options) == leaves(case.event.options)
    restored = plan(event, target, case.files)
    carried = event.options.keys() & target.parameters.keys()
    lines = Counter(line.name for line in restored.report.lines if line.outcome is not Outcome.REMOVED)
    assert all(lines[name] == 1 for name in carried)
    removed = [line for line in restored.report.lines if line.outcome is Outcome.REMOVED]
    assert len(carried) + len(removed) == len(event.options)


@for_any_model
def test_what_was_carried_over_is_taken_by_the_model(model: str, data: st.DataObject) -> None:
    case, target = drawn(data, model)
    event = adapted(case, target, known=data.draw(st.booleans()))
    restored = plan(event, target, case.files)
    for name in refused(target, restored):  # what is needed and empty is for the user to give
        assert target.parameters[name].required
        assert target.parameters[name].is_empty(restored.values[name])


@for_any_model
def test_adapting_twice_equals_once(model: str, data: st.DataObject) -> None:
    case, target = drawn(data, model)
    once = adapted(case, target)
    assert adapt(once, case.config, target) == adapt(once, None, target) == once


@for_any_model
def test_no_input_gets_a_value_of_another_kind(model: str, data: st.DataObject) -> None:
    case, target = drawn(data, model)
    event = adapted(case, target)
    for name in event.options.keys() & target.parameters.keys():
        becomes = target.parameters[name].kind
        for old in event.stored_as.get(name, name).split(" and "):
            was = case.config.parameters[old].kind
            assert was == becomes or any({was, becomes} <= kinds for kinds in (*ALIKE, {"integer", "size"}))


@for_any_model
def test_the_form_of_another_model_keeps_what_the_job_has_nothing_for(model: str, data: st.DataObject) -> None:
    case, target = drawn(data, model)
    event, form = adapted(case, target), data.draw(values_for(target))
    restored = plan(event, target, case.files, form=form)
    after = form | restored.values
    assert restored.values.keys() <= event.options.keys() | {"prompt"}
    assert [name for name, shows in restored.visible.items() if shows] == [
        name for name in target.order if name in target.visible(after)
    ]
    outcomes = {line.name: line.outcome for line in restored.report.lines if line.outcome is not Outcome.REMOVED}
    left = {name for name, outcome in outcomes.items() if outcome is Outcome.LEFT}
    assert left.isdisjoint(restored.values)
    assert {name for name, outcome in outcomes.items() if outcome in BROUGHT} <= restored.values.keys()
    assert target.visible(after) <= outcomes.keys()
    assert plan(event, target, case.files, form=after).values == restored.values


@for_any_model
def test_into_a_form_at_its_defaults_a_job_comes_as_without_one(model: str, data: st.DataObject) -> None:
    case, target = drawn(data, model)
    event = adapted(case, target)
    whole, part = plan(event, target, case.files), plan(event, target, case.files, form=target.defaults())
    assert same(target.defaults() | part.values, whole.values)
    assert part.visible == whole.visible
    assert part.report.count == whole.report.count


SIDE = {"kind": "integer", "minimum": 1}
SIZE = {"kind": "size", "multiple": 1, "minimum": 1, "maximum": 9999}


def with_more(config: ModelConfig, **parameters: Any) -> ModelConfig:
    more = model(**parameters)
    rules = dict.fromkeys(parameters)
    return config.model_copy(
        update={
            "id": f"{config.id}-more",
            "parameters": {**config.parameters, **more.parameters},
            "conditions": {**config.conditions, **rules},
        }
    )


@given(case=CASES["generated"], target=MODELS["generated"], sides=st.tuples(st.integers(1, 9999), st.integers(1, 9999)))
def test_a_width_and_a_height_become_a_size_and_nothing_else_changes(
    case: Stored, target: ModelConfig, sides: tuple[int, int]
) -> None:
    width, height = sides
    target = with_more(target, format=SIZE)
    before = adapt(case.event, case.config, target)
    both = case.event.model_copy(update={"options": {**case.event.options, "width": width, "height": height}})
    there = adapt(both, with_more(case.config, width=SIDE, height=SIDE), target)
    (place,) = there.options.keys() - before.options.keys()
    assert target.parameters[place].kind == "size"
    assert there.options == {**before.options, place: {"width": width, "height": height}}
    assert there.stored_as == {**before.stored_as, place: "width and height"}


@given(case=CASES["generated"], target=MODELS["generated"], sides=st.tuples(st.integers(1, 9999), st.integers(1, 9999)))
def test_a_size_becomes_a_width_and_a_height_and_nothing_else_changes(
    case: Stored, target: ModelConfig, sides: tuple[int, int]
) -> None:
    size = dict(zip(("width", "height"), sides, strict=True))
    bare = {name: one for name, one in case.config.parameters.items() if one.kind != "size"}
    event = case.event.model_copy(update={"options": {k: v for k, v in case.event.options.items() if k in bare}})
    source = case.config.model_copy(update={"parameters": bare})
    target = with_more(target, width=SIDE, height=SIDE)
    before = adapt(event, source, target)
    more = event.model_copy(update={"options": {**event.options, "format": size}})
    there = adapt(more, with_more(source, format=SIZE), target)
    assert there.options == {**before.options, **size}
    assert there.stored_as == {**before.stored_as, "width": "format", "height": "format"}


# --- examples --------------------------------------------------------------------------------------------------------


def named(name: str, **parameters: Any) -> ModelConfig:
    return model(**parameters).model_copy(update={"id": name.lower(), "name": name})


def told(event: ReuseJobInput, source: ModelConfig | None, target: ModelConfig) -> tuple[dict[str, Any], list[str]]:
    """The values that came over and all that is said about them."""
    restored = plan(adapt(event, source, target), target, {key: OnlyKind("image") for key in "kl"})
    return restored.values, [line.detail for line in restored.report.changed]


NUMBER = {"kind": "number"}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"cfg": NUMBER}, {"guidance": NUMBER | {"aliases": ["cfg"]}}),
        ({"cfg": NUMBER | {"aliases": ["guidance"]}}, {"guidance": NUMBER}),
        ({"cfg": NUMBER | {"aliases": ["scale"]}}, {"guidance": NUMBER | {"aliases": ["scale"]}}),
        ({"cfg": NUMBER}, {"guidance": NUMBER, "renames": {"cfg": "guidance"}}),
        ({"cfg": NUMBER}, {"guidance": {"kind": "integer", "aliases": ["cfg"]}}),
    ],
    ids=["the target's alias", "the source's alias", "a shared alias", "an old name", "another kind of number"],
)
def test_an_option_finds_the_input_that_is_called_otherwise(before: dict[str, Any], now: dict[str, Any]) -> None:
    values, lines = told(job(cfg=3), named("Old", **before).model_copy(update={"id": "m"}), named("New", **now))
    assert values == {"guidance": 3}
    assert lines == ["Guidance: from cfg"]


def test_a_name_counts_more_than_an_alias_and_each_option_goes_to_one_input() -> None:
    source = model(cfg=NUMBER, guidance=NUMBER)
    target = named("New", scale=NUMBER | {"aliases": ["guidance", "cfg"]}, guidance=NUMBER)
    assert told(job(cfg=3, guidance=5), source, target) == ({"scale": 3, "guidance": 5}, ["Scale: from cfg"])


def test_a_seed_and_files_find_their_kind_under_any_name() -> None:
    source = model(photo={"kind": "image"}, mask={"kind": "image"}, noise={"kind": "seed"}, words={"kind": "text"})
    target = named("New", image={"kind": "image"}, seed={"kind": "seed"}, caption={"kind": "text"})
    event = job(photo="k", mask="l", noise=None, words="a hat").model_copy(update={"seed": 7})
    values, lines = told(event, source, target)
    assert values == {"image": "k", "seed": 7, "caption": ""}
    assert lines == [
        "Image: from photo",
        "Seed: from noise",
        "Caption: the job has no value, the default is used",
        "mask: New has no such input",
        "words: New has no such input",
    ]


def test_a_place_for_one_file_is_not_wasted_on_an_empty_input() -> None:
    source = model(photo={"kind": "image"}, mask={"kind": "image"})
    values, _ = told(job(photo=None, mask="l"), source, named("New", image={"kind": "image"}))
    assert values == {"image": "l"}


def test_an_option_of_another_kind_does_not_reach_the_input_of_its_name() -> None:
    source = model(size={"kind": "loras"}, fast={"kind": "boolean"})
    target = named("New", size={"kind": "integer", "default": 4}, speed=NUMBER, renames={"fast": "speed"})
    values, lines = told(job(size=[], fast=True), source, target)
    assert values == {"size": 4, "speed": None}
    assert lines == [
        "Size: the job has no value, the default is used",
        "Speed: the job has no value, the default is used",
        "size of M: New has no such input",
        "fast of M: New has no such input",
    ]


def test_a_job_older_than_a_rename_goes_the_same_way() -> None:
    source = model(cfg=NUMBER, renames={"strength": "cfg"})
    assert told(job(strength=3), source, named("New", cfg=NUMBER)) == ({"cfg": 3}, ["CFG: from strength"])


def test_one_picture_comes_first_in_a_list_and_the_first_of_a_list_goes_where_there_is_place_for_one() -> None:
    one, several = {"kind": "image"}, {"kind": "images"}
    assert told(job(photo="k"), model(photo=one), named("New", pictures=several))[0] == {"pictures": ["k"]}
    values, lines = told(job(pictures=["l", "k"]), model(pictures=several), named("New", photo=one))
    assert values == {"photo": "l"}
    assert lines == ["Photo: takes the first of 2 from pictures, the others are left out"]
    assert told(job(pictures=["l"]), model(pictures=several), named("New", photo=one))[1] == ["Photo: from pictures"]
    assert told(job(pictures=[]), model(pictures=several), named("New", photo=one))[0] == {"photo": None}


def test_a_picture_goes_to_a_list_only_where_no_single_one_has_a_place_for_it() -> None:
    source = model(photo={"kind": "image"}, more={"kind": "images"})
    target = named("New", pictures={"kind": "images"}, image={"kind": "image"})
    values, lines = told(job(photo="k", more=["l"]), source, target)
    assert values == {"pictures": ["l"], "image": "k"}
    assert lines == ["Pictures: from more", "Image: from photo"]
    assert told(job(photo="k"), source, target)[0] == {"pictures": [], "image": "k"}


def test_a_width_and_a_height_become_a_size_within_its_limits_and_it_is_said() -> None:
    source = model(width=SIDE, height=SIDE)
    target = named("New", size={"kind": "size", "multiple": 64})
    values, lines = told(job(width=1000, height=512), source, target)
    assert values == {"size": {"width": 1024, "height": 512}}
    assert lines[0].startswith("Size: 1000 × 512 from width and height must now be")
    assert told(job(width=1024, height=512), None, target)[1] == ["Size: from width and height"]
    assert told(
        job(w=1024, h=512), model(w=SIDE | {"aliases": ["width"]}, h=SIDE | {"aliases": ["height"]}), target
    ) == (
        {"size": {"width": 1024, "height": 512}},
        ["Size: from w and h"],
    )


def test_a_model_that_has_a_size_since_the_job_takes_its_width_and_height_and_the_other_way_round() -> None:
    sides, size = {"width": 640, "height": 512}, {"size": {"width": 640, "height": 512}}
    before, after = model(steps=SIDE, width=SIDE, height=SIDE), model(steps=SIDE, size=SIZE)
    values, lines = told(job(steps=9, **sides), None, after)
    assert (values, lines) == ({"steps": 9, **size}, ["Size: from width and height"])
    values, lines = told(job(steps=9, **size), None, before)
    assert values == {"steps": 9, **sides}
    assert lines == ["Width: from size", "Height: from size"]
    assert told(job(**size, **sides), None, after)[0]["size"] == size["size"]


@pytest.mark.parametrize("options", [{"width": 512}, {"width": 512, "height": None}, {"width": 512, "height": 0}])
def test_half_a_size_is_no_size(options: dict[str, Any]) -> None:
    source = model(width=SIDE | {"minimum": 0}, height=SIDE | {"minimum": 0})
    values, lines = told(job(**options), source, named("New", size=SIZE))
    assert values == {"size": {"width": 1024, "height": 1024}}
    assert lines[1:] == [f"{name}: New has no such input" for name in options]


def test_a_size_becomes_a_width_and_a_height_each_within_its_own_limits() -> None:
    target = named("New", width=SIDE | {"maximum": 800}, height=SIDE)
    values, lines = told(job(size={"width": 1000, "height": 512}), model(size=SIZE), target)
    assert values == {"width": 800, "height": 512}
    assert lines == [
        "Width: 1000 from size must now be a whole number between 1 and 800, 800 is used",
        "Height: from size",
    ]
    only = named("New", width=SIDE)
    assert told(job(size={"width": 1000, "height": 512}), model(size=SIZE), only)[0] == {"width": None}


def test_a_model_that_nobody_knows_gives_its_names() -> None:
    target = named("New", guidance=NUMBER | {"aliases": ["cfg"]}, seed={"kind": "seed"}, prompt={"kind": "text"})
    event = job(cfg=3, noise=1, prompt=["?"])
    assert told(event, None, target) == (
        {"guidance": 3, "seed": None, "prompt": ""},
        [
            "Guidance: from cfg",
            "Seed: the job has no value, the default is used",
            "Prompt: ['?'] must now be text of at most 10000 characters, the default is used",
            "noise: New has no such input",
        ],
    )


def test_a_record_without_options_still_gives_its_prompt_and_its_files() -> None:
    source = model(prompt={"kind": "text"}, photo={"kind": "image"})
    event = job().model_copy(update={"prompt": "a hat", "image_input_path": "k"})
    target = named("New", caption={"kind": "text", "aliases": ["prompt"]}, image={"kind": "image"})
    assert told(event, source, target)[0] == {"caption": "a hat", "image": "k"}


def test_the_texts_that_the_model_got_go_with_those_that_were_written() -> None:
    source = model(prompt={"kind": "text"})
    target = named("New", caption={"kind": "text", "aliases": ["prompt"]})
    event = job(prompt="{a|b}").model_copy(update={"prompt": "{a|b}", "resolved": {"prompt": "a"}})
    there = adapt(event, source, target)
    assert (there.prompt, there.options, there.resolved) == (None, {"caption": "{a|b}"}, {"caption": "a"})
    assert plan(there, target, {}, text="resolved").values == {"caption": "a"}


def test_the_prompt_of_the_record_does_not_slip_past_a_kind_that_does_not_fit() -> None:
    source = model(prompt={"kind": "image"})
    event = job(prompt="k").model_copy(update={"prompt": "k"})
    assert told(event, source, named("New", prompt={"kind": "text"}))[0] == {"prompt": ""}


# --- shipped models --------------------------------------------------------------------------------------------------


def test_guidance_finds_itself_among_the_shipped_models() -> None:
    event = job(cfg=3.5, prompt="a hat").model_copy(update={"model_id": "wan-animate", "prompt": "a hat"})
    there = adapt(event, SHIPPED["wan-animate"], SHIPPED["flux-krea"])
    assert there.options == {"guidance": 3.5, "prompt": "a hat"}
    back = adapt(there, SHIPPED["flux-krea"], SHIPPED["wan-animate"])
    assert back.options == event.options
    assert back.stored_as == {}


def test_the_quality_of_a_video_finds_itself_and_not_that_of_a_picture() -> None:
    films, large = SHIPPED["ken-burns"], SHIPPED["upscale"]
    event = job(quality="low").model_copy(update={"model_id": films.id})
    assert adapt(event, films, large).options == {"video_quality": "low"}
    assert adapt(adapt(event, films, large), large, films).options == {"quality": "low"}
    picture = job(quality=92).model_copy(update={"model_id": "image-edit"})
    assert adapt(picture, SHIPPED["image-edit"], large).options == {"quality": 92}


def test_a_width_that_the_other_model_does_not_take_is_adjusted_and_said() -> None:
    event = job(width=1000).model_copy(update={"model_id": "ken-burns"})
    target = SHIPPED["flux-krea"]
    restored = plan(adapt(event, SHIPPED["ken-burns"], target), target, {})
    assert restored.values["width"] == 1024
    assert line(restored, "width").outcome is Outcome.CLAMPED
    assert line(restored, "width").detail == (
        "Width: 1000 must now be a multiple of 64 between 512 and 2048, 1024 is used"
    )


def test_the_size_of_a_collage_goes_to_a_model_of_width_and_height_and_back() -> None:
    size, collage, krea = {"width": 1024, "height": 768}, SHIPPED["collage"], SHIPPED["flux-krea"]
    event = job(size=size).model_copy(update={"model_id": "collage"})
    there = adapt(event, collage, krea)
    assert there.options == size
    assert adapt(there, krea, collage).options == {"size": size}
