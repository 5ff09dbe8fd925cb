"""The model configs that come with the studio."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.registry import BUILT_IN
from model_configs.registry import HERE, load_registry
from model_configs.schema import ModelConfig
from tests.showing import showing
from tests.strategies import example_files, values_for

MODELS = load_registry().models
every_model = pytest.mark.parametrize("config", MODELS.values(), ids=MODELS)


def limits(model_id: str, name: str) -> tuple[Any, ...]:
    parameter = MODELS[model_id].parameters[name]
    assert parameter.kind in ("integer", "number")
    return parameter.default, parameter.minimum, parameter.maximum, parameter.step


def test_every_shipped_file_loads() -> None:
    assert load_registry(specs={kind: make({}).spec_type for kind, make in BUILT_IN.items()}).broken == ()
    assert {path.stem for path in HERE.glob("*.yaml")} == set(MODELS), "a file is called as its model"


def test_every_shipped_file_tells_editors_its_schema() -> None:
    for path in HERE.glob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schema.json\n"), path.name


def test_the_models_of_the_design_and_those_that_run_here_are_there() -> None:
    local = {"collage", "fill", "slideshow", "image-edit", "upscale", "ken-burns", "audio-edit", "pattern"}
    assert {*local, "flux-krea", "wan-animate", "qwen-image-edit"} <= set(MODELS)
    assert {model_id for model_id, config in MODELS.items() if config.backend.kind == "function"} == local


@every_model
def test_defaults_and_the_required_inputs_are_enough(config: ModelConfig) -> None:
    given = example_files(config)
    given |= {name: "x" for name, p in config.parameters.items() if p.kind == "text" and p.required}
    assert config.check(given)


@every_model
def test_every_parameter_can_be_brought_into_sight(config: ModelConfig) -> None:
    for name in config.parameters:
        assert name in config.visible(config.defaults() | showing(config, name))


@every_model
@given(data=st.data())
def test_valid_values_pass_and_are_stored_as_they_are(config: ModelConfig, data: st.DataObject) -> None:
    values = data.draw(values_for(config))
    stored = config.check(values)
    assert stored == {name: values[name] for name in stored}


def test_flux_krea_has_the_limits_of_its_worker() -> None:
    assert limits("flux-krea", "width") == limits("flux-krea", "height") == (1024, 512, 2048, 64)
    assert limits("flux-krea", "guidance") == (1.0, 1.0, 20.0, 0.1)
    assert MODELS["flux-krea"].parameters["lora"].max_items == 3


def test_qwen_image_edit_needs_one_picture_and_takes_two() -> None:
    config = MODELS["qwen-image-edit"]
    assert config.media() == {"image": "image", "image_2": "image"}
    assert config.parameters["image"].required
    assert not config.parameters["image_2"].required
    assert limits(config.id, "width") == limits(config.id, "height") == (512, 256, 1920, 64)


def test_wan_animate_asks_for_points_only_when_it_animates() -> None:
    config = MODELS["wan-animate"]
    points = {"points_store", "coordinates", "neg_coordinates"}
    assert config.media() == {"image": "image", "video": "video"}
    assert not points & config.visible({"mode": "replace"})
    assert points <= config.visible({"mode": "animate"})
    assert limits(config.id, "fps") == (30, 1, 60, 1)


@every_model
def test_every_help_ends_as_a_sentence(config: ModelConfig) -> None:
    """One with an unquoted # lost what stood behind it."""
    assert [
        name for name, one in config.parameters.items() if one.help and not one.help.endswith((".", "!", "?"))
    ] == []
