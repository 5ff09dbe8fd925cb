"""Evaluate inputs that may be links: to primitives, texts, joined texts, or values that the file does not have."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from interchange.comfyui.graph import Graph, Link, Node
from interchange.fields import number, size

_MAX_DEPTH = 60
_LARGEST_SIDE = 100_000  # more than any model makes


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split()), re.IGNORECASE)


_UNKNOWABLE = _any_of(
    r"""llm gpt ollama gemini claude openai openrouter groq deepseek mistral llama chat moondream textgenerate
    florence caption interrogat tagger blip llava qwen\w*vl vision
    enhance upsampl expansion translat promptgen prompt\s?generator magicprompt random bridge\s?preview
    math expression evaluate calc"""
)
"""Types of nodes whose output is not in the file: language models, randomness, computation."""

_RANDOM = _any_of("wildcard dynamic ^dp")
_CHOICES = _any_of(r"__\w \{[^{}]*\|")
_TEXTUAL = _any_of(
    r"""text string prompt template note concat join styl show preview display str\b str_
    primitive value constant int float number slider anything input switch selector
    seed width height steps cfg sampler scheduler model ckpt"""
)
_JOINS = _any_of("concat join combine append merge multi.*text text.*stack string.*format")
_SWITCH = _any_of("switch selector ifelse conditional indexany")
_SHOWS = _any_of(r"show\s?text show_?any display\s?text display_?any preview\s?any preview\s?text")
_TEXT_INPUT = re.compile(
    r"(?:texts?|strings?|str|prompt|value|inputs?|part|any|anything|source|content|prefix|suffix|positive|s|arg|clip|t5)"
    r"(?:_?(?:[a-z]|\d{1,2}|in|input|field|prompt))?"
    r"|[a-d]|(?:multiline|wildcard|body|note|string|opt|)_text\w?|(?:noise_)?seed|(?:int|float)(?:_value)?|number(?:value)?"
    r"|editor|append|prepend|constant|selected_\w+",
    re.IGNORECASE,
)
_WHEN_TRUE = ("on_true", "true", "true_value", "if_true", "tt_value")
_WHEN_FALSE = ("on_false", "false", "false_value", "if_false", "ff_value")
_CASES = ("input", "input_", "value", "value_", "any_", "text_", "text", "string")
_PRESETS = (
    "ratio_selected",
    "resolution",
    "dimensions",
    "aspect_ratio",
    "image_size_preset",
    "preset",
    "size",
    "size_selected",
)
_RATIO = re.compile(r"([1-9]\d?):([1-9]\d?)\b")
_SELECTOR_DEFAULTS = {"megapixels": None, "multiple": 8, "minimum": 0}
_BETWEEN_PAIRS = re.compile(r"\n[ \t]*-+[ \t]*\n")
_PAIR = re.compile(r"\bpositive:(.*?)(?:\bnegative:(.*))?\Z", re.DOTALL)
_DELIMITERS = ("delimiter", "separator", "delimeter", "sep", "link_string")


class Strings:
    """Evaluates inputs of one graph; each output is evaluated once, so that no graph takes long."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._cache: dict[tuple[Link, str], Any] = {}
        self._depth = 0
        self._shown_by_output = {
            link: graph.shown[node.id]
            for node in graph.nodes.values()
            if node.id in graph.shown and _SHOWS.search(node.type)
            for link in node.links.values()
        }

    def text(self, value: Any, name: str = "text") -> str | None:
        """The text of an input, or None where the file does not have it."""
        found = self.value(value, name)
        return found if isinstance(found, str) else None

    def value(self, value: Any, name: str) -> Any:
        """The value of the input called `name`: behind a link, first that of the node's input of the same name."""
        if not isinstance(value, Link):
            return value
        if (value, name) not in self._cache:
            self._cache[value, name] = None  # for a cycle
            self._depth += 1
            if self._depth < _MAX_DEPTH:
                self._cache[value, name] = self._output(self._graph.node(value), value.slot, name)
            if self._cache[value, name] is None and name == "text":
                self._cache[value, name] = self._shown_by_output.get(value)
            self._depth -= 1
        return self._cache[value, name]

    def _output(self, node: Node, slot: int, name: str) -> Any:
        inputs = node.inputs
        if isinstance(inputs.get("populated_text"), str):
            return inputs["populated_text"]
        if node.type.startswith("UnzipPrompt"):
            return self._unzipped(node, slot)
        if _SHOWS.search(node.type):
            return self._shown(node)
        if _UNKNOWABLE.search(node.type):
            return self._graph.shown.get(node.id)
        if name in ("width", "height") and node.type == "ResolutionSelector":
            return self._size_of_ratio(inputs)[name == "height"]
        if name in ("width", "height") and (preset := preset_size(inputs)) is not None:
            return preset[name == "height"]
        if name in inputs and name not in ("text", "prompt", "string"):
            return self.value(inputs[name], name)
        if name == "steps" and slot == 0 and "steps_total" in inputs:  # rgthree's config for samplers
            return self.value(inputs["steps_total"], name)
        if node.bundles and not _SWITCH.search(node.type) and "reroute" not in node.type.lower():
            return self.value(node.bundles[0], name) if name != "text" else None
        if _SWITCH.search(node.type) and inputs.keys() != {"value"}:
            return self.value(self.chosen(node), name)
        if "replace" in node.type.lower() or "StringFunction" in node.type:
            return self._edited(node)
        if "text_positive" in inputs and "text_negative" in inputs:
            return self.value(inputs["text_negative" if slot == 1 else "text_positive"], name)
        texts = {key: value for key, value in inputs.items() if _TEXT_INPUT.fullmatch(key)}
        if node.type == "easy negative":
            texts = dict(inputs)
        if _JOINS.search(node.type) and len(texts) > 1:
            return self._joined(node, texts)
        if not texts and len(node.links) == 1:
            return self.value(next(iter(node.links.values())), name)
        if not _TEXTUAL.search(node.type) and len(inputs) > 2:
            return None
        return self._only(node, texts, name)

    def _size_of_ratio(self, inputs: Mapping[str, Any]) -> tuple[int, int] | tuple[None, None]:
        """Width and height for an aspect ratio and megapixels, as ComfyUI's ResolutionSelector computes them.

        Unknown where a side is shorter than its minimum.
        """
        ratio = _RATIO.match(self.text(inputs.get("aspect_ratio")) or "")
        megapixels, multiple, least = (
            number(self.value(inputs.get(name, default), "value")) for name, default in _SELECTOR_DEFAULTS.items()
        )
        if not ratio or not megapixels or not multiple or least is None:
            return None, None
        if not (0 < megapixels <= _LARGEST_SIDE and 1 <= multiple <= _LARGEST_SIDE):
            return None, None
        sides = [int(side) for side in ratio.groups()]
        scale = (megapixels * 2**20 / (sides[0] * sides[1])) ** 0.5
        width, height = (round(side * scale / multiple) * int(multiple) for side in sides)
        return (width, height) if min(width, height) >= least else (None, None)

    def _only(self, node: Node, texts: dict[str, Any], name: str) -> Any:
        found = next((value for value in (self.value(one, name) for one in texts.values()) if value is not None), None)
        if isinstance(found, str) and _RANDOM.search(node.type) and _CHOICES.search(found):
            return None
        return found

    def _unzipped(self, node: Node, slot: int) -> str | None:
        """A prompt of Inspire's pairs, from their text in the graph; unknown where the pairs are in a file."""
        pairs = node.links.get("zipped_prompt")
        source = self._graph.node(pairs).inputs if pairs else {}
        index = self.value(source.get("index"), "value")
        entries = _BETWEEN_PAIRS.split(self.text(source.get("text_data_opt")) or "")
        if slot > 1 or not isinstance(index, int) or not 0 <= index < len(entries):
            return None
        found = _PAIR.search(entries[index])
        return (found[1 + slot] or "").strip() if found else None

    def _shown(self, node: Node) -> str | None:
        """The text that a display node gets, else what it showed, else what it showed in an earlier run."""
        for value in node.links.values():
            if (found := self.text(value)) is not None:
                return found
        kept = [node.inputs.get(key) for key in ("text_0", "text2", "text_1", "preview", "preview_text")]
        return self._graph.shown.get(node.id) or next((one for one in kept if isinstance(one, str) and one), None)

    def chosen(self, node: Node) -> Any:
        """The input that a switch passes on, or None where that is unknown."""
        inputs = node.inputs
        flag = self.value(first_of(inputs, ("boolean", "switch", "condition", "boolean_value")), "value")
        if isinstance(flag, bool):
            return first_of(inputs, _WHEN_TRUE if flag else _WHEN_FALSE)
        index = self.value(first_of(inputs, ("select", "index", "input", "Input")), "value")
        if isinstance(index, int):
            return first_of(inputs, [f"{stem}{index}" for stem in _CASES])
        if "any switch" in node.type.lower() or len(node.links) == 1:
            return next(iter(node.links.values()), None)
        return None

    def _joined(self, node: Node, texts: dict[str, Any]) -> str | None:
        """The text of a node that joins texts; None where one of them is unknown."""
        delimiter = next((node.inputs[key] for key in _DELIMITERS if key in node.inputs), None)
        delimiter = self.text(delimiter)
        if delimiter is None:
            delimiter = "" if "StringConcatenate" in node.type or "append" in node.type.lower() else " "
        pieces = [self.value(value, "text") for key, value in texts.items() if key not in _DELIMITERS]
        if not all(isinstance(piece, str | int | float) for piece in pieces):
            return None
        delimiter = delimiter.replace("\\n", "\n")
        return delimiter.join(str(piece) for piece in pieces if piece != "" or "WAS" not in node.type)

    def _edited(self, node: Node) -> str | None:
        """The text of a node that replaces a part of a text; None for regular expressions, which are not run."""
        inputs = {key: text for key, value in node.inputs.items() if (text := self.text(value)) is not None}
        if "StringFunction" in node.type:
            first, second, third = (inputs.get(f"text_{letter}", "") for letter in "abc")
            if inputs.get("action") == "append":
                return ", ".join(piece for piece in (first, second, third) if piece)
            return None if second.startswith("/") else first.replace(second, third) if second else first
        source: str | None = first_of(inputs, ("string", "text", "source", "input"))
        find: str | None = first_of(inputs, ("find", "old", "search", "find1", "pattern"))
        to: str = first_of(inputs, ("replace", "new", "replacement", "replace1")) or ""
        if source is None or "regex" in node.type.lower():
            return None
        return source.replace(find, to) if find else source


def preset_size(inputs: Mapping[str, Any]) -> tuple[int | None, int | None] | None:
    """Width and height in the name of a node's preset, unknown where it only has a ratio; None without a preset."""
    preset = next((value for name in _PRESETS if isinstance(value := inputs.get(name), str)), None)
    if preset is None or "custom" in preset.lower() or "自定义" in preset:  # Easy-Use's word for custom
        return None
    width, height = size(preset)
    is_swapped = inputs.get("swap_dimensions") in ("On", True) or inputs.get("invert") is True
    return (height, width) if is_swapped else (width, height)


def first_of(inputs: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((inputs[name] for name in names if name in inputs), None)
