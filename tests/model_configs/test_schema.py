"""What a model config may say, and which values it lets into a job."""

import copy
import json
import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from model_configs.schema import SEED_MAXIMUM, ModelConfig, ModelConfigError, Parameter, ValuesError
from tests.strategies import MEDIA_KEYS, configs_with_values, model_configs, model_documents, values_for

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def model(**parameters: Any) -> ModelConfig:
    return ModelConfig.model_validate(document(**parameters))


def document(**parameters: Any) -> dict[str, Any]:
    return {"id": "m", "name": "Model", "type": "image", "backend": {"kind": "local"}, "parameters": parameters}


def parameter(**declared: Any) -> Parameter:
    read: Parameter = TypeAdapter(Parameter).validate_python(declared)
    return read


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
@pytest.mark.parametrize("junk", [math.nan, 0, True, [], ["a.png"], {"path": "a.png"}, b"a.png"])
def test_a_file_is_known_by_a_text(kind: str, junk: Any) -> None:
    with pytest.raises(ValueError, match="valid string"):
        parameter(kind=kind).check(junk)


@given(configs_with_values())
def test_a_job_stores_the_values_that_show_and_no_others(drawn: tuple[ModelConfig, dict[str, Any]]) -> None:
    config, values = drawn
    stored = config.check(values)
    assert stored.keys() == config.visible(values)
    assert stored == {name: values[name] for name in stored}


@given(configs_with_values())
def test_checking_stored_values_again_changes_nothing(drawn: tuple[ModelConfig, dict[str, Any]]) -> None:
    config, values = drawn
    stored = config.check(values)
    assert config.check(stored) == stored


@given(configs_with_values())
def test_stored_values_are_json(drawn: tuple[ModelConfig, dict[str, Any]]) -> None:
    config, values = drawn
    stored = config.check(values)
    assert json.loads(json.dumps(stored)) == stored


@given(model_configs(), st.data())
def test_a_nearest_value_is_one_that_the_parameter_takes(config: ModelConfig, data: st.DataObject) -> None:
    for item in config.parameters.values():
        value = data.draw(anything)
        try:
            fitted = item.fit(value)
        except ValueError:
            continue
        assert item.check(fitted) == fitted


@given(model_configs(), st.data())
def test_a_valid_value_is_its_own_nearest(config: ModelConfig, data: st.DataObject) -> None:
    for name, value in data.draw(values_for(config)).items():
        assert config.parameters[name].fit(value) == value


@given(model_configs(), st.dictionaries(st.sampled_from(["prompt", "mode", "steps", "zzz"]), anything, max_size=3))
def test_any_values_are_taken_or_refused_with_a_sentence_each(config: ModelConfig, values: dict[str, Any]) -> None:
    problems: Mapping[str, str] = {}
    try:
        config.check(values)
    except ValuesError as error:
        problems = error.problems
    for name, sentence in problems.items():
        assert name in config.parameters or name in values
        assert sentence


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        (
            {"kind": "integer", "default": 512, "minimum": 512, "maximum": 2048, "step": 64},
            1000,
            "Width must be a multiple of 64 between 512 and 2048",
        ),
        ({"kind": "integer", "default": 0, "minimum": 0}, -1, "Width must be a whole number of at least 0"),
        ({"kind": "integer", "default": 0, "maximum": 9}, True, "Width must be a whole number of at most 9"),
        (
            {"kind": "integer", "default": 81, "minimum": 81, "maximum": 161, "step": 4},
            82,
            "Width must be 81 plus a multiple of 4 between 81 and 161",
        ),
        ({"kind": "number", "default": 1, "minimum": 0.1, "maximum": 2}, float("nan"), "between 0.1 and 2"),
        ({"kind": "number", "default": 1}, None, "Width must be a number"),
        ({"kind": "boolean"}, 1, "Width must be on or off"),
        ({"kind": "choice", "choices": [1, {"value": 2, "label": "two"}]}, True, "Width must be one of 1, two"),
        ({"kind": "choices", "choices": ["a", "b"]}, ["a", "c"], "Width must be any of a, b"),
        ({"kind": "seed"}, 2**53, "Width must be empty for a random seed, or a whole number between 0 and"),
        ({"kind": "seed", "maximum": SEED_MAXIMUM}, 2**64, "a whole number between 0 and 18446744073709551615"),
        ({"kind": "seed", "maximum": SEED_MAXIMUM}, 2.0**53, "a whole number between 0 and 18446744073709551615"),
        ({"kind": "text", "max_length": 3}, "four", "Width must be text of at most 3 characters"),
        ({"kind": "text", "required": True}, "", "Width is needed"),
        ({"kind": "image", "required": True}, None, "Width is needed"),
        ({"kind": "loras"}, [{"path": "a", "weight": 9}], "at most 3 LoRAs, each with a name and a weight between 0.1"),
    ],
)
def test_a_refused_value_is_told_with_label_and_limits(declared: dict[str, Any], value: Any, message: str) -> None:
    with pytest.raises(ValuesError) as refused:
        model(width=declared).check({"width": value})
    assert message in refused.value.problems["width"]


def test_a_name_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(ValuesError) as refused:
        model(prompt={"kind": "text"}).check({"promt": "typo"})
    assert refused.value.problems == {"promt": "Model has no parameter called promt"}


@pytest.mark.parametrize(
    ("declared", "empty"),
    [
        ({"kind": "text"}, ""),
        ({"kind": "integer", "default": 3}, 0),
        ({"kind": "integer"}, None),
        ({"kind": "number", "default": 3}, 0.0),
        ({"kind": "number"}, None),
        ({"kind": "boolean", "default": True}, False),
        ({"kind": "choice", "choices": ["a", ""]}, ""),
        ({"kind": "choice", "choices": [1, 0]}, 0),
        ({"kind": "choice", "choices": [True, False]}, False),
        ({"kind": "choices", "choices": ["a"], "default": ["a"]}, []),
        ({"kind": "seed", "default": 3}, None),
        ({"kind": "seed", "default": 3}, 0),
        ({"kind": "image"}, None),
        ({"kind": "loras", "default": [{"path": "a", "weight": 1}]}, []),
    ],
    ids=str,
)
def test_an_empty_value_is_a_value_and_not_the_default(declared: dict[str, Any], empty: Any) -> None:
    stored = model(x=declared).check({"x": empty})
    assert stored == {"x": empty}
    assert type(stored["x"]) is type(empty)


def test_what_is_not_given_has_its_default() -> None:
    config = model(steps={"kind": "integer", "default": 4}, mode={"kind": "choice", "choices": ["a", "b"]})
    assert config.check({}) == {"steps": 4, "mode": "a"}


def test_a_hidden_value_is_neither_stored_nor_checked() -> None:
    config = model(
        mode={"kind": "choice", "choices": ["a", "b"]},
        image={"kind": "image", "required": True, "depends_on": {"mode": "b"}},
    )
    assert config.check({"mode": "a", "image": None}) == {"mode": "a"}
    with pytest.raises(ValuesError, match="Image is needed"):
        config.check({"mode": "b", "image": None})


@pytest.mark.parametrize(
    ("declared", "value", "nearest"),
    [
        ({"kind": "integer", "default": 512, "minimum": 256, "maximum": 1000, "step": 64}, 5000, 960),
        ({"kind": "integer", "default": 512, "minimum": 256, "maximum": 1000, "step": 64}, 300, 320),
        ({"kind": "number", "default": 1, "minimum": 0.5, "maximum": 2}, -3, 0.5),
        ({"kind": "integer", "default": 4}, 4.4, 4),
    ],
)
def test_an_old_value_outside_the_limits_finds_the_nearest(declared: dict[str, Any], value: Any, nearest: Any) -> None:
    assert parameter(**declared).fit(value) == nearest


# --- configs ---------------------------------------------------------------------------------------------------------


@given(model_configs())
def test_a_snapshot_reads_back_as_the_same_config(config: ModelConfig) -> None:
    assert ModelConfig.model_validate(json.loads(json.dumps(config.snapshot()))) == config


@given(model_configs())
def test_defaults_are_values_that_the_parameters_take(config: ModelConfig) -> None:
    defaults = config.defaults()
    assert defaults.keys() == config.parameters.keys()
    for name, value in defaults.items():
        assert config.parameters[name].check(value) == value


@given(model_documents(), st.data())
def test_a_rule_about_an_unknown_parameter_is_refused_with_its_name(
    written: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(written["parameters"])))
    broken = copy.deepcopy(written)
    broken["parameters"][name]["depends_on"] = {"nowhere": 1}
    with pytest.raises(ModelConfigError, match="depends on nowhere, which the model does not have") as refused:
        ModelConfig.model_validate(broken)
    assert refused.value.where == ("parameters", name, "depends_on")


@given(st.integers(1, 6))
def test_a_cycle_of_any_length_is_refused(length: int) -> None:
    switches = {
        f"s{number}": {"kind": "boolean", "depends_on": {f"s{(number + 1) % length}": True}} for number in range(length)
    }
    with pytest.raises(ModelConfigError, match="in a cycle: s"):
        model(first={"kind": "text"}, **switches)


@given(model_documents(), st.data())
def test_a_rule_can_only_compare_with_values_that_the_parent_takes(
    written: dict[str, Any], data: st.DataObject
) -> None:
    parents = [name for name, declared in written["parameters"].items() if declared["kind"] in ("boolean", "choice")]
    assume(parents)
    parent = data.draw(st.sampled_from(parents))
    written["parameters"]["extra"] = {"kind": "text", "depends_on": {parent: "never one of them"}}
    with pytest.raises(ModelConfigError, match="is never 'never one of them'"):
        ModelConfig.model_validate(written)


@pytest.mark.parametrize(
    ("parameters", "where", "message"),
    [
        (
            {"width": {"kind": "integer", "default": 100, "minimum": 64, "maximum": 512, "step": 64}},
            ("parameters", "width", "default"),
            "the default 100 of Width must be a multiple of 64 between 64 and 512",
        ),
        (
            {"mode": {"kind": "choice", "choices": ["a"], "default": "b"}},
            ("parameters", "mode", "default"),
            "the default 'b' of Mode must be one of a",
        ),
        (
            {"a": {"kind": "image"}, "b": {"kind": "text", "depends_on": {"a": "file.png"}}},
            ("parameters", "b", "depends_on"),
            "a can only be tested with {a: set}",
        ),
        (
            {"a": {"kind": "seed"}, "b": {"kind": "text", "depends_on": {"a": "set"}}},
            ("parameters", "b", "depends_on"),
            "it depends on a, a seed: an exact reuse fills an open one, and that would change the form",
        ),
        (
            {"a": {"kind": "boolean"}, "b": {"kind": "text", "depends_on": {"a": "set"}}},
            ("parameters", "b", "depends_on"),
            "a is never 'set': it must be on or off",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_config_that_contradicts_itself_is_refused(
    parameters: dict[str, Any], where: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ModelConfigError) as refused:
        model(**parameters)
    assert refused.value.where == where
    assert refused.value.reason == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "Not An Id"}, "String should match pattern"),
        ({"parameters": {}}, "at least 1 item"),
        ({"parameters": {"Bad Name": {"kind": "text"}}}, "String should match pattern"),
        ({"parameters": {"x": {"kind": "texture"}}}, "does not match any of the expected tags"),
        ({"parameters": {"x": {"kind": "text", "defualt": "typo"}}}, "Extra inputs are not permitted"),
        ({"parameters": {"x": {"kind": "choice", "choices": []}}}, "at least 1 item"),
        ({"parameters": {"x": {"kind": "integer", "default": True}}}, "true and false are not numbers"),
        ({"parameters": ["x"]}, "valid dictionary"),
        ({"type": "smell"}, "'image', 'video' or 'audio'"),
        ({"extra": 1}, "Extra inputs are not permitted"),
    ],
    ids=str,
)
def test_a_config_with_a_mistake_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ModelConfig.model_validate(document(x={"kind": "text"}) | change)


@pytest.mark.parametrize("renames", [{"old": "nowhere"}, {"prompt": "prompt"}], ids=str)
def test_a_rename_leads_from_a_name_no_longer_used_to_one_in_use(renames: dict[str, str]) -> None:
    with pytest.raises(ModelConfigError, match="must lead from a name no longer used"):
        ModelConfig.model_validate(document(prompt={"kind": "text"}) | {"renames": renames})


def test_a_parameter_without_a_label_is_called_by_its_name() -> None:
    assert model(guidance_scale={"kind": "number"}).parameters["guidance_scale"].label == "Guidance scale"
    assert model(high_lora={"kind": "text"}).parameters["high_lora"].label == "High LoRA"
    assert model(cfg={"kind": "number"}).parameters["cfg"].label == "CFG"


@given(model_configs())
def test_media_names_every_parameter_that_takes_a_file(config: ModelConfig) -> None:
    kinds = {kind: kind for kind in MEDIA_KEYS} | {"images": "image", "mask": "image"}
    assert config.media() == {name: kinds[p.kind] for name, p in config.parameters.items() if p.kind in kinds}


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"all": {"kind": "text"}}, "all has a meaning in conditions"),
        ({"width": {"kind": "integer", "minimum": 2, "maximum": 1}}, "the minimum of Width is above its maximum"),
        ({"mode": {"kind": "choice", "choices": ["a", {"value": "a", "label": "b"}]}}, "Mode offers a choice twice"),
        ({"seed": {"kind": "seed"}, "seed_2": {"kind": "seed"}}, "a model has at most one seed"),
    ],
    ids=str,
)
def test_what_can_never_be_meant_is_refused(declared: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelConfigError, match=reason):
        model(**declared)


@given(text=st.text(max_size=600) | st.just("half \ud800"))
def test_an_open_choice_takes_other_texts_as_they_are(text: str) -> None:
    config = model(choice={"kind": "choice", "choices": ["a"], "open": True})
    if 0 < len(text) <= 500 and "\ud800" not in text:
        assert config.check({"choice": text}) == {"choice": text}
        assert config.parameters["choice"].fit(text) == text
    else:
        with pytest.raises(ValuesError, match="Choice must be one of the choices, or a text"):
            config.check({"choice": text})


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("value", ["", None, 1, True, ["a"]])
def test_no_choice_takes_what_is_no_text_of_its_list(value: Any, is_open: bool) -> None:
    with pytest.raises(ValuesError):
        model(c={"kind": "choice", "choices": ["a"], "open": is_open}).check({"c": value})
