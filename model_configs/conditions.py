"""When an input shows: the `depends_on` language of model configs, its meaning and its order.

A rule is written as YAML and parsed into a small tree::

    {mode: animate}                 the parent equals a value
    {mode: [animate, replace]}      the parent equals one of several
    {image: set}                    the parent (text, media, list) is not empty
    {a: 1, b: 2} / {all: [...]}     every part holds
    {any: [...]}  {not: {...}}      one part holds / the part does not

A leaf about a hidden parent never holds, nor does its `not`: what is not on the form has no value. So a dependent of
a dependent is hidden with its parent, without saying so twice. `to_json` hands the same tree to the page;
`components/form` evaluates it there, and a property test holds the two sides equal.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

Scalar = str | int | float | bool | None

SET = "set"
GROUPS = ("all", "any", "not")


class ConditionError(ValueError):
    """A rule that cannot be understood; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The parent's value is one of `values`."""

    parent: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class IsSet:
    """The parent holds something: text that is not empty, a file, a list with entries."""

    parent: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; so does an empty one."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition = OneOf | IsSet | AllOf | AnyOf | Not


def parse(rule: object, has_empty: Callable[[str], bool]) -> Condition:
    """Read a rule; `has_empty(parent)` tells whether `set` means "not empty" there rather than the text "set".

    Raises ConditionError for anything that is not one of the forms above.
    """
    if not isinstance(rule, Mapping) or not rule:
        raise ConditionError(f"a condition is a mapping such as {{mode: animate}}, not {rule!r}")
    parts = tuple(_parse_entry(key, value, has_empty) for key, value in rule.items())
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _parse_entry(key: object, value: object, has_empty: Callable[[str], bool]) -> Condition:
    if not isinstance(key, str):
        raise ConditionError(f"a condition names a parameter, not {key!r}")
    if key in GROUPS:
        return _parse_group(key, value, has_empty)
    if value == SET and has_empty(key):
        return IsSet(key)
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not values:
        raise ConditionError(f"{key} is compared with an empty list: it could never hold")
    for one in values:
        if not isinstance(one, str | int | float | bool):
            raise ConditionError(f"{key} can only be compared with text, numbers, true or false, not {one!r}")
    return OneOf(key, values)


def _parse_group(key: str, value: object, has_empty: Callable[[str], bool]) -> Condition:
    if key == "not":
        return Not(parse(value, has_empty))
    if not isinstance(value, list | tuple) or not value:
        raise ConditionError(f"{key} takes a list of conditions, not {value!r}")
    parts = tuple(parse(part, has_empty) for part in value)
    return AllOf(parts) if key == "all" else AnyOf(parts)


def leaves(condition: Condition) -> Iterator[OneOf | IsSet]:
    """Every comparison with a parent in the rule, in the order written."""
    match condition:
        case OneOf() | IsSet():
            yield condition
        case Not(part):
            yield from leaves(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)


def parents(condition: Condition) -> frozenset[str]:
    """The parameters the rule looks at."""
    return frozenset(leaf.parent for leaf in leaves(condition))


def ancestors(conditions: Mapping[str, Condition | None], name: str) -> frozenset[str]:
    """All parents of the name, and theirs."""
    rule = conditions[name]
    near = parents(rule) if rule else frozenset()
    return near.union(*(ancestors(conditions, parent) for parent in near))


def parent_first(conditions: Mapping[str, Condition | None]) -> tuple[str, ...]:
    """All names, every parent before its dependents, else in the order given.

    Raises ConditionError naming the cycle when rules depend on each other in one.
    """
    sorter = TopologicalSorter({name: sorted(parents(rule)) if rule else () for name, rule in conditions.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise ConditionError("rules depend on each other in a cycle: " + " → ".join(error.args[1])) from None
    position = {name: index for index, name in enumerate(conditions)}
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=position.__getitem__)
        order += ready
        sorter.done(*ready)
    return tuple(order)


def visible(conditions: Mapping[str, Condition | None], values: Mapping[str, Any]) -> frozenset[str]:
    """The names whose rules hold for these values; a name without a rule always shows.

    The rules stand in the order of `parent_first`: what a rule says depends on whether its parents show.
    """
    shown: set[str] = set()
    for name, rule in conditions.items():
        if rule is None or holds(rule, values, shown):
            shown.add(name)
    return frozenset(shown)


def holds(
    condition: Condition, values: Mapping[str, Any], shown: set[str] | frozenset[str], wanted: bool = True
) -> bool:
    """Whether the rule holds when only the parents in `shown` have values; with `wanted=False`, whether its `not` does.

    `not` is carried down to the comparisons, because a hidden parent meets neither a comparison nor its opposite.
    """
    match condition:
        case OneOf(parent, accepted):
            return parent in shown and any(_same(values.get(parent), one) for one in accepted) is wanted
        case IsSet(parent):
            return parent in shown and (values.get(parent) not in (None, "", [], {}, ())) is wanted
        case AllOf(parts):
            return (all if wanted else any)(holds(part, values, shown, wanted) for part in parts)
        case AnyOf(parts):
            return (any if wanted else all)(holds(part, values, shown, wanted) for part in parts)
        case Not(part):
            return holds(part, values, shown, not wanted)


def _same(value: object, accepted: Scalar) -> bool:
    """Equality as JSON has it: 1 equals 1.0, but True is not 1."""
    return isinstance(value, bool) == isinstance(accepted, bool) and value == accepted


def to_json(condition: Condition) -> list[Any]:
    """The rule as nested lists for the page, such as `["any", ["one", "mode", ["a"]], ["set", "image"]]`."""
    match condition:
        case OneOf(parent, values):
            return ["one", parent, list(values)]
        case IsSet(parent):
            return ["set", parent]
        case AllOf(parts):
            return ["all", *map(to_json, parts)]
        case AnyOf(parts):
            return ["any", *map(to_json, parts)]
        case Not(part):
            return ["not", to_json(part)]


def plain(_parent: str, value: Scalar) -> str:
    """A value as people read it."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def describe(condition: Condition, label: Callable[[str], str], word: Callable[[str, Scalar], str] = plain) -> str:
    """The rule in words for people: "Mode is animate and Image is set"; `word(parent, value)` names a value."""
    match condition:
        case OneOf(parent, values):
            return f"{label(parent)} is {' or '.join(word(parent, value) for value in values)}"
        case IsSet(parent):
            return f"{label(parent)} is set"
        case AllOf(parts):
            return " and ".join(describe(part, label, word) for part in parts)
        case AnyOf(parts):
            return "(" + " or ".join(describe(part, label, word) for part in parts) + ")"
        case Not(part):
            return f"not ({describe(part, label, word)})"
