"""The language of `depends_on`: what rules mean, their order, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs import conditions
from model_configs.conditions import AllOf, AnyOf, Condition, ConditionError, IsSet, Not, OneOf
from model_configs.schema import ModelConfig
from tests.strategies import configs_with_values, model_configs

TEXTS = {"prompt", "image"}
VALUES: dict[str, Any] = {"mode": "animate", "on": True, "count": 1, "prompt": "", "image": "a/key.png", "list": []}


def holds(rule: Any, hidden: str = "", **values: Any) -> bool:
    parsed = conditions.parse(rule, TEXTS.__contains__)
    return conditions.holds(parsed, VALUES | values, (VALUES.keys() | values.keys()) - {hidden})


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"mode": "animate"}, True),
        ({"mode": "replace"}, False),
        ({"mode": ["replace", "animate"]}, True),
        ({"on": True}, True),
        ({"count": 1.0}, True),
        ({"count": True}, False),
        ({"on": 1}, False),
        ({"image": "set"}, True),
        ({"prompt": "set"}, False),
        ({"mode": "set"}, False),
        ({"mode": "animate", "on": True}, True),
        ({"mode": "animate", "on": False}, False),
        ({"all": [{"mode": "animate"}, {"on": False}]}, False),
        ({"any": [{"mode": "replace"}, {"on": True}]}, True),
        ({"not": {"mode": "animate"}}, False),
        ({"not": {"any": [{"mode": "replace"}, {"on": False}]}}, True),
        ({"not": {"all": [{"mode": "animate"}, {"on": False}]}}, True),
    ],
    ids=str,
)
def test_rules_mean_what_they_say(rule: Any, expected: bool) -> None:
    assert holds(rule) is expected


@pytest.mark.parametrize("empty", [None, "", [], {}, ()])
def test_every_empty_value_is_not_set(empty: Any) -> None:
    assert not holds({"image": "set"}, image=empty)


@pytest.mark.parametrize("rule", [{"mode": "animate"}, {"mode": "other"}, {"image": "set"}], ids=str)
def test_neither_a_comparison_with_a_hidden_parent_nor_its_opposite_holds(rule: Any) -> None:
    hidden = next(iter(rule))
    assert not holds(rule, hidden)
    assert not holds({"not": rule}, hidden)
    assert not holds({"not": {"not": rule}}, hidden)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("mode", "a condition is a mapping"),
        ({}, "a condition is a mapping"),
        ([], "a condition is a mapping"),
        ({1: "x"}, "a condition names a parameter, not 1"),
        ({"mode": []}, "empty list: it could never hold"),
        ({"mode": None}, "can only be compared with text, numbers, true or false, not None"),
        ({"mode": {"a": 1}}, "can only be compared with"),
        ({"mode": ["a", None]}, "can only be compared with"),
        ({"all": {"mode": "a"}}, "all takes a list of conditions"),
        ({"any": []}, "any takes a list of conditions"),
        ({"not": [{"mode": "a"}]}, "a condition is a mapping"),
        ({"any": [{"mode": "a"}, 3]}, "a condition is a mapping"),
    ],
    ids=str,
)
def test_what_is_no_rule_is_refused_with_the_part_and_the_reason(rule: Any, message: str) -> None:
    with pytest.raises(ConditionError, match=message):
        conditions.parse(rule, TEXTS.__contains__)


def test_a_rule_reads_as_a_sentence() -> None:
    rule = {"any": [{"mode": ["a", "b"]}, {"not": {"on": True}}], "image": "set"}
    sentence = conditions.describe(conditions.parse(rule, TEXTS.__contains__), str.capitalize)
    assert sentence == "(Mode is a or b or not (On is on)) and Image is set"


def test_a_cycle_is_named_in_its_order() -> None:
    cycle: dict[str, Condition | None] = {
        "a": OneOf("b", (1,)),
        "b": OneOf("c", (1,)),
        "c": OneOf("a", (1,)),
        "d": None,
    }
    with pytest.raises(ConditionError, match="in a cycle: ") as refused:
        conditions.parent_first(cycle)
    names = str(refused.value).partition("cycle: ")[2].split(" → ")
    assert names[0] == names[-1]
    assert set(names) == {"a", "b", "c"}


@given(model_configs())
def test_the_order_holds_every_parameter_once_and_parents_first(config: ModelConfig) -> None:
    order = conditions.parent_first(config.conditions)
    assert sorted(order) == sorted(config.parameters)
    for name, rule in config.conditions.items():
        for parent in conditions.parents(rule) if rule else ():
            assert order.index(parent) < order.index(name)


@given(model_configs())
def test_without_rules_the_order_of_the_form_is_kept(config: ModelConfig) -> None:
    free = [name for name, rule in config.conditions.items() if rule is None]
    assert [name for name in config.order if name in free] == free


@given(configs_with_values())
def test_a_parameter_without_a_rule_always_shows(drawn: tuple[ModelConfig, dict[str, Any]]) -> None:
    config, values = drawn
    assert {name for name, rule in config.conditions.items() if rule is None} <= config.visible(values)


@given(configs_with_values())
def test_a_dependent_whose_parents_are_all_hidden_is_hidden(drawn: tuple[ModelConfig, dict[str, Any]]) -> None:
    config, values = drawn
    shown = config.visible(values)
    for name, rule in config.conditions.items():
        if rule is not None and conditions.parents(rule).isdisjoint(shown):
            assert name not in shown


@given(configs_with_values(), st.data())
def test_values_of_hidden_parameters_change_nothing(
    drawn: tuple[ModelConfig, dict[str, Any]], data: st.DataObject
) -> None:
    config, values = drawn
    shown = config.visible(values)
    others = data.draw(st.fixed_dictionaries({name: st.none() | st.integers(0, 3) for name in values.keys() - shown}))
    assert config.visible(values | others) == shown
    assert config.visible({name: values[name] for name in shown}) == shown


@given(configs_with_values())
def test_a_rule_and_its_opposite_differ_exactly_while_all_parents_show(
    drawn: tuple[ModelConfig, dict[str, Any]],
) -> None:
    config, values = drawn
    shown = config.visible(values)
    for rule in filter(None, config.conditions.values()):
        plain, opposite = conditions.holds(rule, values, shown), conditions.holds(Not(rule), values, shown)
        assert not (plain and opposite)
        if conditions.parents(rule) <= shown:
            assert plain is not opposite


@given(model_configs())
def test_the_page_gets_every_rule_whole(config: ModelConfig) -> None:
    for rule in filter(None, config.conditions.values()):
        assert from_json(conditions.to_json(rule)) == rule


def from_json(tree: list[Any]) -> Condition:
    match tree:
        case ["one", parent, values]:
            return OneOf(parent, tuple(values))
        case ["set", parent]:
            return IsSet(parent)
        case ["all", *parts]:
            return AllOf(tuple(map(from_json, parts)))
        case ["any", *parts]:
            return AnyOf(tuple(map(from_json, parts)))
        case ["not", part]:
            return Not(from_json(part))
    raise AssertionError(tree)
