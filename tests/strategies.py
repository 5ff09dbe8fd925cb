"""Generated model configs and values for the laws that hold for every model, not only for the shipped ones.

`model_documents()` are configs as a YAML file would say them, `model_configs()` the same, loaded, and
`values_for(config)` everything that a form of the config could hold: hidden inputs have values too.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from model_configs.conditions import OneOf, leaves
from model_configs.kinds import Mask, Size
from model_configs.schema import SEED_MAXIMUM, Frames, ModelConfig, Parameter

Document = dict[str, Any]

DEEPEST_RULE = 3
"""How many rules can lead from one input to another: a dependent of a dependent of a dependent."""

LARGEST = 2**53 - 1
"""The largest whole number that a browser keeps."""

_NAMES = ("prompt", "mode", "image", "image_2", "size", "steps", "a", "b2", "on", "style", "text_", "cfg", "x_y")
_MEDIA = ("image", "video", "audio", "image", "image")  # several inputs of one kind often stand side by side
_NEWER = ("colour", "json", "frames", "size", "images", "images")
_KINDS = ("text", "integer", "number", "boolean", "choice", "choices", "seed", "loras", *_NEWER, *_MEDIA, "mask")

_EXTENSIONS = {"image": "png", "video": "mp4", "audio": "wav"}

MEDIA_KEYS: Mapping[str, Sequence[str]] = {
    kind: tuple(f"{digit * 2}/{digit * 64}.{extension}" for digit in "0af") for kind, extension in _EXTENSIONS.items()
}
"""Well-formed media keys of each kind; no file stands behind them."""

_HOSTILE_TEXTS = (
    "",
    "0",
    "null",
    "set",
    "16:9",
    " spaced ",
    "two\nlines",
    "C:\\users",
    "${alert(1)}",
    "{{7*7}}",
    "a {red|blue} hat",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE job; --",
    "ünï → 🎨 ‮",
)


@cache  # a strategy that is built again for every draw costs more than the draw
def texts(max_size: int = 30) -> SearchStrategy[str]:
    """What people and their keyboards write, hostile texts among it; no NUL, which PostgreSQL does not keep."""
    hostile = [text for text in _HOSTILE_TEXTS if len(text) <= max_size]
    written = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=max_size)
    return st.sampled_from(hostile) | written


def model_documents(max_parameters: int = 10, kinds: Sequence[str] = _KINDS) -> SearchStrategy[Document]:
    """Configs as plain data: every parameter kind, several media of one kind, rules nested up to DEEPEST_RULE."""
    return _model_documents(max_parameters, kinds)


def model_configs(max_parameters: int = 10, kinds: Sequence[str] = _KINDS) -> SearchStrategy[ModelConfig]:
    """Loaded configs; see `model_documents`."""
    return model_documents(max_parameters, kinds).map(ModelConfig.model_validate)


def example_files(config: ModelConfig, media: Mapping[str, Sequence[str]] = MEDIA_KEYS) -> dict[str, Any]:
    """The first file of its kind for every input that takes one, in a list where it takes several."""
    lists = {name for name, parameter in config.parameters.items() if parameter.kind == "images"}
    files = {name: media[kind][0] for name, kind in config.media().items()}
    return {name: [file] if name in lists else file for name, file in files.items()}


def values_for(config: ModelConfig, media: Mapping[str, Sequence[str]] = MEDIA_KEYS) -> SearchStrategy[dict[str, Any]]:
    """Valid values for every parameter, hidden ones too; `media` maps a kind to the keys to draw from.

    The empty value of every kind is drawn often, and so are the values that the config's rules ask for.
    """
    wanted = _values_in_rules(config)
    values = st.fixed_dictionaries(
        {name: _value(parameter, wanted.get(name, []), media) for name, parameter in config.parameters.items()}
    )
    masks = [name for name, parameter in config.parameters.items() if parameter.kind == "mask"]
    return st.builds(_with_masks, st.just(config), values, st.sets(st.sampled_from(masks))) if masks else values


def _with_masks(config: ModelConfig, values: dict[str, Any], drawn: set[str]) -> dict[str, Any]:
    """A picture is as large as itself: it serves as the mask over it, where it shows."""
    shown = config.visible(values)
    for name, mask in config.parameters.items():
        if isinstance(mask, Mask) and (name in drawn or mask.required) and mask.of in shown:
            values = {**values, name: values[mask.of]}
    return values


@st.composite
def configs_with_values(
    draw: st.DrawFn,
    media: Mapping[str, Sequence[str]] = MEDIA_KEYS,
    max_parameters: int = 10,
    kinds: Sequence[str] = _KINDS,
) -> tuple[ModelConfig, dict[str, Any]]:
    """A generated config and a form filled for it."""
    config = draw(model_configs(max_parameters, kinds))
    return config, draw(values_for(config, media))


# --- configs ---------------------------------------------------------------------------------------------------------


@st.composite
def _model_documents(draw: st.DrawFn, max_parameters: int, kinds: Sequence[str]) -> Document:
    count = draw(st.integers(1, min(max_parameters, len(_NAMES))))
    names = draw(st.permutations(_NAMES))[:count]  # evenly from small to large, where a list is mostly small
    parameters: dict[str, Document] = {}
    depth: dict[str, int] = {}
    for name in names:
        has_seed = any(declared["kind"] == "seed" for declared in parameters.values())
        open_kinds = tuple(kind for kind in kinds if kind != "seed" or not has_seed)  # a model has at most one
        pictures = [one for one, of_kind in parameters.items() if of_kind["kind"] == "image"]
        kind = (
            "text"
            if name == "prompt"
            else draw(st.sampled_from([one for one in open_kinds if pictures or one != "mask"]))
        )
        declared = draw(_declared(kind))
        if kind == "mask":
            declared |= {"of": draw(st.sampled_from(pictures)), "required": False}
        parents = {
            parent: of_parent
            for parent, of_parent in parameters.items()
            if depth[parent] < DEEPEST_RULE and of_parent["kind"] != "seed"
        }
        if bool(parents) and draw(st.booleans()):
            declared |= {"depends_on": draw(_rule(parents))}
        parameters[name] = declared
        depth[name] = 1 + max((depth[parent] for parent in _named_in(declared.get("depends_on"))), default=-1)
    order = draw(st.permutations(names))  # a dependent may stand above its parent in the form
    return {
        "id": draw(st.sampled_from(["m", "flux-krea-2", "0", "x" * 64])),
        "name": draw(_some_text()),
        "type": draw(st.sampled_from(tuple(_EXTENSIONS))),
        "backend": {"kind": "local"},
        "parameters": {name: parameters[name] for name in order},
    }


@cache
def _some_text() -> SearchStrategy[str]:
    """A text where an empty one is refused."""
    return texts(20).filter(bool)


@cache
def _declared(kind: str) -> SearchStrategy[Document]:
    return st.builds(lambda own, shared: {"kind": kind, **own, **shared}, _DECLARATIONS[kind], _shared())


@cache
def _shared() -> SearchStrategy[Document]:
    """What a parameter of any kind can say."""
    return st.fixed_dictionaries(
        {},
        optional={
            "label": _some_text(),
            "help": texts(),
            "group": st.sampled_from(["basic", "advanced"]),
            "required": st.booleans(),
            "aliases": st.lists(st.sampled_from((*_NAMES, "guidance")), max_size=2),
        },
    )


@st.composite
def _integer(draw: st.DrawFn) -> Document:
    step = draw(st.sampled_from([1, 1, 2, 8, 64]))
    minimum = draw(st.none() | st.integers(-10_000, 10_000))
    steps = draw(st.integers(0, 1000))
    top = (minimum or 0) + steps * step
    declared: Document = {"step": step, "default": draw(st.sampled_from([None, top, minimum or 0]))}
    if minimum is not None:
        declared["minimum"] = minimum
    if draw(st.booleans()):
        declared["maximum"] = top + draw(st.integers(0, step - 1))
    return declared


@st.composite
def _number(draw: st.DrawFn) -> Document:
    low, high = sorted(draw(st.tuples(*[st.floats(-1e6, 1e6)] * 2)))
    limits = draw(st.sampled_from([{}, {"minimum": low}, {"maximum": high}, {"minimum": low, "maximum": high}]))
    default = draw(st.sampled_from([None, low, high]))
    return {**limits, "default": default, "step": draw(st.sampled_from([0.01, 0.1, 1]))}


@cache
def _options() -> SearchStrategy[list[Any]]:
    """Distinct values as text or as {value, label}; `true` and 1 are different, 1 and 1.0 are not."""
    value = texts(12) | st.integers(-3, 3) | st.booleans() | st.sampled_from([0.5, -2.25])
    options = value | st.fixed_dictionaries({"value": value, "label": texts(12)})
    return st.lists(options, min_size=1, max_size=5, unique_by=lambda option: _identity(_stored(option)))


def _stored(option: Any) -> Any:
    return option["value"] if isinstance(option, dict) else option


def _identity(value: Any) -> tuple[bool, Any]:
    return isinstance(value, bool), value


@st.composite
def _choice(draw: st.DrawFn) -> Document:
    options = draw(_options())
    default = draw(st.none() | st.sampled_from([_stored(option) for option in options]))
    return {"choices": options} | ({} if default is None else {"default": default})


@st.composite
def _choices(draw: st.DrawFn) -> Document:
    options = draw(_options())
    values = [_stored(option) for option in options]
    return {"choices": options, "default": draw(st.lists(st.sampled_from(values), unique_by=_identity))}


@st.composite
def _lora(draw: st.DrawFn) -> Document:
    return {"path": draw(_some_text()), "weight": draw(st.floats(0.1, 2))}


def colours(alpha: bool = False) -> SearchStrategy[str]:
    """As they are stored."""
    digits = st.integers(0, 2**24 - 1).map(lambda number: f"#{number:06x}")
    return (
        st.sampled_from(["#000000", "#ffffff"]) | digits | (digits.map(lambda text: f"{text}80") if alpha else digits)
    )


@st.composite
def _colour(draw: st.DrawFn) -> Document:
    alpha = draw(st.booleans())
    return {"alpha": alpha, "default": draw(st.none() | colours(alpha))}


@cache
def json_values() -> SearchStrategy[Any]:
    """What JSON can say, nested a little."""
    plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts(12)
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(8), inner, max_size=3), max_leaves=6
    )


@cache
def json_texts() -> SearchStrategy[str]:
    """JSON as people write it, with what a browser's own numbers would lose."""
    odd = ["", " ", "1.0", "[1.50, 1e3]", "9007199254740993", '{"a": 1, "a": 2}', '{"b":\t[ ]}\n', r'"\u00e9 \u0000"']
    written = st.tuples(json_values(), st.sampled_from([None, 2]), st.booleans())
    return st.sampled_from(odd) | written.map(lambda one: json.dumps(one[0], indent=one[1], ensure_ascii=one[2]))


@st.composite
def _frames(draw: st.DrawFn) -> Document:
    factor, rest = draw(st.integers(1, 8)), draw(st.integers(0, 9))
    rule = ("" if factor == 1 else str(factor)) + "n" + (f"+{rest}" if rest else "")
    first = rest + factor * draw(st.integers(0, 3))
    last = first + factor * draw(st.integers(0, 50))
    declared: Document = {"rule": rule, "default": draw(st.sampled_from([None, first, last]))}
    declared |= {"minimum": max(first - draw(st.integers(0, factor - 1)), 0)}
    if draw(st.booleans()):
        declared["maximum"] = last + draw(st.integers(0, factor - 1))
    return declared | draw(st.sampled_from([{}, {"fps": 24}, {"fps": 29.97}]))


@st.composite
def _size(draw: st.DrawFn) -> Document:
    multiple = draw(st.sampled_from([1, 8, 64]))
    low, high = sorted(draw(st.tuples(st.integers(1, 8), st.integers(8, 32))))
    most = draw(st.sampled_from([None, 4]))
    side = st.integers(low, high).map(lambda steps: steps * multiple)
    default = {"width": draw(side), "height": draw(side)}
    limits = {"minimum": low * multiple, "maximum": high * multiple + draw(st.integers(0, multiple - 1))}
    return {"multiple": multiple, **limits, "max_megapixels": most, "default": default}


_DECLARATIONS: Mapping[str, SearchStrategy[Document]] = {
    "text": st.fixed_dictionaries({"default": st.just("") | texts(20)}, optional={"lines": st.integers(1, 6)}),
    "integer": _integer(),
    "number": _number(),
    "boolean": st.fixed_dictionaries({"default": st.booleans()}),
    "choice": _choice(),
    "choices": _choices(),
    "seed": st.fixed_dictionaries(
        {"default": st.none() | st.integers(0, 1000)}, optional={"maximum": st.just(SEED_MAXIMUM)}
    ),
    "image": st.just({}),
    "video": st.just({}),
    "audio": st.just({}),
    "colour": _colour(),
    "json": st.fixed_dictionaries({"default": json_values()}),
    "frames": _frames(),
    "size": _size(),
    "mask": st.just({}),
    "images": st.fixed_dictionaries({}, optional={"max_items": st.integers(1, 6)}),
    "loras": st.fixed_dictionaries({"max_items": st.integers(2, 4), "default": st.lists(_lora(), max_size=2)}),
}


# --- rules -----------------------------------------------------------------------------------------------------------


@st.composite
def _rule(draw: st.DrawFn, parents: Mapping[str, Document], nested: int = 2) -> Document:
    # One of these is quick to make, where strategies within each other would be made again for every rule.
    match draw(st.sampled_from(("leaf", "all", "any", "not", "both"))) if nested else "leaf":
        case "leaf":
            return draw(_leaf(parents))
        case "not":
            return {"not": draw(_rule(parents, nested - 1))}
        case "both":
            return draw(_leaf(parents)) | draw(_leaf(parents))
        case several:
            return {several: [draw(_rule(parents, nested - 1)) for _ in range(draw(st.integers(1, 3)))]}


@st.composite
def _leaf(draw: st.DrawFn, parents: Mapping[str, Document]) -> Document:
    """A comparison that the parent can meet: one value, one of several, or that it is set."""
    name = draw(st.sampled_from(tuple(sorted(parents))))
    values = _comparable(parents[name])
    if values is None or (parents[name]["kind"] == "text" and draw(st.booleans())):
        return {name: "set"}
    several = [draw(values) for _ in range(draw(st.integers(1, 3)))]
    return {name: draw(st.sampled_from([several[0], several]))}


def _comparable(declared: Document) -> SearchStrategy[Any] | None:
    match declared["kind"]:
        case "boolean":
            return st.booleans()
        case "choice":
            return st.sampled_from([_stored(option) for option in declared["choices"]])
        case "integer":
            lowest = declared.get("minimum", 0)
            return st.sampled_from(sorted({lowest, declared["default"] or lowest}))
        case "number":
            ends = [declared.get(end) for end in ("default", "minimum", "maximum")]
            return st.sampled_from([end for end in ends if end is not None] or [0.0])
        case "frames":
            parameter = Frames.model_validate(declared)
            return st.just(parameter.fit(parameter.default or parameter.minimum))
        case "text":
            return _compared_texts()
    return None


@cache
def _compared_texts() -> SearchStrategy[str]:
    return texts(12).filter(lambda text: text != "set")


def _named_in(rule: Any) -> Iterator[str]:
    """The parents in a rule as written."""
    for key, value in (rule or {}).items():
        if key in ("all", "any"):
            for part in value:
                yield from _named_in(part)
        elif key == "not":
            yield from _named_in(value)
        else:
            yield key


# --- values ----------------------------------------------------------------------------------------------------------


def _values_in_rules(config: ModelConfig) -> dict[str, list[Any]]:
    """What the rules compare each parameter with."""
    wanted: dict[str, list[Any]] = {}
    for rule in config.conditions.values():
        for leaf in leaves(rule) if rule else ():
            if isinstance(leaf, OneOf):
                wanted.setdefault(leaf.parent, []).extend(leaf.values)
    return wanted


def _value(parameter: Parameter, wanted: list[Any], media: Mapping[str, Sequence[str]]) -> SearchStrategy[Any]:
    valid = _valid(parameter, media)
    if parameter.kind == "mask":  # what it may be depends on the picture: `_with_masks`
        return valid
    if wanted:
        # `check` gives the value its stored type: a rule may say 1 where the parameter keeps 1.0.
        valid = st.sampled_from([parameter.check(value) for value in wanted]) | valid
    return valid.filter(lambda value: not parameter.is_empty(value)) if parameter.required else valid


def _valid(parameter: Parameter, media: Mapping[str, Sequence[str]]) -> SearchStrategy[Any]:
    match parameter.kind:
        case "text":
            written = texts(min(parameter.max_length, 40))
            # a wildcard file that is not there makes a value a wrong one
            return written.filter(lambda text: "__" not in text) if parameter.wildcards else written
        case "integer":
            return _optional(parameter, _integers(parameter.minimum, parameter.maximum, parameter.step))
        case "number":
            return _optional(parameter, _numbers(parameter.minimum, parameter.maximum))
        case "boolean":
            return st.booleans()
        case "choice":
            return st.sampled_from([option.value for option in parameter.choices])
        case "choices":
            return st.lists(st.sampled_from([option.value for option in parameter.choices]), unique_by=_identity)
        case "colour":
            drawn = colours(parameter.alpha)
            return st.none() | drawn if parameter.default is None else drawn
        case "json":
            return json_texts()
        case "frames":
            first = parameter.minimum + (parameter.origin - parameter.minimum) % parameter.stride
            last = None if parameter.maximum is None else (parameter.maximum - first) // parameter.stride
            steps = st.integers(0, min(last or 10**6, 10**6) if last != 0 else 0)
            return _optional(parameter, steps.map(lambda number: first + number * parameter.stride))
        case "size":
            return _sizes(parameter)
        case "images":
            return st.lists(st.sampled_from(media["image"]), max_size=min(parameter.max_items, 4))
        case "mask":
            return st.none()
        case "seed":
            return st.none() | st.just(0) | st.integers(0, parameter.maximum)
        case "loras":
            weights = st.floats(parameter.minimum, parameter.maximum)
            lora = st.fixed_dictionaries({"path": texts().filter(bool), "weight": weights})
            return st.lists(lora, max_size=parameter.max_items)
    keys = st.sampled_from(media[parameter.kind])
    return keys if parameter.required else st.none() | keys


def _sizes(parameter: Size) -> SearchStrategy[dict[str, int]]:
    """`fit` gives sizes of every shape; that it gives good ones is a law of its own."""
    sides = st.integers(1, parameter.maximum * 2)
    return st.fixed_dictionaries({"width": sides, "height": sides}).map(parameter.fit)


def _optional(parameter: Parameter, numbers: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """`None` too where nothing given is a value."""
    return st.none() | numbers if parameter.initial is None and not parameter.required else numbers


def _integers(minimum: int | None, maximum: int | None, step: int) -> SearchStrategy[int]:
    origin = minimum or 0
    last = None if maximum is None else (maximum - origin) // step
    first = 0 if minimum is not None else None if last is None else last - 1000
    low = -LARGEST // step if first is None else first
    high = (LARGEST - origin) // step if last is None else last
    return st.integers(low, high).map(lambda steps: origin + steps * step)


def _numbers(minimum: float | None, maximum: float | None) -> SearchStrategy[float]:
    drawn = st.floats(minimum, maximum, allow_nan=False, allow_infinity=False)
    ends = [end for end in (minimum, maximum) if end is not None]
    zero = [0.0] if (minimum is None or minimum <= 0) and (maximum is None or maximum >= 0) else []
    return st.sampled_from(ends + zero) | drawn if ends + zero else drawn
