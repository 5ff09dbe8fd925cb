"""Titles of jobs without a prompt: what the job did, and to what, such as "Crop 1:1 · harbour.jpg"."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model_configs.conditions import leaves
from model_configs.schema import Choice, ModelConfig, Text

LONGEST = 120


def title(config: ModelConfig, options: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The title; `options` are the job's, `names` the names of its files by their keys."""
    files = [names[key] for key in config.files(options) if key in names]
    about = _among(files) or next(_texts(config, options), "")
    return " · ".join(filter(None, (_deed(config, options) or config.name, about)))[:LONGEST]


def _among(files: Sequence[str]) -> str:
    return f"{files[0]} + {len(files) - 1}" if len(files) > 1 else "".join(files)


def _texts(config: ModelConfig, options: Mapping[str, Any]) -> Iterator[str]:
    texts = (options.get(name) for name, one in config.parameters.items() if isinstance(one, Text))
    return (f"“{text[:LONGEST]}”" for value in texts if isinstance(value, str) and (text := " ".join(value.split())))


def _deed(config: ModelConfig, options: Mapping[str, Any]) -> str:
    """What was chosen where most of the form depends on it, and how: the last of the choices that follow from it."""
    chosen = {n: one for n, one in config.parameters.items() if isinstance(one, Choice) and n in options}
    operation = next((name for name in chosen if _decides(config, name)), None)
    if operation is None:
        return ""
    first = last = operation
    while following := next((name for name in chosen if last in _parents(config, name)), None):
        last = following
    words = [_word(chosen[name], options[name]) for name in dict.fromkeys((first, last))]
    return " ".join([words[0], *map(_within, words[1:])])


def _decides(config: ModelConfig, name: str) -> bool:
    """Whether most inputs are there or not by this one, and it says more than which file is meant."""
    dependents = config.dependents[name]
    return 2 * len(dependents) >= len(config.parameters) and dependents.isdisjoint(config.media())


def _parents(config: ModelConfig, name: str) -> set[str]:
    rule = config.conditions[name]
    return {leaf.parent for leaf in leaves(rule)} if rule else set()


def _word(choice: Choice, value: object) -> str:
    try:
        return choice.word(value)
    except ValueError:  # of an older version of the model
        return str(value)


def _within(word: str) -> str:
    """A word as it stands within a line; RGB and 1:1 stay."""
    return word[:1].lower() + word[1:] if word[1:2].islower() or word[1:2] == " " else word
