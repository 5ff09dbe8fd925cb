"""Drafts: what a form held comes back, valid or not, and nothing that its fields could not show."""

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.registry import Registry
from model_configs.schema import ModelConfig
from storage.errors import MediaStoreError
from storage.media.store import MediaInfo, MediaStore
from studio.inputs.drafts import plan
from tests import strategies
from tests.memory_studio import FILES, USER, Media, memory_studio
from tests.stored_jobs import MODELS, for_any_model, model
from tests.strategies import MEDIA_KEYS


@for_any_model
def test_a_form_that_could_be_submitted_comes_back_as_it_was(model: str, data: st.DataObject) -> None:
    config = data.draw(MODELS[model])
    held = data.draw(strategies.values_for(config))
    kept = plan(config, json.loads(json.dumps(held)), FILES)
    assert kept.values == {**config.defaults(), **held}
    assert {name for name, shows in kept.visible.items() if shows} == config.visible(kept.values)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@for_any_model
def test_what_no_field_can_show_is_at_its_default(model: str, data: st.DataObject) -> None:
    config = data.draw(MODELS[model])
    held = data.draw(st.dictionaries(st.sampled_from([*config.parameters, "stranger"]), JUNK))
    once = plan(config, held, FILES)
    assert set(once.values) == set(config.parameters)
    assert plan(config, once.values, FILES).values == once.values


@pytest.fixture(scope="module")
def config() -> ModelConfig:
    parameters: dict[str, Any] = {
        "prompt": {"kind": "text", "max_length": 10},
        "lora": {"kind": "loras"},
        "steps": {"kind": "integer", "default": 4, "minimum": 1, "maximum": 8},
        "image": {"kind": "image"},
    }
    described = {"id": "m", "name": "M", "type": "image", "backend": {"kind": "local"}, "parameters": parameters}
    return ModelConfig.model_validate(described)


def test_a_draft_keeps_what_is_not_valid_yet(config: ModelConfig) -> None:
    held = {"prompt": "longer than ten characters", "lora": [{"path": "", "weight": None}]}
    assert plan(config, held, {}).values == {**config.defaults(), **held}


def test_a_number_outside_its_new_limits_becomes_the_nearest(config: ModelConfig) -> None:
    assert plan(config, {"steps": 20}, {}).values["steps"] == 8


def test_a_file_that_is_gone_leaves_its_field_empty(config: ModelConfig) -> None:
    assert plan(config, {"image": "00/gone.png"}, {}).values["image"] is None


RENAMED = model(
    photo={"kind": "image"},
    ridges={"kind": "integer", "default": 4, "minimum": 1, "maximum": 8},
    renames={"layers": "ridges", "picture": "photo"},
)


@given(layers=st.integers(1, 8))
def test_a_renamed_input_keeps_what_was_left_in_it(layers: int) -> None:
    before = model(picture={"kind": "image"}, layers={"kind": "integer", "default": 4, "minimum": 1, "maximum": 8})
    held = {"layers": layers, "picture": MEDIA_KEYS["image"][0]}
    studio = memory_studio(before)
    studio.keep_draft(USER, "m", held)
    today = replace(studio, registry=Registry({"m": RENAMED})).recall_drafts(USER)
    assert today.plans["m"].values == {"ridges": layers, "photo": held["picture"]}
    assert today.files.keys() == {held["picture"]}


def test_the_new_name_wins_where_a_draft_has_both() -> None:
    assert plan(RENAMED, {"layers": 2, "ridges": 3}, {}).values["ridges"] == 3


class Away(Media):
    """A media store that does not answer."""

    def find_many(self, user_id: str, keys: Collection[str]) -> dict[str, MediaInfo]:
        if keys:
            raise MediaStoreError
        return {}


def test_a_draft_whose_file_has_a_renamed_input_waits_for_it_too() -> None:
    studio = replace(memory_studio(RENAMED), media=cast(MediaStore, Away()))
    studio.drafts.save(USER, "m", {"picture": MEDIA_KEYS["image"][0]}, set())
    assert studio.recall_drafts(USER).waiting == {"m"}
