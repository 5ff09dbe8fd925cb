"""Jobs come back after their model changed or went: recorded ones of every shipped version, and made-up changes.

`old_jobs/` has one job for each version of each shipped model, as the store keeps it. A new version adds a file; none
is ever edited, as the jobs that users have are not.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from model_configs.schema import ModelConfig
from studio.inputs.cross_model import adapt
from studio.inputs.restore import Outcome, RestorePlan, plan
from studio.inputs.reuse_event import ReuseJobInput
from tests.stored_jobs import SHIPPED, OnlyKind, job, leaves, model, same
from tests.strategies import MEDIA_KEYS

OLD_JOBS = Path(__file__).parent.parent / "old_jobs"
RECORDED = sorted(path.stem for path in OLD_JOBS.glob("*.json"))
FILES = {key: OnlyKind(kind) for kind, keys in MEDIA_KEYS.items() for key in keys}

# --- recorded jobs ---------------------------------------------------------------------------------------------------


def recorded(name: str) -> ReuseJobInput:
    record: dict[str, Any] = json.loads((OLD_JOBS / f"{name}.json").read_text(encoding="utf-8"))
    assert f"{record['model_id']}-v{record.pop('model_version')}" == name
    return ReuseJobInput.model_validate({"job_id": name, **record})


def test_every_version_of_every_shipped_model_has_its_job() -> None:
    versions = {f"{id_}-v{number}" for id_, config in SHIPPED.items() for number in range(1, config.version + 1)}
    assert versions <= set(RECORDED)


def assert_complete(event: ReuseJobInput, config: ModelConfig) -> None:
    """All that the job had shows with its value; a younger input may show beside it, with its default."""
    restored = plan(event, config, FILES)
    for old, value in event.options.items():
        name = config.renames.get(old, old)
        assert restored.visible[name], name
        assert same(restored.values[name], event.seed if config.parameters[name].kind == "seed" else value), name
    assert not {line.name for line in restored.report.lost} - (config.parameters.keys() - event.options.keys())
    config.check(restored.values)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_job_comes_back_completely(name: str) -> None:
    event = recorded(name)
    assert_complete(event, SHIPPED[event.model_id])


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_job_needs_no_more_than_its_own_snapshot(name: str) -> None:
    event = recorded(name)
    before = ModelConfig.model_validate(event.config_snapshot)
    assert_complete(event, before)
    for target in SHIPPED.values():
        assert leaves(adapt(event, before, target).options) == leaves(event.options)


# --- what a model can have become ------------------------------------------------------------------------------------

NUMBER: dict[str, Any] = {"kind": "number", "default": 1}
STEPS: dict[str, Any] = {"kind": "integer", "default": 20, "minimum": 1, "maximum": 100}
MODE: dict[str, Any] = {"kind": "choice", "choices": ["draft", "fine", "best"]}


@dataclass(frozen=True)
class Change:
    """A model before and after, what the job had, what comes back, and the line about every change."""

    before: dict[str, Any]
    after: dict[str, Any]
    options: dict[str, Any]
    becomes: dict[str, Any]
    lines: dict[str, tuple[Outcome, str]]


CHANGES = {
    "renamed": Change(
        before={"cfg": NUMBER},
        after={"guidance": NUMBER, "renames": {"cfg": "guidance"}},
        options={"cfg": 3.5},
        becomes={"guidance": 3.5},
        lines={"guidance": (Outcome.RENAMED, "Guidance: from cfg")},
    ),
    "renamed and narrowed": Change(
        before={"cfg": NUMBER},
        after={"guidance": NUMBER | {"maximum": 2}, "renames": {"cfg": "guidance"}},
        options={"cfg": 3.5},
        becomes={"guidance": 2.0},
        lines={"guidance": (Outcome.CLAMPED, "Guidance: 3.5 from cfg must now be a number of at most 2, 2.0 is used")},
    ),
    "removed": Change(
        before={"steps": STEPS, "tiling": {"kind": "boolean", "label": "Seamless"}},
        after={"steps": STEPS},
        options={"steps": 30, "tiling": True},
        becomes={"steps": 30},
        lines={"tiling": (Outcome.REMOVED, "Seamless: M has no such input")},
    ),
    "added": Change(
        before={"steps": STEPS},
        after={"steps": STEPS, "mode": MODE},
        options={"steps": 30},
        becomes={"steps": 30, "mode": "draft"},
        lines={"mode": (Outcome.DEFAULT, "Mode: the job has no value, the default is used")},
    ),
    "narrowed": Change(
        before={"steps": STEPS},
        after={"steps": STEPS | {"maximum": 50}},
        options={"steps": 80},
        becomes={"steps": 50},
        lines={"steps": (Outcome.CLAMPED, "Steps: 80 must now be a whole number between 1 and 50, 50 is used")},
    ),
    "a coarser step": Change(
        before={"width": STEPS | {"maximum": 4000}},
        after={"width": STEPS | {"default": 1024, "minimum": 512, "maximum": 2048, "step": 64}},
        options={"width": 1000},
        becomes={"width": 1024},
        lines={
            "width": (
                Outcome.CLAMPED,
                "Width: 1000 must now be a multiple of 64 between 512 and 2048, 1024 is used",
            )
        },
    ),
    "a choice gone": Change(
        before={"mode": MODE},
        after={"mode": MODE | {"choices": ["draft", "fine"]}},
        options={"mode": "best"},
        becomes={"mode": "draft"},
        lines={"mode": (Outcome.GONE, "Mode: best must now be one of draft, fine, the default is used")},
    ),
    "another kind": Change(
        before={"mode": MODE, "size": {"kind": "text"}},
        after={"mode": {"kind": "boolean"}, "size": STEPS},
        options={"mode": "best", "size": "large"},
        becomes={"mode": False, "size": 20},
        lines={
            "mode": (Outcome.DEFAULT, "Mode: best must now be on or off, the default is used"),
            "size": (
                Outcome.DEFAULT,
                "Size: large must now be a whole number between 1 and 100, the default is used",
            ),
        },
    ),
    "another kind of file": Change(
        before={"source": {"kind": "image"}},
        after={"source": {"kind": "video"}},
        options={"source": MEDIA_KEYS["image"][0]},
        becomes={"source": None},
        lines={"source": (Outcome.MISSING, "Source: the stored file is not a video file")},
    ),
    "a condition": Change(
        before={"mode": MODE, "steps": STEPS},
        after={"mode": MODE, "steps": STEPS | {"depends_on": {"mode": "best"}}},
        options={"mode": "draft", "steps": 30},
        becomes={"mode": "draft", "steps": 20},
        lines={"steps": (Outcome.HIDDEN, "Steps only shows when Mode is best")},
    ),
    "a parent that is gone takes no dependent with it": Change(
        before={"mode": MODE, "steps": STEPS | {"depends_on": {"mode": "best"}}},
        after={"steps": STEPS},
        options={"mode": "best", "steps": 30},
        becomes={"steps": 30},
        lines={"mode": (Outcome.REMOVED, "Mode: M has no such input")},
    ),
    "only its look and its order": Change(
        before={"mode": MODE, "steps": STEPS},
        after={"steps": STEPS | {"label": "Rounds", "default": 8, "help": "More take longer."}, "mode": MODE},
        options={"mode": "fine", "steps": 30},
        becomes={"steps": 30, "mode": "fine"},
        lines={},
    ),
}


def made_by(before: ModelConfig, options: dict[str, Any]) -> ReuseJobInput:
    assert before.check(options).keys() == options.keys(), "a job that the model could make"
    return job(**options).model_copy(update={"config_snapshot": before.snapshot()})


def said(restored: RestorePlan) -> dict[str, tuple[Outcome, str]]:
    return {line.name: (line.outcome, line.detail) for line in restored.report.changed}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_job_comes_back_after_its_model_changed(change: Change) -> None:
    after = model(**change.after)
    restored = plan(made_by(model(**change.before), change.options), after, FILES)
    assert same(restored.values, change.becomes)
    assert said(restored) == change.lines
    after.check(restored.values)


def test_a_job_whose_model_is_gone_comes_back_in_another() -> None:
    before = model(cfg=NUMBER, steps=STEPS, mode=MODE, photo={"kind": "image"}, size={"kind": "boolean"})
    event = made_by(before, {"cfg": 3.5, "steps": 80, "mode": "best", "photo": MEDIA_KEYS["image"][0], "size": True})
    target = model(
        guidance=NUMBER | {"aliases": ["cfg"]},
        steps=STEPS | {"maximum": 50},
        start_image={"kind": "image"},
        size={"kind": "text"},
    ).model_copy(update={"id": "other", "name": "Other"})
    there = adapt(event, ModelConfig.model_validate(event.config_snapshot), target)
    restored = plan(there.model_copy(update={"model_id": "m"}), target, FILES)
    assert restored.values == {"guidance": 3.5, "steps": 50, "start_image": MEDIA_KEYS["image"][0], "size": ""}
    assert said(restored) == {
        "": (Outcome.MODEL, "The model m is not there any more, its inputs are offered to Other"),
        "guidance": (Outcome.RENAMED, "Guidance: from cfg"),
        "steps": (Outcome.CLAMPED, "Steps: 80 must now be a whole number between 1 and 50, 50 is used"),
        "start_image": (Outcome.RENAMED, "Start image: from photo"),
        "size": (Outcome.DEFAULT, "Size: the job has no value, the default is used"),
        "mode": (Outcome.REMOVED, "Mode: Other has no such input"),
        "size of M": (Outcome.REMOVED, "size of M: Other has no such input"),
    }
    target.check(restored.values)
