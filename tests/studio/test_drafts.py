"""Drafts: what a form held comes back, valid or not, and nothing that its fields could not show."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_configs.registry import load_registry
from model_configs.schema import ModelConfig
from studio.drafts import plan
from tests import strategies
from tests.memory_studio import FILES

MODELS = load_registry().models


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=100)
@given(data=st.data())
def test_a_form_that_could_be_submitted_comes_back_as_it_was(model: str, data: st.DataObject) -> None:
    config = MODELS[model]
    held = data.draw(strategies.values_for(config))
    kept = plan(config, json.loads(json.dumps(held)), FILES)
    assert kept.values == {**config.defaults(), **held}
    assert {name for name, shows in kept.visible.items() if shows} == config.visible(kept.values)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=100)
@given(data=st.data())
def test_what_no_field_can_show_is_at_its_default(model: str, data: st.DataObject) -> None:
    config = MODELS[model]
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
