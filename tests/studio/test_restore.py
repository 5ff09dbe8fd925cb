"""Restoring a job is a pure function, and the design's twelve properties hold for it with every model there may be."""

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model_configs.conditions import parents
from model_configs.schema import Seed, files_in
from studio.inputs.restore import Outcome, ReportLine, SeedMode, plan
from studio.inputs.reuse_event import ReuseJobInput
from tests.memory_studio import USER, memory_studio
from tests.stored_jobs import (
    ANY_JOB,
    CASES,
    MODELS,
    SHIPPED,
    OnlyKind,
    Stored,
    for_any_job,
    for_any_model,
    job,
    json_values,
    line,
    model,
    same,
    stored,
)
from tests.strategies import MEDIA_KEYS

# --- the twelve properties -------------------------------------------------------------------------------------------


@for_any_job
def test_every_value_comes_back_as_itself(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 1: For any job with stored input parameters, when reuse is triggered, all
    input values (text, numeric, boolean) should be correctly populated in the generation form**
    """
    job = data.draw(CASES[model])
    restored = job.restored()
    assert restored.report.lost == ()
    assert set(restored.values) == set(job.config.parameters)
    for name, value in restored.values.items():
        assert same(value, job.value(name) if name in job.shown else job.config.parameters[name].initial), name


@for_any_job
def test_the_plan_is_for_the_jobs_own_model(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 2: For any job using a different model than currently selected, when reuse
    is triggered, the system should switch to the correct model**
    """
    job, other = data.draw(CASES[model]), data.draw(st.sampled_from(sorted(SHIPPED)))
    assume(other != job.config.id)
    both = memory_studio(SHIPPED[other], job.config)
    switched, _ = both.restore(job.event, selected_model_id=other)
    assert (
        (switched.model_id, switched.type) == (job.event.model_id, job.event.type) == (job.config.id, job.config.type)
    )
    assert switched == job.restored()


@for_any_job
def test_every_file_comes_back_into_its_own_field(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 3: For any job with media inputs (image, video, or audio), when reuse is
    triggered, all media files should be loaded into their appropriate form input fields**
    """
    job = data.draw(CASES[model])
    restored = job.restored()
    for name, kind in job.config.media().items():
        expected = job.values[name] if name in job.shown else job.config.parameters[name].initial
        assert restored.values[name] == expected
        assert {job.files[key].kind for key in files_in(expected)} <= {kind}


@for_any_job
def test_every_file_is_stored_under_its_parameters_name(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 4: For any job created with media inputs, the system should store the file
    paths in the job record's options field**
    """
    job = data.draw(CASES[model])
    media = {name: kind for name, kind in job.config.media().items() if name in job.shown}
    assert {name: job.event.options[name] for name in media} == {name: job.values[name] for name in media}
    for kind in MEDIA_KEYS:
        of_kind = [key for name in media if media[name] == kind for key in files_in(job.values[name])]
        first = next(iter(of_kind), None)
        assert getattr(job.event, f"{kind}_input_path") == first


@for_any_job
def test_the_event_holds_the_complete_job(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 5: For any reuse action, the system should dispatch a custom event
    containing the complete job data including modelId, prompt, type, options, and media paths**
    """
    job = data.draw(CASES[model])
    found = job.studio.jobs.find_with_files(USER, job.event.job_id)
    assert found is not None
    record, files = found
    assert job.event.files == files
    for name in set(ReuseJobInput.model_fields) - {"job_id", "preset", "files", "incomplete", "stored_as"}:
        assert getattr(job.event, name) == getattr(record, name), name
    assert ReuseJobInput.model_validate_json(job.event.model_dump_json()) == job.event


@for_any_job
def test_a_plan_is_made_without_a_look_into_any_file(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 6: For any job with media files, file loading should complete
    asynchronously without blocking the UI thread**
    """
    job = data.draw(CASES[model])
    kinds = {key: OnlyKind(file.kind) for key, file in job.files.items()}
    assert plan(job.event, job.config, kinds) == job.restored()


@for_any_model
def test_no_record_is_too_damaged_for_a_plan(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 7: For any reuse operation that encounters an error, the system should log
    the error and maintain UI functionality**
    """
    config = data.draw(MODELS[model])
    names = st.sampled_from(sorted(config.parameters)) | st.text(st.characters(), max_size=20)
    anything = st.none() | st.text(st.characters(), max_size=20)
    event = ReuseJobInput.model_construct(
        job_id="j",
        model_id=data.draw(st.just(config.id) | st.text(st.characters())),
        type=data.draw(st.sampled_from(["image", None])),
        prompt=data.draw(anything),
        options=data.draw(st.dictionaries(names, json_values, max_size=8)),
        image_input_path=data.draw(anything),
        seed=data.draw(st.none() | st.integers()),
        incomplete=data.draw(st.booleans()),
    )
    restored = plan(event, config, {})
    assert restored.visible == {name: name in config.visible(restored.values) for name in config.order}
    for name, parameter in config.parameters.items():
        assert same(parameter.check(restored.values[name]), restored.values[name])
    assert all(line.detail for line in restored.report.lost)
    restored.model_dump_json()


@for_any_job
def test_the_job_keeps_all_that_showed_and_nothing_that_did_not(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 8: For any job using a model with conditional inputs, all conditional input
    values should be stored in the job record's options field**
    """
    job = data.draw(CASES[model])
    assert same(job.event.options, {name: job.values[name] for name in job.config.parameters if name in job.shown})


@for_any_job
def test_parents_stand_before_their_dependents(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 9: For any job with conditional inputs, when reuse is triggered, parent
    input values should be restored before dependent input values**
    """
    job = data.draw(CASES[model])
    restored = job.restored()
    for order in (list(restored.values), list(restored.visible)):
        for name, rule in job.config.conditions.items():
            for parent in parents(rule) if rule else ():
                assert order.index(parent) < order.index(name)


@for_any_job
def test_dependents_show_as_the_rules_say(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 10: For any job with conditional inputs, when parent inputs are restored,
    dependent inputs should become visible according to the model configuration's dependsOn rules**
    """
    job = data.draw(CASES[model])
    restored = job.restored()
    assert {name for name, shows in restored.visible.items() if shows} == job.shown
    assert restored.visible.keys() == job.config.parameters.keys()


@for_any_job
def test_dependents_that_show_have_their_values(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 11: For any job with conditional inputs, when dependent inputs become
    visible, they should be populated with their original values**
    """
    job = data.draw(CASES[model])
    restored = job.restored()
    for name in job.shown:
        if job.config.conditions[name] is not None:
            assert same(restored.values[name], job.value(name))
            assert line(restored, name).outcome is Outcome.RESTORED


@for_any_job
def test_a_dependent_whose_rule_does_not_hold_is_skipped_and_named(model: str, data: st.DataObject) -> None:
    """**Feature: job-input-reuse, Property 12: For any job with conditional inputs, when a conditional input's
    dependency is not met during reuse, the system should skip restoring that input value**
    """
    job = data.draw(CASES[model])
    restored = job.restored(options=job.values)  # the record has a value for every input, hidden ones too
    for name in set(job.config.parameters) - job.shown:
        assert not restored.visible[name]
        assert same(restored.values[name], job.config.parameters[name].initial)
        assert line(restored, name).outcome is Outcome.HIDDEN
        assert job.config.parameters[name].label in line(restored, name).detail
    assert {line.name for line in restored.report.lost} == set(job.config.parameters) - job.shown


# --- more that holds for any job -------------------------------------------------------------------------------------


@given(job=ANY_JOB)
def test_a_job_submitted_as_restored_restores_the_same(job: Stored) -> None:
    once = job.restored()
    again = stored(job.config, once.values)
    twice = again.restored()
    assert same(again.event.options, job.event.options | _exact_seed(job))
    assert (twice.values, twice.visible, twice.report.lost) == (once.values, once.visible, ())


def _exact_seed(job: Stored) -> dict[str, Any]:
    seeds = [name for name in job.event.options if isinstance(job.config.parameters[name], Seed)]
    return dict.fromkeys(seeds, job.event.seed)


@given(job=ANY_JOB)
def test_a_new_seed_leaves_the_seed_open_and_all_else_alike(job: Stored) -> None:
    new = plan(job.event, job.config, job.files, seed="new")
    seeds = {name for name in job.shown if isinstance(job.config.parameters[name], Seed)}
    assert [new.values[name] for name in seeds] == [None] * len(seeds)
    assert new.visible == job.restored().visible
    assert {**new.values, **_exact_seed(job)} == job.restored().values
    assert {line.name for line in new.report.changed} == seeds
    assert {line.outcome for line in new.report.changed} <= {Outcome.NEW}
    assert new.report.summary("M") == job.restored().report.summary("M")


@given(job=ANY_JOB, data=st.data())
def test_files_that_are_gone_are_named_and_the_rest_comes_back(job: Stored, data: st.DataObject) -> None:
    used = sorted(job.config.files(job.event.options))
    gone = data.draw(st.sets(st.sampled_from(used))) if used else set()
    restored = plan(job.event, job.config, {key: file for key, file in job.files.items() if key not in gone})
    for name in job.shown:
        if not restored.visible[name]:
            assert line(restored, name).outcome is Outcome.HIDDEN
        elif name in job.config.media() and gone.intersection(files_in(job.value(name))):
            there = [key for key in files_in(job.value(name)) if key not in gone]
            assert restored.values[name] == (there if isinstance(job.value(name), list) else None)
            assert line(restored, name).outcome is Outcome.MISSING
        else:
            assert same(restored.values[name], job.value(name))
    assert bool(restored.report.lost) == bool(gone)


# --- what a model can have become since ------------------------------------------------------------------------------


STEPS: dict[str, Any] = {"kind": "integer", "default": 4, "minimum": 2, "maximum": 10, "step": 2}
MODE: dict[str, Any] = {"kind": "choice", "choices": ["plain", "rich"]}


@pytest.mark.parametrize("empty", [0, False, "", None, []], ids=repr)
def test_empty_values_come_back_as_themselves(empty: Any) -> None:
    kinds: dict[type, dict[str, Any]] = {
        int: {"kind": "integer", "default": 3},
        bool: {"kind": "boolean", "default": True},
        str: {"kind": "text", "default": "words"},
        type(None): {"kind": "number"},
        list: {"kind": "choices", "choices": ["a"], "default": ["a"]},
    }
    restored = plan(job(a=empty), model(a=kinds[type(empty)]), {})
    assert same(restored.values["a"], empty)
    assert restored.report.lost == ()


def test_a_value_comes_back_under_its_parameters_new_name() -> None:
    restored = plan(job(cfg=3), model(guidance={"kind": "number"}, renames={"cfg": "guidance"}), {})
    assert restored.values == {"guidance": 3.0}
    assert line(restored, "guidance").outcome is Outcome.RENAMED
    assert restored.report.lost == ()


def test_a_file_comes_back_under_its_parameters_new_name() -> None:
    config = model(photo={"kind": "image"}, renames={"picture": "photo"})
    restored = plan(job(picture="k"), config, {"k": OnlyKind("image")})
    assert restored.values == {"photo": "k"}
    assert line(restored, "photo").outcome is Outcome.RENAMED


def test_what_the_job_calls_otherwise_is_said() -> None:
    event = job(guidance=3, steps=100).model_copy(update={"stored_as": {"guidance": "cfg", "steps": "rounds"}})
    restored = plan(event, model(guidance={"kind": "number"}, steps=STEPS), {})
    assert restored.values == {"guidance": 3.0, "steps": 10}
    assert [line.detail for line in restored.report.changed] == [
        "Guidance: from cfg",
        "Steps: 100 from rounds must now be a multiple of 2 between 2 and 10, 10 is used",
    ]
    assert [line.name for line in restored.report.lost] == ["steps"]


def test_a_text_with_wildcards_comes_back_as_written_or_as_the_model_got_it() -> None:
    config = model(words={"kind": "text"}, steps=STEPS, renames={"prompt": "words"})
    event = job(prompt="a {red|blue} hat", steps=4).model_copy(update={"resolved": {"prompt": "a blue hat"}})
    assert plan(event, config, {}).values == {"words": "a {red|blue} hat", "steps": 4}
    assert plan(event, config, {}, text="resolved").values == {"words": "a blue hat", "steps": 4}


DYNAMIC = model(words={"kind": "text", "wildcards": True}, seed={"kind": "seed"})


@given(text=st.text("{|}_\\ a1é", max_size=30), seed=st.integers(0, 99))
def test_a_text_reused_as_resolved_becomes_itself_with_any_seed(text: str, seed: int) -> None:
    written = "{=|=}" + re.sub(r"[{|}_]", r"\\\g<0>", text)
    first = stored(DYNAMIC, {"words": written, "seed": 1}).event
    reused = plan(first, DYNAMIC, {}, text="resolved")
    assert line(reused, "words").outcome is Outcome.RESTORED
    again = stored(DYNAMIC, {**reused.values, "seed": seed}).event
    assert first.resolved == {"words": f"={text}"}
    assert again.resolved.get("words", again.options["words"]) == f"={text}"


def test_a_text_that_resolved_to_itself_is_not_resolved_again() -> None:
    event = job(words="__animal__", seed=1)  # a line of the file was just this, escaped
    assert plan(event, DYNAMIC, {}).values["words"] == "__animal__"
    assert plan(event, DYNAMIC, {}, text="resolved").values["words"] == r"\_\_animal\_\_"


def test_a_text_without_wildcards_here_comes_back_unescaped() -> None:
    config = model(words={"kind": "text"})
    event = job(words="{a|b}{c|c}").model_copy(update={"resolved": {"words": "{a|b}c"}})
    assert plan(event, config, {}, text="resolved").values == {"words": "{a|b}c"}


def test_the_new_name_wins_where_a_job_has_both() -> None:
    restored = plan(job(cfg=3, guidance=5), model(guidance={"kind": "number"}, renames={"cfg": "guidance"}), {})
    assert restored.values == {"guidance": 5.0}
    assert line(restored, "cfg").outcome is Outcome.REMOVED


@pytest.mark.parametrize(("was", "becomes"), [(0, 2), (100, 10), (4.9, 4), (5.1, 6), (10**30, 10)])
def test_a_number_outside_todays_limits_becomes_the_nearest_one(was: float, becomes: int) -> None:
    restored = plan(job(steps=was), model(steps=STEPS), {})
    assert restored.values == {"steps": becomes}
    assert line(restored, "steps").outcome is Outcome.CLAMPED
    assert "multiple of 2 between 2 and 10" in line(restored, "steps").detail


@pytest.mark.parametrize(
    "absurd", [10**400, float("inf"), float("nan"), "many", True, [4], None], ids=lambda value: str(value)[:8]
)
def test_what_is_near_no_number_becomes_the_default(absurd: Any) -> None:
    restored = plan(job(steps=absurd), model(steps=STEPS), {})
    assert restored.values == {"steps": 4}
    assert line(restored, "steps").outcome is Outcome.DEFAULT


def test_a_choice_that_is_gone_becomes_the_default_and_is_named() -> None:
    restored = plan(job(mode="loud"), model(mode=MODE), {})
    assert restored.values == {"mode": "plain"}
    assert line(restored, "mode") == ReportLine(
        name="mode",
        label="Mode",
        outcome=Outcome.GONE,
        detail="Mode: loud must now be one of plain, rich, the default is used",
    )


def test_what_the_job_did_not_have_is_put_back_to_its_default() -> None:
    restored = plan(job(), model(steps=STEPS), {})
    assert restored.values == {"steps": 4}
    assert line(restored, "steps").outcome is Outcome.DEFAULT


@pytest.mark.parametrize("kind", ["image", "mask"])
def test_a_place_for_one_picture_takes_the_first_of_several_and_says_so(kind: str) -> None:
    parameters = {"photo": {"kind": "image"}, "one": {"kind": kind} | ({"of": "photo"} if kind == "mask" else {})}
    media = {key: OnlyKind("image") for key in "abc"}
    restored = plan(job(photo="a", one=["b", "c", "a"]), model(**parameters), media)
    assert restored.values == {"photo": "a", "one": "b"}
    assert line(restored, "one").outcome is Outcome.CLAMPED
    assert line(restored, "one").detail == "One: takes the first of 3, the others are left out"
    alone = plan(job(photo="a", one=["b"]), model(**parameters), media)
    assert (alone.values, alone.report.lost) == ({"photo": "a", "one": "b"}, ())


def test_a_size_in_a_line_reads_as_in_the_form() -> None:
    size = {"kind": "size", "multiple": 64, "minimum": 64, "maximum": 1024}
    restored = plan(job(size={"width": 100, "height": 2000}), model(size=size), {})
    detail = line(restored, "size").detail
    assert detail.startswith("Size: 100 × 2000 must now be")
    assert detail.endswith(" × 1024 is used")


def test_an_input_that_the_model_lost_is_named() -> None:
    restored = plan(job(steps=4, sharpness=1), model(steps=STEPS), {})
    assert restored.values == {"steps": 4}
    assert [(line.name, line.outcome) for line in restored.report.lost] == [("sharpness", Outcome.REMOVED)]
    assert restored.report.summary("M") == "Restored 1 input of M. It has no place for 1 other."
    assert not restored.report.is_bare


def test_an_input_that_the_model_lost_is_called_as_the_form_called_it() -> None:
    before = model(sharpness={"kind": "number", "label": "Crispness"}).snapshot()
    restored = plan(job(sharpness=1).model_copy(update={"config_snapshot": before}), model(steps=STEPS), {})
    assert line(restored, "sharpness").detail == "Crispness: M has no such input"


@pytest.mark.parametrize("junk", [{}, {"parameters": 3}, {"parameters": {"a": 3}}, {"parameters": {"a": {"label": 3}}}])
def test_a_damaged_snapshot_costs_no_more_than_the_label(junk: dict[str, Any]) -> None:
    restored = plan(job(a=1).model_copy(update={"config_snapshot": junk}), model(steps=STEPS), {})
    assert line(restored, "a").detail == "a: M has no such input"


def test_inputs_of_a_model_that_is_gone_are_offered_to_the_one_at_hand() -> None:
    event = job(steps=6).model_copy(update={"model_id": "old"})
    restored = plan(event, model(steps=STEPS), {})
    assert (restored.model_id, restored.values) == ("m", {"steps": 6})
    assert [line.outcome for line in restored.report.lost] == [Outcome.MODEL]
    assert restored.report.summary("M") == "Restored 1 input of M."


def test_a_file_of_another_kind_does_not_come_back() -> None:
    restored = plan(job(photo="k"), model(photo={"kind": "image"}), {"k": OnlyKind("video")})
    assert restored.values == {"photo": None}
    assert line(restored, "photo").detail == "Photo: the stored file is not an image file"


def test_a_report_of_which_nothing_came_back_names_the_files_that_are_missing() -> None:
    config = model(photo={"kind": "image"}, steps=STEPS)
    event = job(photo="k").model_copy(update={"incomplete": True})
    gone, there = plan(event, config, {}).report, plan(event, config, {"k": OnlyKind("image")}).report
    assert (gone.is_bare, [line.detail for line in gone.missing]) == (True, ["Photo: the file is missing"])
    assert (there.is_bare, there.missing) == (False, ())


def test_a_missing_file_hides_what_depends_on_it() -> None:
    config = model(photo={"kind": "image"}, strength={"kind": "integer", "default": 1, "depends_on": {"photo": "set"}})
    restored = plan(job(photo="k", strength=5), config, {})
    assert restored.visible == {"photo": True, "strength": False}
    assert [line.outcome for line in restored.report.lost] == [Outcome.MISSING, Outcome.HIDDEN]
    assert line(restored, "strength").detail == "Strength only shows when Photo is set"


def test_a_record_without_options_gives_back_its_columns() -> None:
    config = model(prompt={"kind": "text"}, photo={"kind": "image"}, steps=STEPS)
    event = ReuseJobInput(
        job_id="j", model_id="m", type="image", prompt="a hat", image_input_path="k", seed=5, incomplete=True
    )
    restored = plan(event, config, {"k": OnlyKind("image")})
    assert restored.values == {"prompt": "a hat", "photo": "k", "steps": 4}


@pytest.mark.parametrize(
    ("mode", "asked", "ran", "becomes"),
    [("exact", None, 7, 7), ("exact", 7, 7, 7), ("exact", 7, None, 7), ("new", 7, 7, None), ("new", None, 7, None)],
)
def test_the_seed_comes_back_exact_or_new(mode: SeedMode, asked: int | None, ran: int | None, becomes: int) -> None:
    event = job(seed=asked).model_copy(update={"seed": ran})
    assert plan(event, model(seed={"kind": "seed"}), {}, mode).values == {"seed": becomes}


def test_half_a_character_is_neither_restored_nor_repeated() -> None:
    restored = plan(job(prompt="a \ud800", **{"\udc00": 1}), model(prompt={"kind": "text", "default": "x"}), {})
    assert restored.values == {"prompt": "x"}
    assert [line.detail for line in restored.report.lost] == [
        "Prompt: a ? must now be text of at most 10000 characters, the default is used",
        "?: M has no such input",
    ]
